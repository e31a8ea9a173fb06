"""How much judging is still to be done."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def marks_waiting(session: AsyncSession) -> int:
    """How many marks wait to be judged."""
    found = await session.scalar(text("SELECT count(*) FROM mark"))
    return int(found or 0)
