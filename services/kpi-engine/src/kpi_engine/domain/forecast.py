"""What is needed until period end, and where a count may end: required pace and a band.

Method and limits: with dated items, what is done plus a beta-binomial of what is still to come, at
the rate of what fell due in the last third of the time so far, its evidence halved; without any
date a run-rate. An 80 % band, widened by half, and nothing where too little is known. Exact
integers and fractions; the largest cases by their moments.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from math import ceil, comb, floor, isqrt
from operator import mul

from kpi_engine.domain.figures import Listing
from kpi_engine.domain.planned import PeriodPlan
from shared_kit.calendar import Period

ZERO = Fraction(0)
ONE = Fraction(1)
LOOK_BACK = timedelta(days=90)
A_MONTH = 30
LEAST_DUE = 8
"""With fewer due or expected a rate is chance."""
_EARLY = Fraction(1, 4)
_TAIL = Fraction(1, 10)
_WIDER = Fraction(3, 2)
# So many standard deviations leave a tenth on each side of a normal distribution.
_NORMAL = Fraction(12_816, 10_000)
_MOST_EXACT = 200


class NoForecast(StrEnum):
    """Why no forecast is given; the method counts planned items of equal weight."""

    NOT_COUNTED = "not-counted"
    MILESTONES = "milestones"
    OBSERVED = "observed"
    LEVEL = "level"
    STATED = "stated"
    NOT_JUDGED = "not-judged"
    PERIOD_OVER = "period-over"
    TOO_EARLY = "too-early"
    TOO_FEW = "too-few"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """A band for the count at period end; `by_plan` says whether dated items were known."""

    low: int
    likely: int
    high: int
    by_plan: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What is missing, and how much in 30 days that needs; beside it what the last days gave."""

    missing: Fraction
    days_left: int
    needed: Fraction
    recent: Fraction | None
    recent_days: int


def pace_of(
    *,
    numerator: Fraction,
    denominator: Fraction,
    recent: Fraction | None,
    period: Period,
    as_of: date,
) -> Pace | None:
    """The required pace; None where nothing is missing, or no day is left or gone.

    `recent` is what was counted in the last 90 days, or since the period began.
    """
    missing, left = denominator - numerator, (period.end - as_of).days
    gone = min(LOOK_BACK.days, period.elapsed(as_of))
    if missing <= 0 or left <= 0 or gone == 0:
        return None
    return Pace(
        missing=missing,
        days_left=left,
        needed=missing * A_MONTH / left,
        recent=None if recent is None else recent * A_MONTH / gone,
        recent_days=gone,
    )


def forecast_of(
    *,
    plan: PeriodPlan,
    numerator: Fraction,
    unplanned: int,
    expected: Fraction,
    as_of: date,
    grace_days: int,
) -> Forecast | NoForecast:
    """Forecast a count of planned items; `expected` is what should have been there the grace ago.

    What is later than the grace is taken as not coming; so is what is due after period end.
    """
    period = plan.period
    if as_of >= period.end:
        return NoForecast.PERIOD_OVER
    if Fraction(period.elapsed(as_of), period.days) < _EARLY:
        return NoForecast.TOO_EARLY
    done = int(numerator)
    by = as_of - timedelta(days=grace_days)
    if not any(item.due for item in plan.items):
        if expected < LEAST_DUE:
            return NoForecast.TOO_FEW
        low, likely, high = run_rate(
            done=done, gone=period.elapsed(as_of), left=(period.end - as_of).days
        )
        return Forecast(low=done + low, likely=done + likely, high=done + high, by_plan=False)
    due, kept = _lately(plan.items, period=period, by=by, as_of=as_of)
    if due < LEAST_DUE:
        return NoForecast.TOO_FEW
    coming = [
        item
        for item in plan.items
        if item.share(by=as_of) < ONE and (item.due is None or by < item.due <= period.end)
    ]
    unlisted = max(floor(plan.denominator) - len(plan.items) - unplanned, 0)
    low, likely, high = still_to_come(count=len(coming) + unlisted, due=due, done=kept)
    return Forecast(low=done + low, likely=done + likely, high=done + high, by_plan=True)


