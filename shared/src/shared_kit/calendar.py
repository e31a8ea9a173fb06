"""Financial years, cycles and business days of a plan. Pure: dates in, dates out.

A plan says itself when its year begins and which days are closed (`domain.md`, "cycle").
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo


class PeriodKind(StrEnum):
    YEAR = "year"
    CYCLE = "cycle"


class UnknownPeriodError(ValueError):
    """The plan has no period of that code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A financial year or a cycle; both ends belong to it."""

    code: str
    start: date
    end: date
    kind: PeriodKind

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    @property
    def days(self) -> int:
        """Calendar days, both ends included."""
        return (self.end - self.start).days + 1

    def elapsed(self, day: date) -> int:
        """Calendar days gone at the end of `day`, both ends included; 0 before, all after."""
        return max(0, min(self.days, (day - self.start).days + 1))


@dataclass(frozen=True, kw_only=True)
class PlanCalendar:
    """The periods and business days of one plan.

    The cycle is cut into years that begin in `year_start_month`; a first or last year may be
    short when the cycle does not begin or end with one.
    """

    cycle_code: str
    cycle_start: date
    cycle_end: date
    year_start_month: int = 1
    timezone: str = "UTC"
    holidays: frozenset[date] = frozenset()

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def cycle(self) -> Period:
        return Period(
            code=self.cycle_code,
            start=self.cycle_start,
            end=self.cycle_end,
            kind=PeriodKind.CYCLE,
        )

    @cached_property
    def years(self) -> tuple[Period, ...]:
        found = []
        start = self.cycle_start
        while start <= self.cycle_end:
            first_year = start.year if start.month >= self.year_start_month else start.year - 1
            end = min(
                date(first_year + 1, self.year_start_month, 1) - timedelta(days=1), self.cycle_end
            )
            found.append(Period(code=f"FY{first_year}", start=start, end=end, kind=PeriodKind.YEAR))
            start = end + timedelta(days=1)
        return tuple(found)

    def periods(self) -> tuple[Period, ...]:
        """The financial years in order, then the cycle."""
        return (*self.years, self.cycle)

    def period(self, code: str) -> Period:
        """Find a period by its code.

        Raises:
            UnknownPeriodError: the plan has none of that code.
        """
        for period in self.periods():
            if period.code == code:
                return period
        raise UnknownPeriodError(f"{self.cycle_code} has no period {code}")

    def year_of(self, day: date) -> Period | None:
        """The financial year that a day belongs to; None outside the cycle."""
        return next((year for year in self.years if day in year), None)

    def label(self, period: Period) -> str:
        """How a period is written for people: FY2019/20 for a year that spans two."""
        if period.kind is PeriodKind.CYCLE or self.year_start_month == 1:
            return period.code
        first = int(period.code.removeprefix("FY"))
        return f"FY{first}/{(first + 1) % 100:02d}"

    def today(self, instant: datetime) -> date:
        """The business date of an instant, in the plan's zone."""
        return instant.astimezone(self.zone).date()

    def is_business_day(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self.holidays

    def business_days_after(self, day: date, count: int) -> date:
        """The business day that lies `count` business days after `day`."""
        for _ in range(count):
            day += timedelta(days=1)
            while not self.is_business_day(day):
                day += timedelta(days=1)
        return day
