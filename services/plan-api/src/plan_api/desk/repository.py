"""What the pages of the work read: Deliverables narrowed down, Actions, adoptions, the audit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    desc,
    false,
    func,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from plan_api.core.tables import AuditRow, FactRow
from plan_api.desk.model import Narrowing, Standing
from plan_api.directory.repository import Directory, Entry, Kind, listing
from plan_api.implementation.model import Action, Deliverable, DeliverableState
from plan_api.implementation.repository import Actions, Adoption, Adoptions, Deliverables, in_year
from plan_api.implementation.tables import ActionRow, DeliverableRow
from plan_api.plans.model import Estimate, Target
from plan_api.plans.repository import Figures, Revised
from plan_api.report.pages.work import AHEAD
from shared_kit.events.definitions import Condition, Count, Indicator, Milestones, PlanSnapshot
from shared_kit.events.envelope import digest_of

_DONE = (DeliverableState.RELEASED.value, DeliverableState.REACHED.value)
_FLAGS: Mapping[str, InstrumentedAttribute[bool]] = {
    "uses_it": DeliverableRow.uses_it,
    "data_analysis": DeliverableRow.data_analysis,
    "compendium": DeliverableRow.compendium,
    "revenue_advice": DeliverableRow.revenue_advice,
    "listed": DeliverableRow.listed,
}
_LISTS: Mapping[str, InstrumentedAttribute[list[str]]] = {
    "objectives": DeliverableRow.objectives,
    "priorities": DeliverableRow.priorities,
    "packages": DeliverableRow.packages,
}
_WORDS: Mapping[str, InstrumentedAttribute[str] | InstrumentedAttribute[str | None]] = {
    "kind": DeliverableRow.kind,
    "purpose": DeliverableRow.purpose,
    "unit": DeliverableRow.unit,
    "instrument": DeliverableRow.instrument,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Who did what to something, and when."""

    at: datetime
    actor: str
    action: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """That a fact was reported, and whether it was taken back on our pages."""

    source: str
    id: str
    type: str
    subject: str
    at: datetime
    is_retracted: bool


def source_of_pages(service: str) -> str:
    """Under which source our pages state facts: not the service's own, which is its verbs'."""
    return f"{service}:pages"


def retraction_of(fact: str) -> str:
    """The id under which our pages take a fact back: sent twice, it is the same correction."""
    return f"retracted-{fact}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One page of a list, and how many there are in all."""

    items: Sequence[Deliverable]
    total: int


