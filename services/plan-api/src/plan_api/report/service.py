"""Puts the pages together: what plan-api knows, and the figures of the other services."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from plan_api.plans.service import packaged_plans
from plan_api.report.expecting import alert_to_come, alerts_to_come
from plan_api.report.model import Alert, Explanation, Notice, Result, Scorecard
from plan_api.report.pages.formatting import Formatter
from plan_api.report.pages.frame import DemoUser, Frame, Visit
from plan_api.report.pages.indicator import indicator_page
from plan_api.report.pages.others import (
    alert_page,
    message_page,
    objective_page,
    priorities_page,
    start_page,
)
from plan_api.report.pages.overview import overview
from plan_api.report.pages.site import Site
from plan_api.report.pages.then import day_not_known_page
from plan_api.report.pages.words import Words
from plan_api.report.pages.work import split
from plan_api.report.reads import Figures, FiguresUnavailableError, NothingKnownError, divided
from plan_api.report.repository import Book, DayNotKnownError, Unknown, as_known_on
from shared_kit.calendar import Period, UnknownPeriodError
from shared_kit.events.base import plan_of
from shared_kit.events.definitions import PlanSnapshot

T = TypeVar("T")
_NOTICES = 10


class PageNotFoundError(Exception):
    """There is no such plan, element, period or alert to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Writes pages for one request."""

    site: Site
    book: Book
    figures: Figures
    visit: Visit
    now: datetime
    """The instant that is shown: now, or the end of the day that the address names."""
    present: datetime | None = None
    """Now, where another instant is shown."""
    refusal: DayNotKnownError | None = None

    async def overview(self, *, period: str | None) -> str:
        """The first page.

        Raises:
            PageNotFoundError: the plan has no such period.
        """
        plan = await self.current_plan()
        if plan is None:
            return self.no_plan()
        chosen = self.period_of(plan, period)
        frame, units = await self.frame_of(plan)
        deliverables, _ = split(
            await self.book.deliverables(plan, period=chosen.code),
            begins=plan.calendar().cycle.start,
        )
        scorecard, alerts = await asyncio.gather(
            self.scorecard_of(plan, chosen), self.alerts_of(plan, chosen)
        )
        context = overview(
            frame=frame,
            plan=plan,
            period=chosen,
            scorecard=scorecard,
            alerts=alerts or (),
            alerts_known=alerts is not None,
            to_come=await alerts_to_come(self.figures, plan, scorecard, alerts)
            if self.visit.expects_alerts
            else {},
            units=units,
            deliverables=deliverables,
            adopted=await self.book.is_adopted(plan.plan, chosen.code),
        )
        return self.render("overview.html", context)

    async def indicator(self, *, key: str, period: str | None) -> str:
        """The page of an indicator.

        Raises:
            PageNotFoundError
        """
        plan = await self.plan_of(key)
        indicator = next((one for one in plan.indicators if f"{plan.plan}:{one.code}" == key), None)
        if indicator is None:
            raise PageNotFoundError(key)
        chosen = self.period_of(plan, period)
        frame, units = await self.frame_of(plan)
        (result, known), explanation, parted, series, alerts = await asyncio.gather(
            self._result(key, chosen),
            self._explanation(key, chosen),
            divided(self.figures, indicator, key=key, period=chosen.code),
            self._series(key, chosen),
            self.alerts_of(plan, chosen),
        )
        own = [one for one in alerts or () if (one.indicator, one.period) == (key, chosen.code)]
        context = indicator_page(
            frame=frame,
            plan=plan,
            indicator=indicator,
            period=chosen,
            result=result,
            explanation=explanation,
            figures_known=known,
            parted=parted,
            alerts=[await self._in_full(one) for one in own],
            to_come=await alert_to_come(self.figures, plan, indicator, series, alerts)
            if self.visit.expects_alerts
            else None,
            series=series,
            units=units,
            members=await self.book.members(),
        )
        return self.render("indicator.html", context)

    async def objective(self, *, key: str, period: str | None) -> str:
        """The page of an objective.

        Raises:
            PageNotFoundError
        """
        plan = await self.plan_of(key)
        objective = next((one for one in plan.objectives if f"{plan.plan}:{one.code}" == key), None)
        if objective is None:
            raise PageNotFoundError(key)
        chosen = self.period_of(plan, period)
        frame, _ = await self.frame_of(plan)
        context = objective_page(
            frame=frame,
            plan=plan,
            objective=objective,
            period=chosen,
            deliverables=await self.book.deliverables(plan, period=chosen.code),
            scorecard=await self.scorecard_of(plan, chosen),
        )
        return self.render("objective.html", context)

    async def priorities(self, *, period: str | None) -> str:
        """The page of the priorities.

        Raises:
            PageNotFoundError: the plan has no such period.
        """
        plan = await self.current_plan()
        if plan is None:
            return self.no_plan()
        chosen = self.period_of(plan, period)
        frame, _ = await self.frame_of(plan)
        context = priorities_page(
            frame=frame,
            plan=plan,
            period=chosen,
            deliverables=await self.book.deliverables(plan, period=chosen.code),
        )
        return self.render("priorities.html", context)

    async def start(self) -> str:
        """The page that says how to begin with a plan of one's own."""
        return self.render("start.html", start_page(frame=await self.any_frame()))

    async def alert(self, *, alert: str) -> str:
        """The page of an alert.

        Raises:
            PageNotFoundError: the notifier knows none of that id.
            FiguresUnavailableError
        """
        try:
            found = await self.figures.alert(alert=alert)
        except NothingKnownError as error:
            raise PageNotFoundError(alert) from error
        plan = await self.plan_of(found.indicator)
        indicator = next(
            (one for one in plan.indicators if f"{plan.plan}:{one.code}" == found.indicator), None
        )
        frame, units = await self.frame_of(plan)
        context = alert_page(frame=frame, plan=plan, alert=found, indicator=indicator, units=units)
        return self.render("alert.html", context)

    async def message(self, *, status: int) -> str:
        """What is said instead of a page."""
        return failure(self.site, await self.any_frame(), status=status)

    async def any_frame(self) -> Frame:
        """What stands around a page that needs no plan."""
        plan = await self.book.current_plan(now=self.now)
        if plan is None:
            return bare_frame(self.site, self.visit, now=self.now)
        frame, _ = await self.frame_of(plan)
        return frame

    def no_plan(self) -> str:
        frame = bare_frame(self.site, self.visit, now=self.now)
        _ = frame.words.texts.gettext
        context = message_page(
            frame=frame,
            heading=_("No plan is loaded yet"),
            lines=[_("Once a plan is published, this page shows it.")],
            onward=("/start", _("Bring in a plan")),
        )
        return self.render("message.html", context)

    def render(self, template: str, context: Mapping[str, object]) -> str:
        return self.site.render(template, language=self.visit.language, context=context)

    async def not_known(self, error: DayNotKnownError) -> str:
        """What is said instead of a page as of a day that cannot be shown."""
        plan = await self.book.current_plan(now=self.now)
        frame = (
            bare_frame(self.site, self.visit, now=self.now)
            if plan is None
            else (await self.frame_of(plan))[0]
        )
        context = day_not_known_page(frame=frame, why=error.why.value, since=error.since)
        return self.render("message.html", context)

    async def plan_of(self, key: str) -> PlanSnapshot:
        """The plan of an element.

        Raises:
            PageNotFoundError, DayNotKnownError
        """
        self._check_day()
        plan = await self.book.plan(plan_of(key), now=self.now)
        if plan is None:
            raise PageNotFoundError(key)
        return plan

    def period_of(self, plan: PlanSnapshot, code: str | None) -> Period:
        """The one asked for; else the financial year of today; else the cycle."""
        calendar = plan.calendar()
        if code is None:
            return calendar.year_of(calendar.today(self.now)) or calendar.cycle
        try:
            return calendar.period(code)
        except UnknownPeriodError as error:
            raise PageNotFoundError(code) from error

    async def current_plan(self) -> PlanSnapshot | None:
        """The plan that the address names; else that of today, where there is one.

        Raises:
            PageNotFoundError: there is no plan of that name.
            DayNotKnownError
        """
        self._check_day()
        if self.visit.plan is not None:
            return await self.plan_of(self.visit.plan)
        return await self.book.current_plan(now=self.now)

    async def frame_of(self, plan: PlanSnapshot) -> tuple[Frame, Mapping[str, str]]:
        titles = await self.book.units()
        units = {code: title[self.visit.language] for code, title in titles.items()}
        calendar = plan.calendar()
        formatter = Formatter(
            language=self.visit.language,
            texts=self.site.catalogues[self.visit.language],
            zone=calendar.zone,
            today=calendar.today(self.now),
        )
        plans = await self.book.plans(now=self.now)
        first = bool(plans) and plans[0].plan == plan.plan
        frame = Frame(
            visit=replace(self.visit, plan=None if first else plan.plan),
            plan=plan,
            plans=plans,
            format=formatter,
            words=Words(format=formatter, units=units),
            users=_demo_users(units) if self.visit.demo else (),
            synthetic=self.visit.demo and await self.book.has_synthetic(plan.plan),
            packaged=plan.plan in packaged_plans(),
            latest=calendar.today(self.present or self.now),
        )
        return frame, units

    def _check_day(self) -> None:
        if self.refusal is not None:
            raise self.refusal

    async def of_its_day(self, *, key: str) -> "Report":
        """The report as of the day that its address names, where its plan was known then.

        The plan is that of a key, or the one that the address names.
        """
        visit = self.visit
        code = key.partition(":")[0] if ":" in key else visit.plan
        book, now = self.book, self.now
        if visit.as_of is None:
            return replace(self, refusal=DayNotKnownError(Unknown.NO_DATE))
        plan = await (book.plan(code, now=now) if code else book.current_plan(now=now))
        if plan is None:
            return self
        try:
            instant = await as_known_on(book, visit.as_of, plan=plan, now=now)
        except DayNotKnownError as error:
            return replace(self, visit=replace(visit, as_of=None), refusal=error)
        return replace(
            self,
            figures=self.figures.as_known(instant=instant),
            # What is shown as of another day is only read.
            visit=replace(visit, units=frozenset(), acknowledges="none"),
            now=instant,
            present=now,
        )

    async def scorecard_of(self, plan: PlanSnapshot, period: Period) -> Scorecard | None:
        try:
            return await self.figures.scorecard(plan=plan.plan, period=period.code)
        except NothingKnownError:
            return Scorecard(plan=plan.plan, period=period.code)
        except FiguresUnavailableError:
            return None

    async def alerts_of(self, plan: PlanSnapshot, period: Period) -> Sequence[Alert] | None:
        found = await _unless_unavailable(self.figures.open_alerts(plan=plan.plan))
        if found is None:
            return None
        # A figure in doubt is told wherever the plan is looked at.
        return [one for one in found if one.is_doubt or one.period == period.code]

    async def notices_of(self, plan: PlanSnapshot, unit: str) -> Sequence[Notice]:
        """The last that the unit was told; none where they cannot be read just now."""
        asking = self.figures.notices(plan=plan.plan, unit=unit, most=_NOTICES)
        return await _unless_unavailable(asking) or ()

    async def _result(self, key: str, period: Period) -> tuple[Result | None, bool]:
        """And whether the engine answered: it may know nothing of the indicator yet."""
        try:
            return await self.figures.result(indicator=key, period=period.code), True
        except NothingKnownError:
            return None, True
        except FiguresUnavailableError:
            return None, False

    async def _explanation(self, key: str, period: Period) -> Explanation | None:
        """Asked for apart: without the proof there is still the figure."""
        explaining = self.figures.explanation(indicator=key, period=period.code)
        return await _unless_unavailable(explaining)

    async def _series(self, key: str, period: Period) -> Sequence[Result]:
        series = self.figures.series(indicator=key, period=period.code)
        return await _unless_unavailable(series) or ()

    async def _in_full(self, alert: Alert) -> Alert:
        """With its timeline, which lists leave out."""
        return await _unless_unavailable(self.figures.alert(alert=alert.id)) or alert


def bare_frame(site: Site, visit: Visit, *, now: datetime) -> Frame:
    """What stands around a page while there is no plan to ask."""
    formatter = Formatter(
        language=visit.language,
        texts=site.catalogues[visit.language],
        zone=ZoneInfo("UTC"),
        today=now.astimezone(UTC).date(),
    )
    return Frame(visit=visit, plan=None, format=formatter, words=Words(format=formatter))


def failure(site: Site, frame: Frame, *, status: int) -> str:
    """A page that says what is wrong and what to do."""
    heading, line = frame.words.failure(status)
    context = message_page(frame=frame, heading=heading, lines=[line])
    return site.render("message.html", language=frame.language, context=context)


def _demo_users(units: Mapping[str, str]) -> tuple[DemoUser, ...]:
    return (
        DemoUser(value="member", role="member"),
        *(
            DemoUser(value=f"director:{code}", role="director", unit=title)
            for code, title in sorted(units.items())
        ),
        DemoUser(value="planning-office", role="planning-office"),
        DemoUser(value="auditor", role="auditor"),
    )


async def _unless_unavailable(reading: Awaitable[T]) -> T | None:
    try:
        return await reading
    except (FiguresUnavailableError, NothingKnownError):
        return None
