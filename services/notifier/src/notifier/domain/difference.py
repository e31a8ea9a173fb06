"""What a check of the figures against the ledger found to differ."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFigure:
    """A figure as far as it was compared; None where there is none."""

    numerator: Decimal | None = None
    denominator: Decimal | None = None
    judged: tuple[Decimal, Decimal] | None = None
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
    """An indicator and period that is not what the ledger says.

    `shown` was judged last, `live` is what the kept rows say, `rebuilt` what the facts say; `items`
    are the first whose rows differ.
    """

    check: int
    checked_at: datetime
    revision: int
    shown: CheckedFigure
    live: CheckedFigure
    rebuilt: CheckedFigure
    lost: int
    surplus: int
    items: tuple[DifferingItem, ...]

    @property
    def is_shown_wrongly(self) -> bool:
        return self.shown != self.rebuilt

    @property
    def moves_a_figure(self) -> bool:
        """Whether what is shown is wrong, or would be with the next judgement."""
        return not (self.shown == self.live == self.rebuilt)
