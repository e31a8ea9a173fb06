"""Use case: adopt the yearly Implementation Plan. The first adoption fixes dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from plan_api.core.errors import KeyTakenError, NotFoundError, RefusedError
from plan_api.core.locks import lock
from plan_api.implementation.model import (
    ActionState,
    Deliverable,
    DeliverableState,
    Stage,
    check_done_on,
)
from plan_api.implementation.repository import Actions, Adoption, Adoptions, Deliverables
from plan_api.implementation.service.announcing import (
    announce,
    deliverable_planned,
    planned_fields,
)
from plan_api.implementation.service.counting import Shortfall, shortfalls
from plan_api.implementation.service.verbs import keep_release
from plan_api.plans.repository import Figures
from plan_api.plans.service import plan_in_force, today
from shared_kit.calendar import Period, PeriodKind, UnknownPeriodError
from shared_kit.delivery.transaction import Transaction
from shared_kit.events.definitions import PlanSnapshot
from shared_kit.events.plans import ImplementationPlanAdopted
from shared_kit.identity import Caller


class ImplementationPlanNotFoundError(NotFoundError):
    """The plan has no such financial year."""


class NothingToAdoptError(RefusedError):
    """A yearly plan lists at least one Deliverable or Action."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImplementationPlan:
    """A year's plan as it stands: what is adopted, and what waits for the next adoption."""

    plan: str
    period: Period
    label: str
    adoption: Adoption | None
    adopted: tuple[str, ...]
    waiting: tuple[str, ...]
    shortfalls: tuple[Shortfall, ...]


async def get_implementation_plan(
    session: AsyncSession, *, plan: str, period: str, now: datetime
) -> ImplementationPlan:
    """Read a year's plan.

    Raises:
        PlanNotFoundError, ImplementationPlanNotFoundError
    """
    snapshot, year = await _year(session, plan=plan, period=period, now=now)
    listed = await Deliverables(session).listed_of(plan, period)
    fixed = await Adoptions(session).fixed_dates((one.key for one in listed), period=period)
    estimates = await Figures(session).latest_estimates(plan, period)
    standing = [one.planned for one in listed if one.state is not DeliverableState.CANCELLED]
    return ImplementationPlan(
        plan=plan,
        period=year,
        label=snapshot.calendar().label(year),
        adoption=await Adoptions(session).latest(plan, period),
        adopted=tuple(one.key for one in listed if one.key in fixed),
        waiting=tuple(one.key for one in listed if one.key not in fixed and may_join(one, year)),
        shortfalls=tuple(shortfalls(standing, plan=snapshot, period=year, estimates=estimates)),
    )


async def adopt(
    tx: Transaction,
    *,
    caller: Caller,
    now: datetime,
    plan: str,
    period: str,
    adopted_on: date | None = None,
) -> tuple[ImplementationPlan, bool]:
    """Adopt what is listed for the year: revision 1 fixes the dates, later ones add items only.

    Where nothing was added since the last revision, no new one is made. Says whether one was.

    Raises:
        PlanNotFoundError, ImplementationPlanNotFoundError
        NothingToAdoptError, DateError
    """
    snapshot, year = await _year(tx.session, plan=plan, period=period, now=now)
    day = today(snapshot, now)
    check_done_on(adopted_on or day, today=day, field="adopted_on")
    await lock(tx.session, name=f"adoption {plan} {period}")
    await _add_implicit(tx, actor=caller.subject, plan=plan, period=period)

    adoptions = Adoptions(tx.session)
    listed = await Deliverables(tx.session).listed_of(plan, period)
    fixed = await adoptions.fixed_dates((one.key for one in listed), period=period)
    added = [one for one in listed if one.key not in fixed and may_join(one, year)]
    latest = await adoptions.latest(plan, period)
    if added:
        adoption = Adoption(
            plan=plan,
            period=period,
            revision=1 if latest is None else latest.revision + 1,
            adopted_on=adopted_on or day,
            adopted_at=now,
            adopted_by=caller.subject,
        )
        fresh = await _dates_of(tx, added, period=period)
        await adoptions.add(adoption, items=list(fresh.items()))
        dates = fixed | fresh
        await _approve_carried(tx, actor=caller.subject, added=added, dates=fresh)
        await _announce(tx, adoption, listed=listed, dates=dates)
        await _release_implicit_of_completed(tx, actor=caller.subject, added=added)
    elif latest is None:
        raise NothingToAdoptError(
            f"nothing is listed for {period} of {plan}",
            f"rien n’est inscrit pour {period} de {plan}",
        )
    found = await get_implementation_plan(tx.session, plan=plan, period=period, now=now)
    return found, bool(added)


