"""The required pace and the forecast band: hand-computed, both sides of each edge."""

from datetime import date, timedelta
from fractions import Fraction
from math import comb
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_engine.domain.figures import Listing, Measured, Statements
from kpi_engine.domain.forecast import Forecast, NoForecast, Pace, pace_of, run_rate, still_to_come
from kpi_engine.domain.judging import Outcome, judge
from kpi_engine.domain.paths import Path
from tests.support.engine_builders import these
from tests.support.engine_cases import (
    CALENDAR,
    TODAY,
    YEAR,
    D,
    F,
    a_definition,
    an_item,
    planned,
    stated,
)


def pace(
    numerator: int, denominator: int, *, as_of: date = TODAY, recent: int | None = 15
) -> Pace | None:
    return pace_of(
        numerator=F(numerator),
        denominator=F(denominator),
        recent=None if recent is None else F(recent),
        period=YEAR,
        as_of=as_of,
    )


def test_the_pace_is_what_is_missing_in_30_days_beside_what_90_days_gave() -> None:
    # From 3 February to 30 June 2020 are 148 days.
    assert pace(23, 67) == Pace(
        missing=F(44), days_left=148, needed=F(44 * 30, 148), recent=F(5), recent_days=90
    )


@pytest.mark.parametrize(
    ("as_of", "days_left", "recent_days"),
    [
        (D(2019, 6, 30), None, None),
        (D(2019, 7, 1), 365, 1),
        (D(2019, 9, 28), 276, 90),
        (D(2019, 9, 29), 275, 90),
        (D(2020, 6, 29), 1, 90),
        (D(2020, 6, 30), None, None),
    ],
)
def test_a_pace_needs_a_day_gone_and_a_day_left(
    as_of: date, days_left: int | None, recent_days: int | None
) -> None:
    found = pace(1, 10, as_of=as_of)

    assert (found and found.days_left, found and found.recent_days) == (days_left, recent_days)


@pytest.mark.parametrize(("done", "missing"), [(9, 1), (10, None), (12, None)])
def test_where_nothing_is_missing_no_pace_is_asked_for(done: int, missing: int | None) -> None:
    found = pace(done, 10)

    assert (None if found is None else found.missing) == missing


def by_hand(count: int, due: int, done: int) -> list[Fraction]:
    """The beta-binomial by its definition, step by step in fractions."""
    a, b = F(done + 1, 2), F(due - done + 1, 2)

    def rising(start: Fraction, steps: int) -> Fraction:
        product = F(1)
        for step in range(steps):
            product *= start + step
        return product

    return [
        comb(count, k) * rising(a, k) * rising(b, count - k) / rising(a + b, count)
        for k in range(count + 1)
    ]


@given(st.integers(0, 25), st.integers(0, 40), st.data())
def test_a_band_lies_around_the_tenths_of_the_distribution(
    count: int, due: int, data: st.DataObject
) -> None:
    done = data.draw(st.integers(0, due))
    chances = by_hand(count, due, done)
    assert sum(chances) == 1

    low, likely, high = still_to_come(count=count, due=due, done=done)

    assert 0 <= low <= likely <= high <= count
    assert sum(chances[: likely + 1]) >= F(1, 2)
    assert likely == 0 or sum(chances[:likely]) < F(1, 2)
    # Half as wide again as the 80 % band, so it never leaves out more than a tenth a side.
    assert sum(chances[:low]) < F(1, 10) or low == 0
    assert sum(chances[high + 1 :]) <= F(1, 10)


def test_bands_worked_out_by_hand() -> None:
    # One item, 8 of 8 came: a = 9/2, b = 1/2: it comes with 9 in 10; the tenth is just reached.
    assert by_hand(1, 8, 8) == [F(1, 10), F(9, 10)]
    assert still_to_come(count=1, due=8, done=8) == (0, 1, 1)
    # One more that came, and the chance that it stays away falls below a tenth.
    assert by_hand(1, 9, 9)[0] == F(1, 11)
    assert still_to_come(count=1, due=9, done=9) == (1, 1, 1)
    assert still_to_come(count=0, due=9, done=3) == (0, 0, 0)
    # 20 in 200 days, 100 left: mean 41/4, variance 41/4 x 3/2, 1.2816 x 1.5 deviations each way.
    assert run_rate(done=20, gone=200, left=100) == (2, 10, 18)


def test_large_counts_go_on_where_exact_ones_end() -> None:
    exact, moments = (still_to_come(count=n, due=60, done=45) for n in (200, 201))

    assert all(abs(one - other) <= 6 for one, other in zip(exact, moments, strict=True))
    assert max(still_to_come(count=5000, due=4000, done=3000)) <= 5000


def listed(
    count: int, *, done: int, first: date = YEAR.start, last: date = YEAR.end
) -> list[Listing]:
    """So many items evenly from the first day to the last; the first of them done on their day."""
    step = Fraction((last - first).days, max(count - 1, 1))
    days = [first + timedelta(days=int(step * number)) for number in range(count)]
    return [
        an_item(f"i{number:03}", day, done=day if number < done else None)
        for number, day in enumerate(days)
    ]


def test_what_is_done_and_what_may_come_of_the_rest() -> None:
    # 37 of 74 items, one each fifth day, are due by 1 January; grace leaves 31 by 2 December.
    items = listed(74, done=37)
    found = planned(*items, as_of=D(2020, 1, 1))

    assert found.items is not None
    assert found.items.due == 31
    # The last third of those 155 days had 10 of 10; 37 are still to come.
    low, likely, high = still_to_come(count=37, due=10, done=10)
    assert found.forecast == Forecast(
        low=37 + low, likely=37 + likely, high=37 + high, by_plan=True
    )


