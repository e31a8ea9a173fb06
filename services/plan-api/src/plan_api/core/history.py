"""What plan-api's rows said at any time: each version is kept, and read again as of an instant.

Versions are written with the change itself. Read as of an instant, the names of the tables mean
views of the schema `as_known`, which hold the versions of then: no query has to know of it.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared_kit.delivery.transaction import business_time

Kept = Literal["action", "carried_over", "deliverable", "directory_entry"]
_KEY: Final[dict[Kept, str]] = {
    "action": "t.key",
    "carried_over": "t.deliverable || ' ' || t.period",
    "deliverable": "t.key",
    "directory_entry": "t.kind || ' ' || t.code",
}


async def keep(session: AsyncSession, table: Kept, keys: Collection[str]) -> None:
    """Keep the rows of these keys as they stand now in this transaction."""
    await session.execute(
        text(
            "INSERT INTO history (relation, key, at, content)"  # noqa: S608 - names of ours
            f" SELECT '{table}', {_KEY[table]}, COALESCE(:at, now()), to_jsonb(t)"
            f" FROM {table} t WHERE {_KEY[table]} = ANY(CAST(:keys AS text[]))"
        ),
        {"at": business_time(session), "keys": list(keys)},
    )


async def read_as_known(session: AsyncSession, *, instant: datetime) -> None:
    """Let all further reads of this session's transaction see what was known at an instant.

    `instant` is business time. Nothing may be written in such a session.
    """
    await session.execute(
        text(
            "SELECT set_config('search_path', 'as_known, ' || current_schema(), true),"
            " set_config('wcoplan.as_of', :instant, true),"
            " set_config('transaction_read_only', 'on', true)"
        ),
        {"instant": instant.isoformat()},
    )
