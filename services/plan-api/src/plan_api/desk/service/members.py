"""The pages of the Members: what each asked, and what was answered."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from plan_api.desk.pages.forms import Form
from plan_api.desk.service.room import Room
from plan_api.directory.repository import Kind
from plan_api.report.model import CountedItem, Explanation
from plan_api.report.reads import FiguresUnavailableError, NothingKnownError
from plan_api.report.service import PageNotFoundError
from shared_kit.calendar import Period
from shared_kit.events.definitions import DistinctOverInterval, Indicator, PlanSnapshot
from shared_kit.identity import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a Member asked under one indicator, and what came of it."""

    indicator: Indicator
    asked: Sequence[CountedItem]
    answered: Sequence[CountedItem]

    @property
    def rows(self) -> Sequence[tuple[CountedItem, CountedItem | None]]:
        """Each request once, with its answer; what was answered unasked comes last."""
        answers = {one.item: one for one in self.answered}
        known = {one.item for one in self.asked}
        return [(one, answers.get(one.item)) for one in self.asked] + [
            (one, one) for one in self.answered if one.item not in known
        ]


async def members_page(room: Room) -> str:
    """Write the list of the Members."""
    opened = await room.current()
    return room.write("members.html", opened, entries=await room.shelf.entries(Kind.MEMBER))


async def member_page(
    room: Room, code: str, *, period: str | None, forms: Sequence[Form] = ()
) -> str:
    """Write the page of a Member.

    Raises:
        PageNotFoundError: there is none, or it is another Member's to see.
    """
    opened = await room.current()
    entries = {one.code: one for one in await room.shelf.entries(Kind.MEMBER)}
    if code not in entries or not _may_see(room, code):
        raise PageNotFoundError(code)
    chosen = room.period(opened.plan, period)
    asked = await _asked(room, opened.plan, chosen, code)
    return room.write(
        "member.html",
        opened,
        code=code,
        entry=entries[code],
        period=chosen,
        known=asked is not None,
        sections=[one for one in asked or () if one.asked or one.answered],
        forms=room.forms(*forms),
    )


def _may_see(room: Room, code: str) -> bool:
    """A Member that signed in as such sees itself alone."""
    caller = room.caller
    own = {one for one in caller.scopes if one.startswith("member:")}
    return caller.role is not Role.MEMBER or not own or bool(own & {f"member:{code}", "member:*"})


async def _asked(
    room: Room, plan: PlanSnapshot, period: Period, code: str
) -> Sequence[Asked] | None:
    able = [one for one in plan.indicators if isinstance(one.measure, DistinctOverInterval)]
    explained = await asyncio.gather(*(_explained(room, plan, one, period) for one in able))
    if able and all(one is None for one in explained):
        return None
    return [
        Asked(
            indicator=indicator,
            asked=[one for one in found.denominator.items if one.member == code],
            answered=[one for one in found.numerator.items if one.member == code],
        )
        for indicator, found in zip(able, explained, strict=True)
        if found is not None
    ]


async def _explained(
    room: Room, plan: PlanSnapshot, indicator: Indicator, period: Period
) -> Explanation | None:
    key = f"{plan.plan}:{indicator.code}"
    try:
        return await room.report.figures.explanation(indicator=key, period=period.code)
    except (FiguresUnavailableError, NothingKnownError):
        return None
