"""A figure against the path that its plan declares: from a baseline to a target, or within bounds.

Levels are in the indicator's own unit; nothing here is capped. The rules and their order are those
of `docs/plan-file.md`, part "How other figures move".
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Literal

from kpi_engine.domain.figures import Target
from shared_kit.calendar import Period, PlanCalendar

ZERO = Fraction(0)
ONE = Fraction(1)

Direction = Literal["increase", "decrease", "keep"]
Point = tuple[date, Fraction]


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """Where a figure should be by when. `points` are in the order of their days, each day once.

    `margin` is the distance from what should be at which nothing of it is attained.
    """

    direction: Direction
    baseline: Point | None = None
    points: tuple[Point, ...] = ()
    linear: bool = True
    low: Fraction | None = None
    high: Fraction | None = None
    margin: Fraction | None = None

    @property
    def has_target(self) -> bool:
        """Whether there is anything that a figure could be held against."""
        if self.direction == "keep":
            return self.low is not None or self.high is not None
        return bool(self.points)

    def expected(self, *, by: date) -> Fraction | None:
        """What should be there on a day; None before a path without a baseline begins."""
        known = self.points if self.baseline is None else (self.baseline, *self.points)
        begun = [point for point in known if point[0] <= by]
        if not begun:
            # A baseline holds before its own day too: nothing was to move yet.
            return None if self.baseline is None else self.baseline[1]
        ahead = [point for point in known if point[0] > by]
        (start, value) = begun[-1]
        if not ahead or not self.linear:
            return value
        (end, then) = ahead[0]
        return value + (then - value) * Fraction((by - start).days, (end - start).days)

    def attainment(self, *, level: Fraction, by: date) -> Fraction | None:
        """How much of what should be there on a day is; None where nothing was due or done."""
        if self.direction == "keep":
            return self._within(level)
        expected = self.expected(by=by)
        if expected is None:
            return None
        # A path that ends where it began has nothing to gain: its level is to be held.
        if self.baseline is None or self.points[-1][1] == self.baseline[1]:
            return self._held(level, expected)
        sign = 1 if self.direction == "increase" else -1
        due, made = sign * (expected - self.baseline[1]), sign * (level - self.baseline[1])
        if due > 0:
            return made / due
        if due < 0:
            return ONE if made >= due else ZERO
        return ONE if made > 0 else None

    def _held(self, level: Fraction, expected: Fraction) -> Fraction:
        """Against the expected level itself, where no baseline says how far the way is."""
        higher = self.direction == "increase"
        if expected <= 0:
            return self._off_by(expected - level if higher else level - expected)
        if higher:
            return level / expected
        return expected / level if level > 0 else ONE

    def _within(self, level: Fraction) -> Fraction:
        low, high = self.low, self.high
        by_distance = (low is not None and low <= 0) or (high is not None and high <= 0)
        if low is not None and level < low:
            return self._off_by(low - level) if by_distance else level / low
        if high is not None and level > high:
            return self._off_by(level - high) if by_distance else high / level
        return ONE

    def _off_by(self, distance: Fraction) -> Fraction:
        if distance <= 0:
            return ONE
        # Without a margin nothing says how bad a distance is: missed is missed.
        return ONE - distance / self.margin if self.margin else ZERO


def with_targets(
    path: Path, *, targets: Mapping[str, Target], period: Period, calendar: PlanCalendar
) -> Path:
    """A path with what was approved: a target is a point at its period's end, or the bounds.

    Where a year and the cycle end on one day, each is judged by its own target.
    """
    own = targets.get(period.code)
    if path.direction == "keep":
        return path if own is None else replace(path, low=own.low, high=own.high)
    points = dict(path.points)
    # The cycle's comes first, so that a year's stands on the same day; the judged period's last.
    for one in (calendar.cycle, *calendar.years, period):
        target = targets.get(one.code)
        if target is not None and target.low is not None:
            points[one.end] = target.low
    return replace(path, points=tuple(sorted(points.items())))


def target_of(path: Path, *, period: Period) -> Target | None:
    """What is to be reached at period end, as a level or a range."""
    if path.direction == "keep":
        return Target(low=path.low, high=path.high) if path.has_target else None
    level = path.expected(by=period.end)
    if level is None or not path.has_target:
        return None
    return Target(low=level) if path.direction == "increase" else Target(low=None, high=level)
