"""A figure in parts, as the engine answers it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

By = Literal["region", "unit", "package", "priority"]

_DIMENSIONS: Final[Mapping[str, Sequence[By]]] = {
    "count": ("unit", "package", "priority"),
    "distinct": ("region", "package"),
    "distinct-over-interval": ("region", "package"),
    "latest-sum": ("unit",),
    "milestones": ("unit", "priority"),
}


def dimensions_of(aggregate: str | None) -> Sequence[By]:
    """What a figure can be divided by, as it is measured; the engine says which really can."""
    return _DIMENSIONS.get(aggregate or "", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part, or the total; figures are absent where they are withheld."""

    code: str | None = None
    title: str | None = None
    title_fr: str | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    unplanned: int | None = None
    pairs: int | None = None
    suppressed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted:
    """A figure in parts of one kind, with the total that was measured by itself."""

    by: By
    available: bool
    total: Part
    parts: tuple[Part, ...] = ()
    denominator_reason: str | None = None
    not_listed: Decimal | None = None
    statement: str | None = None
    withheld: int = 0

    @property
    def told(self) -> bool:
        """Whether there is more to tell than that nothing has a value."""
        return self.available and bool(
            self.withheld or any(one.code is not None for one in self.parts)
        )
