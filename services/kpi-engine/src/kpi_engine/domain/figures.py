"""What was measured for one indicator and period, before it is judged."""

from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """An item as the first adoption that lists it in its year says it, with what became of it.

    `levels` are (date, share) in the order in which they hold: one release at share 1, or the
    levels that a milestone reached. Dates after the day of judging are not in it. `initial`: it was
    in the first adoption itself; later revisions of the plan only add items.
    """

    year: str
    item: str
    title: str
    title_fr: str | None = None
    due: date | None
    weight: Fraction = Fraction(1)
    initial: bool = True
    replanned: date | None = None
    cancelled: date | None = None
    levels: tuple[tuple[date, Fraction], ...] = ()

    def share(self, *, by: date) -> Fraction:
        """How much of it is done by a day: the level that is latest by its date."""
        reached = [share for on, share in self.levels if on <= by]
        return reached[-1] if reached else Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The planned figure of a period: the latest revision, the first one, and steps if declared."""

    value: Fraction
    first: Fraction
    points: tuple[tuple[date, Fraction], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """At least `low`, at most `high`; a figure that has to fall has no `low`."""

    low: Fraction | None
    high: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedFigure:
    numerator: Fraction
    denominator: Fraction | None
    as_on: date | None = None
    recorded: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    numerator: Fraction
    denominator: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """What was said about an indicator as a whole, by period."""

    estimates: dict[str, Estimate] = field(default_factory=dict)
    targets: dict[str, Target] = field(default_factory=dict)
    figures: dict[str, StatedFigure] = field(default_factory=dict)
    confirmed_until: dict[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Counts over the facts of a period up to the earlier of as-of and its end.

    `recent` is what was counted in the last 90 days up to as-of. `facts` is how many facts passed
    the measure; `pair` the numerator and denominator of what is observed; `judged` the pair that is
    judged where that is not the whole; `listings` the adopted items of all years of the cycle.
    """

    numerator: Fraction | None = None
    unplanned: int | None = None
    recent: Fraction | None = None
    facts: int = 0
    pair: Pair | None = None
    judged: Pair | None = None
    listings: tuple[Listing, ...] = ()
    adopted: frozenset[str] = frozenset()
    last_fact_at: datetime | None = None
