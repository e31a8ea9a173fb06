"""The page of a yearly plan: what it holds, what waits for its adoption, what stands in the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from typing import Final

from plan_api.core.errors import ChangedMeanwhileError, InvalidFieldError
from plan_api.desk.model import Done, Narrowing
from plan_api.desk.pages.forms import VERSION, Answers, Form
from plan_api.desk.pages.planning_forms import PlanningForms
from plan_api.desk.service.deliverables import Doing
from plan_api.desk.service.room import Open, Room
from plan_api.implementation.model import (
    MILESTONE,
    Action,
    ActionState,
    Deliverable,
    DeliverablePlan,
    DeliverableState,
)
from plan_api.implementation.repository import Adoption
from plan_api.implementation.schemas.actions import AdoptBody
from plan_api.implementation.service import adoption
from plan_api.implementation.service.counting import shortfalls
from plan_api.plans.model import Estimate
from shared_kit.calendar import Period
from shared_kit.events.definitions import Milestones

_ALL: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """What a planning office may want to mend before it adopts; `items` are titles and keys."""

    said: str
    items: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A year's plan as it would be adopted now."""

    period: Period
    latest: Adoption | None
    actions: Sequence[Action]
    adopted: Sequence[Deliverable]
    waiting: Sequence[Deliverable]
    bare: Sequence[Action]
    """Actions without Deliverables: each becomes one itself."""
    doubts: Sequence[Doubt]

    @property
    def items(self) -> int:
        return len(self.waiting) + len(self.bare)

    @property
    def seen(self) -> str:
        """Changes when anything that would be adopted changes."""
        said = repr(
            (
                None if self.latest is None else self.latest.revision,
                [(one.key, one.current_due) for one in self.waiting],
                [(one.key, one.planned.end) for one in self.bare],
            )
        )
        return blake2b(said.encode(), digest_size=8).hexdigest()


async def year_page(room: Room, *, period: str | None) -> str:
    """Write the page of a yearly plan.

    Raises:
        PageNotFoundError: the plan has no such period.
    """
    opened = await room.current()
    found = await review(room, opened, room.year(opened.plan, period))
    return room.write(
        "yearly_plan.html",
        opened,
        period=found.period,
        review=found,
        writes=room.is_office or bool(room.report.visit.units),
        office=room.is_office,
    )


async def adopt_page(room: Room, *, period: str | None) -> str:
    """Write the page that shows what will be adopted, and asks for it.

    Raises:
        PageNotFoundError: the plan has no such period.
    """
    opened, found, form = await adopt_form(room, period=period)
    return room.write(
        "adopt.html",
        opened,
        period=found.period,
        review=found,
        office=room.is_office,
        form=room.forms(form)[0],
    )


async def adopt_form(room: Room, *, period: str | None) -> tuple[Open, Review, Form]:
    opened = await room.current()
    found = await review(room, opened, room.year(opened.plan, period))
    form = PlanningForms(words=opened.words).adopt(
        year=found.period.code, seen=found.seen, items=found.items
    )
    return opened, found, form


async def adopt(doing: Doing, opened: Open, answers: Answers, *, found: Review) -> Done:
    """Adopt what was shown; where it changed meanwhile, it is shown again.

    Raises:
        ChangedMeanwhileError, RefusedError, InvalidFieldError
    """
    year = found.period.code
    if found.seen != answers.text(VERSION):
        raise ChangedMeanwhileError(year)
    if not found.items:
        raise InvalidFieldError(
            "adopted_on",
            "Nothing waits to be adopted: add an Action or a Deliverable first.",
            "Rien n’attend d’être adopté : ajoutez d’abord une action ou un livrable.",
        )
    body = AdoptBody.model_validate({"adopted_on": answers.text("adopted_on")})
    await adoption.adopt(
        doing.tx,
        caller=doing.caller,
        now=doing.now,
        plan=opened.plan.plan,
        period=year,
        adopted_on=body.adopted_on,
    )
    return Done(back=f"/yearly-plan?period={year}")


