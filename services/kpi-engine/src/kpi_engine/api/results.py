"""Scorecards, results, their series and their explanation."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AwareDatetime, BeforeValidator

from kpi_engine.api.desk import Desk, DeskDep
from kpi_engine.api.errors import UnknownIndicatorError, UnknownPeriodError, UnknownPlanError
from kpi_engine.api.explanation_schemas import ExplanationRead
from kpi_engine.api.schemas import ResultRead, ResultsRead, ScorecardRead
from kpi_engine.domain.definitions import Plan
from kpi_engine.ports import StoredJudgement, Window
from shared_kit.calendar import Period, PlanCalendar
from shared_kit.identity import Caller, Role
from shared_kit.web.authorization import CallerDep
from shared_kit.web.concurrency import not_modified, tag_answer
from shared_kit.web.language import Lang
from shared_kit.web.paging import Page, PagingDep
from shared_kit.web.types import Code, KeyText, written_out

PlanCode = Annotated[Code, Path(description="Plan code.", examples=["wco-2019-2022"])]
IndicatorKey = Annotated[KeyText, Path(description="Indicator.", examples=["wco-2019-2022:SG"])]
PeriodCode = Annotated[
    Code | None,
    Query(
        description="A financial year or the cycle; without it, the year of today, or of "
        "the day that is asked for.",
        examples=["FY2019"],
    ),
]


AsOf = Annotated[
    AwareDatetime | date | None,
    BeforeValidator(written_out),
    Query(
        description="What was known then: the last judgement made by that instant, "
        "or by the end of that day.",
        examples=["2020-02-03T09:00:00+01:00"],
    ),
]


router = APIRouter(prefix="/api/v1", tags=["results"])

_UNDER_WAY = timedelta(minutes=1)
"""A judgement is there so long after its instant at the latest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """What is asked for: a period of a plan, and the instant as of which (None: now)."""

    plan: Plan
    period: Period
    instant: datetime | None
    settled: bool
    """Whether all that was judged by then is long there."""

    @classmethod
    def of(
        cls, plan: Plan, period: str | None, as_of: datetime | date | None, *, now: datetime
    ) -> "_Place":
        instant = instant_of(plan.calendar, as_of)
        return cls(
            plan=plan,
            period=_period(plan.calendar, period, min(instant or now, now)),
            instant=instant,
            settled=instant is not None and instant < now - _UNDER_WAY,
        )


async def _placed(
    desk: Desk, plan: str, period: str | None, as_of: datetime | date | None
) -> _Place:
    known = await desk.plans.plan(plan)
    if known is None:
        raise UnknownPlanError(plan)
    return _Place.of(known, period, as_of, now=desk.business.now())


async def _indicator_placed(
    desk: Desk, key: str, period: str | None, as_of: datetime | date | None
) -> _Place:
    known = await desk.plans.plan(key.partition(":")[0])
    if known is None or key not in known.indicator_keys():
        raise UnknownIndicatorError(key)
    return _Place.of(known, period, as_of, now=desk.business.now())


async def find_judgement(
    desk: Desk, key: str, period: str | None, as_of: datetime | date | None, caller: Caller
) -> tuple[_Place, StoredJudgement]:
    place = await _indicator_placed(desk, key, period, as_of)
    judged = await desk.reads.last_judgement(
        indicator=key, period=place.period.code, as_of=place.instant
    )
    if judged is None or not _visible(_read(judged), caller, desk):
        raise UnknownIndicatorError(key)
    return place, judged


@router.get(
    "/scorecards/{plan}",
    summary="Read a scorecard",
    description="All indicators of a plan for a period, as last judged, in the order of the plan. "
    "If-None-Match answers 304 while nothing was judged anew.",
    response_model=ScorecardRead,
)
async def get_scorecard(
    request: Request,
    response: Response,
    caller: CallerDep,
    desk: DeskDep,
    plan: PlanCode,
    period: PeriodCode = None,
    as_of: AsOf = None,
) -> ScorecardRead | Response:
    place = await _placed(desk, plan, period, as_of)
    chosen, calendar = place.period, place.plan.calendar
    judged = await desk.reads.last_judgements(plan=plan, period=chosen.code, as_of=place.instant)
    version = max((one.id for one in judged), default=0)
    unchanged = not_modified(request, version, settled=place.settled)
    if unchanged is not None:
        return unchanged
    tag_answer(response, version, settled=place.settled)
    items = [one for one in map(_read, judged) if _visible(one, caller, desk)]
    # In the order of then: a later version may put them otherwise, or leave some out.
    defined = max((one.definition_version for one in items), default=None)
    order = {key: number for number, key in enumerate(place.plan.indicator_keys(first=defined))}
    items.sort(key=lambda one: order.get(one.key, len(order)))
    return ScorecardRead(
        plan=plan,
        period=chosen.code,
        label=calendar.label(chosen),
        as_known_on=place.instant
        or max((one.judged_at for one in items), default=desk.business.now()),
        judged_on=max((one.judged_on for one in items), default=None),
        last_fact_at=max((one.last_fact_at for one in items if one.last_fact_at), default=None),
        items=items,
    )


