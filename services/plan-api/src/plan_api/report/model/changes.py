"""Why a figure moved between two judgements, as the engine tells it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from plan_api.report.model import FactRef, Result

_ORDER = ("figure", "time", "plan", "definition")


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
class ShiftPart:
    """What one cause did to an attainment, or to what was expected."""

    cause: str
    change: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A change in parts that add up exactly."""

    before: Decimal
    after: Decimal
    change: Decimal
    parts: Sequence[ShiftPart] = ()

    def of(self, cause: str) -> Decimal:
        return sum((one.change for one in self.parts if one.cause == cause), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class FellDue:
    """An item that is judged now and was not due then."""

    item: str
    title: str
    due: date
    done: bool
    title_fr: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What decided the status then and now; `sentence` is in the language asked for."""

    changed: bool
    sentence: str
    fell_due: Sequence[FellDue] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Two judgements, and the parts of the change between them; these add up exactly."""

    since: Result
    to: Result
    numerator_change: Decimal
    denominator_change: Decimal
    ratio_change: Decimal | None = None
    parts: Sequence[ChangePart] = ()
    expected: Shift | None = None
    attainment: Shift | None = None
    status: Turn | None = None

    @property
    def shifts(self) -> Sequence[str]:
        """The causes that moved what was expected or the attainment, in the engine's order."""
        found = [one for one in (self.attainment, self.expected) if one is not None]
        causes = dict.fromkeys(part.cause for one in found for part in one.parts)
        return sorted(causes, key=lambda one: _ORDER.index(one) if one in _ORDER else len(_ORDER))