class Shelf:
    """Reads in the session of one request."""

    def __init__(self, session: AsyncSession, *, pages: str) -> None:
        self._session = session
        self._pages = pages
        """The source of what is stated on our pages."""

    async def deliverable(self, key: str) -> Deliverable | None:
        return await Deliverables(self._session).get(key)

    async def action(self, key: str) -> Action | None:
        return await Actions(self._session).get(key)

    async def actions(self, plan: str, *, period: str | None = None) -> Sequence[Action]:
        """The Actions of a plan, or of one of its years, by key."""
        statement = select(ActionRow).where(ActionRow.plan == plan)
        if period is not None:
            statement = statement.where(ActionRow.period == period)
        return await Actions(self._session).read(statement.order_by(ActionRow.key))

    async def deliverables(
        self,
        narrowing: Narrowing,
        *,
        today: date,
        counted: ColumnElement[bool] | None = None,
        limit: int,
        skip: int = 0,
    ) -> Listed:
        """What is late first, the latest first; then by date; what is done and given up last."""
        found = _narrowed(select(DeliverableRow), narrowing, today=today)
        if counted is not None:
            found = found.where(counted)
        total = await self._session.scalar(found.with_only_columns(func.count()).order_by(None))
        row = DeliverableRow
        rank = case(
            (row.state == DeliverableState.PLANNED.value, 0),
            (row.state.in_(_DONE), 1),
            else_=2,
        )
        done = func.coalesce(row.released_on, row.reached_on)
        ordered = found.order_by(
            rank,
            case((rank == 0, row.current_due)).asc().nulls_last(),
            done.desc().nulls_last(),
            row.key,
        )
        items = await Deliverables(self._session).read(ordered.limit(limit).offset(skip))
        return Listed(items=items, total=total or 0)

    async def estimates(self, plan: str, period: str) -> Mapping[str, Estimate]:
        """The latest estimates of a year, by indicator."""
        return await Figures(self._session).latest_estimates(plan, period)

    async def fixed_due(self, key: str, *, period: str) -> tuple[bool, date | None]:
        """Whether a Deliverable was adopted in a year, and the date that this fixed."""
        found = await Adoptions(self._session).fixed_dates([key], period=period)
        return key in found, found.get(key)

    async def fixed(
        self, deliverables: Sequence[Deliverable], *, period: str
    ) -> Mapping[str, date | None]:
        """The dates that a year's adoptions fixed, of those that it adopted."""
        return await Adoptions(self._session).fixed_dates(
            [one.key for one in deliverables], period=period
        )

    async def is_its_own_deliverable(self, action: str) -> bool:
        """Whether an Action was adopted without Deliverables."""
        own = await Deliverables(self._session).of_action(action)
        return any(one.planned.implicit for one in own)

    async def adoption(self, plan: str, period: str) -> Adoption | None:
        return await Adoptions(self._session).latest(plan, period)

    async def trail(self, key: str, *, limit: int = 50) -> Sequence[Trace]:
        """What was done to something, the latest first."""
        rows = await self._session.scalars(
            select(AuditRow).where(AuditRow.key == key).order_by(AuditRow.seq.desc()).limit(limit)
        )
        return [
            Trace(at=row.at, actor=row.actor, action=row.action, detail=row.detail or {})
            for row in rows
        ]

    async def entries(self, kind: Kind) -> Sequence[Entry]:
        """Everything of a kind in the directory, by code."""
        found = await Directory(self._session).read(listing(kind, having={}))
        return sorted(found, key=lambda one: one.code)

    async def subjects(self, event: str, *, limit: int) -> Sequence[str]:
        """What facts of a type are about, the latest first."""
        rows = await self._session.execute(
            select(FactRow.subject, func.max(FactRow.recorded_at).label("at"))
            .where(FactRow.type == event)
            .group_by(FactRow.subject)
            .order_by(desc("at"))
            .limit(limit)
        )
        return [row.subject for row in rows]

    async def recorded(self, *, limit: int) -> Sequence[Recorded]:
        """What was reported on our pages, the latest first."""
        rows = await self._session.scalars(
            select(FactRow)
            .where(FactRow.source == self._pages, FactRow.type.not_like("%.fact.%"))
            .order_by(FactRow.recorded_at.desc(), FactRow.digest)
            .limit(limit)
        )
        return await self._with_what_became_of_them(list(rows))

    async def fact(self, source: str, id_: str) -> Recorded | None:
        """A fact by the (source, id) under which it was stated."""
        row = await self._session.get(FactRow, digest_of(source, id_))
        return None if row is None else (await self._with_what_became_of_them([row]))[0]

    async def _with_what_became_of_them(self, rows: Sequence[FactRow]) -> Sequence[Recorded]:
        gone = {digest_of(self._pages, retraction_of(row.event_id)): row.event_id for row in rows}
        found = await self._session.scalars(select(FactRow.digest).where(FactRow.digest.in_(gone)))
        retracted = {gone[digest] for digest in found}
        return [
            Recorded(
                source=row.source,
                id=row.event_id,
                type=row.type,
                subject=row.subject,
                at=row.recorded_at,
                is_retracted=row.event_id in retracted,
            )
            for row in rows
        ]

    async def revisions(
        self, indicator: str, period: str, *, what: str
    ) -> Sequence[Revised[Estimate]] | Sequence[Revised[Target]]:
        """The estimates or the targets of an indicator for a period, the first one first."""
        figures = Figures(self._session)
        if what == "target":
            return await figures.targets(indicator, period)
        return await figures.estimates(indicator, period)

    async def keys_like(self, plan: str, *, of: str) -> Sequence[str]:
        """The keys of a plan's Actions ("A") or Deliverables ("D"), to propose a free one."""
        column = ActionRow.key if of == "A" else DeliverableRow.key
        return list(
            await self._session.scalars(select(column).where(column.startswith(f"{plan}:{of}-")))
        )


