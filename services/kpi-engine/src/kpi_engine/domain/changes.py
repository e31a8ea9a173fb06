"""Why a ratio moved: its change in parts that add up exactly, whatever their order.

Between numerator and denominator the change is divided as Shapley divides it (the mean of both
orders), and within each in proportion:

    n1/d1 - n0/d0 = (n1 - n0) * (1/d0 + 1/d1) / 2  -  (d1 - d0) * (n0 + n1) / (2 * d0 * d1)

Both terms are linear in what moved the numerator and the denominator, so any division of these
into causes adds up to the whole change, and no cause depends on which is told first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from kpi_engine.domain.figures import Pair

MILLION = 10**6


class Cause(StrEnum):
    """What a change comes from; told in this order."""

    NUMERATOR = "numerator"
    DENOMINATOR = "denominator"
    SCOPE = "scope"
    CORRECTION = "correction"
    DEFINITION = "definition"
    STATED = "stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What a cause did to the numerator and to the denominator."""

    cause: Cause
    numerator: Fraction = Fraction(0)
    denominator: Fraction = Fraction(0)


def effect_of(moved: Moved, *, before: Pair, after: Pair) -> Fraction | None:
    """What it did to the ratio; None where there was or is none."""
    if not before.denominator or not after.denominator:
        return None
    per_counted = (1 / before.denominator + 1 / after.denominator) / 2
    whole = 2 * before.denominator * after.denominator
    per_planned = (before.numerator + after.numerator) / whole
    return moved.numerator * per_counted - moved.denominator * per_planned


def in_millionths(effects: Sequence[Fraction], *, total: int) -> list[int]:
    """Each effect rounded so that together they are the total, the largest remainders upwards."""
    scaled = [effect * MILLION for effect in effects]
    rounded = [value.numerator // value.denominator for value in scaled]
    left = total - sum(rounded)
    order = sorted(range(len(scaled)), key=lambda at: scaled[at] - rounded[at], reverse=left > 0)
    # Few, unless a total was cut to the largest figure that can be shown.
    each, rest = divmod(abs(left), len(order)) if order else (0, 0)
    step = 1 if left > 0 else -1
    for turn, at in enumerate(order):
        rounded[at] += step * (each + (turn < rest))
    return rounded
