"""Use cases of one writer: plans and releases by the thousand, with a statement for each step.

The caller has checked each by the rules of one by one, on what it read in this transaction; what
somebody else changes meanwhile ends the transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from plan_api.core import facts
from plan_api.core.rights import of_unit
from plan_api.implementation.model import Action, Deliverable, FactId
from plan_api.implementation.repository import (
    add_actions,
    add_deliverables,
    save_deliverables,
)
from plan_api.implementation.service.announcing import (
    action_planned,
    deliverable_planned,
    planned_fields,
)
from shared_kit.delivery.transaction import Transaction
from shared_kit.events import work
from shared_kit.events.base import Event
from shared_kit.events.envelope import CloudEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A Deliverable after what a fact says of it, at the version that it was read at."""

    after: Deliverable
    body: work.DeliverableReleased | work.MilestoneReached
    stated: CloudEvent

    @property
    def stands(self) -> bool:
        """A level that is said late changes the fact alone."""
        if isinstance(self.body, work.DeliverableReleased):
            return True
        return (self.after.reached_on, self.after.share) == (self.body.reached_on, self.body.share)


def released(after: Deliverable, *, stated: CloudEvent) -> Told:
    """What is announced of a Deliverable that is released."""
    if after.released_on is None or after.stage is None:
        raise LookupError(f"{after.key} is not released")
    body = work.DeliverableReleased(
        **dict(planned_fields(after)),
        released_on=after.released_on,
        stage=work.Stage(after.stage.value),
        body=after.body,
        evidence=after.evidence,
        synthetic=after.planned.synthetic,
    )
    return Told(after=after, body=body, stated=stated)


def reached(
    after: Deliverable, *, share: Decimal, on: date, evidence: str | None, stated: CloudEvent
) -> Told:
    """What is announced of a milestone; said late, it may stand higher already."""
    body = work.MilestoneReached(
        **dict(planned_fields(after)),
        share=share,
        reached_on=on,
        evidence=evidence,
        synthetic=after.planned.synthetic,
    )
    return Told(after=after, body=body, stated=stated)


async def plan_actions(tx: Transaction, actions: Sequence[Action], *, actor: str) -> None:
    """Enter Actions.

    Raises:
        ChangedMeanwhileError
    """
    await add_actions(tx.session, actions)
    for one in actions:
        tx.audit.add(actor=actor, action="action.plan", key=one.key)
    await _announce(tx, [action_planned(one) for one in actions])


async def plan_deliverables(
    tx: Transaction, deliverables: Sequence[tuple[Deliverable, bytes]], *, actor: str
) -> None:
    """Enter Deliverables, each with the digest of what planned it.

    Raises:
        ChangedMeanwhileError
    """
    await add_deliverables(tx.session, deliverables)
    for one, _ in deliverables:
        tx.audit.add(actor=actor, action="deliverable.plan", key=one.key)
    await _announce(tx, [deliverable_planned(one) for one, _ in deliverables])


async def tell(tx: Transaction, told: Sequence[Told], *, actor: str) -> Sequence[Deliverable]:
    """Release Deliverables and say how far milestones are, as somebody else stated it.

    Of several facts on one Deliverable the last in order leaves its state. Returns the
    Deliverables with their new versions.

    Raises:
        ChangedMeanwhileError
    """
    latest: dict[str, Deliverable] = {}
    remembered = []
    for one in told:
        event = _resolved(one)
        after = one.after
        if one.stands:
            after = replace(after, fact=FactId(source=event.source, id=event.id))
        elif after.key in latest:
            after = replace(after, fact=latest[after.key].fact)
        latest[after.key] = after
        key = one.body.partition_key
        remembered.append(
            facts.Remembered(
                event=event,
                topic=one.body.topic,
                key=key,
                demands=of_unit(one.body.unit),
                reporter=actor,
            )
        )
        tx.outbox.add_cloud_event(event, topic=one.body.topic, key=key)
        _audit(tx, one.body, actor=actor)
    await save_deliverables(tx.session, list(latest.values()))
    await facts.remember(tx.session, remembered)
    return [replace(one, version=one.version + 1) for one in latest.values()]


def _resolved(told: Told) -> CloudEvent:
    return replace(
        told.stated,
        subject=told.body.subject,
        data=told.body.model_dump_json(exclude_none=True).encode(),
        datacontenttype="application/json",
        extensions=MappingProxyType(dict(told.stated.extensions)),
    )


def _audit(
    tx: Transaction, body: work.DeliverableReleased | work.MilestoneReached, *, actor: str
) -> None:
    if isinstance(body, work.DeliverableReleased):
        action = "deliverable.release"
        detail: dict[str, object] = {"released_on": body.released_on, "stage": body.stage.value}
    else:
        action = "deliverable.reach"
        detail = {"share": body.share, "reached_on": body.reached_on}
    tx.audit.add(actor=actor, action=action, key=body.deliverable, detail=detail)


async def _announce(tx: Transaction, events: Sequence[Event]) -> None:
    """As `announce` does, for many."""
    await facts.remember(
        tx.session,
        [
            facts.Remembered(event=tx.outbox.add(one), topic=one.topic, key=one.partition_key)
            for one in events
        ],
    )
