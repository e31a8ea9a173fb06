"""Other organizations' figures against their declared paths: hand-computed, both sides of edges."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_engine.domain.figures import Measured, Pair, StatedFigure, Statements, Target
from kpi_engine.domain.judging import Outcome, judge
from kpi_engine.domain.paths import Path, Point, with_targets
from kpi_engine.handlers.arithmetic import arithmetic
from tests.support.engine_builders import these
from tests.support.engine_cases import CALENDAR, CYCLE, NEXT_YEAR, TODAY, YEAR, D, F, a_definition

BEGAN, MIDDLE, END = D(2019, 7, 1), D(2020, 1, 1), D(2022, 6, 30)
# From 40 down to 10 over the cycle, 25 by the end of the first year.
FALLING = Path(
    direction="decrease",
    baseline=(D(2019, 6, 30), F(40)),
    points=((D(2020, 6, 30), F(25)), (END, F(10))),
)
RISING = Path(direction="increase", baseline=(D(2019, 6, 30), F(0)), points=((END, F(100)),))
BOUNDS = Path(direction="keep", low=F(18), high=F(22))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (D(2018, 1, 1), F(40)),
        (D(2019, 6, 30), F(40)),
        (D(2019, 7, 1), F(40) - F(15, 366)),
        (D(2020, 6, 29), F(25) + F(15, 366)),
        (D(2020, 6, 30), F(25)),
        (D(2020, 7, 1), F(25) - F(15, 730)),
        (D(2022, 6, 30), F(10)),
        (D(2023, 1, 1), F(10)),
    ],
)
def test_a_line_runs_from_point_to_point_and_stays_at_its_ends(day: date, expected: F) -> None:
    assert FALLING.expected(by=day) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [(D(2020, 6, 29), 40), (D(2020, 6, 30), 25), (D(2022, 6, 29), 25), (D(2022, 6, 30), 10)],
)
def test_a_step_holds_until_the_next_day_that_is_declared(day: date, expected: int) -> None:
    assert replace(FALLING, linear=False).expected(by=day) == expected


def test_without_a_baseline_nothing_is_expected_before_the_first_point() -> None:
    path = replace(FALLING, baseline=None)

    assert path.expected(by=D(2020, 6, 29)) is None
    assert path.attainment(level=F(30), by=D(2020, 6, 29)) is None
    assert path.expected(by=D(2020, 6, 30)) == 25


DUE = D(2020, 6, 30)
CASES: dict[str, tuple[Path, F, F | None]] = {
    # baseline to target: (a - b) / (e - b), whichever way it goes
    "half the way down": (FALLING, F("32.5"), F(1, 2)),
    "all the way down": (FALLING, F(25), F(1)),
    "further than asked, and no cap": (FALLING, F(10), F(2)),
    "not moved": (FALLING, F(40), F(0)),
    "the wrong way": (FALLING, F(55), F(-1)),
    "up from minus five percent to plus five": (
        Path(direction="increase", baseline=(BEGAN, F(-5)), points=((DUE, F(5)),)), F(0), F(1, 2),
    ),
    "down to a negative balance": (
        Path(direction="decrease", baseline=(BEGAN, F(2)), points=((DUE, F(-2)),)), F(-3), F(5, 4),
    ),
    "down to a target of zero": (
        Path(direction="decrease", baseline=(BEGAN, F(8)), points=((DUE, F(0)),)), F(2), F(3, 4),
    ),
    # nothing due yet: the four cases
    "nothing due, nothing done": (replace(RISING, points=((DUE, F(0)), (END, F(9)))), F(0), None),
    "nothing due, something done": (replace(RISING, points=((DUE, F(0)), (END, F(9)))), F(1), F(1)),
    "nothing due, fallen back": (replace(RISING, points=((DUE, F(0)), (END, F(9)))), F(-1), None),
    # without a baseline: a / e upwards, e / a downwards
    "higher is better": (Path(direction="increase", points=((DUE, F(80)),)), F(60), F(3, 4)),
    "lower is better": (Path(direction="decrease", points=((DUE, F(60)),)), F(80), F(3, 4)),
    "lower, and none at all": (Path(direction="decrease", points=((DUE, F(60)),)), F(0), F(1)),
    "zero accidents, reached": (Path(direction="decrease", points=((DUE, F(0)),)), F(0), F(1)),
    "zero accidents, missed": (Path(direction="decrease", points=((DUE, F(0)),)), F(1), F(0)),
    "zero accidents, by a margin": (
        Path(direction="decrease", points=((DUE, F(0)),), margin=F(4)), F(1), F(3, 4),
    ),
    # the baseline is the target already: a level to hold, never 0 % for ever
    "baseline is target, held": (
        Path(direction="increase", baseline=(BEGAN, F(50)), points=((DUE, F(50)),)), F(50), F(1),
    ),
    "baseline is target, lost": (
        Path(direction="increase", baseline=(BEGAN, F(50)), points=((DUE, F(50)),)), F(40), F(4, 5),
    ),
    # keep within a range
    "low edge": (BOUNDS, F(18), F(1)),
    "just below": (BOUNDS, F("17.999"), F("17.999") / 18),
    "high edge": (BOUNDS, F(22), F(1)),
    "just above": (BOUNDS, F("22.001"), F(22) / F("22.001")),
    "only a ceiling": (Path(direction="keep", high=F(5)), F(10), F(1, 2)),
    "only a floor": (Path(direction="keep", low=F(5)), F(50), F(1)),
    "around zero, inside": (Path(direction="keep", low=F(-2), high=F(2), margin=F(4)), F(-2), F(1)),
    "around zero, below": (
        Path(direction="keep", low=F(-2), high=F(2), margin=F(4)), F(-3), F(3, 4),
    ),
    "around zero, above": (
        Path(direction="keep", low=F(-2), high=F(2), margin=F(4)), F(3), F(3, 4),
    ),
    "around zero, further than the margin": (
        Path(direction="keep", low=F(-2), high=F(2), margin=F(4)), F(7), F(-1, 4),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_level_is_held_against_its_path(name: str) -> None:
    path, level, attainment = CASES[name]

    assert path.attainment(level=level, by=DUE) == attainment


LEVELS = st.fractions(min_value=-1000, max_value=1000, max_denominator=100)
OPPOSITE = {"increase": "decrease", "decrease": "increase", "keep": "keep"}


def mirrored(path: Path) -> Path:
    """The same way with every level turned around zero."""

    def turned(point: Point) -> Point:
        return (point[0], -point[1])

    return replace(
        path,
        direction=OPPOSITE[path.direction],  # type: ignore[arg-type]  # one of three words
        baseline=None if path.baseline is None else turned(path.baseline),
        points=tuple(turned(point) for point in path.points),
        low=None if path.high is None else -path.high,
        high=None if path.low is None else -path.low,
    )


@given(
    start=LEVELS,
    ways=st.lists(st.fractions(0, 500, max_denominator=50), min_size=1, max_size=4),
    level=LEVELS,
    up=st.booleans(),
    linear=st.booleans(),
    days=st.integers(-40, 1500),
)
def test_swapping_the_direction_mirrors_the_attainment(
    start: Fraction, ways: list[Fraction], level: Fraction, up: bool, linear: bool, days: int
) -> None:
    sign = 1 if up else -1
    path = Path(
        direction="increase" if up else "decrease",
        baseline=(BEGAN, start),
        points=tuple(
            (BEGAN + timedelta(days=200 * (n + 1)), start + sign * way)
            for n, way in enumerate([*ways, max(ways) + 1])
        ),
        linear=linear,
    )
    by = BEGAN + timedelta(days=days)

    assert path.attainment(level=level, by=by) == mirrored(path).attainment(level=-level, by=by)


@given(low=LEVELS, width=st.fractions(0, 50), level=LEVELS, margin=st.fractions(1, 99))
def test_bounds_by_distance_are_mirrored_too(
    low: Fraction, width: Fraction, level: Fraction, margin: Fraction
) -> None:
    path = Path(direction="keep", low=min(low, F(0)), high=width, margin=margin)

    found = path.attainment(level=level, by=DUE)

    assert found == mirrored(path).attainment(level=-level, by=DUE)
    assert found is not None
    assert (found == 1) == (min(low, F(0)) <= level <= width)


@given(expected=st.fractions(1, 900), level=st.fractions(1, 900))
def test_lower_is_better_turns_the_ratio_of_higher_is_better(
    expected: Fraction, level: Fraction
) -> None:
    up = Path(direction="increase", points=((DUE, expected),))
    down = Path(direction="decrease", points=((DUE, level),))

    assert up.attainment(level=level, by=DUE) == down.attainment(level=expected, by=DUE)


@given(level=LEVELS, more=st.fractions(0, 100), path=st.sampled_from([RISING, FALLING]))
def test_better_is_never_judged_worse(level: Fraction, more: Fraction, path: Path) -> None:
    better = level + more if path.direction == "increase" else level - more
    found = [path.attainment(level=one, by=D(2020, 3, 1)) for one in (level, better)]

    assert found[0] is not None
    assert found[1] is not None
    assert found[0] <= found[1]


def judged(
    path: Path | None,
    *,
    as_of: date = TODAY,
    figures: dict[str, StatedFigure] | None = None,
    targets: dict[str, Target] | None = None,
    measured: Measured | None = None,
    period: Any = YEAR,
    **changes: Any,
) -> Outcome:
    return judge(
        definition=a_definition(**{"kind": "stated", "measure": None, "path": path, **changes}),
        period=period,
        calendar=CALENDAR,
        as_of=as_of,
        measured=measured or Measured(),
        statements=Statements(figures=figures or {}, targets=targets or {}),
    )


def figure(level: str, whole: int | None = None, on: date | None = None) -> StatedFigure:
    return StatedFigure(
        numerator=F(level),
        denominator=None if whole is None else F(whole),
        as_on=on,
        recorded=datetime(2020, 1, 2),  # noqa: DTZ001 - a label here
    )


def test_a_figure_is_held_against_the_path_of_the_grace_ago() -> None:
    found = judged(FALLING, figures={"FY2019": figure("36")})

    # 4 January 2020 is the 188th of 366 days of the way from 40 to 25.
    assert found.expected == F(40) - F(15) * 218 / 366
    assert found.expected_lagged == F(40) - F(15) * 188 / 366
    assert found.attainment == F(4) / (F(15) * 188 / 366)
    assert these(found.target, found.status) == (Target(low=None, high=F(25)), "off-track")


@pytest.mark.parametrize(
    ("as_of", "lagged"),
    [(D(2020, 7, 29), F(25) + F(15, 366)), (D(2020, 7, 30), F(25)), (D(2021, 5, 1), F(25))],
    ids=["a day short of the grace", "the grace is over", "long after"],
)
def test_once_the_grace_is_over_the_end_of_the_period_decides(as_of: date, lagged: F) -> None:
    found = judged(FALLING, as_of=as_of, figures={"FY2019": figure("25")})

    assert (found.expected, found.expected_lagged) == (F(25), lagged)
    assert found.attainment == (F(40) - 25) / (F(40) - lagged)


def test_what_is_missing_says_why_in_the_order_of_reasons() -> None:
    pathless = Path(direction="increase")
    late = Path(direction="increase", points=((END, F(5)),))
    some = {"FY2019": figure("5")}

    assert judged(FALLING).reason == "no-data"
    assert judged(pathless, figures=some).reason == "no-target"
    assert judged(late, figures=some).reason == "no-target"
    assert judged(replace(late, baseline=(D(2020, 5, 1), F(5))), figures=some).reason is None
    assert judged(Path(direction="keep"), figures=some).reason == "no-target"
    assert judged(RISING, figures={"FY2019": figure("0")}, as_of=D(2019, 7, 20)).reason == (
        "not-started"
    )


def test_an_approved_target_is_a_point_at_the_end_of_its_period() -> None:
    targets = {"FY2019": Target(low=F(30)), "2019-2022": Target(low=F(12))}

    year = with_targets(FALLING, targets=targets, period=YEAR, calendar=CALENDAR)
    cycle = with_targets(FALLING, targets=targets, period=CYCLE, calendar=CALENDAR)

    assert year.points == cycle.points == ((D(2020, 6, 30), F(30)), (END, F(12)))
    last = {**targets, "FY2021": Target(low=F(13))}
    points = with_targets(FALLING, targets=last, period=CALENDAR.years[2], calendar=CALENDAR).points
    assert points[-1] == (END, F(13))
    points = with_targets(FALLING, targets=last, period=CYCLE, calendar=CALENDAR).points
    assert points[-1] == (END, F(12))


def test_an_approved_range_stands_in_for_the_bounds() -> None:
    targets = {"FY2019": Target(low=F(10), high=F(20))}

    assert judged(BOUNDS, figures={"FY2019": figure("21")}).attainment == 1
    found = judged(BOUNDS, figures={"FY2019": figure("21")}, targets=targets)
    assert (found.attainment, found.target) == (F(20, 21), Target(low=F(10), high=F(20)))


def test_the_cycle_has_the_latest_level_of_its_years_and_never_their_sum() -> None:
    figures = {
        "FY2019": figure("30", on=D(2020, 6, 30)),
        "FY2020": figure("20", on=D(2021, 6, 30)),
    }

    found = judged(FALLING, period=CYCLE, as_of=D(2021, 8, 2), figures=figures)
    own = judged(
        FALLING, period=CYCLE, as_of=D(2021, 8, 2), figures={**figures, "2019-2022": figure("9")}
    )

    assert these(found.numerator, own.numerator) == (20, 9)
    # 3 July 2021 is the 368th of 730 days of the way from 25 to 10.
    assert found.attainment == F(20) / (15 + F(15) * 368 / 730)
    assert judged(FALLING, period=NEXT_YEAR, figures={"FY2019": figure("30")}).reason == "no-data"


def test_what_is_observed_can_follow_a_path_too() -> None:
    facts = Measured(pair=Pair(numerator=F(30), denominator=F(80)), facts=2)
    path = Path(direction="increase", points=((D(2020, 1, 4), F(1, 2)),))

    found = judged(path, kind="observed", measured=facts)

    assert these(found.attainment, found.ratio, found.status) == (F(3, 4), F(3, 8), "at-risk")
    assert judged(path, kind="observed").reason == "no-data"


@pytest.mark.parametrize(
    ("level", "attainment"), [("-1", 0), ("0", 1), ("1", 1)], ids=["below", "edge", "above"]
)
def test_without_a_path_a_level_of_zero_stays_zero(level: str, attainment: int) -> None:
    found = judged(None, figures={"FY2019": figure(level)}, targets={"FY2019": Target(low=F(0))})

    assert found.attainment == attainment


def test_the_calculation_is_told_in_one_line() -> None:
    outcome = judged(RISING, as_of=D(2020, 7, 30), figures={"FY2019": figure("30")})
    definition = a_definition(kind="stated", measure=None, path=RISING)

    by = D(2020, 6, 30)
    assert arithmetic(outcome, definition, by=by, language="en") == (
        "level 30; baseline 0, expected by 30 June 2020: 33.394161: "
        "(30 - 0) / (33.394161 - 0); target at least 33.394161; "
        "reached 89.84%; on track from 90%, at risk from 75%: at risk"
    )
    assert arithmetic(outcome, definition, by=by, language="fr").startswith(
        "niveau 30\u202f; valeur de référence 0, attendu au 30 juin 2020\u00a0: 33,394161"
    )
