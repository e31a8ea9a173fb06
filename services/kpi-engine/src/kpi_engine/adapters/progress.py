"""How much judging is still to be done."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def marks_waiting(session: AsyncSession) -> int:
    """How many marks wait to be judged."""
    found = await session.scalar(text("SELECT count(*) FROM mark"))
    return int(found or 0)


async def kept_counts(session: AsyncSession) -> dict[str, object]:
    """How much is kept, and what is parked by reason."""
    row = (
        await session.execute(
            text(
                "SELECT (SELECT count(*) FROM fact), (SELECT count(*) FROM contribution),"
                " (SELECT count(*) FROM judgement)"
            )
        )
    ).one()
    parked = await session.execute(
        text("SELECT code, count(*) FROM parked WHERE replayed_at IS NULL GROUP BY code")
    )
    return {
        "facts": int(row[0]),
        "contributions": int(row[1]),
        "judgements": int(row[2]),
        "parked": {code: int(count) for code, count in parked},
    }
