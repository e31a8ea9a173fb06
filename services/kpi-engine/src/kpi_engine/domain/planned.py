"""The plan side of a planned indicator: its items, its denominator and what is expected by a day.

A cycle is the sum of its years less repeated keys: a carried-over item keeps its first date.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from math import floor

from kpi_engine.domain.figures import Estimate, Listing, Measured, StatedFigure, Statements
from shared_kit.calendar import Period, PeriodKind, PlanCalendar

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class YearPlan:
    """What is planned in one year (or a cycle that only states its own figure)."""

    period: Period
    items: tuple[Listing, ...]
    denominator: Fraction
    first: Fraction
    points: tuple[tuple[date, Fraction], ...]

    def expected(self, *, by: date) -> Fraction:
        """What should be there at the end of a day; the denominator itself at period end."""
        if by >= self.period.end:
            return self.denominator
        if by < self.period.start:
            return ZERO
        if self.points:
            reached = [value for on, value in self.points if on <= by]
            return min(reached[-1] if reached else ZERO, self.denominator)
        due = weight_of(item for item in self.items if item.due is not None and item.due <= by)
        dated = weight_of(item for item in self.items if item.due is not None)
        remainder = max(self.denominator - dated, ZERO)
        spread = floor(remainder * self.period.elapsed(by) / self.period.days)
        return min(due + spread, self.denominator)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodPlan:
    """The plan of a period as it is judged: a year, or the years of a cycle together."""

    period: Period
    years: tuple[YearPlan, ...]
    denominator: Fraction
    first_denominator: Fraction

    @property
    def items(self) -> tuple[Listing, ...]:
        return tuple(item for year in self.years for item in year.items)

    @property
    def matched(self) -> bool:
        """Whether the listed, dated items are as many as the denominator."""
        return weight_of(i for i in self.items if i.due is not None) >= self.denominator

    def expected(self, *, by: date) -> Fraction:
        if by >= self.period.end:
            return self.denominator
        together = sum((year.expected(by=by) for year in self.years), ZERO)
        return min(together, self.denominator)


def weight_of(items: Iterable[Listing]) -> Fraction:
    return sum((item.weight for item in items), ZERO)


def plan_of_period(
    *,
    period: Period,
    calendar: PlanCalendar,
    measured: Measured,
    statements: Statements,
    initially_estimated: bool,
    stated_only: bool = False,
) -> PeriodPlan | None:
    """Put the plan of a period together; None where nothing was estimated or adopted.

    A stated estimate wins over the count of listed items. With `initially_estimated` the first
    estimate is the denominator, whatever was revised later: the first one stated, else the items
    of the first adoption. With `stated_only` no
    adopted items stand behind it: a period, the cycle too, has the figure that is stated for it.
    """
    if stated_only:
        return _stated(period, statements, initially_estimated)
    if period.kind is PeriodKind.YEAR:
        year = _year(period, measured.listings, measured, statements, initially_estimated)
        if year is None:
            return None
        return _together(period, (year,), statements, initially_estimated)
    years: list[YearPlan] = []
    seen: set[str] = set()
    for candidate in calendar.years:
        year = _year(candidate, measured.listings, measured, statements, initially_estimated)
        if year is not None:
            fresh = _without(year, seen, initially_estimated)
            seen |= {item.item for item in year.items}
            years.append(fresh)
    if not years:
        return _stated(period, statements, initially_estimated)
    return _together(period, tuple(years), statements, initially_estimated)


def plan_of_figure(
    figure: StatedFigure, estimated: PeriodPlan | None, *, period: Period
) -> PeriodPlan | None:
    """What a stated figure is held against: its own denominator, else what was estimated."""
    if figure.denominator is None or (estimated and estimated.denominator == figure.denominator):
        return estimated
    alone = YearPlan(
        period=period,
        items=() if estimated is None else estimated.items,
        denominator=figure.denominator,
        first=figure.denominator,
        points=(),
    )
    return PeriodPlan(
        period=period,
        years=(alone,),
        denominator=figure.denominator,
        first_denominator=figure.denominator,
    )


def _stated(
    period: Period,
    statements: Statements,
    initially: bool,  # noqa: FBT001 - the definition's own flag
) -> PeriodPlan | None:
    stated = statements.estimates.get(period.code)
    if stated is None:
        return None
    alone = YearPlan(
        period=period,
        items=(),
        denominator=_value(stated, initially),
        first=stated.first,
        points=stated.points,
    )
    return _together(period, (alone,), statements, initially)


def _value(estimate: Estimate, initially: bool) -> Fraction:  # noqa: FBT001 - the definition's own flag
    return estimate.first if initially else estimate.value


def _year(
    period: Period,
    listings: Sequence[Listing],
    measured: Measured,
    statements: Statements,
    initially: bool,  # noqa: FBT001 - the definition's own flag
) -> YearPlan | None:
    stated = statements.estimates.get(period.code)
    if stated is None and period.code not in measured.adopted:
        return None
    items = tuple(in_force(item, year=period) for item in listings if item.year == period.code)
    if stated is None:
        total, first = weight_of(items), weight_of(item for item in items if item.initial)
        denominator = first if initially else total
        return YearPlan(period=period, items=items, denominator=denominator, first=first, points=())
    return YearPlan(
        period=period,
        items=items,
        denominator=_value(stated, initially),
        first=stated.first,
        points=stated.points,
    )


def in_force(item: Listing, *, year: Period) -> Listing:
    """The item with the date that counts: an approved new one only inside its own year."""
    if item.replanned is not None and item.replanned in year:
        return replace(item, due=item.replanned)
    return item


def _without(
    year: YearPlan,
    seen: set[str],
    initially: bool,  # noqa: FBT001 - the definition's own flag
) -> YearPlan:
    repeated = [item for item in year.items if item.item in seen]
    first = max(year.first - weight_of(item for item in repeated if item.initial), ZERO)
    return replace(
        year,
        items=tuple(item for item in year.items if item.item not in seen),
        denominator=first if initially else max(year.denominator - weight_of(repeated), ZERO),
        first=first,
    )


def _together(
    period: Period,
    years: tuple[YearPlan, ...],
    statements: Statements,
    initially: bool,  # noqa: FBT001 - the definition's own flag
) -> PeriodPlan:
    total = sum((year.denominator for year in years), ZERO)
    first = sum((year.first for year in years), ZERO)
    stated = statements.estimates.get(period.code)
    if stated is not None:
        total, first = _value(stated, initially), stated.first
    return PeriodPlan(period=period, years=years, denominator=total, first_denominator=first)
