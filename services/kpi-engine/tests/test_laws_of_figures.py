"""Laws of figures: a merged ratio lies between its scopes' ratios; better is never judged worse."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from random import Random
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from kpi_engine.domain.figures import Estimate
from kpi_engine.domain.judging import Status
from tests.support.engine_cases import CALENDAR, YEAR, D, F, an_item, planned
from tests.support.engine_lab import Lab
from tests.support.engine_levels import a_path, effort, on_path, over_years, share
from tests.support.engine_tables import Happened, begin

YEARS = st.lists(
    st.integers(1, 60).flatmap(lambda of: st.tuples(st.integers(0, 90), st.just(of))),
    min_size=3,
    max_size=3,
)


@given(years=YEARS)
def test_the_ratio_of_a_cycle_lies_between_those_of_its_years(years: list[tuple[int, int]]) -> None:
    done, of = [one for one, _ in years], [one for _, one in years]

    apart = [over_years(done, of, period=year).ratio for year in CALENDAR.years]

    ratios = [one for one in apart if one is not None]
    whole = over_years(done, of).ratio
    assert len(ratios) == 3
    assert whole is not None
    assert min(ratios) <= whole <= max(ratios)


async def test_the_ratio_of_merged_scopes_lies_between_theirs(lab: Lab) -> None:
    dice = Random(7)
    await begin(lab)
    for _ in range(6):
        scopes: list[list[Happened]] = [
            [effort(unit, quarter, dice.randrange(41), 40 + dice.randrange(60)) for quarter in some]
            for unit in ("CF", "CAP")
            if (some := dice.sample((1, 2, 3, 4), dice.randrange(1, 5)))
        ]
        pairs = [await share(lab, facts) for facts in (*scopes, [*scopes[0], *scopes[1]])]
        one, other, both = (Fraction(n or 0) / Fraction(d or 0) for n, d in pairs)
        assert min(one, other) <= both <= max(one, other)


RANK = (Status.OFF_TRACK, Status.AT_RISK, Status.ON_TRACK)
LEVELS = st.fractions(-150, 150, max_denominator=30)


@given(
    levels=st.tuples(LEVELS, LEVELS),
    ends=st.tuples(LEVELS, LEVELS),
    held=st.booleans(),
    as_of=st.dates(D(2019, 8, 1), D(2020, 12, 31)),
)
def test_a_better_level_never_has_a_worse_status(
    levels: tuple[Fraction, Fraction],
    ends: tuple[Fraction, Fraction],
    held: bool,
    as_of: date,
) -> None:
    start, end = ends
    direction: Literal["increase", "decrease"] = "increase" if end >= start else "decrease"
    path = a_path(direction, start, end)
    if held:
        path = replace(path, baseline=None)
    worse, better = sorted(levels, reverse=direction == "decrease")

    found = [on_path(path, {"FY2019": str(level)}, as_of=as_of) for level in (worse, better)]

    assert not _falls([one.status for one in found])


@given(
    dues=st.lists(st.dates(YEAR.start, YEAR.end), max_size=6),
    size=st.integers(1, 20),
    as_of=st.dates(YEAR.start, D(2020, 12, 31)),
)
def test_one_more_that_is_done_never_has_a_worse_status(
    dues: list[date], size: int, as_of: date
) -> None:
    items = [an_item(str(number), due) for number, due in enumerate(dues)]
    estimated = Estimate(value=F(size), first=F(size))

    found = [
        planned(*items, numerator=done, estimate=estimated, as_of=as_of).status
        for done in range(size + 3)
    ]

    assert not _falls(found)


def _falls(statuses: Sequence[Status]) -> bool:
    """Whether a judged status is worse than one before it."""
    ranks = [RANK.index(one) for one in statuses if one in RANK]
    return ranks != sorted(ranks)