def not_counted(*, kind: str, stated: bool, level: bool, over: bool) -> NoForecast:
    """Why what is no count of planned items has no forecast."""
    if over:
        return NoForecast.PERIOD_OVER
    if kind == "milestones":
        return NoForecast.MILESTONES
    if level:
        return NoForecast.LEVEL
    return NoForecast.STATED if stated or kind == "stated" else NoForecast.OBSERVED


def _lately(items: Sequence[Listing], *, period: Period, by: date, as_of: date) -> tuple[int, int]:
    """What fell due in the last third of the time up to a day, and what of it is done.

    Of fewer than the least number all that was due so far is taken.
    """
    since = by - timedelta(days=period.elapsed(by) // 3)
    due = [item for item in items if item.due is not None and item.due <= by]
    recent = [item for item in due if item.due is not None and item.due > since]
    chosen = recent if len(recent) >= LEAST_DUE else due
    return len(chosen), sum(1 for item in chosen if item.share(by=as_of) >= ONE)


@lru_cache(maxsize=16_384)
def still_to_come(*, count: int, due: int, done: int) -> tuple[int, int, int]:
    """Low, likely and high of how many of `count` items come, where `done` of `due` came lately.

    Beta-binomial with Jeffreys' prior and half the evidence: 2a = done + 1, 2b = due - done + 1.
    """
    if count == 0:
        return 0, 0, 0
    a, b = done + 1, due - done + 1
    if count > _MOST_EXACT:
        mean = Fraction(count * a, a + b)
        variance = mean * Fraction(b * (a + b + 2 * count), (a + b) * (a + b + 2))
        return _around(mean, variance, most=count)
    low, middle, high = _quantiles(_weights(count, a, b), (_TAIL, Fraction(1, 2), 1 - _TAIL))
    return _widened(Fraction(low), Fraction(middle), Fraction(high), most=count)


def _weights(count: int, a: int, b: int) -> list[int]:
    """The beta-binomial's probabilities times one common factor."""
    comes = list(accumulate((a + 2 * k for k in range(count)), mul, initial=1))
    stays = list(accumulate((b + 2 * k for k in range(count)), mul, initial=1))
    return [comb(count, k) * comes[k] * stays[count - k] for k in range(count + 1)]


def _quantiles(weights: Sequence[int], levels: Sequence[Fraction]) -> list[int]:
    sums = list(accumulate(weights))
    return [
        next(
            k
            for k, up_to in enumerate(sums)
            if up_to * level.denominator >= sums[-1] * level.numerator
        )
        for level in levels
    ]


@lru_cache(maxsize=16_384)
def run_rate(*, done: int, gone: int, left: int) -> tuple[int, int, int]:
    """Low, likely and high of what the days left bring, at the pace of the days gone.

    Negative binomial (a Poisson rate that is itself uncertain, Jeffreys' prior), by its moments.
    """
    mean = (done + Fraction(1, 2)) * Fraction(left, gone)
    variance = mean * Fraction(gone + left, gone)
    return _around(mean, variance, most=None)


def _around(mean: Fraction, variance: Fraction, *, most: int | None) -> tuple[int, int, int]:
    half = _NORMAL * _root(variance)
    return _widened(mean - half, Fraction(round(mean)), mean + half, most=most)


def _root(value: Fraction) -> Fraction:
    """A square root, exact to four places."""
    return Fraction(isqrt(floor(value * 10**8)), 10**4)


def _widened(
    low: Fraction, likely: Fraction, high: Fraction, *, most: int | None
) -> tuple[int, int, int]:
    """Every such band is too narrow when things change: half as wide again, outwards."""
    first = max(0, floor(likely - _WIDER * (likely - low)))
    last = ceil(likely + _WIDER * (high - likely))
    return first, int(likely), last if most is None else min(most, last)
