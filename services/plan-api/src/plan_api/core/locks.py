"""Named locks that end with the transaction: one writer at a time for what has no row yet."""

from hashlib import blake2b

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def lock(session: AsyncSession, *, name: str) -> None:
    """Wait until nobody else holds the lock of that name; it ends with the transaction."""
    number = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
    await session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
