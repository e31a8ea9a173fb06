"""Quarters, years outside the cycle, and the periods that a date can move."""

from datetime import date

import pytest

from kpi_engine.domain.days import financial_year_end, next_fact_by, periods_since, quarter_start
from shared_kit.calendar import PlanCalendar

D = date
CALENDAR = PlanCalendar(
    cycle_code="2019-2022",
    cycle_start=D(2019, 7, 1),
    cycle_end=D(2022, 6, 30),
    year_start_month=7,
)


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (D(2019, 6, 30), D(2019, 6, 30)),
        (D(2019, 7, 1), D(2020, 6, 30)),
        (D(2020, 6, 30), D(2020, 6, 30)),
        (D(2023, 1, 1), D(2023, 6, 30)),
    ],
)
def test_every_day_has_a_financial_year(day: date, end: date) -> None:
    assert financial_year_end(calendar=CALENDAR, day=day) == end


@pytest.mark.parametrize(
    ("quarter", "start"),
    [
        ("FY2019-Q1", D(2019, 7, 1)),
        ("FY2019-Q2", D(2019, 10, 1)),
        ("FY2019-Q3", D(2020, 1, 1)),
        ("FY2019-Q4", D(2020, 4, 1)),
    ],
)
def test_quarters_are_counted_from_the_start_of_the_year(quarter: str, start: date) -> None:
    assert quarter_start(calendar=CALENDAR, quarter=quarter) == start


@pytest.mark.parametrize(
    ("first", "codes"),
    [
        (None, ["FY2019", "FY2020", "2019-2022"]),
        (D(2019, 1, 1), ["FY2019", "FY2020", "2019-2022"]),
        (D(2020, 6, 30), ["FY2019", "FY2020", "2019-2022"]),
        (D(2020, 7, 1), ["FY2020", "2019-2022"]),
        (D(2022, 7, 1), []),
    ],
)
def test_a_date_moves_its_year_the_later_begun_ones_and_the_cycle(
    first: date | None, codes: list[str]
) -> None:
    found = periods_since(calendar=CALENDAR, first=first, today=D(2020, 9, 1))

    assert [period.code for period in found] == codes


@pytest.mark.parametrize(
    ("every", "last", "by"),
    [
        (None, D(2020, 1, 1), None),
        (31, None, D(2019, 7, 31)),
        (31, D(2020, 5, 30), D(2020, 6, 30)),
        (31, D(2020, 5, 31), None),
        (1000, None, None),
    ],
    ids=["not said", "nothing yet", "the last day", "beyond the period", "rarer than the period"],
)
def test_the_next_fact_is_expected_after_the_last_one_and_inside_its_period(
    every: int | None, last: date | None, by: date | None
) -> None:
    assert next_fact_by(every=every, last=last, period=CALENDAR.years[0]) == by
