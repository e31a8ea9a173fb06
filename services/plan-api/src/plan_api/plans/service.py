"""What can be done with plans: load, look up, state estimates, set targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from plan_api.core.errors import InvalidFieldError, NotFoundError, RefusedError
from plan_api.core.locks import lock
from plan_api.directory.repository import Directory, Kind
from plan_api.plans.model import Estimate, Target, check_estimate, check_target
from plan_api.plans.repository import Figures, Plans, Revised, Version, digest_of
from shared_kit.calendar import Period, UnknownPeriodError
from shared_kit.delivery.transaction import Transaction
from shared_kit.events.base import plan_of
from shared_kit.events.definitions import Indicator, Objective, PlanSnapshot
from shared_kit.events.plans import EstimatePoint, EstimateStated, PlanPublished, TargetSet
from shared_kit.identity import Caller

_MICRO = Decimal("0.000001")
_log = structlog.get_logger("plans")


class PlanNotFoundError(NotFoundError):
    """There is no such plan, or no such version of it."""


class ElementNotFoundError(NotFoundError):
    """The plan has no such objective or indicator."""


class PlanFileChangedError(RefusedError):
    """A plan file changed without a higher version: a published version is never edited."""

    def __init__(self, plan: str, *, version: int, latest: int) -> None:
        super().__init__(
            f"{plan} version {version} is published with another content; "
            f"a change is a version above {latest}",
            f"{plan} version {version} est publiée avec un autre contenu ; "
            f"un changement est une version au-dessus de {latest}",
        )


async def load_plan_files(tx: Transaction, *, now: datetime) -> Sequence[PlanSnapshot]:
    """Publish what the package's plan files hold and the database does not; safe to repeat.

    A site may have brought a version of its own under the package's number. What is published
    stays, the log says so, and the system starts: nobody there could mend the file.
    """
    published = []
    folder = files("plan_api.plans").joinpath("data")
    for file in sorted(folder.iterdir(), key=lambda found: found.name):
        if file.name.endswith(".json"):
            snapshot = PlanSnapshot.model_validate_json(file.read_bytes())
            try:
                if await publish(tx, snapshot=snapshot, now=now):
                    published.append(snapshot)
            except PlanFileChangedError as error:
                _log.error("packaged plan not published", plan=snapshot.plan, reason=error.en)
    return published


@cache
def packaged_plans() -> frozenset[str]:
    """The codes of the plans that come with the package: each file is called as its plan."""
    folder = files("plan_api.plans").joinpath("data")
    return frozenset(
        file.name.removesuffix(".json") for file in folder.iterdir() if file.name.endswith(".json")
    )


async def import_plan(
    tx: Transaction, *, caller: Caller, now: datetime, snapshot: PlanSnapshot
) -> bool:
    """Publish a plan that somebody brings; False where this very version is there already.

    Raises:
        PlanFileChangedError, InvalidFieldError
    """
    await lock(tx.session, name=f"plan {snapshot.plan}")
    standing = await standing_of(tx.session, snapshot=snapshot)
    for owner, indicators in standing.missing.items():
        raise InvalidFieldError(
            f"indicators/{indicators[0]}/owner",
            f"the unit {owner} is not in the directory: register it first",
            f"l’unité {owner} n’est pas dans le répertoire : enregistrez-la d’abord",
        )
    before = standing.latest
    if before is not None and snapshot.version > before.version and standing.too_early:
        raise InvalidFieldError(
            "effective_on",
            f"a day not before {before.effective_on}, of version {before.version}, is expected",
            f"un jour non antérieur au {before.effective_on}, de la version {before.version}, "
            "est attendu",
        )
    return await publish(tx, snapshot=snapshot, now=now, actor=caller.subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a plan that somebody would bring is to what is here already."""

    missing: Mapping[str, Sequence[int]]
    """Units that the directory has not, with the places of the indicators that they own."""
    latest: Version | None
    """The newest version of this plan here."""
    is_here: bool
    """This very version is published."""
    is_taken: bool
    """Its number, or a higher one, is published with another content."""
    too_early: bool
    """It would take effect before the version below it."""


