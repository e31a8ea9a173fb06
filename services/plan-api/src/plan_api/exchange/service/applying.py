"""Applies entries through the use cases that REST has; the first refusal ends it all."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from plan_api.core.errors import PlanApiError
from plan_api.events.service import intake as events
from plan_api.exchange.model.findings import Mistake
from plan_api.exchange.service.checking import REFUSALS, mistake_of
from plan_api.exchange.service.lines import Entry, Fact, Said, mistakes_of_event
from plan_api.implementation.model import ActionPlan, DeliverableDraft
from plan_api.implementation.repository import Deliverables
from plan_api.implementation.service import planning
from plan_api.implementation.service.announcing import planned_fields
from plan_api.plans import service as plans
from plan_api.plans.model import Estimate, Target
from shared_kit.delivery.transaction import Transaction
from shared_kit.events.envelope import CloudEvent, InvalidEventError
from shared_kit.identity import Caller, require_role

_FACTS_AT_ONCE = 200

Progress = Callable[[int], Awaitable[None]]


class LineRefusedError(Exception):
    """A line cannot be applied: nothing is."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__(mistakes[0].en)
        self.mistakes = mistakes


async def apply(
    tx: Transaction,
    entries: Sequence[Entry],
    *,
    caller: Caller,
    now: datetime,
    own_source: str,
    progress: Progress,
) -> None:
    """Do what all entries say. What is known already is left alone, so repeating is safe.

    Raises:
        LineRefusedError
    """
    done = 0
    for are_facts, group in groupby(entries, key=lambda entry: isinstance(entry.said, Fact)):
        members = list(group)
        step = _FACTS_AT_ONCE if are_facts else 1
        for first in range(0, len(members), step):
            part = members[first : first + step]
            if are_facts:
                await _facts(tx, part, caller=caller, now=now, own_source=own_source)
            else:
                await _one(tx, part[0], caller=caller, now=now)
            done += len(part)
            await progress(done)


async def _one(tx: Transaction, entry: Entry, *, caller: Caller, now: datetime) -> None:
    try:
        await _do(tx, entry.said, caller=caller, now=now)
    except REFUSALS as error:
        raise LineRefusedError([mistake_of(entry.line, error)]) from error


async def _do(tx: Transaction, said: Said, *, caller: Caller, now: datetime) -> None:
    match said:
        case ActionPlan():
            require_role(caller, operation="plan_action")
            await planning.plan_action(tx, caller=caller, now=now, planned=said)
        case DeliverableDraft():
            require_role(caller, operation="plan_deliverable")
            await planning.plan_deliverable(tx, caller=caller, now=now, draft=said)
        case Estimate():
            require_role(caller, operation="state_estimate")
            await plans.state_estimate(tx, caller=caller, now=now, estimate=said)
        case Target():
            require_role(caller, operation="set_target")
            await plans.set_target(tx, caller=caller, now=now, target=said)
        case Fact():
            raise TypeError("facts are applied together")


async def _facts(
    tx: Transaction, entries: Sequence[Entry], *, caller: Caller, now: datetime, own_source: str
) -> None:
    said = []
    for entry in entries:
        try:
            require_role(caller, operation="post_events")
            said.append(await _event(tx, entry.said))
        except REFUSALS as error:
            raise LineRefusedError([mistake_of(entry.line, error)]) from error
    taken = await events.take(tx, caller=caller, now=now, own_source=own_source, events=said)
    for entry, one in zip(entries, taken, strict=True):
        match one.error:
            case None:
                continue
            case InvalidEventError():
                raise LineRefusedError(mistakes_of_event(entry.line, one.error)) from one.error
            case PlanApiError() | Exception():
                raise LineRefusedError([mistake_of(entry.line, one.error)]) from one.error


async def _event(tx: Transaction, said: Said) -> CloudEvent:
    """The event; one on a Deliverable with all that the plan says of it."""
    if not isinstance(said, Fact):
        raise TypeError("only facts have events")
    if said.body is None or said.deliverable is None:
        return said.event
    deliverable = await Deliverables(tx.session).get(said.deliverable)
    if deliverable is None:
        raise planning.DeliverableNotFoundError(said.deliverable)
    planned = planned_fields(deliverable).model_dump(mode="json", exclude_none=True)
    body = said.body.model_dump(mode="json", exclude_none=True)
    return replace(said.event, data=json.dumps({**planned, **body}, ensure_ascii=False).encode())
