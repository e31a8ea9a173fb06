"""Conditions of a measure on the fields of a fact, as data (`architecture.md`, rule 5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Values = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Holds for a set of values; `why` is shown with a fact that it leaves out."""

    field: str
    any_of: Values
    none_of: Values
    not_only: Values
    why: str
    why_fr: str

    def holds(self, values: Values) -> bool:
        if self.any_of and self.any_of.isdisjoint(values):
            return False
        if self.none_of and not self.none_of.isdisjoint(values):
            return False
        # Empty passes: a thing that serves nothing in particular does not serve these alone.
        return not (self.not_only and values and values <= self.not_only)


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
