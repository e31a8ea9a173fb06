"""Why a figure is in doubt: what a check of it against the facts found."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFigure:
    """A figure as far as a check compares it; None where there is none."""

    numerator: Decimal | None = None
    denominator: Decimal | None = None
    judged_numerator: Decimal | None = None
    judged_denominator: Decimal | None = None
    due: Decimal | None = None
    due_done: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferingItem:
    """What is counted wrongly; only Deliverables have a title here."""

    key: str
    title: str | None = None
    title_fr: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The figure as shown, as what is kept would give it, and as the facts say."""

    check: int
    shown: CheckedFigure
    live: CheckedFigure
    rebuilt: CheckedFigure
    lost: int = 0
    surplus: int = 0
    items: tuple[DifferingItem, ...] = ()