async def review(room: Room, opened: Open, period: Period) -> Review:
    """What the year's plan holds, and what the next adoption would add."""
    plan = opened.plan.plan
    actions = await room.shelf.actions(plan, period=period.code)
    found = await room.shelf.deliverables(
        Narrowing(plan=plan, period=period.code), today=opened.frame.format.today, limit=_ALL
    )
    listed = [one for one in found.items if one.planned.listed]
    fixed = await room.shelf.fixed(listed, period=period.code)
    adopted = [one for one in listed if one.key in fixed]
    waiting = [one for one in listed if one.key not in fixed and adoption.may_join(one, period)]
    served = {one.planned.action for one in found.items}
    bare = [
        one for one in actions if one.key not in served and one.state is not ActionState.CANCELLED
    ]
    standing = [
        *(one.planned for one in listed if one.state is not DeliverableState.CANCELLED),
        *(one.implicit_deliverable().planned for one in bare),
    ]
    return Review(
        period=period,
        latest=await room.shelf.adoption(plan, period.code),
        actions=actions,
        adopted=adopted,
        waiting=sorted(waiting, key=lambda one: one.key),
        bare=bare,
        doubts=[
            *_undated(opened, waiting, bare),
            *_unserving(opened, waiting),
            *_weights(opened, [*adopted, *waiting]),
            *_shortfalls(opened, period, standing, await room.shelf.estimates(plan, period.code)),
        ],
    )


def _undated(
    opened: Open, waiting: Sequence[Deliverable], bare: Sequence[Action]
) -> Sequence[Doubt]:
    _ = opened.words.texts.gettext
    items = [
        *(
            (str(opened.words.title_of(one.planned)), f"/deliverables/{one.key}")
            for one in waiting
            if one.current_due is None
        ),
        *(
            (str(opened.words.title_of(one.planned)), f"/actions/{one.key}")
            for one in bare
            if one.planned.end is None
        ),
    ]
    said = _("Without a date, nobody is reminded, and they are expected evenly over the year:")
    return [Doubt(said=said, items=items)] if items else []


def _unserving(opened: Open, waiting: Sequence[Deliverable]) -> Sequence[Doubt]:
    _ = opened.words.texts.gettext
    items = [
        (str(opened.words.title_of(one.planned)), f"/deliverables/{one.key}")
        for one in waiting
        if not one.planned.objectives
    ]
    said = _("Without an objective, these count for none:")
    return [Doubt(said=said, items=items)] if items else []


def _shortfalls(
    opened: Open,
    period: Period,
    standing: Sequence[DeliverablePlan],
    estimates: Mapping[str, Estimate],
) -> Sequence[Doubt]:
    """Estimates that do not fit what is listed, with what a single field keeps out."""
    return [
        Doubt(
            said=one.said.in_(opened.frame.language),
            items=[
                (str(opened.words.title_of(each)), f"/deliverables/{each.key}") for each in one.near
            ],
        )
        for one in shortfalls(standing, plan=opened.plan, period=period, estimates=estimates)
    ]


def _weights(opened: Open, listed: Sequence[Deliverable]) -> Sequence[Doubt]:
    """Milestones of an indicator whose weights do not add to 1."""
    _ = opened.words.texts.gettext
    plan, doubts = opened.plan, []
    for indicator in plan.indicators:
        if not isinstance(indicator.measure, Milestones):
            continue
        named = {
            f"{plan.plan}:{code}"
            for condition in indicator.measure.where
            if condition.field == "objectives"
            for code in condition.any_of
        }
        own = [
            one.planned.weight or Decimal(0)
            for one in listed
            if one.planned.kind == MILESTONE and named & set(one.planned.objectives)
        ]
        total = sum(own, Decimal(0))
        if own and total != 1:
            said = _("The milestones of %(code)s weigh %(share)s together, not 100 %%.") % {
                "code": indicator.code,
                "share": opened.words.share(total),
            }
            doubts.append(Doubt(said=said))
    return doubts
