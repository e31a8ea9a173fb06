"""What the pages of the work are about: filters of a list, and what a deed has moved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Standing(StrEnum):
    """Where a Deliverable stands, as a list can be narrowed to."""

    OVERDUE = "overdue"
    SOON = "soon"
    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"
    PROPOSED = "proposed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What a list of Deliverables is narrowed to; None narrows nothing."""

    plan: str
    years: Mapping[str, date] = field(default_factory=dict)
    """The last day of each year of the plan, which decides what was moved out of its year."""

    period: str | None = None
    standing: Standing | None = None
    unit: str | None = None
    priority: str | None = None
    objective: str | None = None
    action: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What an indicator shows: a pair that a deed can move."""

    numerator: Decimal | None
    denominator: Decimal | None

    @property
    def counts(self) -> tuple[Decimal, Decimal]:
        return self.numerator or Decimal(0), self.denominator or Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """An indicator that shows something else than before."""

    code: str
    before: Figure
    after: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What was done with a form, and what moved by it; None where nobody could tell in time."""

    path: str
    name: str
    period: str = ""
    moves: tuple[Move, ...] | None = None
    undo: str = ""
    """The address where it can be taken back by a correction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """Where to go after a deed, and where it can be taken back."""

    back: str = ""
    undo: str = ""


def moves_between(before: Mapping[str, Figure], after: Mapping[str, Figure]) -> tuple[Move, ...]:
    """The indicators whose figure changed, in the order of the plan.

    A nothing that becomes a known zero moves nothing: an adoption makes many of them.
    """
    nothing = Figure(numerator=None, denominator=None)
    return tuple(
        Move(code=code, before=before.get(code, nothing), after=figure)
        for code, figure in after.items()
        if before.get(code, nothing).counts != figure.counts
    )
