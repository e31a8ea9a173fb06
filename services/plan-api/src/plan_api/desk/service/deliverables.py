"""The page of a Deliverable, and what its forms do: the same use cases as REST."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from plan_api.core.errors import ChangedMeanwhileError, InvalidFieldError, RefusedError
from plan_api.desk.model import Done
from plan_api.desk.pages.deliverable_forms import DeliverableForms
from plan_api.desk.pages.forms import VERSION, Answers, Form, Option, options
from plan_api.desk.repository import retraction_of, source_of_pages
from plan_api.desk.service.room import Open, Room
from plan_api.events.service import intake
from plan_api.implementation.model import Deliverable, DeliverableState, Stage
from plan_api.implementation.repository import Deliverables
from plan_api.implementation.schemas.deliverables import (
    CancelBody,
    CarryOverBody,
    ReachBody,
    ReleaseBody,
    RescheduleBody,
)
from plan_api.implementation.service import verbs
from plan_api.implementation.service.counting import reaches
from plan_api.implementation.service.needs import needs
from plan_api.report.service import PageNotFoundError
from shared_kit.delivery.transaction import Transaction
from shared_kit.events.base import type_of
from shared_kit.events.corrections import FactRetracted
from shared_kit.events.envelope import CloudEvent
from shared_kit.identity import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenVersion:
    """The version that the reader had before them; a change of another one is refused."""

    key: str
    version: str

    def check(self, version: int, /) -> None:
        """Raise ChangedMeanwhileError where another version stands there now."""
        if self.version != str(version):
            raise ChangedMeanwhileError(self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """What a form changes with: the transaction, the caller, the time, our name as a source."""

    tx: Transaction
    caller: Caller
    now: datetime
    source: str


async def found(room: Room, key: str) -> tuple[Open, Deliverable]:
    """A Deliverable with its plan.

    Raises:
        PageNotFoundError
    """
    deliverable = await room.shelf.deliverable(key)
    if deliverable is None:
        raise PageNotFoundError(key)
    return await room.open(await room.report.plan_of(key)), deliverable


async def deliverable_page(room: Room, key: str) -> str:
    """Write the page of a Deliverable.

    Raises:
        PageNotFoundError
    """
    opened, one = await found(room, key)
    plan, planned = opened.plan, one.planned
    forms = _forms(opened, one)
    writes = room.writes_for(planned.unit)
    offered = forms.offered(writes=writes, office=room.is_office)
    adopted, fixed = await room.shelf.fixed_due(key, period=planned.period)
    again, again_due = (
        await room.shelf.fixed_due(key, period=one.carried_to) if one.carried_to else (False, None)
    )
    action = await room.shelf.action(planned.action) if planned.action else None
    stands = reaches(planned, plan=plan)
    return room.write(
        "deliverable.html",
        opened,
        one=one,
        action=action,
        period=plan.calendar().period(planned.period),
        objectives=[
            each for each in plan.objectives if f"{plan.plan}:{each.code}" in planned.objectives
        ],
        priorities=[
            each for each in plan.priorities if f"{plan.plan}:{each.code}" in planned.priorities
        ],
        counting=[each.indicator for each in stands if each.counts],
        near=[
            (each.indicator, needs(each.missing).in_(opened.frame.language))
            for each in stands
            if each.is_near
        ],
        adopted=adopted,
        again=again,
        again_due=again_due,
        fixed=fixed,
        trail=await room.shelf.trail(key),
        forms=room.forms(*(forms.named(name) for name in offered)),
        writes=writes,
    )


def _later_years(opened: Open, one: Deliverable) -> tuple[Option, ...]:
    """The years that it can be carried over into."""
    calendar, said = opened.plan.calendar(), opened.frame.words
    here = calendar.period(one.year)
    return options(
        (year.code, said.period(calendar, year)) for year in calendar.years if year.start > here.end
    )


def _forms(opened: Open, one: Deliverable) -> DeliverableForms:
    return DeliverableForms(words=opened.words, deliverable=one, years=_later_years(opened, one))


async def form_of(room: Room, key: str, name: str) -> tuple[Open, Deliverable, Form]:
    opened, one = await found(room, key)
    return (
        opened,
        one,
        DeliverableForms(
            words=opened.words, deliverable=one, years=_later_years(opened, one)
        ).named(name),
    )


async def release(doing: Doing, key: str, answers: Answers) -> Done:
    """Release a Deliverable; the very same form sent twice is done once."""
    body = ReleaseBody.model_validate(
        {
            "released_on": answers.text("released_on"),
            "stage": answers.text("stage"),
            "evidence": answers.text("evidence"),
            "body": answers.text("body"),
        }
    )
    known = await Deliverables(doing.tx.session).get(key)
    if known is not None and _is_so_already(known, body):
        return _undone_at(key)
    await verbs.release_deliverable(
        doing.tx,
        caller=doing.caller,
        now=doing.now,
        key=key,
        on=body.released_on,
        stage=body.stage,
        evidence=body.evidence,
        body=body.body,
        if_match=seen(key, answers),
    )
    # A draft stays open: what is said next takes its place.
    return Done() if body.stage is Stage.DRAFTED else _undone_at(key)


async def reach(doing: Doing, key: str, answers: Answers) -> Done:
    body = ReachBody.model_validate(
        {
            "share": _share(answers.number("share") or ""),
            "reached_on": answers.text("reached_on"),
            "evidence": answers.text("evidence"),
        }
    )
    await verbs.reach_deliverable(
        doing.tx,
        caller=doing.caller,
        now=doing.now,
        key=key,
        share=body.share,
        on=body.reached_on,
        evidence=body.evidence,
        if_match=seen(key, answers),
    )
    return _undone_at(key)


async def reschedule(doing: Doing, key: str, answers: Answers) -> None:
    body = RescheduleBody.model_validate({"due": answers.text("due")})
    await verbs.reschedule_deliverable(
        doing.tx,
        caller=doing.caller,
        now=doing.now,
        key=key,
        due=body.due,
        if_match=seen(key, answers),
    )


async def approve(doing: Doing, key: str, answers: Answers) -> None:
    await verbs.approve_deliverable(
        doing.tx,
        caller=doing.caller,
        now=doing.now,
        key=key,
        if_match=seen(key, answers),
    )


async def carry_over(doing: Doing, key: str, answers: Answers) -> None:
    body = CarryOverBody.model_validate(
        {"period": answers.text("period"), "due": answers.text("due")}
    )
    await verbs.carry_over_deliverable(
        doing.tx,
        caller=doing.caller,
        now=doing.now,
        key=key,
        period=body.period,
        due=body.due,
        if_match=seen(key, answers),
    )


async def cancel(doing: Doing, key: str, answers: Answers) -> None:
    body = CancelBody.model_validate({"cancelled_on": answers.text("cancelled_on")})
    await verbs.cancel_deliverable(
        doing.tx,
        caller=doing.caller,
        now=doing.now,
        key=key,
        on=body.cancelled_on,
        if_match=seen(key, answers),
    )


async def retract(doing: Doing, key: str, answers: Answers) -> None:
    """Take a release or a level back by a correction, as anybody would by an event."""
    known = await Deliverables(doing.tx.session).get(key)
    if known is None or known.fact is None:
        raise RefusedError(
            f"{key} is not released, there is nothing to take back",
            f"{key} n’est pas publié, il n’y a rien à retirer",
        )
    seen(key, answers).check(known.version)
    said = FactRetracted(source=known.fact.source, id=known.fact.id, reason=answers.text("reason"))
    event = CloudEvent(
        # Sent twice, it is the same correction of the same fact.
        id=retraction_of(known.fact.id),
        source=source_of_pages(doing.source),
        type=type_of(FactRetracted),
        datacontenttype="application/json",
        data=said.model_dump_json(exclude_none=True).encode(),
    )
    await intake.take_one(
        doing.tx, caller=doing.caller, now=doing.now, own_source=doing.source, event=event
    )


def _undone_at(key: str) -> Done:
    return Done(undo=f"/deliverables/{key}?do=retract")


def _is_so_already(known: Deliverable, body: ReleaseBody) -> bool:
    return known.state is DeliverableState.RELEASED and (
        known.released_on,
        known.stage,
        known.evidence,
        known.body,
    ) == (body.released_on, body.stage, body.evidence, body.body)


def seen(key: str, answers: Answers) -> SeenVersion:
    return SeenVersion(key=key, version=answers.text(VERSION) or "")


def _share(percent: str) -> str:
    try:
        return format(Decimal(percent) / 100, "f")
    except InvalidOperation as error:
        raise InvalidFieldError(
            "share", "Enter a number between 0 and 100.", "Indiquez un nombre entre 0 et 100."
        ) from error
