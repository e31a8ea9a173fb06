"""Why a figure moved between two judgements, as the engine tells it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from plan_api.report.model import FactRef, Result


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedItem:
    """What one item adds to a side now, less what it added then."""

    item: str
    side: str
    change: Decimal
    title: str | None = None
    title_fr: str | None = None
    member: str | None = None
    effective: date | None = None
    late: bool = False
    fact: FactRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePart:
    """What came of one cause; `sentence` is in the language that was asked for."""

    cause: str
    numerator: Decimal
    denominator: Decimal
    sentence: str
    total: int
    ratio: Decimal | None = None
    items: Sequence[ChangedItem] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Two judgements, and the parts of the change between them; these add up exactly."""

    since: Result
    to: Result
    numerator_change: Decimal
    denominator_change: Decimal
    ratio_change: Decimal | None = None
    parts: Sequence[ChangePart] = ()
