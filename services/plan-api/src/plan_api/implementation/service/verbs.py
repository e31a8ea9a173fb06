"""Use cases: what happens to Actions and Deliverables once they are planned."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from plan_api.core.errors import InvalidFieldError
from plan_api.implementation.model import (
    Action,
    Deliverable,
    NotAdoptedError,
    Stage,
    YearError,
)
from plan_api.implementation.repository import Actions, Adoptions, Deliverables
from plan_api.implementation.service.announcing import announce, planned_fields
from plan_api.implementation.service.planning import (
    ActionNotFoundError,
    DeliverableNotFoundError,
)
from plan_api.plans.service import period_of, plan_in_force, today
from shared_kit.calendar import PeriodKind
from shared_kit.delivery.transaction import Transaction
from shared_kit.events import work
from shared_kit.events.envelope import CloudEvent
from shared_kit.identity import Caller


class Precondition(Protocol):
    """What a change demands of the version that it changes."""

    def check(self, version: int, /) -> None: ...


async def start_action(
    tx: Transaction, *, caller: Caller, now: datetime, key: str, on: date, if_match: Precondition
) -> Action:
    """Say that work on an Action began."""
    actions = Actions(tx.session)
    action, day = await _action(tx, actions, caller=caller, now=now, key=key, if_match=if_match)
    started = await actions.save(action.start(on=on, today=day))
    tx.audit.add(actor=caller.subject, action="action.start", key=key, detail={"on": on})
    await announce(tx, work.ActionStarted(action=key, on=on, synthetic=action.planned.synthetic))
    return started


async def complete_action(
    tx: Transaction, *, caller: Caller, now: datetime, key: str, on: date, if_match: Precondition
) -> Action:
    """Complete an Action; its implicit Deliverable is released with it.

    Raises:
        OpenDeliverablesError: another Deliverable is open.
    """
    actions = Actions(tx.session)
    action, day = await _action(tx, actions, caller=caller, now=now, key=key, if_match=if_match)
    deliverables = Deliverables(tx.session)
    own = await deliverables.of_action(key)
    completed = await actions.save(action.complete(on=on, today=day, deliverables=own))
    tx.audit.add(actor=caller.subject, action="action.complete", key=key, detail={"on": on})
    await announce(tx, work.ActionCompleted(action=key, on=on, synthetic=action.planned.synthetic))
    for one in own:
        if one.planned.implicit and one.is_open:
            released = one.release(on=on, stage=Stage.DONE, today=day)
            await keep_release(tx, released, actor=caller.subject, deliverables=deliverables)
    return completed


async def cancel_action(
    tx: Transaction, *, caller: Caller, now: datetime, key: str, on: date, if_match: Precondition
) -> Action:
    """Give an Action up; its Deliverables stay due unless cancelled themselves."""
    actions = Actions(tx.session)
    action, day = await _action(tx, actions, caller=caller, now=now, key=key, if_match=if_match)
    cancelled = await actions.save(action.cancel(on=on, today=day))
    tx.audit.add(actor=caller.subject, action="action.cancel", key=key, detail={"on": on})
    await announce(tx, work.ActionCancelled(action=key, on=on, synthetic=action.planned.synthetic))
    return cancelled


async def release_deliverable(
    tx: Transaction,
    *,
    caller: Caller,
    now: datetime,
    key: str,
    on: date,
    stage: Stage,
    evidence: str | None,
    body: str | None,
    if_match: Precondition,
) -> Deliverable:
    """Release a Deliverable and tell the other services."""
    deliverables = Deliverables(tx.session)
    known, day = await _deliverable(
        tx, deliverables, caller=caller, now=now, key=key, if_match=if_match
    )
    released = known.release(on=on, stage=stage, today=day, evidence=evidence, body=body)
    return await keep_release(tx, released, actor=caller.subject, deliverables=deliverables)


async def reach_deliverable(
    tx: Transaction,
    *,
    caller: Caller,
    now: datetime,
    key: str,
    share: Decimal,
    on: date,
    evidence: str | None,
    if_match: Precondition,
) -> Deliverable:
    """Say how far a milestone is."""
    deliverables = Deliverables(tx.session)
    known, day = await _deliverable(
        tx, deliverables, caller=caller, now=now, key=key, if_match=if_match
    )
    reached = known.reach(share=share, on=on, today=day, evidence=evidence)
    return await keep_reached(
        tx,
        reached,
        share=share,
        on=on,
        evidence=evidence,
        actor=caller.subject,
        deliverables=deliverables,
    )


async def reschedule_deliverable(
    tx: Transaction,
    *,
    caller: Caller,
    now: datetime,
    key: str,
    due: date,
    if_match: Precondition,
) -> Deliverable:
    """Propose a new date; it counts once it is approved."""
    deliverables = Deliverables(tx.session)
    known, _ = await _deliverable(
        tx, deliverables, caller=caller, now=now, key=key, if_match=if_match
    )
    plan = await plan_in_force(tx.session, plan=known.planned.plan, now=now)
    if due < plan.cycle.start:
        raise InvalidFieldError(
            "due",
            f"a date not before {plan.cycle.start} is expected",
            f"une date non antérieure au {plan.cycle.start} est attendue",
        )
    moved = await deliverables.save(known.reschedule(due=due))
    tx.audit.add(
        actor=caller.subject, action="deliverable.reschedule", key=key, detail={"due": due}
    )
    await announce(tx, _rescheduled(moved, due=due, approved_by=None))
    return moved


async def approve_deliverable(
    tx: Transaction, *, caller: Caller, now: datetime, key: str, if_match: Precondition
) -> Deliverable:
    """Approve the proposed date: from now on it counts."""
    deliverables = Deliverables(tx.session)
    known, _ = await _deliverable(
        tx, deliverables, caller=caller, now=now, key=key, if_match=if_match
    )
    approved = await deliverables.save(known.approve(by=caller.subject[:300]))
    tx.audit.add(actor=caller.subject, action="deliverable.approve", key=key)
    if approved.new_due is not None:
        event = _rescheduled(approved, due=approved.new_due, approved_by=approved.approved_by)
        await announce(tx, event)
    return approved


async def carry_over_deliverable(
    tx: Transaction,
    *,
    caller: Caller,
    now: datetime,
    key: str,
    period: str,
    due: date | None,
    if_match: Precondition,
) -> Deliverable:
    """List a Deliverable in a later year too; it is to be adopted there again.

    Raises:
        NotAdoptedError: the year that it leaves does not hold it.
        InvalidFieldError, RefusedError, NotAllowedError
    """
    deliverables = Deliverables(tx.session)
    known, _ = await _deliverable(
        tx, deliverables, caller=caller, now=now, key=key, if_match=if_match
    )
    plan = await plan_in_force(tx.session, plan=known.planned.plan, now=now)
    year = period_of(plan, period, field="period")
    if year.kind is not PeriodKind.YEAR:
        raise YearError(
            "period", "a financial year is expected", "un exercice financier est attendu"
        )
    carried = known.carry_over(to=year, due=due, after=plan.calendar().period(known.year))
    if key not in await Adoptions(tx.session).fixed_dates([key], period=known.year):
        raise NotAdoptedError(
            f"{key} is not adopted in {known.year}: it joins with the next adoption of that year",
            f"{key} n’est pas adopté dans {known.year} : il s’ajoute à la prochaine adoption",
        )
    saved = await deliverables.save(carried)
    await deliverables.carry_over(key, period=period, due=due)
    tx.audit.add(
        actor=caller.subject,
        action="deliverable.carry-over",
        key=key,
        detail={"period": period} | ({} if due is None else {"due": due}),
    )
    fields = planned_fields(saved).model_copy(
        update={"period": period, "due": due or saved.planned.due}
    )
    await announce(tx, work.DeliverablePlanned(**dict(fields), synthetic=saved.planned.synthetic))
    return saved


async def cancel_deliverable(
    tx: Transaction,
    *,
    caller: Caller,
    now: datetime,
    key: str,
    on: date,
    if_match: Precondition,
) -> Deliverable:
    """Give a Deliverable up; it lowers no estimate and stays due."""
    deliverables = Deliverables(tx.session)
    known, day = await _deliverable(
        tx, deliverables, caller=caller, now=now, key=key, if_match=if_match
    )
    cancelled = await deliverables.save(known.cancel(on=on, today=day))
    tx.audit.add(
        actor=caller.subject, action="deliverable.cancel", key=key, detail={"cancelled_on": on}
    )
    await announce(
        tx,
        work.DeliverableCancelled(
            deliverable=key,
            action=known.planned.action,
            cancelled_on=on,
            synthetic=known.planned.synthetic,
        ),
    )
    return cancelled


async def keep_release(
    tx: Transaction,
    released: Deliverable,
    *,
    actor: str,
    deliverables: Deliverables,
    stated: CloudEvent | None = None,
    synthetic: bool = False,
) -> Deliverable:
    """Save a release and announce it, as `stated` where somebody else said so.

    It is saved first: an event that was added to the outbox cannot be taken back.
    """
    if released.released_on is None or released.stage is None:
        raise LookupError(f"{released.key} is not released")
    saved = await deliverables.save(released)
    tx.audit.add(
        actor=actor,
        action="deliverable.release",
        key=saved.key,
        detail={"released_on": released.released_on, "stage": released.stage.value},
    )
    event = work.DeliverableReleased(
        **dict(planned_fields(saved)),
        released_on=released.released_on,
        stage=work.Stage(released.stage.value),
        body=released.body,
        evidence=released.evidence,
        synthetic=released.planned.synthetic or synthetic,
    )
    fact = await announce(tx, event, stated=stated, reporter=actor)
    await deliverables.note_fact(saved.key, fact)
    return replace(saved, fact=fact)


async def keep_reached(
    tx: Transaction,
    reached: Deliverable,
    *,
    share: Decimal,
    on: date,
    evidence: str | None,
    actor: str,
    deliverables: Deliverables,
    stated: CloudEvent | None = None,
    synthetic: bool = False,
) -> Deliverable:
    """Save a milestone's level and announce it; what is said late changes the fact alone."""
    saved = await deliverables.save(reached)
    tx.audit.add(
        actor=actor,
        action="deliverable.reach",
        key=saved.key,
        detail={"share": share, "reached_on": on},
    )
    event = work.MilestoneReached(
        **dict(planned_fields(saved)),
        share=share,
        reached_on=on,
        evidence=evidence,
        synthetic=reached.planned.synthetic or synthetic,
    )
    fact = await announce(tx, event, stated=stated, reporter=actor)
    if (saved.reached_on, saved.share) != (on, share):
        return saved
    await deliverables.note_fact(saved.key, fact)
    return replace(saved, fact=fact)