def counts(indicator: Indicator, plan: PlanSnapshot) -> ColumnElement[bool] | None:
    """Whether a Deliverable is one that an indicator counts; None where it counts no such thing."""
    measure = indicator.measure
    if isinstance(measure, Count):
        first = _all(measure.where, plan)
        return or_(first, _all(measure.also_where, plan)) if measure.also_where else first
    if isinstance(measure, Milestones):
        return and_(DeliverableRow.kind == "milestone", _all(measure.where, plan))
    return None


def _all(conditions: Sequence[Condition], plan: PlanSnapshot) -> ColumnElement[bool]:
    return and_(true(), *(_holds(one, plan) for one in conditions))


def _holds(condition: Condition, plan: PlanSnapshot) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = []
    if condition.any_of:
        parts.append(_meets(condition.field, condition.any_of, plan))
    if condition.none_of:
        parts.append(not_(_meets(condition.field, condition.none_of, plan)))
    if condition.not_only:
        parts.append(not_(_only(condition.field, condition.not_only, plan)))
    return and_(true(), *parts)


def _meets(field: str, values: Sequence[str], plan: PlanSnapshot) -> ColumnElement[bool]:
    """Whether a field holds one of the values; what we do not hold ourselves holds none."""
    if field in _LISTS:
        return _LISTS[field].op("&&", is_comparison=True)(_keys(field, values, plan))
    if field in _FLAGS:
        return or_(false(), *(_FLAGS[field].is_(value == "true") for value in values))
    if field in _WORDS:
        return func.coalesce(_WORDS[field].in_(values), false())
    return false()


def _only(field: str, values: Sequence[str], plan: PlanSnapshot) -> ColumnElement[bool]:
    if field not in _LISTS:
        return _meets(field, values, plan)
    column = _LISTS[field]
    within = column.op("<@", is_comparison=True)(_keys(field, values, plan))
    return and_(func.cardinality(column) > 0, within)


def _keys(field: str, values: Sequence[str], plan: PlanSnapshot) -> list[str]:
    return list(values) if field == "packages" else [f"{plan.plan}:{value}" for value in values]


def _is_late(narrowing: Narrowing, *, today: date) -> ColumnElement[bool]:
    """Past its date; what was moved out of its own year stays due in that one."""
    row = DeliverableRow
    moved_out = [
        and_(row.period == code, row.due < today, row.current_due > end)
        for code, end in narrowing.years.items()
        if narrowing.period in (None, code)
    ]
    return or_(row.current_due < today, *moved_out)


def _narrowed(
    statement: Select[DeliverableRow], narrowing: Narrowing, *, today: date
) -> Select[DeliverableRow]:
    row = DeliverableRow
    statement = statement.where(row.plan == narrowing.plan)
    if narrowing.period is not None:
        statement = statement.where(in_year(narrowing.period))
    if narrowing.unit is not None:
        statement = statement.where(row.unit == narrowing.unit)
    if narrowing.action is not None:
        statement = statement.where(row.action == narrowing.action)
    if narrowing.priority is not None:
        statement = statement.where(row.priorities.contains([narrowing.priority]))
    if narrowing.objective is not None:
        statement = statement.where(row.objectives.contains([narrowing.objective]))
    open_ = row.state == DeliverableState.PLANNED.value
    match narrowing.standing:
        case Standing.OVERDUE:
            statement = statement.where(open_, _is_late(narrowing, today=today))
        case Standing.SOON:
            statement = statement.where(open_, row.current_due.between(today, today + AHEAD))
        case Standing.OPEN:
            statement = statement.where(open_)
        case Standing.DONE:
            statement = statement.where(row.state.in_(_DONE))
        case Standing.CANCELLED:
            statement = statement.where(row.state == DeliverableState.CANCELLED.value)
        case Standing.PROPOSED:
            # What is carried over is approved by the adoption of its new year.
            statement = statement.where(
                open_,
                row.new_due.is_not(None),
                row.approved_by.is_(None),
                row.carried_to.is_(None),
            )
        case None:
            pass
    return statement
