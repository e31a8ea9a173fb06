"""How much judging is still to be done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

UNDER_WAY = {
    "marks": "SELECT count(*) FROM mark",
    "revision": "SELECT coalesce(max(definitions), 0) FROM engine_state",
    "plans": "SELECT coalesce(array_agg(plan ORDER BY plan), '{}') FROM plan_state",
    "opened": "SELECT coalesce(array_agg(opened ORDER BY plan), '{}') FROM plan_state",
}
"""What a look of the engine's reads beside its outbox and its offsets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Marks that wait, and by what it is told whether a day is due."""

    marks: int
    revision: int
    opened: Mapping[str, date]

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> "Waiting":
        """Read the columns that `UNDER_WAY` names."""
        return cls(
            marks=found["marks"],
            revision=found["revision"],
            opened=dict(zip(found["plans"], found["opened"], strict=True)),
        )


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