async def _action(
    tx: Transaction,
    actions: Actions,
    *,
    caller: Caller,
    now: datetime,
    key: str,
    if_match: Precondition,
) -> tuple[Action, date]:
    action = await actions.get(key, lock=True)
    if action is None:
        raise ActionNotFoundError(key)
    caller.require_unit(action.planned.lead)
    if_match.check(action.version)
    plan = await plan_in_force(tx.session, plan=action.planned.plan, now=now)
    return action, today(plan, now)


async def _deliverable(
    tx: Transaction,
    deliverables: Deliverables,
    *,
    caller: Caller,
    now: datetime,
    key: str,
    if_match: Precondition,
) -> tuple[Deliverable, date]:
    known = await deliverables.get(key)
    if known is None:
        raise DeliverableNotFoundError(key)
    caller.require_unit(known.planned.unit)
    if_match.check(known.version)
    plan = await plan_in_force(tx.session, plan=known.planned.plan, now=now)
    return known, today(plan, now)


def _rescheduled(
    deliverable: Deliverable, *, due: date, approved_by: str | None
) -> work.DeliverableRescheduled:
    return work.DeliverableRescheduled(
        deliverable=deliverable.key,
        action=deliverable.planned.action,
        period=deliverable.year,
        due=due,
        approved_by=approved_by,
        synthetic=deliverable.planned.synthetic,
    )
