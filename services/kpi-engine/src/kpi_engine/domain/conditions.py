"""Conditions of a measure on the fields of a fact, as data (`architecture.md`, rule 5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

Values = frozenset[str]
Bound = date | Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Holds for a set of values; `why` is shown with a fact that it leaves out."""

    field: str
    any_of: Values
    none_of: Values
    not_only: Values
    why: str
    why_fr: str
    present: bool | None = None
    at_least: Bound | None = None
    at_most: Bound | None = None

    def holds(self, values: Values) -> bool:
        if self.present is not None and bool(values) is not self.present:
            return False
        if not (self.at_least is None and self.at_most is None) and not self._in_range(values):
            return False
        if self.any_of and self.any_of.isdisjoint(values):
            return False
        if self.none_of and not self.none_of.isdisjoint(values):
            return False
        # Empty passes: a thing that serves nothing in particular does not serve these alone.
        return not (self.not_only and values and values <= self.not_only)

    def _in_range(self, values: Values) -> bool:
        """Ends belong to it; what is not given is in no range."""
        return bool(values) and all(
            (self.at_least is None or _reaches(one, self.at_least))
            and (self.at_most is None or _reaches(self.at_most, one))
            for one in map(_value, values)
        )


def read_bound(text: str) -> Bound:
    """Read a date or a number as a fact or a measure says it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return Fraction(text)


def _value(text: str) -> Bound | None:
    try:
        return read_bound(text)
    except ValueError:
        return None  # neither a date nor a number: in no range


def _reaches(one: Bound | None, other: Bound | None) -> bool:
    """Whether one is at least the other; a date and a number are never compared."""
    if isinstance(one, date) and isinstance(other, date):
        return one >= other
    return isinstance(one, Fraction) and isinstance(other, Fraction) and one >= other


Ways = tuple[tuple[Condition, ...], ...]
"""Ways in: a fact passes that meets all conditions of one of them. No way at all lets all pass."""


def first_broken(
    *, conditions: Sequence[Condition], fields: Mapping[str, Values]
) -> Condition | None:
    """Return the first condition that does not hold, or None where all hold."""
    for condition in conditions:
        if not condition.holds(fields[condition.field]):
            return condition
    return None


def broken_way(*, ways: Ways, fields: Mapping[str, Values]) -> Condition | None:
    """Return the condition that keeps a fact out, of the first way; None where one way is open."""
    broken = None
    for conditions in ways:
        found = first_broken(conditions=conditions, fields=fields)
        if found is None:
            return None
        broken = broken or found
    return broken
