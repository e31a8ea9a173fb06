"""How an indicator is judged: tables of cases, the edges first."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_engine.domain.due import due_items
from kpi_engine.domain.figures import (
    Listing,
    Measured,
    Pair,
    StatedFigure,
    Statements,
    Target,
)
from kpi_engine.domain.judging import (
    Outcome,
    judge,
    range_attainment,
    status_of,
)
from tests.support.engine_builders import these
from tests.support.engine_cases import (
    CALENDAR,
    TOLERANCE,
    YEAR,
    D,
    F,
    a_definition,
    an_item,
    planned,
    stated,
)


@pytest.mark.parametrize(
    ("attainment", "status"),
    [
        (F(9, 10), "on-track"),
        (F(9, 10) - F(1, 10**12), "at-risk"),
        (F(3, 4), "at-risk"),
        (F(3, 4) - F(1, 10**12), "off-track"),
        (F(0), "off-track"),
        (F(28, 25), "on-track"),
    ],
)
def test_bounds_of_tolerance_are_inclusive(attainment: Fraction, status: str) -> None:
    assert status_of(attainment=attainment, tolerance=TOLERANCE) == status


@pytest.mark.parametrize(
    ("ratio", "attainment"),
    [
        (F(1, 2), F(1)),
        (F(7, 10), F(1)),
        (F(2, 5), F(4, 5)),
        (F(0), F(0)),
        (F(4, 5), F(7, 8)),
    ],
    ids=["low edge", "high edge", "below", "nothing", "above"],
)
def test_inside_a_range_is_one_and_outside_it_falls(ratio: Fraction, attainment: Fraction) -> None:
    target = Target(low=F(1, 2), high=F(7, 10))

    assert range_attainment(ratio=ratio, target=target) == attainment


def test_without_an_upper_end_more_is_never_worse() -> None:
    assert range_attainment(ratio=F(3), target=Target(low=F(1, 2))) == 1
    assert range_attainment(ratio=F(0), target=Target(low=F(0), high=F(1))) == 1


@pytest.mark.parametrize(
    ("as_of", "due"),
    [(D(2019, 12, 29), 0), (D(2019, 12, 30), 1)],
    ids=["a day short of the grace", "the grace ago"],
)
def test_an_item_is_due_when_its_grace_is_over(as_of: date, due: int) -> None:
    found = due_items(
        items=[an_item("a", D(2019, 11, 30))], period=YEAR, as_of=as_of, grace_days=30
    )

    assert these(found.due, found.done) == (due, 0)


@pytest.mark.parametrize(
    ("as_of", "overdue"), [(D(2019, 11, 30), 0), (D(2019, 12, 1), 1)], ids=["due", "past"]
)
def test_an_item_is_overdue_the_day_after(as_of: date, overdue: int) -> None:
    found = due_items(
        items=[an_item("a", D(2019, 11, 30))], period=YEAR, as_of=as_of, grace_days=30
    )

    assert [one.days for one in found.overdue] == [1] * overdue


@pytest.mark.parametrize(
    ("back", "inside"), [(30, 1), (149, 1), (150, 0)], ids=["first", "last", "too long ago"]
)
def test_the_recent_window_is_120_days_before_the_grace(back: int, inside: int) -> None:
    as_of = D(2020, 2, 3)

    found = due_items(
        items=[an_item("a", as_of - timedelta(days=back))],
        period=YEAR,
        as_of=as_of,
        grace_days=30,
    )

    assert these(found.due, found.window_due) == (1, inside)


def test_what_is_done_after_the_period_is_neither_done_in_it_nor_overdue() -> None:
    late = an_item("a", D(2020, 6, 1), done=D(2020, 7, 1))

    found = due_items(items=[late], period=YEAR, as_of=D(2020, 7, 10), grace_days=30)

    assert these(found.due, found.done, found.overdue) == (1, 0, ())


def test_matched_items_are_judged_by_what_was_due() -> None:
    items = [an_item(str(n), D(2019, 11, 30), D(2019, 11, 1) if n < 3 else None) for n in range(4)]
    later = [an_item(f"l{n}", D(2020, 5, 1)) for n in range(6)]

    found = planned(*items, *later)

    assert (found.attainment, found.status) == (F(3, 4), "at-risk")


def test_attainment_is_never_below_the_ratio() -> None:
    due = an_item("a", D(2019, 11, 30))
    early = [an_item(f"e{n}", D(2020, 5, 1), done=D(2019, 9, 1)) for n in range(3)]

    found = planned(due, *early)

    assert these(found.items and found.items.done, found.attainment) == (0, F(3, 4))


@pytest.mark.parametrize(
    ("as_of", "attainment"),
    [(D(2020, 7, 30), F(1)), (D(2020, 7, 31), F(1, 2))],
    ids=["last day of the grace", "the grace is over"],
)
def test_once_the_grace_is_over_attainment_is_the_ratio(as_of: date, attainment: Fraction) -> None:
    # Due on the last day of the year and beyond it: matched, one of two done.
    items = (an_item("a", D(2020, 6, 30), done=D(2020, 6, 1)), an_item("b", D(2020, 7, 15)))

    assert planned(*items, as_of=as_of).attainment == attainment


@pytest.mark.parametrize(
    ("numerator", "reason", "attainment"),
    [(0, "not-started", None), (2, None, F(1))],
    ids=["nothing done", "something done"],
)
def test_nothing_due(numerator: int, reason: str | None, attainment: Fraction | None) -> None:
    found = planned(
        an_item("a", D(2020, 5, 1)),
        an_item("b", None),
        an_item("c", None),
        numerator=numerator,
        as_of=D(2019, 7, 10),
    )

    assert (found.reason, found.attainment) == (reason, attainment)


def observed(
    pair: Pair | None,
    *,
    judged: Pair | None = None,
    target: Target | None = None,
    confirmed_until: date | None = None,
) -> Outcome:
    return judge(
        definition=a_definition(kind="observed", silence_is_no_data=True),
        period=YEAR,
        calendar=CALENDAR,
        as_of=D(2020, 2, 3),
        measured=Measured(pair=pair, judged=judged, facts=0 if pair is None else 1),
        statements=Statements(
            targets={} if target is None else {"FY2019": target},
            confirmed_until={} if confirmed_until is None else {"FY2019": confirmed_until},
        ),
    )


def pair(numerator: int, denominator: int) -> Pair:
    return Pair(numerator=F(numerator), denominator=F(denominator))


HALF = Target(low=F(1, 2))


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (observed(None, target=HALF), "no-data"),
        (observed(None, target=HALF, confirmed_until=D(2020, 2, 2)), "no-data"),
        (observed(None, confirmed_until=D(2020, 2, 3)), "not-applicable"),
        (observed(pair(0, 0)), "not-applicable"),
        (observed(pair(1, 3)), "no-target"),
        (observed(pair(0, 3), judged=pair(0, 0), target=HALF), "not-started"),
        (observed(pair(0, 3), judged=pair(0, 0)), "no-target"),
    ],
    ids=[
        "silence",
        "confirmed until yesterday",
        "confirmed until today",
        "a known zero",
        "no range",
        "none to judge",
        "no range outranks none to judge",
    ],
)
def test_what_is_not_judged_says_why(outcome: Outcome, reason: str) -> None:
    assert (outcome.status, outcome.reason, outcome.attainment) == ("not-judged", reason, None)


def test_the_judged_pair_decides_and_the_whole_is_shown() -> None:
    found = observed(pair(2, 8), judged=pair(2, 4), target=HALF)

    assert these(found.ratio, found.attainment, found.status) == (F(1, 4), 1, "on-track")


def test_a_stated_figure_wins_over_facts() -> None:
    found = judge(
        definition=a_definition(),
        period=YEAR,
        calendar=CALENDAR,
        as_of=D(2021, 1, 1),
        measured=Measured(numerator=F(3), facts=3, adopted=frozenset({"FY2019"})),
        statements=Statements(
            estimates={"FY2019": stated(10)},
            figures={"FY2019": StatedFigure(numerator=F(7), denominator=None)},
        ),
    )

    assert these(found.numerator, found.denominator, found.attainment, found.stated) == (
        7, 10, F(7, 10), True,
    )  # fmt: skip


def test_nothing_estimated_and_nothing_adopted_is_no_data() -> None:
    assert planned(numerator=3).reason == "no-data"
    assert planned(numerator=3, estimate=stated(0)).reason == "not-applicable"


ITEMS = st.lists(
    st.builds(
        lambda number, due, done: an_item(
            str(number),
            None if due is None else YEAR.start + timedelta(days=due),
            None if done is None else YEAR.start + timedelta(days=done),
        ),
        st.integers(0, 10**6),
        st.none() | st.integers(0, 365),
        st.none() | st.integers(0, 365),
    ),
    max_size=12,
    unique_by=lambda item: item.item,
)


@given(items=ITEMS, days=st.integers(-10, 420), size=st.none() | st.integers(0, 20))
def test_a_judgement_always_keeps_its_promises(
    items: list[Listing], days: int, size: int | None
) -> None:
    as_of = YEAR.start + timedelta(days=days)
    done = sum(1 for i in items if i.levels and i.levels[0][0] <= min(as_of, YEAR.end))

    found = planned(
        *items,
        as_of=as_of,
        numerator=done,
        estimate=None if size is None else stated(size),
    )

    assert (
        (found.attainment is None) == (found.status == "not-judged") == (found.reason is not None)
    )
    if found.attainment is not None and found.ratio is not None:
        assert found.attainment >= found.ratio
    if found.expected is not None and found.denominator is not None:
        assert 0 <= found.expected_lagged <= found.expected <= found.denominator  # type: ignore[operator]  # both are set together
    if found.items is not None:
        assert found.items.window_due <= found.items.due
        assert found.items.done <= found.items.due
