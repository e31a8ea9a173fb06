"""What the events of one request name, looked up at once and then checked one by one."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from plan_api.core.errors import InvalidFieldError
from plan_api.core.rights import ANYBODY, OFFICE, of_unit
from plan_api.directory.repository import Directory, Kind
from plan_api.plans.service import (
    ElementNotFoundError,
    PlanNotFoundError,
    find_indicator,
    plan_in_force,
)
from plan_api.plans.service import period_of as find_period
from shared_kit.events.activity import (
    EffortRecorded,
    FigureStated,
    InstrumentImplemented,
    ReportingConfirmed,
    ResourcesAllocated,
    SupportProvided,
    SupportRequested,
)
from shared_kit.events.base import Event, plan_of
from shared_kit.events.definitions import PlanSnapshot

_UNKNOWN: Mapping[Kind, tuple[str, str]] = {
    Kind.UNIT: (
        "this unit is not in the directory",
        "cette unité n’est pas dans le répertoire",
    ),
    Kind.MEMBER: (
        "this Member is not in the directory",
        "ce Membre n’est pas dans le répertoire",
    ),
    Kind.INSTRUMENT: (
        "this instrument is not in the directory",
        "cet instrument n’est pas dans le répertoire",
    ),
}


_BELOW_ZERO = (
    "only an indicator that declares a path can be below zero",
    "seul un indicateur qui déclare une trajectoire peut être inférieur à zéro",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """What is known of all that the events name."""

    entries: Mapping[Kind, Container[str]]
    plans: Mapping[str, PlanSnapshot]

    def check(self, event: Event) -> None:
        """Refuse an event that names what does not exist.

        Raises:
            InvalidFieldError: naming the field below `data`.
        """
        for kind, field, code in _entries_of(event):
            if code not in self.entries[kind]:
                raise InvalidFieldError(f"data/{field}", *_UNKNOWN[kind])
        match event:
            case FigureStated() | ReportingConfirmed():
                plan = self._plan(plan_of(event.indicator), field="indicator")
                try:
                    indicator = find_indicator(plan, key=event.indicator)
                except ElementNotFoundError as error:
                    raise InvalidFieldError("data/indicator", error.en, error.fr) from error
                if isinstance(event, FigureStated) and event.numerator < 0 and not indicator.path:
                    raise InvalidFieldError("data/numerator", *_BELOW_ZERO)
                find_period(plan, event.period, field="data/period")
            case ResourcesAllocated():
                plan = self._plan(event.plan, field="plan")
                find_period(plan, event.period, field="data/period")
            case EffortRecorded():
                plan = self._plan(event.plan, field="plan")
                find_period(plan, event.quarter.partition("-")[0], field="data/quarter")
            case _:
                pass

    def demands_of(self, event: Event) -> str:
        """Say what right an event demands of who states or corrects it.

        Figures are the indicator's owner's, effort is the unit's, budgets are the office's; work
        is its Deliverable's unit's, as its use cases find out.
        """
        match event:
            case FigureStated() | ReportingConfirmed():
                plan = self._plan(plan_of(event.indicator), field="indicator")
                return of_unit(find_indicator(plan, key=event.indicator).owner)
            case EffortRecorded():
                return of_unit(event.unit)
            case ResourcesAllocated():
                return OFFICE
            case _:
                return ANYBODY

    def _plan(self, code: str, *, field: str) -> PlanSnapshot:
        plan = self.plans.get(code)
        if plan is None:
            raise InvalidFieldError(
                f"data/{field}", f"there is no plan {code}", f"il n’y a pas de plan {code}"
            )
        return plan


async def look_up(session: AsyncSession, events: Iterable[Event], *, now: datetime) -> References:
    """Look up what the events name: one query for each kind of thing."""
    wanted: dict[Kind, set[str]] = {kind: set() for kind in Kind}
    plans: dict[str, PlanSnapshot] = {}
    codes = set()
    for event in events:
        for kind, _, code in _entries_of(event):
            wanted[kind].add(code)
        codes |= _plans_of(event)
    for code in sorted(codes):
        try:
            plans[code] = await plan_in_force(session, plan=code, now=now)
        except PlanNotFoundError:
            continue  # `check` says so, for each event that names it
    directory = Directory(session)
    entries = {kind: await directory.known(kind, names) for kind, names in wanted.items()}
    return References(entries=entries, plans=plans)


def _entries_of(event: Event) -> Iterable[tuple[Kind, str, str]]:
    match event:
        case InstrumentImplemented():
            yield Kind.INSTRUMENT, "instrument", event.instrument
            yield Kind.MEMBER, "member", event.member
        case SupportRequested() | SupportProvided():
            yield Kind.MEMBER, "member", event.member
        case EffortRecorded():
            yield Kind.UNIT, "unit", event.unit
        case _:
            return


def _plans_of(event: Event) -> set[str]:
    match event:
        case FigureStated() | ReportingConfirmed():
            return {plan_of(event.indicator)}
        case ResourcesAllocated() | EffortRecorded():
            return {event.plan}
        case _:
            return set()
