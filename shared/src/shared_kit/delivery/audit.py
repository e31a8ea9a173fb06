"""Who did what: a row in the transaction of the change, so that neither exists alone."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared_kit.delivery.rows import Tables


class Audit:
    """Collects entries; `transaction` writes them."""

    def __init__(self, *, tables: Tables, now: datetime) -> None:
        self._tables = tables
        self._now = now
        self._waiting: list[tuple[str, str, str, str | None]] = []

    def add(
        self, *, actor: str, action: str, key: str, detail: Mapping[str, object] | None = None
    ) -> None:
        """Note that `actor` did `action` to `key`; `detail` is JSON."""
        packed = None if detail is None else json.dumps(dict(detail), default=str)
        self._waiting.append((actor, action, key, packed))

    async def flush(self, session: AsyncSession) -> None:
        if not self._waiting:
            return
        actors, actions, keys, details = zip(*self._waiting, strict=True)
        self._waiting = []
        table = self._tables.audit.__tablename__  # type: ignore[attr-defined]  # the row class has it
        await session.execute(
            text(
                f"""
                INSERT INTO {table} (at, actor, action, key, detail)
                SELECT :now, actor, action, key, CAST(detail AS jsonb)
                FROM unnest(CAST(:actors AS text[]), CAST(:actions AS text[]),
                            CAST(:keys AS text[]), CAST(:details AS text[]))
                     WITH ORDINALITY AS a(actor, action, key, detail, place)
                ORDER BY place
                """  # noqa: S608 - the name of a table of ours
            ),
            {
                "now": self._now,
                "actors": list(actors),
                "actions": list(actions),
                "keys": list(keys),
                "details": list(details),
            },
        )