def may_join(deliverable: Deliverable, year: Period) -> bool:
    """What was given up before it was ever adopted does not become due.

    What was carried over and then done before the year began has nothing left to do in it.
    """
    if deliverable.state is DeliverableState.CANCELLED:
        return False
    done_on = None if deliverable.is_open else (deliverable.released_on or deliverable.reached_on)
    carried = deliverable.planned.period != year.code
    return not (carried and done_on is not None and done_on < year.start)


async def _dates_of(
    tx: Transaction, added: Sequence[Deliverable], *, period: str
) -> dict[str, date | None]:
    """The dates that adoption fixes: what is carried over brings its new one, else its first."""
    deliverables = Deliverables(tx.session)
    carried = await deliverables.carried_into(period, (one.key for one in added))
    return {
        one.key: (carried[one.key] or one.planned.due) if one.key in carried else one.current_due
        for one in added
    }


async def _approve_carried(
    tx: Transaction, *, actor: str, added: Sequence[Deliverable], dates: dict[str, date | None]
) -> None:
    """The date with which it was carried over counts from now on: the year was adopted with it."""
    deliverables = Deliverables(tx.session)
    for one in added:
        proposed = one.carried_to is not None and one.is_open and one.approved_by is None
        if not proposed or one.new_due is None or one.new_due != dates[one.key]:
            continue
        known = await deliverables.get(one.key)
        if known is not None:
            await deliverables.save(known.approve(by=actor[:300]))


async def _announce(
    tx: Transaction,
    adoption: Adoption,
    *,
    listed: Sequence[Deliverable],
    dates: dict[str, date | None],
) -> None:
    items = [
        planned_fields(one).model_copy(update={"due": dates[one.key], "period": adoption.period})
        for one in listed
        if one.key in dates
    ]
    tx.audit.add(
        actor=adoption.adopted_by,
        action="implementation-plan.adopt",
        key=adoption.plan,
        detail={"period": adoption.period, "revision": adoption.revision, "items": len(items)},
    )
    await announce(
        tx,
        ImplementationPlanAdopted(
            plan=adoption.plan,
            period=adoption.period,
            revision=adoption.revision,
            adopted_on=adoption.adopted_on,
            deliverables=tuple(items),
        ),
    )


async def _add_implicit(tx: Transaction, *, actor: str, plan: str, period: str) -> None:
    """Give every Action without Deliverables the one that it is itself."""
    deliverables = Deliverables(tx.session)
    actions = await Actions(tx.session).of_period_locked(plan, period)
    served = await deliverables.actions_with_any(plan, period)
    for action in actions:
        if action.key in served or action.state is ActionState.CANCELLED:
            continue
        implicit = action.implicit_deliverable()
        if not await deliverables.add(implicit, stated=None):
            raise KeyTakenError(implicit.key)
        tx.audit.add(actor=actor, action="deliverable.plan", key=implicit.key)
        await announce(tx, deliverable_planned(implicit))


async def _release_implicit_of_completed(
    tx: Transaction, *, actor: str, added: Sequence[Deliverable]
) -> None:
    """An Action that was completed before its year was adopted has released itself already."""
    deliverables = Deliverables(tx.session)
    for one in added:
        if not one.planned.implicit or one.planned.action is None:
            continue
        action = await Actions(tx.session).get(one.planned.action)
        known = await deliverables.get(one.key)
        if action is None or action.completed_on is None or known is None:
            continue
        on = action.completed_on
        released = known.release(on=on, stage=Stage.DONE, today=on)
        await keep_release(tx, released, actor=actor, deliverables=deliverables)


async def _year(
    session: AsyncSession, *, plan: str, period: str, now: datetime
) -> tuple[PlanSnapshot, Period]:
    snapshot = await plan_in_force(session, plan=plan, now=now)
    try:
        year = snapshot.calendar().period(period)
    except UnknownPeriodError:
        year = None
    if year is None or year.kind is not PeriodKind.YEAR:
        raise ImplementationPlanNotFoundError(
            f"{plan} has no financial year {period}", f"{plan} n’a pas d’exercice {period}"
        )
    return snapshot, year