def test_what_is_later_than_the_grace_is_taken_as_not_coming() -> None:
    items = listed(74, done=31)
    late = [an_item(f"late{n}", D(2019, 8, 1)) for n in range(6)]

    without = planned(*items, as_of=D(2020, 1, 1)).forecast
    found = planned(*items, *late, as_of=D(2020, 1, 1)).forecast

    # The same band: their days lie before the last third, and they are never expected to come.
    assert without == found


@pytest.mark.parametrize(
    ("due", "comes"), [(YEAR.end, 1), (YEAR.end + timedelta(days=1), 0)], ids=["inside", "beyond"]
)
def test_what_is_due_after_the_period_is_not_awaited_in_it(due: date, comes: int) -> None:
    items = listed(30, done=30, last=D(2019, 12, 1))

    found = planned(*items, an_item("z", due), as_of=D(2020, 2, 3)).forecast

    assert isinstance(found, Forecast)
    assert found.likely == 30 + comes


@pytest.mark.parametrize(
    ("as_of", "reason"),
    [
        (D(2019, 9, 29), NoForecast.TOO_EARLY),
        (D(2019, 9, 30), None),
        (D(2020, 6, 29), None),
        (D(2020, 6, 30), NoForecast.PERIOD_OVER),
    ],
    ids=["91 of 366 days", "92 of 366 days", "the day before the end", "the last day"],
)
def test_a_forecast_is_off_in_the_first_quarter_and_at_the_end(
    as_of: date, reason: NoForecast | None
) -> None:
    found = planned(*listed(100, done=90), as_of=as_of).forecast

    assert (found if isinstance(found, NoForecast) else None) == reason


@pytest.mark.parametrize(("due", "reason"), [(7, NoForecast.TOO_FEW), (8, None)])
def test_fewer_than_eight_due_are_no_rate(due: int, reason: NoForecast | None) -> None:
    items = listed(due, done=due, last=D(2019, 10, 1))
    rest = [an_item(f"r{n}", D(2020, 6, 1)) for n in range(9)]

    found = planned(*items, *rest).forecast

    assert (found if isinstance(found, NoForecast) else None) == reason


@pytest.mark.parametrize(
    ("estimate", "reason"),
    # 188 of 366 days are gone by the grace ago: floor(15 x 188 / 366) = 7, of 16 it is 8.
    [(15, NoForecast.TOO_FEW), (16, None)],
)
def test_without_dates_the_run_rate_needs_eight_expected(
    estimate: int, reason: NoForecast | None
) -> None:
    found = planned(numerator=9, estimate=stated(estimate)).forecast

    assert (found if isinstance(found, NoForecast) else None) == reason
    if reason is None:
        low, likely, high = run_rate(done=9, gone=218, left=148)
        assert found == Forecast(low=9 + low, likely=9 + likely, high=9 + high, by_plan=False)


def of_kind(*, as_of: date = TODAY, **changes: object) -> Outcome:
    return judge(
        definition=a_definition(**changes),
        period=YEAR,
        calendar=CALENDAR,
        as_of=as_of,
        measured=Measured(numerator=F(1), adopted=frozenset({"FY2019"})),
        statements=Statements(),
    )


def test_what_is_not_counted_or_not_judged_has_no_forecast() -> None:
    assert of_kind(kind="observed").forecast is NoForecast.OBSERVED
    assert of_kind(kind="milestones").forecast is NoForecast.MILESTONES
    assert of_kind(kind="stated", measure=None).forecast is NoForecast.STATED
    level = Path(direction="increase", points=((D(2020, 6, 30), F(5)),))
    assert of_kind(kind="observed", path=level).forecast is NoForecast.LEVEL
    over = [of_kind(as_of=YEAR.end, kind=kind) for kind in ("observed", "milestones")]
    assert {one.forecast for one in over} == {NoForecast.PERIOD_OVER}
    assert planned(numerator=3).forecast is NoForecast.NOT_JUDGED
    assert planned(numerator=3, estimate=stated(0)).forecast is NoForecast.NOT_JUDGED


def test_milestones_have_a_pace_in_shares() -> None:
    items = (
        an_item("m1", D(2019, 9, 1), done=D(2019, 9, 1), weight=F(3, 10)),
        an_item("m2", D(2019, 12, 1), done=D(2019, 12, 1), weight=F(2, 10)),
        an_item("m3", D(2020, 6, 1), weight=F(5, 10)),
    )

    found = planned(*items, kind="milestones").pace

    assert found is not None
    # Only the second was reached in the last 90 days.
    assert these(found.missing, found.recent) == (F(1, 2), F(2, 10) / 3)


@pytest.mark.parametrize("rate", [0.6, 0.8, 0.95])
def test_a_band_holds_the_end_of_a_steady_year_in_most_cases(rate: float) -> None:
    random = Random(7)
    held = 0
    for _ in range(150):
        comes = [random.random() < rate for _ in range(100)]
        items = [
            an_item(one.item, one.due, done=one.due if come else None)
            for one, come in zip(listed(100, done=0), comes, strict=True)
        ]
        known = [
            an_item(one.item, one.due, done=one.due if one.levels and one.due <= TODAY else None)  # type: ignore[operator]  # all have a date
            for one in items
        ]
        found = planned(*known, as_of=TODAY).forecast
        assert isinstance(found, Forecast)
        held += found.low <= sum(comes) <= found.high
    assert held >= 150 * 0.8
