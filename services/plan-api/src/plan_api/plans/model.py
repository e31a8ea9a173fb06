"""The rules of estimates and targets: what may be planned for which indicator and period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from plan_api.core.errors import InvalidFieldError
from shared_kit.calendar import Period


class WrongKindError(InvalidFieldError):
    """The indicator is of a kind that knows no such figure."""


class PointsError(InvalidFieldError):
    """The points of an estimate do not make a path to it."""


class RangeError(InvalidFieldError):
    """The range of a target is empty or negative."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """By this date, so many."""

    on: date
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The planned figure of an indicator for a period, before it has a revision."""

    indicator: str
    period: str
    value: int
    points: tuple[Point, ...] | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The approved level (`low` alone) or range of an observed indicator for a period."""

    indicator: str
    period: str
    low: Decimal
    high: Decimal | None = None
    reason: str | None = None


def check_estimate(estimate: Estimate, *, kind: str, period: Period) -> None:
    """Let an estimate through that says something the engine can measure against.

    Raises:
        WrongKindError: an observed indicator has no estimate.
        PointsError: the points leave the period, go back, or do not end at the value.
    """
    if kind != "planned":
        raise WrongKindError(
            "path/key",
            "this indicator has no estimate: it is not held against planned work",
            "cet indicateur n’a pas d’estimation\u00a0: il n’est pas comparé à un travail planifié",
        )
    if estimate.points is not None:
        _check_points(estimate.points, value=estimate.value, period=period)


def check_target(target: Target, *, kind: str, direction: str | None = None) -> None:
    """Let a target through that an observed or stated indicator can be judged by.

    `direction` is that of the declared path, if there is one: with it a level may lie below zero.

    Raises:
        WrongKindError: what is planned is judged by its estimate.
        RangeError
    """
    if kind not in ("observed", "stated"):
        raise WrongKindError(
            "path/key",
            "only an observed or stated indicator has a target",
            "seul un indicateur observé ou déclaré a une cible",
        )
    if direction in ("increase", "decrease") and target.high is not None:
        raise RangeError(
            "high",
            "a single level is expected: the figure moves to it",
            "un seul niveau est attendu : le chiffre y tend",
        )
    if target.low < 0 and direction is None:
        raise RangeError("low", "at least 0 is expected", "au moins 0 est attendu")
    if target.high is not None and target.high < target.low:
        raise RangeError(
            "high", "at least `low` is expected", "au moins la valeur de `low` est attendue"
        )


def _check_points(points: Sequence[Point], *, value: int, period: Period) -> None:
    before: Point | None = None
    for place, point in enumerate(points):
        if point.on not in period:
            raise PointsError(
                f"points/{place}/on",
                f"a date inside {period.code} is expected",
                f"une date dans {period.code} est attendue",
            )
        if before is not None and (point.on <= before.on or point.value < before.value):
            raise PointsError(
                f"points/{place}",
                "later and not less than the point before is expected",
                "un point plus tard et non inférieur au précédent est attendu",
            )
        before = point
    if before is not None and before.value != value:
        raise PointsError(
            "points", "the last point is the value", "le dernier point égale la valeur"
        )
