"""What moved an attainment, and what turned a status: each cause by itself, in exact parts.

A judgement depends on what is counted, on the day, on what is planned and on the definition. Each
of these is taken from the earlier or the later judgement, and judged: the change is divided as
Shapley divides it, by the mean over all orders in which the causes could have come. So the parts
add up exactly, and none depends on which is told first.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise, permutations


class Shift(StrEnum):
    """What a judgement depends on; told in this order."""

    FIGURE = "figure"
    TIME = "time"
    PLAN = "plan"
    DEFINITION = "definition"
    TOGETHER = "together"
    """Of several at once that cannot be told apart: between them nothing could be judged."""


Came = frozenset[Shift]
"""The causes that are taken from the later judgement; the others are as they were."""


def divided(
    value: Callable[[Came], Fraction | None], *, causes: Sequence[Shift]
) -> Mapping[Shift, Fraction] | None:
    """The change from no cause to all of them, by cause; None where an end has no value.

    Orders that pass through a state without a value are left out of the mean; where none is left
    the change is one part.
    """
    first, last = value(frozenset()), value(frozenset(causes))
    if first is None or last is None:
        return None
    known: dict[Came, Fraction | None] = {frozenset(): first, frozenset(causes): last}
    sums = dict.fromkeys(causes, Fraction(0))
    orders = 0
    for order in permutations(causes):
        states = [frozenset(order[:count]) for count in range(len(order) + 1)]
        found: list[Fraction] = []
        for state in states:
            if state not in known:
                known[state] = value(state)
            one = known[state]
            if one is None:
                break
            found.append(one)
        if len(found) < len(states):
            continue
        orders += 1
        for cause, (before, after) in zip(order, pairwise(found), strict=True):
            sums[cause] += after - before
    if not orders:
        return {Shift.TOGETHER: last - first}
    return {cause: whole / orders for cause, whole in sums.items()}


def turned_by(value: Callable[[Came], object], *, causes: Sequence[Shift]) -> tuple[Shift, ...]:
    """The causes without which it would not have turned; if none, those that suffice alone.

    Empty where nothing turned, or where only several together turn it and none is needed.
    """
    last = value(frozenset(causes))
    if value(frozenset()) == last:
        return ()
    everything = frozenset(causes)
    needed = tuple(one for one in causes if value(everything - {one}) != last)
    return needed or tuple(one for one in causes if value(frozenset({one})) == last)