@router.get(
    "/results",
    summary="List the results of a plan",
    description="The last judgement of each indicator for a period, without the scorecard's frame.",
)
async def list_results(
    caller: CallerDep,
    desk: DeskDep,
    plan: Annotated[Code, Query(examples=["wco-2019-2022"])],
    period: PeriodCode = None,
    as_of: AsOf = None,
) -> ResultsRead:
    place = await _placed(desk, plan, period, as_of)
    judged = await desk.reads.last_judgements(
        plan=plan, period=place.period.code, as_of=place.instant
    )
    return ResultsRead(items=[r for r in map(_read, judged) if _visible(r, caller, desk)])


@router.get(
    "/results/{key}",
    summary="Read the last result of an indicator",
    description="Its figures, status and overdue items; with `as_of` what was known then.",
    response_model=ResultRead,
)
async def get_result(
    request: Request,
    response: Response,
    caller: CallerDep,
    desk: DeskDep,
    key: IndicatorKey,
    period: PeriodCode = None,
    as_of: AsOf = None,
) -> ResultRead | Response:
    place, judged = await find_judgement(desk, key, period, as_of, caller)
    unchanged = not_modified(request, judged.id, settled=place.settled)
    if unchanged is not None:
        return unchanged
    tag_answer(response, judged.id, settled=place.settled)
    return _read(judged)


@router.get(
    "/results/{key}/series",
    summary="List all judgements of an indicator",
    description="For a period, oldest first, in pages: what a trend is drawn from; with `as_of` "
    "those that were made by then.",
)
async def get_result_series(
    caller: CallerDep,
    desk: DeskDep,
    paging: PagingDep,
    key: IndicatorKey,
    period: PeriodCode = None,
    as_of: AsOf = None,
) -> Page[ResultRead]:
    place = await _indicator_placed(desk, key, period, as_of)
    window = Window(paging.limit + 1, _after(paging.after), paging.backward)
    judged = await desk.reads.series(
        indicator=key,
        period=place.period.code,
        as_of=place.instant,
        window=window,
    )
    shown = [(one.id, _read(one)) for one in judged]
    page = paging.page(
        [one for one in shown if _visible(one[1], caller, desk)], key=lambda one: (one[0],)
    )
    return Page(items=[one for _, one in page.items], next=page.next, prev=page.prev)


@router.get(
    "/results/{key}/explain",
    summary="Explain a result",
    description="Every fact behind it, what was left out and by which rule, the definition, the "
    "estimate and the target, and the arithmetic, judged again from the ledger; with `as_of` from "
    "the facts and versions that the judgement of then had read. Each fact says who corrected it, "
    "why and when; each estimate, target and definition its versions. If-None-Match answers 304 "
    "while nothing new came.",
    response_model=ExplanationRead,
)
async def explain_result(
    request: Request,
    response: Response,
    caller: CallerDep,
    desk: DeskDep,
    lang: Lang,
    key: IndicatorKey,
    period: PeriodCode = None,
    as_of: AsOf = None,
) -> ExplanationRead | Response:
    place, judged = await find_judgement(desk, key, period, as_of, caller)
    now = place.instant is None
    # What moves no figure makes no judgement, and may be seen all the same: a date put right.
    variant = f"{lang}-{await desk.reads.last_fact()}" if now else lang
    unchanged = not_modified(request, judged.id, variant=variant, settled=place.settled)
    if unchanged is not None:
        return unchanged
    tag_answer(response, judged.id, variant=variant, settled=place.settled)
    explained = await desk.explainer.explain(judged=judged, language=lang, by_now=now)
    return ExplanationRead.model_validate(desk.named(explained, to=caller))


def _read(judged: StoredJudgement) -> ResultRead:
    return ResultRead.model_validate_json(judged.result)


def _visible(result: ResultRead, caller: Caller, desk: Desk) -> bool:
    return desk.shows_all or result.visibility != "secretariat" or caller.role is not Role.MEMBER


def _period(calendar: PlanCalendar, code: str | None, now: datetime) -> Period:
    if code is None:
        today = calendar.today(now)
        begun = [year for year in calendar.years if year.start <= today]
        return begun[-1] if begun else calendar.years[0]
    for period in calendar.periods():
        if period.code == code:
            return period
    raise UnknownPeriodError(code)


def instant_of(calendar: PlanCalendar, as_of: datetime | date | None) -> datetime | None:
    """The moment as of which is asked: of a day its last one."""
    if as_of is None or isinstance(as_of, datetime):
        return as_of
    if as_of == date.max:  # no day follows it
        return datetime.max.replace(tzinfo=UTC)
    following = datetime.combine(as_of + timedelta(days=1), time(), tzinfo=calendar.zone)
    return following.astimezone(UTC) - timedelta(microseconds=1)


def _after(key: tuple[str | int, ...] | None) -> int | None:
    return None if key is None else int(key[0])
