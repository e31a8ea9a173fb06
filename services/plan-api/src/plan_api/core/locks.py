"""Named locks that end with the transaction: one writer at a time for what has no row yet."""

from collections.abc import Iterable
from hashlib import blake2b

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def lock(session: AsyncSession, *, name: str) -> None:
    """Wait until nobody else holds the lock of that name; it ends with the transaction."""
    await lock_all(session, names=[name])


async def lock_all(session: AsyncSession, *, names: Iterable[str]) -> None:
    """Take several, in one order for everybody: two that want the same cannot wait in a circle."""
    numbers = sorted({_number(name) for name in names})
    if numbers:
        await session.execute(
            text(
                "SELECT pg_advisory_xact_lock(number) "
                "FROM unnest(CAST(:numbers AS bigint[])) WITH ORDINALITY AS wanted(number, place) "
                "ORDER BY place"
            ),
            {"numbers": numbers},
        )


def _number(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
