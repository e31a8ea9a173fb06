"""Financial years, cycles and business days, at their edges."""

from datetime import UTC, date, datetime

import pytest

from shared_kit.calendar import PeriodKind, PlanCalendar, UnknownPeriodError

WCO = PlanCalendar(
    cycle_code="2019-2022",
    cycle_start=date(2019, 7, 1),
    cycle_end=date(2022, 6, 30),
    year_start_month=7,
    timezone="Europe/Brussels",
    holidays=frozenset({date(2019, 12, 25), date(2020, 1, 1)}),
)


def test_a_cycle_has_its_years_and_itself() -> None:
    assert [period.code for period in WCO.periods()] == ["FY2019", "FY2020", "FY2021", "2019-2022"]
    assert WCO.period("FY2019").start == date(2019, 7, 1)
    assert WCO.period("FY2019").end == date(2020, 6, 30)
    assert WCO.period("2019-2022").kind is PeriodKind.CYCLE
    assert WCO.period("FY2021").end == WCO.cycle.end


def test_a_calendar_year_needs_no_second_half_in_its_label() -> None:
    calendar = PlanCalendar(
        cycle_code="2025", cycle_start=date(2025, 1, 1), cycle_end=date(2026, 12, 31)
    )

    assert [calendar.label(year) for year in calendar.years] == ["FY2025", "FY2026"]
    assert WCO.label(WCO.period("FY2019")) == "FY2019/20"
    assert WCO.label(WCO.cycle) == "2019-2022"


def test_a_cycle_that_begins_within_a_year_has_a_short_first_one() -> None:
    calendar = PlanCalendar(
        cycle_code="c",
        cycle_start=date(2020, 3, 1),
        cycle_end=date(2021, 6, 30),
        year_start_month=7,
    )

    assert [(year.code, year.start, year.end) for year in calendar.years] == [
        ("FY2019", date(2020, 3, 1), date(2020, 6, 30)),
        ("FY2020", date(2020, 7, 1), date(2021, 6, 30)),
    ]


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2019, 6, 30), None),
        (date(2019, 7, 1), "FY2019"),
        (date(2020, 6, 30), "FY2019"),
        (date(2020, 7, 1), "FY2020"),
        (date(2022, 7, 1), None),
    ],
)
def test_finds_the_year_of_a_day(day: date, year: str | None) -> None:
    found = WCO.year_of(day)

    assert (found.code if found else None) == year


def test_says_so_when_a_period_is_unknown() -> None:
    with pytest.raises(UnknownPeriodError):
        WCO.period("FY2018")


@pytest.mark.parametrize(
    ("day", "elapsed"),
    [
        (date(2019, 6, 30), 0),
        (date(2019, 7, 1), 1),
        (date(2020, 6, 30), 366),
        (date(2021, 1, 1), 366),
    ],
)
def test_elapsed_counts_both_ends(day: date, elapsed: int) -> None:
    assert WCO.period("FY2019").elapsed(day) == elapsed
    assert WCO.period("FY2019").days == 366


def test_the_business_date_is_that_of_the_plans_zone() -> None:
    assert WCO.today(datetime(2020, 2, 2, 22, 59, tzinfo=UTC)) == date(2020, 2, 2)
    assert WCO.today(datetime(2020, 2, 2, 23, 0, tzinfo=UTC)) == date(2020, 2, 3)


def test_weekends_and_holidays_are_no_business_days() -> None:
    assert not WCO.is_business_day(date(2020, 2, 2))
    assert not WCO.is_business_day(date(2019, 12, 25))
    assert WCO.is_business_day(date(2020, 2, 3))
    assert WCO.business_days_after(date(2019, 12, 24), 1) == date(2019, 12, 26)
    assert WCO.business_days_after(date(2019, 12, 31), 2) == date(2020, 1, 3)