async def standing_of(session: AsyncSession, *, snapshot: PlanSnapshot) -> Standing:
    """Look what would become of a plan if it were brought now; changes nothing."""
    owned: dict[str, list[int]] = {}
    for place, indicator in enumerate(snapshot.indicators):
        owned.setdefault(indicator.owner, []).append(place)
    known = await Directory(session).known(Kind.UNIT, owned)
    plans = Plans(session)
    before = next(iter(await plans.versions(snapshot.plan)), None)
    same = await plans.digest(snapshot.plan, snapshot.version) == digest_of(snapshot)
    return Standing(
        missing={unit: places for unit, places in owned.items() if unit not in known},
        latest=before,
        is_here=same,
        is_taken=before is not None and snapshot.version <= before.version and not same,
        too_early=before is not None and snapshot.effective_on < before.effective_on,
    )


async def publish(
    tx: Transaction, *, snapshot: PlanSnapshot, now: datetime, actor: str = "plan-api"
) -> bool:
    """Publish a version; False where this very version is published already.

    Raises:
        PlanFileChangedError: the version is known with another content, or is a lower one.
    """
    plans = Plans(tx.session)
    known = await plans.versions(snapshot.plan)
    if known and snapshot.version <= known[0].version:
        # The digest was made by the release that published it; a later one knows more fields, so
        # that where it differs, what was published is read and compared.
        if await plans.digest(snapshot.plan, snapshot.version) == digest_of(snapshot):
            return False
        if await plans.snapshot(snapshot.plan, snapshot.version) == snapshot:
            return False
        raise PlanFileChangedError(snapshot.plan, version=snapshot.version, latest=known[0].version)
    plans.add(snapshot, at=now)
    tx.audit.add(
        actor=actor,
        action="plan.publish",
        key=snapshot.plan,
        detail={"version": snapshot.version},
    )
    tx.outbox.add(PlanPublished(snapshot=snapshot))
    return True


async def list_plans(session: AsyncSession, *, now: datetime) -> Sequence[PlanSnapshot]:
    """Every plan in the version in force, by code."""
    return [
        await plan_in_force(session, plan=snapshot.plan, now=now)
        for snapshot in await Plans(session).latest()
    ]


async def plan_in_force(
    session: AsyncSession, *, plan: str, now: datetime, version: int | None = None
) -> PlanSnapshot:
    """The version of a plan that is in force now, or the one asked for.

    Before the first takes effect, it is the first.

    Raises:
        PlanNotFoundError
    """
    plans = Plans(session)
    if version is not None:
        wanted = await plans.snapshot(plan, version)
        if wanted is None:
            raise _no_plan(plan)
        return wanted
    found: PlanSnapshot | None = None
    for known in await plans.versions(plan):
        found = await plans.snapshot(plan, known.version)
        if found is not None and found.effective_on <= found.calendar().today(now):
            return found
    if found is None:
        raise _no_plan(plan)
    return found


async def plan_of_field(
    session: AsyncSession, *, plan: str, now: datetime, field: str
) -> PlanSnapshot:
    """The plan that a field of the input names.

    Raises:
        InvalidFieldError: there is none.
    """
    try:
        return await plan_in_force(session, plan=plan, now=now)
    except PlanNotFoundError as error:
        raise InvalidFieldError(field, error.en, error.fr) from error


def today(snapshot: PlanSnapshot, now: datetime) -> date:
    """The business date in the plan's zone."""
    return snapshot.calendar().today(now)


def period_of(snapshot: PlanSnapshot, code: str, *, field: str) -> Period:
    """The period of a plan that a field of the input names.

    Raises:
        InvalidFieldError: the plan has none of that code.
    """
    try:
        return snapshot.calendar().period(code)
    except UnknownPeriodError as error:
        raise InvalidFieldError(
            field,
            f"{snapshot.plan} has no such period",
            f"{snapshot.plan} n’a pas cette période",
        ) from error


def find_objective(snapshot: PlanSnapshot, *, key: str) -> Objective:
    """Find an objective by its key.

    Raises:
        ElementNotFoundError
    """
    for objective in snapshot.objectives:
        if f"{snapshot.plan}:{objective.code}" == key:
            return objective
    raise ElementNotFoundError(f"there is no objective {key}", f"il n’y a pas d’objectif {key}")


