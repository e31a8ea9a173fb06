"""What an attainment was made of."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from kpi_engine.domain.figures import Target


class BasisKind(StrEnum):
    """What an attainment was made of."""

    DUE = "due"
    EXPECTED = "expected"
    WHOLE = "whole"
    AHEAD = "ahead"
    TARGET = "target"
    PATH = "path"


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """The figure that decided, and what it was held against (None: no bound concerned it).

    `due`: items done among those due the grace ago. `expected`: the numerator against what was
    expected then. `whole`: against the denominator. `ahead`: something was done before anything
    was due. `target`: a level against the nearest approved bound; `path`: against a path.
    """

    kind: BasisKind
    figure: Fraction
    against: Fraction | None


def bound_of(kind: BasisKind, level: Fraction, target: Target | None) -> Basis:
    """Against the bound that a level is beyond, else the lower one."""
    if target is None:
        return Basis(kind=kind, figure=level, against=None)
    above = target.high is not None and level > target.high
    against = target.high if above or target.low is None else target.low
    return Basis(kind=kind, figure=level, against=against)
