"""The parts of a figure: whether they add up, and which are too small to be shown to everybody.

Small cells follow the usual rule of official statistics: a count of 1 to 4 Members is withheld, and
so much beside it that it cannot be worked out by subtraction from the total or from its row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

ZERO = Fraction(0)
SMALL = 5
"""Counts of Members from 1 up to below this are small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One part: its figures, and how many different Members stand behind each side.

    `code` None is what the facts give no value for. `members` and `served` are None where the
    figure is not one of Members.
    """

    code: str | None
    numerator: Fraction | None
    denominator: Fraction | None = None
    unplanned: int | None = None
    pairs: int | None = None
    members: int | None = None
    served: int | None = None

    @property
    def ratio(self) -> Fraction | None:
        if self.numerator is None or not self.denominator:
            return None
        return self.numerator / self.denominator

    @property
    def small(self) -> bool:
        """Whether it tells of 1 to 4 Members: those behind it, those served, or those not."""
        return _small(self.members or 0, self.served)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """By how much the parts together exceed the total that was measured by itself."""

    numerator: Fraction
    denominator: Fraction | None


def suppressed(cells: Sequence[Cell]) -> frozenset[int]:
    """The places of the cells that are not shown to everybody.

    One hidden cell could be subtracted out, and so could hidden cells that are small together:
    then the smallest of the others is hidden too, until the hidden ones together are no small
    count and at least two. Where that cannot be reached all are hidden.
    """
    told = [n for n, cell in enumerate(cells) if cell.members]
    hidden = {n for n in told if cells[n].small}
    rest = sorted((n for n in told if n not in hidden), key=lambda n: (cells[n].members or 0, n))
    while hidden and not _safe([cells[n] for n in hidden]):
        if not rest:
            return frozenset(range(len(cells)))
        hidden.add(rest.pop(0))
    return frozenset(hidden)


def overlap_of(cells: Sequence[Cell], total: Cell, *, beside: Fraction | None = None) -> Overlap:
    """Sum of the parts less the total; `beside` is what of the denominator is of no part."""
    known = [cell.denominator for cell in cells if cell.denominator is not None]
    whole = None
    if total.denominator is not None and beside is not None:
        whole = sum(known, ZERO) - (total.denominator - beside)
    return Overlap(
        numerator=sum((cell.numerator or ZERO for cell in cells), ZERO) - (total.numerator or ZERO),
        denominator=whole,
    )


def _safe(cells: Sequence[Cell]) -> bool:
    members = sum(cell.members or 0 for cell in cells)
    served = [cell.served for cell in cells if cell.served is not None]
    return len(cells) > 1 and not _small(members, sum(served) if served else None)


def _small(members: int, served: int | None) -> bool:
    counts = (members,) if served is None else (members, served, members - served)
    return any(0 < count < SMALL for count in counts)
