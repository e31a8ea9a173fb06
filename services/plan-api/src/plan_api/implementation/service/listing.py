"""Use case: find Actions and Deliverables by what they are and where they stand, in an order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    SQLColumnExpression,
    and_,
    false,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute

from plan_api.implementation.model import Action, ActionState, Deliverable, DeliverableState
from plan_api.implementation.repository import in_year
from plan_api.implementation.tables import ActionRow, DeliverableRow

T = TypeVar("T")
Key = tuple[str | int, ...]

_FROM: Final = date(2000, 1, 1)
_UNDATED: Final = 10_000_000


class Sort(StrEnum):
    """The order of a list; what is equal comes by key, what has no date comes last."""

    KEY = "key"
    DUE = "due"
    DUE_LAST_FIRST = "-due"
    TITLE = "title"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list of Deliverables is narrowed to; None narrows nothing."""

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
    package: str | None = None
    due_from: date | None = None
    due_to: date | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionFilters:
    """What a list of Actions is narrowed to; None narrows nothing."""

    plan: str | None = None
    period: str | None = None
    state: ActionState | None = None
    lead: str | None = None
    objective: str | None = None
    kind: str | None = None
    package: str | None = None
    due_from: date | None = None
    due_to: date | None = None
    q: str | None = None


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
    if filters.package is not None:
        statement = statement.where(row.packages.contains([filters.package]))
    if filters.overdue is not None:
        late = _late(days)
        statement = statement.where(late if filters.overdue else not_(late))
    return statement.where(
        *_between(row.current_due, filters.due_from, filters.due_to),
        *_said(filters.q, row.title, row.title_fr),
    )


def actions(filters: ActionFilters) -> Select[ActionRow]:
    """The query for a list. `kind` and `package` are those of one of its Deliverables."""
    row, its = ActionRow, DeliverableRow
    statement = select(row)
    equal = {
        row.plan: filters.plan,
        row.period: filters.period,
        row.state: None if filters.state is None else filters.state.value,
        row.lead: filters.lead,
    }
    for column, value in equal.items():
        if value is not None:
            statement = statement.where(column == value)
    if filters.objective is not None:
        statement = statement.where(row.objectives.contains([filters.objective]))
    if filters.kind is not None or filters.package is not None:
        having = select(its.key).where(its.action == row.key)
        if filters.kind is not None:
            having = having.where(its.kind == filters.kind)
        if filters.package is not None:
            having = having.where(its.packages.contains([filters.package]))
        statement = statement.where(having.exists())
    return statement.where(
        *_between(row.end, filters.due_from, filters.due_to),
        *_said(filters.q, row.title, row.title_fr),
    )


@dataclass(frozen=True, slots=True)
class Order(Generic[T]):
    """An order for the database and, the same, the key of one that was read."""

    columns: list[SQLColumnExpression[Any]]
    key: Callable[[T], Key]


def order_of_deliverables(sort: Sort) -> Order[Deliverable]:
    row = DeliverableRow
    columns = [*_columns(sort, due=row.current_due, title=row.title), row.key]

    def key(one: Deliverable) -> Key:
        planned = one.planned
        return (*_values(sort, due=one.current_due, title=planned.title), planned.key)

    return Order(columns, key)


def order_of_actions(sort: Sort) -> Order[Action]:
    row = ActionRow
    columns = [*_columns(sort, due=row.end, title=row.title), row.key]

    def key(one: Action) -> Key:
        planned = one.planned
        return (*_values(sort, due=planned.end, title=planned.title), planned.key)

    return Order(columns, key)


def _columns(
    sort: Sort, *, due: InstrumentedAttribute[date | None], title: InstrumentedAttribute[str]
) -> list[SQLColumnExpression[Any]]:
    # A number of days is never null and can be turned round, as a key of a page has to be.
    days = due - literal(_FROM, Date)
    match sort:
        case Sort.KEY:
            return []
        case Sort.DUE:
            return [func.coalesce(days, _UNDATED)]
        case Sort.DUE_LAST_FIRST:
            return [func.coalesce(-days, _UNDATED)]
        case Sort.TITLE:
            return [title]


def _values(sort: Sort, *, due: date | None, title: str) -> Key:
    days = None if due is None else (due - _FROM).days
    match sort:
        case Sort.KEY:
            return ()
        case Sort.DUE:
            return (_UNDATED if days is None else days,)
        case Sort.DUE_LAST_FIRST:
            return (_UNDATED if days is None else -days,)
        case Sort.TITLE:
            return (title,)


def _between(
    column: InstrumentedAttribute[date | None], first: date | None, last: date | None
) -> list[ColumnElement[bool]]:
    found = []
    if first is not None:
        found.append(column >= first)
    if last is not None:
        found.append(column <= last)
    return found


def _said(q: str | None, *titles: InstrumentedAttribute[Any]) -> list[ColumnElement[bool]]:
    if q is None:
        return []
    return [or_(*(title.icontains(q, autoescape=True) for title in titles))]


def _late(days: Mapping[str, date]) -> ColumnElement[bool]:
    row = DeliverableRow
    return and_(
        row.state == DeliverableState.PLANNED.value,
        row.current_due.is_not(None),
        or_(
            false(),
            *(and_(row.plan == plan, row.current_due < day) for plan, day in days.items()),
        ),
    )
