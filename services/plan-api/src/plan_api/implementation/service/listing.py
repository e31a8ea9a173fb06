"""Use case: find Deliverables by what they are, where they stand and whether they are late."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, and_, false, not_, or_, select

from plan_api.implementation.model import DeliverableState
from plan_api.implementation.repository import in_year
from plan_api.implementation.tables import DeliverableRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list is narrowed to; None narrows nothing."""

    plan: str | None = None
    period: str | None = None
    state: DeliverableState | None = None
    overdue: bool | None = None
    listed: bool | None = None
    unit: str | None = None
    action: str | None = None
    kind: str | None = None
    objective: str | None = None
    priority: str | None = None


def deliverables(filters: Filters, *, days: Mapping[str, date]) -> Select[DeliverableRow]:
    """The query for a list; `days` says what day it is for each plan."""
    row = DeliverableRow
    statement = select(row)
    equal = {
        row.plan: filters.plan,
        row.state: None if filters.state is None else filters.state.value,
        row.unit: filters.unit,
        row.action: filters.action,
        row.kind: filters.kind,
        row.listed: filters.listed,
    }
    for column, value in equal.items():
        if value is not None:
            statement = statement.where(column == value)
    if filters.period is not None:
        statement = statement.where(in_year(filters.period))
    if filters.objective is not None:
        statement = statement.where(row.objectives.contains([filters.objective]))
    if filters.priority is not None:
        statement = statement.where(row.priorities.contains([filters.priority]))
    if filters.overdue is not None:
        late = and_(
            row.state == DeliverableState.PLANNED.value,
            row.current_due.is_not(None),
            or_(
                false(),
                *(and_(row.plan == plan, row.current_due < day) for plan, day in days.items()),
            ),
        )
        statement = statement.where(late if filters.overdue else not_(late))
    return statement