def find_indicator(snapshot: PlanSnapshot, *, key: str) -> Indicator:
    """Find an indicator by its key.

    Raises:
        ElementNotFoundError
    """
    for indicator in snapshot.indicators:
        if f"{snapshot.plan}:{indicator.code}" == key:
            return indicator
    raise ElementNotFoundError(f"there is no indicator {key}", f"il n’y a pas d’indicateur {key}")


async def state_estimate(
    tx: Transaction, *, caller: Caller, now: datetime, estimate: Estimate
) -> tuple[Revised[Estimate], bool]:
    """State the planned figure of an indicator for a period; a revision where there is one.

    What the latest revision says already makes no new one. Says whether one was made.

    Raises:
        PlanNotFoundError, ElementNotFoundError, InvalidFieldError, NotAllowedError
    """
    plan = await plan_in_force(tx.session, plan=plan_of(estimate.indicator), now=now)
    indicator = find_indicator(plan, key=estimate.indicator)
    period = period_of(plan, estimate.period, field="period")
    check_estimate(estimate, kind=indicator.kind, period=period)
    caller.require_unit(indicator.owner)

    await lock(tx.session, name=f"estimate {estimate.indicator} {estimate.period}")
    figures = Figures(tx.session)
    known = await figures.estimates(estimate.indicator, estimate.period)
    if known and known[-1].figure == estimate:
        return known[-1], False
    revised = Revised(figure=estimate, revision=len(known) + 1, at=now, by=caller.subject)
    figures.add_estimate(revised)
    points = estimate.points
    event = EstimateStated(
        indicator=estimate.indicator,
        period=estimate.period,
        value=estimate.value,
        revision=revised.revision,
        points=None
        if points is None
        else tuple(EstimatePoint(on=point.on, value=point.value) for point in points),
        reason=estimate.reason,
    )
    tx.audit.add(
        actor=caller.subject,
        action="estimate.state",
        key=estimate.indicator,
        detail=event.model_dump(mode="json", exclude_none=True),
    )
    tx.outbox.add(event)
    return revised, True


async def set_target(
    tx: Transaction, *, caller: Caller, now: datetime, target: Target
) -> tuple[Revised[Target], bool]:
    """Set the approved level or range of an indicator for a period; a revision where there is one.

    What the latest revision says already makes no new one. Says whether one was made.

    Raises:
        PlanNotFoundError, ElementNotFoundError, InvalidFieldError
    """
    plan = await plan_in_force(tx.session, plan=plan_of(target.indicator), now=now)
    indicator = find_indicator(plan, key=target.indicator)
    period_of(plan, target.period, field="period")
    direction = None if indicator.path is None else indicator.path.direction
    check_target(target, kind=indicator.kind, direction=direction)
    target = Target(
        indicator=target.indicator,
        period=target.period,
        low=target.low.quantize(_MICRO),
        high=None if target.high is None else target.high.quantize(_MICRO),
        reason=target.reason,
    )

    await lock(tx.session, name=f"target {target.indicator} {target.period}")
    figures = Figures(tx.session)
    known = await figures.targets(target.indicator, target.period)
    if known and known[-1].figure == target:
        return known[-1], False
    revised = Revised(figure=target, revision=len(known) + 1, at=now, by=caller.subject)
    figures.add_target(revised)
    event = TargetSet(
        indicator=target.indicator,
        period=target.period,
        low=target.low,
        high=target.high,
        revision=revised.revision,
        reason=target.reason,
    )
    tx.audit.add(
        actor=caller.subject,
        action="target.set",
        key=target.indicator,
        detail=event.model_dump(mode="json", exclude_none=True),
    )
    tx.outbox.add(event)
    return revised, True


def _no_plan(plan: str) -> PlanNotFoundError:
    return PlanNotFoundError(f"there is no plan {plan}", f"il n’y a pas de plan {plan}")


async def days_of_plans(session: AsyncSession, *, now: datetime) -> dict[str, date]:
    """What day it is for each plan, in its own zone."""
    return {snapshot.plan: today(snapshot, now) for snapshot in await Plans(session).latest()}
