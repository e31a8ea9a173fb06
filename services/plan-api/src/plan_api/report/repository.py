"""What pages show of the plan, the units and the work, read from plan-api's own features."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from plan_api.core.history import read_as_known
from plan_api.directory.repository import Directory, Kind, listing
from plan_api.implementation.model import Deliverable
from plan_api.implementation.repository import Adoptions, Deliverables, in_year
from plan_api.implementation.tables import DeliverableRow
from plan_api.plans.repository import Plans
from plan_api.plans.service import PlanNotFoundError, list_plans, plan_in_force
from shared_kit.calendar import PlanCalendar
from shared_kit.events.definitions import PlanSnapshot


class Unknown(StrEnum):
    """Why nothing can be shown as of a day."""

    NO_DATE = "no-date"
    TOO_EARLY = "too-early"
    TO_COME = "to-come"


class DayNotKnownError(Exception):
    """Nothing can be shown as of the day that the address names."""

    def __init__(self, why: Unknown, *, since: date | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.since = since


class Book(Protocol):
    """The plan and the work, as pages read them."""

    async def as_known(self, *, instant: datetime) -> None: ...

    async def begun(self, plan: str) -> datetime | None: ...

    async def current_plan(self, *, now: datetime) -> PlanSnapshot | None: ...

    async def plans(self, *, now: datetime) -> Sequence[PlanSnapshot]: ...

    async def plan(self, code: str, *, now: datetime) -> PlanSnapshot | None: ...

    async def units(self) -> Mapping[str, Mapping[str, str]]: ...

    async def members(self) -> Mapping[str, str]: ...

    async def has_synthetic(self, plan: str) -> bool: ...

    async def deliverables(self, plan: PlanSnapshot, *, period: str) -> Sequence[Deliverable]: ...

    async def is_adopted(self, plan: str, period: str) -> bool: ...


def read_day(said: str) -> date | None:
    """The day that an address names; None where it is none."""
    # fromisoformat also reads 20191216 and weeks: one day has one address.
    try:
        return date.fromisoformat(said) if len(said) == 10 else None
    except ValueError:
        return None


def end_of(day: date, calendar: PlanCalendar) -> datetime:
    """The last instant of a day where the plan is at home, in UTC."""
    following = datetime.combine(day + timedelta(days=1), time(), tzinfo=calendar.zone)
    return following.astimezone(UTC) - timedelta(microseconds=1)


async def instant_of(book: Book, day: date, *, plan: PlanSnapshot, now: datetime) -> datetime:
    """The instant as of which a day is shown.

    Raises:
        DayNotKnownError: the day is still to come, or the plan was not here yet.
    """
    calendar = plan.calendar()
    since = calendar.today(await book.begun(plan.plan) or now)
    if day > calendar.today(now):
        raise DayNotKnownError(Unknown.TO_COME, since=since)
    if day < since:
        raise DayNotKnownError(Unknown.TOO_EARLY, since=since)
    return end_of(day, calendar)


async def as_known_on(book: Book, day: date, *, plan: PlanSnapshot, now: datetime) -> datetime:
    """Let the book show what was known at the end of a day; the instant at which that is.

    Raises:
        DayNotKnownError: the day is still to come, or the plan was not here yet.
    """
    instant = await instant_of(book, day, plan=plan, now=now)
    await book.as_known(instant=instant)
    return instant


class SqlBook:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._plans: Sequence[PlanSnapshot] | None = None

    async def as_known(self, *, instant: datetime) -> None:
        """Read everything from now on as it was known at an instant."""
        self._plans = None
        await read_as_known(self._session, instant=instant)

    async def begun(self, plan: str) -> datetime | None:
        """Since when a plan is known here."""
        return (await Plans(self._session).begun()).get(plan)

    async def current_plan(self, *, now: datetime) -> PlanSnapshot | None:
        """The plan whose cycle runs today; before or after all cycles, the latest one.

        Of several that run the one that was here first: another organization's plan that is
        brought later takes nobody's first page.
        """
        return next(iter(await self.plans(now=now)), None)

    async def plans(self, *, now: datetime) -> Sequence[PlanSnapshot]:
        """All of them, the one of today first, the others by code. Read once a request."""
        if self._plans is None:
            found = list(await list_plans(self._session, now=now))
            begun = await Plans(self._session).begun()
            running = [one for one in found if one.calendar().today(now) in one.calendar().cycle]
            first = (
                min(running, key=lambda one: (begun[one.plan], one.plan))
                if running
                else max(found, key=lambda one: one.cycle.start, default=None)
            )
            others = [one for one in found if first is None or one.plan != first.plan]
            self._plans = found if first is None else [first, *others]
        return self._plans

    async def plan(self, code: str, *, now: datetime) -> PlanSnapshot | None:
        try:
            return await plan_in_force(self._session, plan=code, now=now)
        except PlanNotFoundError:
            return None

    async def units(self) -> Mapping[str, Mapping[str, str]]:
        """Titles in both languages, by code."""
        found = await Directory(self._session).read(listing(Kind.UNIT, having={}))
        return {entry.code: dict(entry.content["title"]) for entry in found}

    async def members(self) -> Mapping[str, str]:
        """Names as the organization writes them, by code."""
        found = await Directory(self._session).read(listing(Kind.MEMBER, having={}))
        return {entry.code: str(entry.content["title"]) for entry in found}

    async def has_synthetic(self, plan: str) -> bool:
        """Whether any of its Deliverables is invented."""
        invented = select(DeliverableRow.key).where(
            DeliverableRow.plan == plan, DeliverableRow.synthetic
        )
        return bool(await self._session.scalar(select(invented.exists())))

    async def deliverables(self, plan: PlanSnapshot, *, period: str) -> Sequence[Deliverable]:
        """Those of a year, or of the whole cycle, by key."""
        statement = select(DeliverableRow).where(DeliverableRow.plan == plan.plan)
        if period != plan.cycle.code:
            statement = statement.where(in_year(period))
        return await Deliverables(self._session).read(statement.order_by(DeliverableRow.key))

    async def is_adopted(self, plan: str, period: str) -> bool:
        """Whether the Implementation Plan of a year was adopted."""
        return await Adoptions(self._session).latest(plan, period) is not None
