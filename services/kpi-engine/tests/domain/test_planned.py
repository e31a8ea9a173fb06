"""The plan of a period: its items, its denominator, what is expected by a day."""

from datetime import date
from typing import Any

import pytest

from kpi_engine.domain.figures import (
    Estimate,
    Listing,
    Measured,
    Statements,
)
from kpi_engine.domain.judging import (
    judge,
)
from kpi_engine.domain.planned import PeriodPlan, YearPlan, plan_of_period
from shared_kit.calendar import Period
from tests.support.engine_builders import these
from tests.support.engine_cases import (
    CALENDAR,
    CYCLE,
    YEAR,
    D,
    F,
    a_definition,
    an_item,
    planned,
    stated,
)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (D(2019, 6, 30), 0),
        (D(2019, 7, 1), 0),
        (D(2019, 12, 29), 4),
        (D(2019, 12, 30), 5),
        (D(2020, 6, 29), 9),
        (D(2020, 6, 30), 10),
        (D(2021, 1, 1), 10),
    ],
)
def test_the_remainder_is_spread_over_calendar_days_and_rounded_down(
    day: date, expected: int
) -> None:
    # Of 366 days 183 are over at the end of 2019-12-30.
    plan = YearPlan(period=YEAR, items=(), denominator=F(10), first=F(10), points=())

    assert plan.expected(by=day) == expected


def test_declared_points_are_steps() -> None:
    points = ((D(2019, 9, 30), F(4)), (D(2020, 3, 31), F(20)))
    plan = YearPlan(period=YEAR, items=(), denominator=F(10), first=F(10), points=points)

    days = (D(2019, 9, 29), D(2019, 9, 30), D(2020, 3, 30), D(2020, 3, 31), D(2020, 6, 30))
    assert [plan.expected(by=day) for day in days] == [0, 4, 4, 10, 10]


def test_listed_items_and_the_unlisted_remainder_are_expected_together() -> None:
    found = planned(
        an_item("a", D(2019, 9, 1)), an_item("b", D(2020, 5, 1)), numerator=3, estimate=stated(10)
    )

    # On 2020-01-04, 188 of 366 days are over: one listed, floor(8 x 188 / 366) = 4.
    assert found.expected_lagged == 5
    assert found.attainment == F(3, 5)


def test_the_first_estimate_stays_beside_a_revised_one() -> None:
    found = planned(estimate=stated(8, first=10), numerator=4)

    assert these(found.denominator, found.first_estimate) == (8, 10)


def test_a_new_date_counts_only_inside_its_year() -> None:
    inside = an_item("a", D(2019, 11, 30), replanned=D(2020, 5, 1))
    beyond = an_item("b", D(2019, 11, 30), replanned=D(2020, 7, 1))

    found = planned(inside, beyond)

    assert found.items is not None
    assert [one.item for one in found.items.overdue] == ["b"]


def test_a_cycle_is_the_sum_of_its_years_less_repeated_keys() -> None:
    items = (
        an_item("a", D(2019, 9, 1), done=D(2019, 9, 1)),
        an_item("b", D(2019, 10, 1)),
        an_item("b", D(2020, 10, 1), year="FY2020"),
        an_item("c", D(2020, 11, 1), year="FY2020"),
    )
    found = judge(
        definition=a_definition(),
        period=CYCLE,
        calendar=CALENDAR,
        as_of=D(2020, 9, 15),
        measured=Measured(numerator=F(1), listings=items, adopted=frozenset({"FY2019", "FY2020"})),
        statements=Statements(),
    )

    assert found.denominator == 3
    assert found.items is not None
    assert [(one.item, one.due) for one in found.items.overdue] == [("b", D(2019, 10, 1))]
    assert these(found.items.due, found.items.done, found.attainment) == (2, 1, F(1, 2))


def plan_for(
    *items: Listing,
    period: Period = YEAR,
    estimates: dict[str, Estimate] | None = None,
    adopted: tuple[str, ...] = ("FY2019",),
    initially: bool = True,
) -> PeriodPlan:
    found = plan_of_period(
        period=period,
        calendar=CALENDAR,
        measured=Measured(listings=items, adopted=frozenset(adopted)),
        statements=Statements(estimates=estimates or {}),
        initially_estimated=initially,
    )
    assert found is not None
    return found


ADDED_LATER = an_item("b", D(2019, 10, 1), initial=False)


@pytest.mark.parametrize(
    ("initially", "denominator"), [(True, 10), (False, 8)], ids=["the first one", "the latest one"]
)
@pytest.mark.parametrize("period", [YEAR, CYCLE], ids=["year", "cycle"])
def test_a_revised_estimate_is_the_denominator_unless_the_first_one_is(
    initially: bool, denominator: int, period: Period
) -> None:
    said = plan_for(period=period, estimates={"FY2019": stated(8, first=10)}, initially=initially)

    assert these(said.denominator, said.first_denominator) == (denominator, 10)


@pytest.mark.parametrize(
    ("initially", "denominator"), [(True, 1), (False, 2)], ids=["the first one", "the latest one"]
)
def test_an_item_that_a_later_revision_adds_was_not_initially_estimated(
    initially: bool, denominator: int
) -> None:
    said = plan_for(an_item("a", D(2019, 9, 1)), ADDED_LATER, initially=initially)

    assert these(said.denominator, said.first_denominator) == (denominator, 1)
    assert [item.item for item in said.items] == ["a", "b"]


@pytest.mark.parametrize("initially", [True, False])
def test_a_repeated_key_leaves_the_first_figure_of_a_cycle_too(initially: bool) -> None:
    again = an_item("a", D(2020, 9, 1), year="FY2020")
    counted: dict[str, Any] = {
        "period": CYCLE,
        "adopted": ("FY2019", "FY2020"),
        "initially": initially,
    }

    listed = plan_for(an_item("a", D(2019, 9, 1)), again, **counted)
    said = plan_for(
        an_item("a", D(2019, 9, 1)),
        again,
        estimates={"FY2019": stated(4), "FY2020": stated(6, first=5)},
        **counted,
    )

    assert these(listed.denominator, listed.first_denominator) == (1, 1)
    assert these(said.denominator, said.first_denominator) == (8 if initially else 9, 8)
    assert [(item.item, item.due) for item in said.items] == [("a", D(2019, 9, 1))]


def test_what_was_initially_estimated_shrinks_no_denominator_below_nothing() -> None:
    again = [an_item(name, D(2020, 9, 1), year="FY2020") for name in "abc"]
    said = plan_for(
        *(an_item(name, D(2019, 9, 1)) for name in "abc"),
        *again,
        period=CYCLE,
        adopted=("FY2019", "FY2020"),
        estimates={"FY2020": stated(2)},
    )

    assert these(said.denominator, said.first_denominator) == (3, 3)
