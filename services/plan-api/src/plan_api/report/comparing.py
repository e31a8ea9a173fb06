"""Then and now: the figures of two days side by side."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from plan_api.report.model import Scorecard
from plan_api.report.pages.comparison import comparison_page
from plan_api.report.reads import Figures, FiguresUnavailableError, NothingKnownError
from plan_api.report.repository import Book, DayNotKnownError, Unknown, instant_of, read_day
from plan_api.report.service import Report
from shared_kit.calendar import Period
from shared_kit.events.definitions import PlanSnapshot

BACK: Final = timedelta(days=30)
"""How far is looked back where the address does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The days that are compared, and the instants as of which; the second is None for today."""

    since: date
    until: date
    then: datetime
    now: datetime | None


async def days_of(
    book: Book, plan: PlanSnapshot, *, since: date | None, until: date | None, now: datetime
) -> Days:
    """Which days to compare: those asked for in either order; else the last 30 days.

    Raises:
        DayNotKnownError
    """
    calendar = plan.calendar()
    today = calendar.today(now)
    end = until or today
    if since is None:
        begun = calendar.today(await book.begun(plan.plan) or now)
        since = min(end, max(begun, end - BACK))
    first, last = sorted((since, end))
    return Days(
        since=first,
        until=last,
        then=await instant_of(book, first, plan=plan, now=now),
        now=None if last == today else await instant_of(book, last, plan=plan, now=now),
    )


async def cards_of(
    figures: Figures, plan: PlanSnapshot, period: Period, days: Days
) -> tuple[Scorecard, Scorecard]:
    """The scorecards of both days.

    Raises:
        FiguresUnavailableError
    """

    async def card(instant: datetime | None) -> Scorecard:
        known = figures.as_known(instant=instant)
        try:
            return await known.scorecard(plan=plan.plan, period=period.code)
        except NothingKnownError:
            return Scorecard(plan=plan.plan, period=period.code)

    then, now = await asyncio.gather(card(days.then), card(days.now))
    return then, now


async def then_and_now(
    report: Report, *, period: str | None, since: str | None, until: str | None
) -> str:
    """The page that says what changed between two days.

    Raises:
        PageNotFoundError: there is no such plan or period.
        DayNotKnownError: nothing is known as of one of the days.
    """
    plan = await report.current_plan()
    if plan is None:
        return report.no_plan()
    chosen = report.period_of(plan, period)
    days = await days_of(report.book, plan, since=_day(since), until=_day(until), now=report.now)
    frame, _ = await report.frame_of(plan)
    try:
        cards = await cards_of(report.figures, plan, chosen, days)
    except FiguresUnavailableError:
        cards = None
    context = comparison_page(
        frame=frame, plan=plan, period=chosen, since=days.since, until=days.until, cards=cards
    )
    return report.render("then_and_now.html", context)


def _day(said: str | None) -> date | None:
    if not said:
        return None
    day = read_day(said)
    if day is None:
        raise DayNotKnownError(Unknown.NO_DATE)
    return day
