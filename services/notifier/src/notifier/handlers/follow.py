"""Follows the Deliverables through the events of the work: dates, releases, corrections."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from notifier.domain.deliverable import Deliverable
from notifier.ports.stores import Deliverables, Fact, WorkEvent
from shared_kit.events.base import plan_of
from shared_kit.events.codec import read_json
from shared_kit.events.corrections import FactReplaced, FactRetracted
from shared_kit.events.envelope import InvalidEventError, digest_of
from shared_kit.events.work import (
    DeliverableCancelled,
    DeliverablePlanned,
    DeliverableReleased,
    DeliverableRescheduled,
    MilestoneReached,
)

_MILESTONE = "milestone"
_Planned = DeliverablePlanned | DeliverableReleased | MilestoneReached


async def follow(store: Deliverables, facts: Sequence[Fact]) -> None:
    """Apply the facts of one fetch, in the order of the log, to what is known."""
    if not facts:
        return
    known = dict(await store.known({fact.deliverable for fact in facts}))
    changed: dict[str, Deliverable] = {}
    for fact in facts:
        before = known.get(fact.deliverable)
        after = _applied(fact, before)
        if after is not None and after != before:
            known[after.key] = changed[after.key] = after
    await store.keep(list(changed.values()))


def _applied(fact: Fact, known: Deliverable | None) -> Deliverable | None:
    event: WorkEvent = fact.event
    match event:
        case DeliverablePlanned():
            return _planned(event, known)
        case DeliverableReleased():
            return (known or _planned(event, None)).stand(
                fact.digest, on=event.released_on, done=event.stage.counts
            )
        case MilestoneReached():
            return (known or _planned(event, None)).stand(
                fact.digest, on=event.reached_on, done=event.share == 1
            )
        case DeliverableRescheduled():
            # What is only proposed moves nothing.
            moved = known is not None and event.approved_by is not None
            return replace(known, moved_to=event.due) if known and moved else known
        case DeliverableCancelled():
            return None if known is None else replace(known, cancelled=True)
        case FactRetracted():
            return None if known is None else known.retract(_named(event))
        case FactReplaced():
            return None if known is None else _replaced(event, known)
        case _:
            assert_never(event)


def _planned(event: _Planned, known: Deliverable | None) -> Deliverable:
    fresh = Deliverable(
        key=event.deliverable,
        plan=plan_of(event.deliverable),
        title=event.title,
        title_fr=event.title_fr,
        unit=event.unit,
        due=event.due,
        milestone=event.kind == _MILESTONE,
        synthetic=event.synthetic,
    )
    if known is None:
        return fresh
    return replace(
        fresh,
        # Carried over with another first date, it leaves an earlier move behind.
        moved_to=known.moved_to if known.due == event.due else None,
        cancelled=known.cancelled,
        standings=known.standings,
    )


def _replaced(event: FactReplaced, known: Deliverable) -> Deliverable:
    """What a fact is now said to be, if it is one that we know; plan-api has checked its data."""
    named = _named(event)
    if not known.knows(named):
        return known
    data = json.dumps(event.data).encode()
    try:
        if known.milestone:
            level = read_json(MilestoneReached, data)
            return known.stand(named, on=level.reached_on, done=level.share == 1)
        release = read_json(DeliverableReleased, data)
    except InvalidEventError:
        return known
    return known.stand(named, on=release.released_on, done=release.stage.counts)


def _named(event: FactRetracted | FactReplaced) -> str:
    return digest_of(event.source, event.id).hex()
