"""Dates that a plan's calendar does not answer itself: quarters, and years outside the cycle."""

from datetime import date, timedelta

from shared_kit.calendar import Period, PlanCalendar


def financial_year_end(*, calendar: PlanCalendar, day: date) -> date:
    """The last day of the financial year of any day, also before or after the cycle."""
    first = date(day.year, calendar.year_start_month, 1)
    following = first if first > day else date(day.year + 1, calendar.year_start_month, 1)
    return following - timedelta(days=1)


def quarter_start(*, calendar: PlanCalendar, quarter: str) -> date:
    """The first day of a quarter such as `FY2019-Q2`, counted from the start of the year."""
    year, _, number = quarter.removeprefix("FY").partition("-Q")
    months = calendar.year_start_month - 1 + 3 * (int(number) - 1)
    return date(int(year) + months // 12, months % 12 + 1, 1)


def periods_since(*, calendar: PlanCalendar, first: date | None, today: date) -> tuple[Period, ...]:
    """The begun periods that a fact of that date can move; without a date, all begun ones.

    A later year is among them: an earlier release or implementation that comes late takes its
    item out of the year in which it was counted before.
    """
    return tuple(
        period
        for period in calendar.periods()
        if period.start <= today and (first is None or first <= period.end)
    )


def next_fact_by(*, every: int | None, last: date | None, period: Period) -> date | None:
    """The day by which the next fact of a period is expected, or None where none is.

    Counted from the last fact of it, else from the day before it began.
    """
    if every is None:
        return None
    since = period.start - timedelta(days=1) if last is None else last
    by = since + timedelta(days=every)
    return by if by <= period.end else None
