"""The rules of estimates and targets."""

from datetime import date
from decimal import Decimal

import pytest

from plan_api.plans.model import (
    Estimate,
    Point,
    PointsError,
    RangeError,
    Target,
    WrongKindError,
    check_estimate,
    check_target,
)
from shared_kit.calendar import Period, PeriodKind

YEAR = Period(code="FY2019", start=date(2019, 7, 1), end=date(2020, 6, 30), kind=PeriodKind.YEAR)


def an_estimate(*points: tuple[date, int], value: int = 10) -> Estimate:
    return Estimate(
        indicator="p:SG",
        period="FY2019",
        value=value,
        points=tuple(Point(on=on, value=amount) for on, amount in points) or None,
    )


@pytest.mark.parametrize(
    "estimate",
    [
        an_estimate(),
        an_estimate(value=0),
        an_estimate((YEAR.start, 0), (YEAR.end, 10)),
        an_estimate((date(2019, 9, 1), 4), (date(2019, 12, 1), 4), (date(2020, 3, 1), 10)),
    ],
)
def test_takes_a_figure_with_or_without_a_path(estimate: Estimate) -> None:
    check_estimate(estimate, kind="planned", period=YEAR)


@pytest.mark.parametrize(
    ("estimate", "field"),
    [
        (an_estimate((date(2019, 6, 30), 0), (YEAR.end, 10)), "points/0/on"),
        (an_estimate((YEAR.start, 5), (YEAR.start, 10)), "points/1"),
        (an_estimate((YEAR.start, 5), (date(2020, 1, 1), 4), (YEAR.end, 10)), "points/1"),
        (an_estimate((YEAR.start, 5), (YEAR.end, 9)), "points"),
    ],
)
def test_refuses_a_path_that_leads_elsewhere(estimate: Estimate, field: str) -> None:
    with pytest.raises(PointsError) as caught:
        check_estimate(estimate, kind="planned", period=YEAR)

    assert caught.value.field == field


@pytest.mark.parametrize("kind", ["observed", "milestones", "stated"])
def test_only_a_planned_indicator_has_an_estimate(kind: str) -> None:
    with pytest.raises(WrongKindError):
        check_estimate(an_estimate(), kind=kind, period=YEAR)


def a_target(low: str, high: str | None = None) -> Target:
    return Target(
        indicator="p:SP7.1",
        period="FY2019",
        low=Decimal(low),
        high=None if high is None else Decimal(high),
    )


def test_takes_a_level_or_a_range() -> None:
    check_target(a_target("0.5"), kind="observed")
    check_target(a_target("0.55", "0.55"), kind="observed")


def test_a_declared_path_may_lie_below_zero_and_ends_at_one_level() -> None:
    check_target(a_target("-2"), kind="stated", direction="increase")
    check_target(a_target("-2", "2"), kind="stated", direction="keep")
    for direction in ("increase", "decrease"):
        with pytest.raises(RangeError):
            check_target(a_target("1", "2"), kind="stated", direction=direction)


@pytest.mark.parametrize(
    ("target", "kind", "error"),
    [
        (a_target("-0.1"), "observed", RangeError),
        (a_target("0.6", "0.5"), "observed", RangeError),
        (a_target("0.6"), "planned", WrongKindError),
    ],
)
def test_refuses_a_target_that_nothing_can_meet(
    target: Target, kind: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        check_target(target, kind=kind)
