"""Applies entries by the rules of the use cases, a statement for many; a refusal ends it all."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from plan_api.directory import service as directory
from plan_api.events.service import intake as events
from plan_api.events.service.envelope import stamped
from plan_api.events.service.references import References
from plan_api.exchange.model.fact_sheets import IMPLEMENTED
from plan_api.exchange.model.findings import Mistake
from plan_api.exchange.service.checking import check_one, mistake_of
from plan_api.exchange.service.faults import REFUSALS
from plan_api.exchange.service.known import Known, load, references_of
from plan_api.exchange.service.lines import (
    Entry,
    Fact,
    Registration,
    mistakes_of_event,
    with_data,
)
from plan_api.implementation.model import Action, ActionPlan, Deliverable, DeliverableDraft
from plan_api.implementation.repository import digest_of, lock_actions
from plan_api.implementation.schemas.deliverables import ReachBody, ReleaseBody
from plan_api.implementation.service import many
from plan_api.plans import service as plans
from plan_api.plans.model import Estimate, Target
from shared_kit.delivery import crashpoints
from shared_kit.delivery.transaction import Transaction
from shared_kit.events.activity import InstrumentImplemented
from shared_kit.events.definitions import PlanSnapshot
from shared_kit.events.envelope import CloudEvent, InvalidEventError
from shared_kit.identity import Caller

LINES_AT_ONCE: Final = 250

Progress = Callable[[int], Awaitable[None]]


class LineRefusedError(Exception):
    """A line cannot be applied: nothing is."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__(mistakes[0].en)
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """What some lines say that is new, by how it is written."""

    registrations: list[Registration] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    deliverables: list[tuple[Deliverable, bytes]] = field(default_factory=list)
    figures: list[tuple[Entry, Estimate | Target]] = field(default_factory=list)
    told: list[many.Told] = field(default_factory=list)
    facts: list[tuple[Entry, CloudEvent]] = field(default_factory=list)


async def apply(
    tx: Transaction,
    entries: Sequence[Entry],
    *,
    plan: PlanSnapshot,
    caller: Caller,
    now: datetime,
    own_source: str,
    progress: Progress,
) -> None:
    """Do what all entries say. What is known already is left alone, so repeating is safe.

    Raises:
        LineRefusedError
        ChangedMeanwhileError: somebody else was faster; another try sees what is there now.
    """
    drafts = [one.said for one in entries if isinstance(one.said, DeliverableDraft)]
    await lock_actions(tx.session, {one.action for one in drafts if one.action is not None})
    known = await load(tx.session, plan=plan, caller=caller, now=now)
    for first in range(0, len(entries), LINES_AT_ONCE):
        part = entries[first : first + LINES_AT_ONCE]
        references = await references_of(tx.session, part, known=known)
        step = _looked_through(part, known=known, references=references)
        await _write(tx, step, known=known, own_source=own_source)
        crashpoints.reach("import-part-written")
        await progress(first + len(part))


def _looked_through(part: Sequence[Entry], *, known: Known, references: References) -> _Step:
    step = _Step()
    for entry in part:
        found = check_one(entry, known=known, references=references)
        if isinstance(found, Mistake):
            raise LineRefusedError([found])
        if found.new:
            _add(step, entry, known=known)
    return step


def _add(step: _Step, entry: Entry, *, known: Known) -> None:
    match entry.said:
        case Registration() as said:
            step.registrations.append(said)
        case ActionPlan() as said:
            step.actions.append(known.actions[said.key])
        case DeliverableDraft() as said:
            step.deliverables.append((known.deliverables[said.key], digest_of(said)))
        case (Estimate() | Target()) as said:
            step.figures.append((entry, said))
        case Fact(body=ReleaseBody(), deliverable=str() as key) as said:
            stated = stamped(said.event, caller=known.caller, now=known.now)
            step.told.append(many.released(known.deliverables[key], stated=stated))
        case Fact(body=ReachBody() as body, deliverable=str() as key) as said:
            step.told.append(
                many.reached(
                    known.deliverables[key],
                    share=body.share,
                    on=body.reached_on,
                    evidence=body.evidence,
                    stated=stamped(said.event, caller=known.caller, now=known.now),
                )
            )
        case Fact() as said:
            step.facts.append((entry, _whole(said, known=known)))


async def _write(tx: Transaction, step: _Step, *, known: Known, own_source: str) -> None:
    """In the order in which one may name the other."""
    actor = known.caller.subject
    for one in step.registrations:
        await directory.register(tx, actor=actor, kind=one.kind, code=one.code, content=one.content)
    await many.plan_actions(tx, step.actions, actor=actor)
    await many.plan_deliverables(tx, step.deliverables, actor=actor)
    for entry, figure in step.figures:
        await _state(tx, entry, figure, known=known)
    for saved in await many.tell(tx, step.told, actor=actor):
        known.deliverables[saved.key] = saved
    await _facts(tx, step.facts, known=known, own_source=own_source)


async def _state(tx: Transaction, entry: Entry, figure: Estimate | Target, *, known: Known) -> None:
    """Few by nature: an indicator has one for each period."""
    try:
        if isinstance(figure, Estimate):
            await plans.state_estimate(tx, caller=known.caller, now=known.now, estimate=figure)
        else:
            await plans.set_target(tx, caller=known.caller, now=known.now, target=figure)
    except REFUSALS as error:
        raise LineRefusedError([mistake_of(entry.line, error, guide=known.guide)]) from error


async def _facts(
    tx: Transaction,
    facts: Sequence[tuple[Entry, CloudEvent]],
    *,
    known: Known,
    own_source: str,
) -> None:
    if not facts:
        return
    # A correction changes Deliverables through their rows, which were written past the session.
    tx.session.expire_all()
    taken = await events.take(
        tx,
        caller=known.caller,
        now=known.now,
        own_source=own_source,
        events=[event for _, event in facts],
    )
    for (entry, _), one in zip(facts, taken, strict=True):
        match one.error:
            case None:
                continue
            case InvalidEventError():
                found = mistakes_of_event(entry.line, one.error, guide=known.guide)
                raise LineRefusedError(found) from one.error
            case _:
                refused = mistake_of(entry.line, one.error, guide=known.guide)
                raise LineRefusedError([refused]) from one.error


def _whole(fact: Fact, *, known: Known) -> CloudEvent:
    """The event with what the directory says of its instrument."""
    payload = fact.payload
    if fact.name != IMPLEMENTED or not isinstance(payload, InstrumentImplemented):
        return fact.event
    packages = list(known.tags(payload.instrument).packages)
    said = payload.model_dump(mode="json", exclude_none=True)
    return with_data(fact.event, {**said, "packages": packages})
