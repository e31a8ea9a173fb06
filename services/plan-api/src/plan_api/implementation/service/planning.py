"""Use cases: plan an Action, plan a Deliverable; what they name must exist."""

from collections.abc import Iterable, Iterator, Set
from datetime import datetime

from plan_api.core.errors import InvalidFieldError, KeyTakenError, NotFoundError
from plan_api.directory.repository import Directory, Kind
from plan_api.directory.service import EntryNotFoundError
from plan_api.directory.service import get as get_entry
from plan_api.implementation.model import (
    KINDS,
    Action,
    ActionPlan,
    DateError,
    Deliverable,
    DeliverableDraft,
    DeliverablePlan,
    KindError,
    Tags,
)
from plan_api.implementation.repository import Actions, Deliverables, digest_of
from plan_api.implementation.service.announcing import (
    action_planned,
    announce,
    deliverable_planned,
)
from plan_api.plans.service import period_of, plan_of_field
from shared_kit.calendar import Period, PeriodKind
from shared_kit.delivery.transaction import Transaction
from shared_kit.events.definitions import PlanSnapshot
from shared_kit.identity import Caller

_NO_UNIT = (
    "this unit is not in the directory",
    "cette unité n’est pas dans le répertoire",
)


class ActionNotFoundError(NotFoundError):
    """There is no such Action."""

    def __init__(self, key: str) -> None:
        super().__init__(f"there is no Action {key}", f"il n’y a pas d’action {key}")


class DeliverableNotFoundError(NotFoundError):
    """There is no such Deliverable."""

    def __init__(self, key: str) -> None:
        super().__init__(f"there is no Deliverable {key}", f"il n’y a pas de livrable {key}")


async def plan_action(
    tx: Transaction, *, caller: Caller, now: datetime, planned: ActionPlan
) -> tuple[Action, bool]:
    """Enter an Action; safe to repeat. Says whether it is new.

    Raises:
        InvalidFieldError, KeyTakenError, NotAllowedError
    """
    caller.require_unit(planned.lead)
    plan = await plan_of_field(tx.session, plan=planned.plan, now=now, field="plan")
    units = await Directory(tx.session).known(Kind.UNIT, [planned.lead, *planned.contributors])
    check_action(planned, plan=plan, units=units)

    action = Action(planned=planned)
    if not await Actions(tx.session).add(action):
        known = await Actions(tx.session).get(planned.key)
        if known is None or known.planned != planned:
            raise KeyTakenError(planned.key)
        return known, False
    tx.audit.add(actor=caller.subject, action="action.plan", key=action.key)
    await announce(tx, action_planned(action))
    return action, True


async def plan_deliverable(
    tx: Transaction, *, caller: Caller, now: datetime, draft: DeliverableDraft
) -> tuple[Deliverable, bool]:
    """Enter a Deliverable with all that it inherits; safe to repeat. Says whether it is new.

    Raises:
        InvalidFieldError, KeyTakenError, ActionClosedError, NotAllowedError
    """
    deliverables = Deliverables(tx.session)
    known = await deliverables.get(draft.key)
    if known is not None:
        caller.require_unit(known.planned.unit)
        if await deliverables.stated(draft.key) != digest_of(draft):
            raise KeyTakenError(draft.key)
        return known, False
    caller.require_unit(draft.unit)
    deliverable = await resolve(tx, now=now, draft=draft)
    if not await deliverables.add(deliverable, stated=digest_of(draft)):
        # Somebody was faster: it is there now, so this ends at the first branch.
        return await plan_deliverable(tx, caller=caller, now=now, draft=draft)
    tx.audit.add(actor=caller.subject, action="deliverable.plan", key=deliverable.key)
    await announce(tx, deliverable_planned(deliverable))
    return deliverable, True


async def resolve(
    tx: Transaction, *, now: datetime, draft: DeliverableDraft, plan_field: str = "plan"
) -> Deliverable:
    """Check all that a draft names and fill in what is inherited.

    Raises:
        InvalidFieldError, ActionClosedError
    """
    plan = await plan_of_field(tx.session, plan=draft.plan, now=now, field=plan_field)
    action = await _action_of(tx, draft)
    tags = await _tags_of(tx, draft)
    units = await Directory(tx.session).known(Kind.UNIT, [draft.unit])
    planned = check_deliverable(
        draft, plan=plan, action=None if action is None else action.planned, tags=tags, units=units
    )
    return Deliverable(planned=planned)


def check_action(planned: ActionPlan, *, plan: PlanSnapshot, units: Set[str]) -> None:
    """Let an Action through whose plan has all that it names.

    Raises:
        InvalidFieldError
    """
    for fault in faults_of_action(planned, plan=plan, units=units):
        raise fault


def faults_of_action(
    planned: ActionPlan, *, plan: PlanSnapshot, units: Set[str]
) -> Iterator[InvalidFieldError]:
    """All that is wrong with an Action; what it names must be its plan's."""
    yield from _faults_of_key(planned.key, plan=plan, field="key")
    yield from _faults_of_year(plan, planned.period)
    yield from planned.faults()
    yield from _unknown(planned.objectives, among=_objectives(plan), field="objectives")
    shares = [one.priority for one in planned.priorities]
    yield from _unknown(shares, among=_priorities(plan), field="priorities")
    yield from _unknown_units([planned.lead, *planned.contributors], known=units)
    if planned.end is not None and planned.end not in plan.calendar().cycle:
        yield _outside(plan.calendar().cycle, field="end")


