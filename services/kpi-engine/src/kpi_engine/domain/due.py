"""Item by item: what was due, what of it is done, and what is overdue."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from kpi_engine.domain.figures import Listing
from shared_kit.calendar import Period

WINDOW = timedelta(days=120)
ZERO = Fraction(0)
ONE = Fraction(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    item: str
    title: str
    title_fr: str | None = None
    due: date
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DueItems:
    """What was due at least the grace ago, and what of it is done; the same of the last months."""

    by: date
    due: Fraction
    done: Fraction
    window_due: Fraction
    window_done: Fraction
    overdue: tuple[Overdue, ...]


def due_items(
    *, items: Sequence[Listing], period: Period, as_of: date, grace_days: int
) -> DueItems:
    """Compare item by item what was due at least the grace ago with what is done."""
    by = as_of - timedelta(days=grace_days)
    until = min(as_of, period.end)
    due, done = _due_and_done(items, until, lambda day: day <= by)
    recent, recent_done = _due_and_done(items, until, lambda day: by - WINDOW < day <= by)
    overdue = [
        Overdue(
            item=item.item,
            title=item.title,
            title_fr=item.title_fr,
            due=item.due,
            days=(as_of - item.due).days,
        )
        for item in items
        if item.due is not None and item.due < as_of and item.share(by=as_of) < ONE
    ]
    return DueItems(
        by=by,
        due=due,
        done=done,
        window_due=recent,
        window_done=recent_done,
        overdue=tuple(sorted(overdue, key=lambda one: (one.due, one.item))),
    )


def _due_and_done(
    items: Sequence[Listing], until: date, is_due: Callable[[date], bool]
) -> tuple[Fraction, Fraction]:
    chosen = [item for item in items if item.due is not None and is_due(item.due)]
    due = sum((item.weight for item in chosen), ZERO)
    return due, sum((item.weight * item.share(by=until) for item in chosen), ZERO)
