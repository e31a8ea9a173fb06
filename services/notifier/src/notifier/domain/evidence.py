"""Is it chance? The exact tail of the binomial distribution, for a few hundred items a year."""

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import comb


@lru_cache(maxsize=65_536)
def chance(*, due: int, done: int, healthy: Fraction) -> Fraction:
    """The probability that at most `done` of `due` items are done where all goes normally.

    Exact: integers over one power of the denominator, no floating point; 0.4 ms for 300 items.
    """
    if not 0 <= done <= due:
        raise ValueError(f"{done} of {due} items")
    yes, no = healthy.numerator, healthy.denominator - healthy.numerator
    ways = sum(comb(due, k) * yes**k * no ** (due - k) for k in range(done + 1))
    return Fraction(ways, healthy.denominator**due)


def once_in(probability: Fraction) -> int:
    """One in how many, to two digits: 1/662 is "about once in 660"."""
    exact = round(1 / probability)
    step: int = 10 ** max(0, len(str(exact)) - 2)
    return round(Fraction(exact, step)) * step


def decimal_of(chance: Fraction | None) -> Decimal | None:
    """Six places, as every decimal that travels."""
    if chance is None:
        return None
    # As fractions first: a tail of 300 items has more digits than a context of decimals.
    millionths = round(chance * 1_000_000)
    return Decimal(millionths).scaleb(-6).quantize(Decimal("0.000001"))