def check_deliverable(
    draft: DeliverableDraft,
    *,
    plan: PlanSnapshot,
    action: ActionPlan | None,
    tags: Tags | None,
    units: Set[str],
) -> DeliverablePlan:
    """Fill in what a draft inherits; its plan must have all that it then names.

    Raises:
        InvalidFieldError
    """
    planned = draft.resolved(action=action, tags=tags)
    for fault in faults_of_deliverable(planned, plan=plan, units=units):
        raise fault
    return planned


def faults_of_deliverable(
    planned: DeliverablePlan, *, plan: PlanSnapshot, units: Set[str]
) -> Iterator[InvalidFieldError]:
    """All that is wrong with a Deliverable that has what it inherits."""
    yield from _faults_of_key(planned.key, plan=plan, field="deliverable")
    yield from _faults_of_year(plan, planned.period)
    yield from planned.faults()
    if planned.kind not in {*KINDS, *plan.deliverable_kinds}:
        yield KindError("kind", "the plan has no such kind", "le plan n’a pas ce genre")
    yield from _unknown(planned.objectives, among=_objectives(plan), field="objectives")
    yield from _unknown(planned.priorities, among=_priorities(plan), field="priorities")
    packages = {package.code for package in plan.packages}
    yield from _unknown(planned.packages, among=packages, field="packages")
    if planned.unit not in units:
        yield InvalidFieldError("unit", *_NO_UNIT)
    years = {one.code: one for one in plan.calendar().periods()}
    year = years.get(planned.period)
    if planned.due is not None and year is not None and planned.due not in year:
        yield _outside(year, field="due")


def check_parent(draft: DeliverableDraft, action: Action | None) -> Action:
    """The Action of a draft, which is there, of its plan and year, and open.

    Raises:
        InvalidFieldError, ActionClosedError
    """
    if action is None or action.planned.plan != draft.plan:
        raise InvalidFieldError(
            "action", "the plan has no such Action", "le plan n’a pas cette action"
        )
    if action.planned.period != draft.period:
        raise InvalidFieldError(
            "period",
            f"the period of its Action, {action.planned.period}, is expected",
            f"la période de son action, {action.planned.period}, est attendue",
        )
    if draft.listed:
        action.require_open()
    return action


async def _action_of(tx: Transaction, draft: DeliverableDraft) -> Action | None:
    if draft.action is None:
        return None
    # Locked, so that it is not completed while this Deliverable comes to it.
    action = await Actions(tx.session).get(draft.action, lock=True)
    return check_parent(draft, action)


async def _tags_of(tx: Transaction, draft: DeliverableDraft) -> Tags | None:
    if draft.instrument is None:
        return None
    try:
        entry = await get_entry(tx.session, kind=Kind.INSTRUMENT, code=draft.instrument)
    except EntryNotFoundError as error:
        raise InvalidFieldError("instrument", error.en, error.fr) from error
    return Tags(
        packages=tuple(entry.content.get("packages", ())),
        uses_it=bool(entry.content.get("uses_it")),
        data_analysis=bool(entry.content.get("data_analysis")),
        compendium=bool(entry.content.get("compendium")),
    )


def _faults_of_key(key: str, *, plan: PlanSnapshot, field: str) -> Iterator[InvalidFieldError]:
    if not key.startswith(f"{plan.plan}:"):
        yield InvalidFieldError(
            field,
            f"a key that begins with {plan.plan}: is expected",
            f"une clé commençant par {plan.plan}: est attendue",
        )


def _faults_of_year(plan: PlanSnapshot, code: str) -> Iterator[InvalidFieldError]:
    try:
        if period_of(plan, code, field="period").kind is not PeriodKind.YEAR:
            yield InvalidFieldError(
                "period", "a financial year is expected", "un exercice financier est attendu"
            )
    except InvalidFieldError as error:
        yield error


def _unknown(keys: Iterable[str], *, among: set[str], field: str) -> Iterator[InvalidFieldError]:
    for place, key in enumerate(keys):
        if key not in among:
            yield InvalidFieldError(
                f"{field}/{place}", "the plan has no such element", "le plan n’a pas cet élément"
            )


def _unknown_units(units: list[str], *, known: Set[str]) -> Iterator[InvalidFieldError]:
    for place, unit in enumerate(units):
        if unit not in known:
            field = "lead" if place == 0 else f"contributors/{place - 1}"
            yield InvalidFieldError(field, *_NO_UNIT)


def _objectives(plan: PlanSnapshot) -> set[str]:
    return {f"{plan.plan}:{one.code}" for one in plan.objectives}


def _priorities(plan: PlanSnapshot) -> set[str]:
    return {f"{plan.plan}:{one.code}" for one in plan.priorities}


def _outside(period: Period, *, field: str) -> DateError:
    return DateError(
        field,
        f"a date inside {period.code} is expected, from {period.start} to {period.end}",
        f"une date dans {period.code} est attendue, du {period.start} au {period.end}",
    )
