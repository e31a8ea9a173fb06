"""Records that cannot be used, put aside with their reason in the transaction of the offset."""

from collections import Counter
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared_kit.delivery.rows import Tables
from shared_kit.messaging.headers import pack
from shared_kit.messaging.log import Record

_REASON_LIMIT = 2_000


class _Waiting(NamedTuple):
    topic: str
    partition: int
    offset: int
    recorded_at: datetime
    key: bytes | None
    value: bytes | None
    headers: str
    code: str
    reason: str


class Parked:
    """Park what is permanently wrong only: a database or a log that is away is no reason."""

    def __init__(self, *, tables: Tables, now: datetime) -> None:
        self._tables = tables
        self._now = now
        self._waiting: list[_Waiting] = []
        self.codes: Counter[str] = Counter()

    def add(self, record: Record, *, reason: str, code: str) -> None:
        """Put a record aside, bytes and coordinates; `code` is one of a registered list."""
        self.codes[code] += 1
        self._waiting.append(
            _Waiting(
                record.topic,
                record.partition,
                record.offset,
                record.timestamp,
                record.key,
                record.value,
                pack(record.headers),
                code,
                _storable(reason),
            )
        )

    @property
    def count(self) -> int:
        """How many records this transaction parks."""
        return self.codes.total()

    async def flush(self, session: AsyncSession) -> None:
        """Write the rows. A record that is parked already (a replay from 0) counts once more."""
        if not self._waiting:
            return
        rows, self._waiting = self._waiting, []
        columns = zip(*rows, strict=True)
        names = _Waiting._fields
        await session.execute(
            text(_insert(self._tables)),
            {"now": self._now} | {n: list(c) for n, c in zip(names, columns, strict=True)},
        )


def _insert(tables: Tables) -> str:
    table = tables.parked.__tablename__  # type: ignore[attr-defined]  # the row class has it
    columns = 'topic, partition, "offset", recorded_at, key, value, headers, code, reason'
    return f"""
        INSERT INTO {table} ({columns}, parked_at)
        SELECT {columns}, :now
        FROM unnest(CAST(:topic AS text[]), CAST(:partition AS int[]), CAST(:offset AS bigint[]),
                    CAST(:recorded_at AS timestamptz[]), CAST(:key AS bytea[]),
                    CAST(:value AS bytea[]), CAST(:headers AS text[]), CAST(:code AS text[]),
                    CAST(:reason AS text[])) AS r({columns})
        ON CONFLICT (topic, partition, "offset") DO UPDATE
        SET attempts = {table}.attempts + 1, code = excluded.code, reason = excluded.reason
    """  # noqa: S608 - the name of a table of ours


def _storable(reason: str) -> str:
    # A reason may quote the record: PostgreSQL stores neither NUL nor a lone surrogate.
    return (
        reason[:_REASON_LIMIT].replace("\x00", "\\x00").encode(errors="backslashreplace").decode()
    )
