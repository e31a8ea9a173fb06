"""Use cases: what events say of Deliverables, which does what the REST verbs do."""

from dataclasses import replace
from datetime import date, datetime

from plan_api.implementation.model import (
    DateCertainty,
    Deliverable,
    DeliverableDraft,
    DeliverableState,
    FactId,
    Purpose,
    Stage,
)
from plan_api.implementation.repository import Deliverables
from plan_api.implementation.service.announcing import announce, deliverable_planned
from plan_api.implementation.service.planning import resolve
from plan_api.implementation.service.verbs import keep_reached, keep_release
from plan_api.plans.service import plan_in_force, today
from shared_kit.delivery.transaction import Transaction
from shared_kit.events.base import plan_of
from shared_kit.events.envelope import CloudEvent
from shared_kit.events.work import DeliverableReleased, MilestoneReached
from shared_kit.identity import Caller, Role

Told = DeliverableReleased | MilestoneReached


async def take(
    tx: Transaction, *, caller: Caller, now: datetime, told: Told, stated: CloudEvent
) -> Deliverable:
    """Release or reach a Deliverable because an event says so.

    An unknown one becomes an unlisted one. Of a known one, our own planned fields go on, not
    those that the event carries.

    Raises:
        InvalidFieldError, RefusedError, NotAllowedError, ChangedMeanwhileError
    """
    deliverables = Deliverables(tx.session)
    known = await deliverables.get(told.deliverable)
    if known is None:
        known = await _enter_unlisted(tx, deliverables, caller=caller, now=now, told=told)
    require_unit(caller, known.planned.unit)
    day = await _today(tx, known, now)
    changed = _changed(known, told=told, day=day)
    if isinstance(told, DeliverableReleased):
        return await keep_release(
            tx,
            changed,
            actor=caller.subject,
            deliverables=deliverables,
            stated=stated,
            synthetic=told.synthetic,
        )
    return await keep_reached(
        tx,
        changed,
        share=told.share,
        on=told.reached_on,
        evidence=told.evidence,
        actor=caller.subject,
        deliverables=deliverables,
        stated=stated,
        synthetic=told.synthetic,
    )


async def retract(tx: Transaction, *, caller: Caller, key: str, fact: FactId) -> None:
    """Reopen the Deliverable that this fact released or reached, if it still stands on it."""
    deliverables = Deliverables(tx.session)
    known = await deliverables.get(key)
    if known is None:
        return
    require_unit(caller, known.planned.unit)
    if known.fact == fact and known.state is not DeliverableState.CANCELLED:
        await deliverables.save(known.reopen())
        tx.audit.add(
            actor=caller.subject, action="deliverable.reopen", key=key, detail={"fact": fact.id}
        )


async def correct(
    tx: Transaction, *, caller: Caller, now: datetime, told: Told, fact: FactId
) -> None:
    """Replace what this fact said of a Deliverable, if that still stands on it."""
    deliverables = Deliverables(tx.session)
    known = await deliverables.get(told.deliverable)
    if known is None:
        return
    require_unit(caller, known.planned.unit)
    if known.fact == fact and known.state is not DeliverableState.CANCELLED:
        day = await _today(tx, known, now)
        corrected = replace(_changed(known.reopen(), told=told, day=day), fact=fact)
        await deliverables.save(corrected)
        tx.audit.add(
            actor=caller.subject,
            action="deliverable.correct",
            key=known.key,
            detail={"fact": fact.id},
        )


def require_unit(caller: Caller, unit: str) -> None:
    """People write for their units; a service for the sources that it was registered with."""
    if caller.role is not Role.SERVICE:
        caller.require_unit(unit)


def _changed(known: Deliverable, *, told: Told, day: date) -> Deliverable:
    if isinstance(told, DeliverableReleased):
        return known.release(
            on=told.released_on,
            stage=Stage(told.stage.value),
            today=day,
            evidence=told.evidence,
            body=told.body,
        )
    return known.reach(share=told.share, on=told.reached_on, today=day, evidence=told.evidence)


async def _enter_unlisted(
    tx: Transaction, deliverables: Deliverables, *, caller: Caller, now: datetime, told: Told
) -> Deliverable:
    require_unit(caller, told.unit)
    fresh = await resolve(tx, now=now, draft=_draft(told), plan_field="deliverable")
    # Refused here, before anything is announced, if it will be refused.
    _changed(fresh, told=told, day=await _today(tx, fresh, now))
    if await deliverables.add(fresh, stated=None):
        tx.audit.add(actor=caller.subject, action="deliverable.plan", key=fresh.key)
        await announce(tx, deliverable_planned(fresh))
    entered = await deliverables.get(fresh.key)
    if entered is None:
        raise LookupError(f"{fresh.key} was entered and is not there")
    return entered


def _draft(told: Told) -> DeliverableDraft:
    stated = told.model_fields_set
    return DeliverableDraft(
        key=told.deliverable,
        plan=plan_of(told.deliverable),
        period=told.period,
        title=told.title,
        title_fr=told.title_fr,
        action=told.action,
        listed=False,
        kind=told.kind,
        objectives=told.objectives or None,
        priorities=told.priorities or None,
        unit=told.unit,
        due=told.due,
        date_certainty=DateCertainty(told.date_certainty.value),
        instrument=told.instrument,
        packages=told.packages if "packages" in stated else None,
        uses_it=told.uses_it if "uses_it" in stated else None,
        data_analysis=told.data_analysis if "data_analysis" in stated else None,
        compendium=told.compendium if "compendium" in stated else None,
        purpose=None if told.purpose is None else Purpose(told.purpose.value),
        revenue_advice=told.revenue_advice,
        weight=told.weight,
        synthetic=told.synthetic,
    )


async def _today(tx: Transaction, deliverable: Deliverable, now: datetime) -> date:
    plan = await plan_in_force(tx.session, plan=deliverable.planned.plan, now=now)
    return today(plan, now)
