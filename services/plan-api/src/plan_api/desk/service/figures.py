"""What a deed moved: the figures before it, and those after the engine has judged again."""

import asyncio
from collections.abc import Mapping
from typing import Final

from plan_api.desk.model import Figure, Move, moves_between
from plan_api.desk.service.room import Room
from plan_api.report.model import Scorecard
from plan_api.report.reads import FiguresUnavailableError, NothingKnownError
from shared_kit.events.definitions import PlanSnapshot

_PATIENCE: Final = 4.0
_PAUSE: Final = 0.15


async def figures_of(room: Room, plan: PlanSnapshot, period: str) -> Mapping[str, Figure] | None:
    """The figures of a period, in the order of the plan; None where the engine does not answer."""
    try:
        card = await room.report.figures.scorecard(plan=plan.plan, period=period)
    except NothingKnownError:
        return {}
    except FiguresUnavailableError:
        return None
    return _by_code(card, plan)


async def moves_since(
    room: Room, plan: PlanSnapshot, period: str, before: Mapping[str, Figure] | None
) -> tuple[Move, ...] | None:
    """Wait a little until the engine has judged; None where it has not in time."""
    if before is None:
        return None
    seen: Mapping[str, Figure] = before
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _PATIENCE
    while loop.time() < deadline:
        await asyncio.sleep(_PAUSE)
        now = await figures_of(room, plan, period)
        if now is None:
            return None
        # Twice the same, and other than before: nothing is still under way.
        if now == seen and now != before:
            return moves_between(before, now)
        seen = now
    moved = moves_between(before, seen)
    return moved or None


def _by_code(card: Scorecard, plan: PlanSnapshot) -> Mapping[str, Figure]:
    found = {}
    for indicator in plan.indicators:
        result = card.result(f"{plan.plan}:{indicator.code}")
        if result is not None:
            found[indicator.code] = Figure(
                numerator=result.numerator, denominator=result.denominator
            )
    return found
