"""Listed items with their dates: overdue, to come, or done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from plan_api.report.model import DueItem


class DueState(StrEnum):
    OVERDUE = "overdue"
    TO_COME = "to-come"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRow:
    """A listed item with its date: what became of it."""

    item: DueItem
    state: DueState
    days: int


def due_rows(items: Sequence[DueItem], *, today: date) -> tuple[DueRow, ...]:
    """What is overdue first, the latest first; then what is to come; then what is done."""
    order = (DueState.OVERDUE, DueState.TO_COME, DueState.DONE)
    rows = [_due_row(item, today=today) for item in items]
    return tuple(
        sorted(
            rows,
            key=lambda row: (
                order.index(row.state),
                row.item.due or date.max,
                row.item.item,
            ),
        )
    )


def _due_row(item: DueItem, *, today: date) -> DueRow:
    if item.done_on is not None:
        late = max(0, (item.done_on - item.due).days) if item.due else 0
        return DueRow(item=item, state=DueState.DONE, days=late)
    if item.due is not None and item.due < today:
        return DueRow(item=item, state=DueState.OVERDUE, days=(today - item.due).days)
    return DueRow(item=item, state=DueState.TO_COME, days=0)
