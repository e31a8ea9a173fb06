"""Gathers the tables that go out; figures come from the engine, as the report's do."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from plan_api.core.errors import InvalidFieldError
from plan_api.directory.repository import Directory, Entry, Kind, listing
from plan_api.exchange.model.outgoing import Exported, Line, Table
from plan_api.exchange.service import tables_of_figures as figures_out
from plan_api.exchange.service import tables_of_parts as parts_out
from plan_api.exchange.service.told import Told, Wanted, code_of, table
from plan_api.implementation.model import Action, Deliverable
from plan_api.implementation.repository import Actions
from plan_api.implementation.tables import ActionRow
from plan_api.plans.service import PlanNotFoundError, plan_in_force
from plan_api.report.comparing import cards_of, days_of
from plan_api.report.model import Result, Scorecard
from plan_api.report.reads import Figures, NothingKnownError
from plan_api.report.repository import DayNotKnownError, SqlBook, as_known_on
from shared_kit.calendar import Period, UnknownPeriodError
from shared_kit.events.definitions import Indicator, PlanSnapshot


async def gather(
    session: AsyncSession, *, wanted: Wanted, figures: Figures, now: datetime, demo: bool
) -> Table:
    """Put a table together.

    Raises:
        PlanNotFoundError
        InvalidFieldError: the plan has no such period, or nothing is known as of that day.
        FiguresUnavailableError: the engine could not be read.
    """
    book = SqlBook(session)
    plan = await _plan(session, wanted=wanted, now=now)
    if wanted.as_of is not None and wanted.table is not Exported.THEN_AND_NOW:
        now = await _known(book, plan, wanted.as_of, now=now)
        figures = figures.as_known(instant=now)
        plan = await _plan(session, wanted=wanted, now=now)
    told = Told(
        wanted=wanted,
        plan=plan,
        period=_period(plan, wanted.period, now=now),
        units={code: title[wanted.language] for code, title in (await book.units()).items()},
        now=now,
        demo=demo,
    )
    match wanted.table:
        case Exported.SCORECARD:
            return _scorecard(told, await _read_scorecard(figures, told))
        case Exported.ACTIONS:
            return _actions(told, await _read_actions(session, told))
        case Exported.DELIVERABLES:
            return _deliverables(told, await book.deliverables(plan, period=told.period.code))
        case Exported.IMPLEMENTATION_PLAN:
            return _implementation_plan(
                told,
                await _read_actions(session, told),
                await book.deliverables(plan, period=told.period.code),
            )
        case Exported.MEMBERS:
            return _members(told, await _entries(session, Kind.MEMBER))
        case Exported.UNITS:
            return _units(told, await _entries(session, Kind.UNIT))
        case Exported.PRIORITIES:
            work = await book.deliverables(plan, period=told.period.code)
            return figures_out.priorities(told, work)
        case Exported.INDICATORS:
            card = await _read_scorecard(figures, told)
            return figures_out.indicators(told, card, await figures_out.explained(figures, card))
        case Exported.PARTS:
            card = await _read_scorecard(figures, told)
            return parts_out.parts(told, card, await parts_out.divided(figures, told, card))
        case Exported.FACTS:
            return figures_out.facts(told, await figures.facts())
        case Exported.ALERTS:
            return figures_out.alerts(told, await figures.open_alerts(plan=plan.plan))
        case Exported.THEN_AND_NOW:
            return await _then_and_now(told, book, figures)


async def _then_and_now(told: Told, book: SqlBook, figures: Figures) -> Table:
    wanted, plan = told.wanted, told.plan
    try:
        days = await days_of(book, plan, since=wanted.since, until=wanted.as_of, now=told.now)
    except DayNotKnownError as error:
        raise _no_such_day("query/from", error) from error
    cards = await cards_of(figures, plan, told.period, days)
    told = replace(told, now=days.now or told.now)
    return figures_out.then_and_now(told, cards, days=(days.since, days.until))


async def _known(book: SqlBook, plan: PlanSnapshot, day: date, *, now: datetime) -> datetime:
    try:
        return await as_known_on(book, day, plan=plan, now=now)
    except DayNotKnownError as error:
        raise _no_such_day("query/as_of", error) from error


def _no_such_day(field: str, error: DayNotKnownError) -> InvalidFieldError:
    return InvalidFieldError(
        field,
        f"a day from {error.since} until today is expected: on no other is anything known",
        f"un jour du {error.since} à aujourd’hui est attendu : rien n’est connu d’un autre",
    )


async def _plan(session: AsyncSession, *, wanted: Wanted, now: datetime) -> PlanSnapshot:
    if wanted.plan is not None:
        return await plan_in_force(session, plan=wanted.plan, now=now)
    plan = await SqlBook(session).current_plan(now=now)
    if plan is None:
        raise PlanNotFoundError("there is no plan yet", "il n’y a pas encore de plan")
    return plan


def _period(plan: PlanSnapshot, code: str | None, *, now: datetime) -> Period:
    calendar = plan.calendar()
    if code is None:
        return calendar.year_of(calendar.today(now)) or calendar.cycle
    try:
        return calendar.period(code)
    except UnknownPeriodError as error:
        raise InvalidFieldError(
            "query/period",
            f"{plan.plan} has no such period",
            f"{plan.plan} n’a pas cette période",
        ) from error


async def _read_scorecard(figures: Figures, told: Told) -> Scorecard:
    try:
        return await figures.scorecard(plan=told.plan.plan, period=told.period.code)
    except NothingKnownError:
        return Scorecard(plan=told.plan.plan, period=told.period.code)


async def _read_actions(session: AsyncSession, told: Told) -> Sequence[Action]:
    statement = select(ActionRow).where(ActionRow.plan == told.plan.plan)
    if told.period.code != told.plan.cycle.code:
        statement = statement.where(ActionRow.period == told.period.code)
    return await Actions(session).read(statement.order_by(ActionRow.key))


async def _entries(session: AsyncSession, kind: Kind) -> Sequence[Entry]:
    found = await Directory(session).read(listing(kind, having={}))
    return sorted(found, key=lambda entry: entry.code)


def _scorecard(told: Told, scorecard: Scorecard) -> Table:
    def rows() -> Iterator[Line]:
        for indicator in told.plan.indicators:
            key = f"{told.plan.plan}:{indicator.code}"
            yield _judged(told, indicator, key=key, result=scorecard.result(key))

    return table(
        told,
        columns=told.columns(
            "indicator", "title", "counted", "period", "numerator", "denominator", "share_of",
            "estimate", "first_estimate", "unplanned", "expected", "due", "due_done", "low",
            "high", "status", "reason", "unit", "unit_name", "judged_on", "key", "measured_in",
            "needed_in_30", "gave_in_30", "forecast_low", "forecast_high",
        ),
        rows=rows(),
        known=scorecard.as_known_on,
        figures=True,
    )  # fmt: skip


def _judged(told: Told, indicator: Indicator, *, key: str, result: Result | None) -> Line:
    owner = (result.owner_unit if result else None) or indicator.owner
    head = [indicator.code, told.said(indicator.title), told.said(indicator.short)]
    period = told.plan.calendar().label(told.period)
    tail = [owner, told.units.get(owner, owner)]
    if result is None:
        nothing = told.word("no-data")
        return [
            *head, period, *[None] * 11, told.word("not-judged"), nothing, *tail, None, key,
            *_beside(told, indicator, None),
        ]  # fmt: skip
    return [
        *head,
        period,
        result.numerator,
        result.denominator,
        # As everywhere: no percentage of fewer than five.
        None if result.share is None else _six_places(result.share),
        result.estimate,
        result.first_estimate,
        result.unplanned,
        result.expected,
        result.due,
        result.due_done,
        result.target.low if result.target else None,
        result.target.high if result.target else None,
        told.word(result.status.value),
        told.word(result.reason.value) if result.reason else None,
        *tail,
        result.judged_on,
        key,
        *_beside(told, indicator, result),
    ]


def _beside(told: Told, indicator: Indicator, result: Result | None) -> Line:
    """The unit of a level, the required pace, and where a count may end."""
    pace = result.pace if result else None
    forecast = result.forecast if result else None
    return [
        None if indicator.unit is None else told.said(indicator.unit),
        pace.needed if pace else None,
        pace.recent if pace else None,
        forecast.low if forecast else None,
        forecast.high if forecast else None,
    ]


def _actions(told: Told, found: Sequence[Action]) -> Table:
    def rows() -> Iterator[Line]:
        for one in found:
            planned = one.planned
            yield [
                planned.key,
                told.title_of(planned.title, planned.title_fr),
                planned.period,
                planned.lead,
                told.units.get(planned.lead, planned.lead),
                ", ".join(planned.contributors),
                ", ".join(code_of(key) for key in planned.objectives),
                ", ".join(
                    f"{code_of(share.priority)} {format(share.share.normalize(), 'f')}"
                    for share in planned.priorities
                ),
                planned.start,
                planned.end,
                told.word(planned.date_certainty.value),
                told.word(one.state.value),
                one.started_on,
                one.completed_on,
                one.cancelled_on,
                planned.synthetic,
                planned.source_note,
            ]

    return table(
        told,
        columns=told.columns(
            "action", "title", "period", "lead", "unit_name", "contributors", "objectives",
            "priorities", "start", "end", "date_certainty", "state", "started_on",
            "completed_on", "cancelled_on", "synthetic", "source_note",
        ),
        rows=rows(),
    )  # fmt: skip


def _deliverables(told: Told, found: Sequence[Deliverable]) -> Table:
    return table(
        told,
        columns=told.columns(*_DELIVERABLE, "synthetic", "source_note"),
        rows=(
            [*_deliverable(told, one), one.planned.synthetic, one.planned.source_note]
            for one in found
        ),
    )


def _implementation_plan(
    told: Told, actions: Sequence[Action], deliverables: Sequence[Deliverable]
) -> Table:
    """Each Action followed by its Deliverables; those of no Action come last."""
    by_action: dict[str | None, list[Deliverable]] = {}
    for one in deliverables:
        by_action.setdefault(one.planned.action, []).append(one)

    def rows() -> Iterator[Line]:
        nothing: Line = [None] * len(_DELIVERABLE)
        for action in actions:
            planned = action.planned
            head = [
                told.title_of(planned.title, planned.title_fr),
                planned.lead,
                planned.start,
                planned.end,
                told.word(action.state.value),
            ]
            own = by_action.pop(action.key, [])
            for one in own:
                yield [*head, *_deliverable(told, one)]
            if not own:
                yield [*head, action.key, *nothing[1:]]
        for rest in by_action.values():
            for one in rest:
                yield [*[None] * 5, *_deliverable(told, one)]

    return table(
        told,
        columns=told.columns(
            "action_title", "lead", "start", "end", "action_state", *_DELIVERABLE
        ),
        rows=rows(),
    )  # fmt: skip


_DELIVERABLE = (
    "action", "deliverable", "title", "period", "kind", "unit", "unit_name", "due_on",
    "current_due", "date_certainty", "state", "released_on", "stage", "reached_on", "reached",
    "overdue", "listed", "objectives", "priorities", "packages", "uses_it", "data_analysis",
    "compendium", "purpose", "weight", "evidence",
)  # fmt: skip


def _deliverable(told: Told, one: Deliverable) -> Line:
    planned = one.planned
    today = told.plan.calendar().today(told.now)
    return [
        planned.action,
        planned.key,
        told.title_of(planned.title, planned.title_fr),
        planned.period,
        planned.kind,
        planned.unit,
        told.units.get(planned.unit, planned.unit),
        planned.due,
        one.current_due,
        told.word(planned.date_certainty.value),
        told.word(one.state.value),
        one.released_on,
        None if one.stage is None else told.word(one.stage.value),
        one.reached_on,
        one.share,
        one.is_overdue(today),
        planned.listed,
        ", ".join(code_of(key) for key in planned.objectives),
        ", ".join(code_of(key) for key in planned.priorities),
        ", ".join(planned.packages),
        planned.uses_it,
        planned.data_analysis,
        planned.compendium,
        None if planned.purpose is None else told.word(planned.purpose.value),
        planned.weight,
        one.evidence,
    ]


def _members(told: Told, found: Sequence[Entry]) -> Table:
    return table(
        told,
        columns=told.columns("member", "name", "region", "iso", "accession", "fictional"),
        rows=(
            [
                one.code,
                str(one.content["title"]),
                one.content.get("region"),
                one.content.get("iso_code"),
                _day(one.content.get("accession")),
                bool(one.content.get("fictional")),
            ]
            for one in found
        ),
    )


def _units(told: Told, found: Sequence[Entry]) -> Table:
    return table(
        told,
        columns=told.columns("unit", "name", "parent"),
        rows=(
            [one.code, str(one.content["title"][told.language]), one.content.get("parent")]
            for one in found
        ),
    )


def _six_places(share: Fraction) -> Decimal:
    return Decimal(round(share * 1_000_000)).scaleb(-6)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
