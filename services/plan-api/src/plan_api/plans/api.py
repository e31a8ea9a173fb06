"""HTTP in and out of plans, objectives, indicators, estimates and targets."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from plan_api.core.dependencies import Now, OnceDep, Reading, Tx, answer, respond
from plan_api.core.idempotency import Answer
from plan_api.plans import service
from plan_api.plans.repository import Figures, Plans
from plan_api.plans.schemas.figures import (
    EstimateCreate,
    EstimateRead,
    EstimatesRead,
    TargetCreate,
    TargetRead,
    TargetsRead,
)
from plan_api.plans.schemas.files import (
    LOCATION_HEADER,
    PLAN_FILE_ANSWER,
    PLAN_FILE_BODY,
    PlanImported,
    plan_file_of,
)
from plan_api.plans.schemas.plans import (
    IndicatorRead,
    MapRead,
    ObjectiveRead,
    PlanRead,
    PlanSummary,
    PrioritiesRead,
    VersionRead,
    VersionsRead,
)
from shared_kit.events.base import plan_of
from shared_kit.web.authorization import CallerDep
from shared_kit.web.language import Lang
from shared_kit.web.paging import Page, PagingDep
from shared_kit.web.types import COUNT_MAX, Code, KeyText

router = APIRouter(prefix="/api/v1", tags=["plans"])

VersionQuery = Annotated[
    int | None,
    Query(ge=1, le=COUNT_MAX, description="A version other than the one in force."),
]
PeriodQuery = Annotated[Code | None, Query(description="One period only.", examples=["FY2019"])]
_NO_CHANGE = "200 where the latest revision says just that already."


@router.get(
    "/plans",
    operation_id="list_plans",
    summary="List the plans",
    description="Every plan in the version that is in force, in pages, by code.",
)
async def list_plans(
    session: Reading, now: Now, lang: Lang, paging: PagingDep
) -> Page[PlanSummary]:
    found = [PlanSummary.of(one, lang) for one in await service.list_plans(session, now=now)]
    return paging.page_of(found, key=lambda one: (one.plan,))


@router.post(
    "/plans",
    operation_id="import_plan",
    status_code=201,
    response_model=PlanImported,
    responses={
        201: {"headers": LOCATION_HEADER},
        200: {"model": PlanImported, "description": "This very version is there already."},
    },
    openapi_extra={"requestBody": PLAN_FILE_BODY},
    summary="Import a version of a plan",
    description="A plan file, whole: what `wcoplan plan import` sends. It is looked through "
    "first; `errors` names every place and its reason. Another organization's plan with its own "
    "financial year, kinds and measures needs no code. Announces `plan.published`. A known "
    "version with another content answers 409: a change is a higher version.",
)
async def import_plan(
    request: Request, tx: Tx, caller: CallerDep, now: Now, lang: Lang, once: OnceDep
) -> Response:
    snapshot = plan_file_of(request.headers.get("content-type"), await request.body())

    async def work() -> Answer:
        new = await service.import_plan(tx, caller=caller, now=now, snapshot=snapshot)
        location = f"/api/v1/plans/{snapshot.plan}"
        return answer(
            PlanImported.of(snapshot, lang), status=201 if new else 200, location=location
        )

    return respond(await once.run(work))


@router.get(
    "/plans/{plan}/file",
    operation_id="get_plan_file",
    response_class=JSONResponse,
    responses={200: dict(PLAN_FILE_ANSWER)},
    summary="Read a plan as a file",
    description="The version in force, or the one asked for, as `POST /api/v1/plans` takes it.",
)
async def get_plan_file(
    plan: Code, session: Reading, now: Now, version: VersionQuery = None
) -> Response:
    found = await service.plan_in_force(session, plan=plan, now=now, version=version)
    return Response(found.model_dump_json(), media_type="application/json")


@router.get(
    "/plans/{plan}",
    operation_id="get_plan",
    summary="Read a plan",
    description="Mission, vision, values, periods, packages; the map, the priorities and the "
    "indicators have paths of their own.",
)
async def get_plan(
    plan: Code, session: Reading, now: Now, lang: Lang, version: VersionQuery = None
) -> PlanRead:
    found = await service.plan_in_force(session, plan=plan, now=now, version=version)
    return PlanRead.of(found, lang)


@router.get(
    "/plans/{plan}/versions",
    operation_id="list_plan_versions",
    summary="List the versions of a plan",
    description="Newest first, and which of them is in force.",
)
async def list_plan_versions(plan: Code, session: Reading, now: Now) -> VersionsRead:
    in_force = await service.plan_in_force(session, plan=plan, now=now)
    return VersionsRead(
        items=[
            VersionRead.of(one, in_force=in_force.version)
            for one in await Plans(session).versions(plan)
        ]
    )


@router.get(
    "/plans/{plan}/map",
    operation_id="get_plan_map",
    summary="Read the Strategic Map",
    description="Perspectives with their objectives, groups, and the links that the text gives.",
)
async def get_plan_map(
    plan: Code, session: Reading, now: Now, lang: Lang, version: VersionQuery = None
) -> MapRead:
    found = await service.plan_in_force(session, plan=plan, now=now, version=version)
    return MapRead.of(found, lang)


@router.get(
    "/plans/{plan}/priorities",
    operation_id="list_priorities",
    summary="List the strategic priorities",
    description="In the order of the plan.",
)
async def list_priorities(
    plan: Code, session: Reading, now: Now, lang: Lang, version: VersionQuery = None
) -> PrioritiesRead:
    found = await service.plan_in_force(session, plan=plan, now=now, version=version)
    return PrioritiesRead.of(found, lang)


@router.get(
    "/objectives/{key}",
    operation_id="get_objective",
    summary="Read an objective",
    description="With the keys of the indicators that measure it.",
)
async def get_objective(key: KeyText, session: Reading, now: Now, lang: Lang) -> ObjectiveRead:
    plan = await service.plan_in_force(session, plan=plan_of(key), now=now)
    return ObjectiveRead.of(service.find_objective(plan, key=key), plan, lang)


@router.get(
    "/indicators/{key}",
    operation_id="get_indicator",
    summary="Read an indicator's definition",
    description="Its figures are at /api/v1/results/{key}.",
)
async def get_indicator(key: KeyText, session: Reading, now: Now, lang: Lang) -> IndicatorRead:
    plan = await service.plan_in_force(session, plan=plan_of(key), now=now)
    return IndicatorRead.of(service.find_indicator(plan, key=key), plan, lang)


@router.get(
    "/indicators/{key}/estimates",
    operation_id="list_estimates",
    summary="List the estimates of an indicator",
    description="All revisions; the first stays beside what replaced it.",
)
async def list_estimates(
    key: KeyText, session: Reading, now: Now, period: PeriodQuery = None
) -> EstimatesRead:
    plan = await service.plan_in_force(session, plan=plan_of(key), now=now)
    service.find_indicator(plan, key=key)
    found = await Figures(session).estimates(key, period)
    return EstimatesRead(items=[EstimateRead.of(one) for one in found])


@router.post(
    "/indicators/{key}/estimates",
    operation_id="state_estimate",
    status_code=201,
    response_model=EstimateRead,
    responses={200: {"model": EstimateRead, "description": _NO_CHANGE}},
    summary="State an estimate",
    description="The planned figure of a planned indicator for a period. Announces "
    f"`estimate.stated` with a revision that rises; {_NO_CHANGE}",
)
async def state_estimate(
    key: KeyText, body: EstimateCreate, tx: Tx, caller: CallerDep, now: Now, once: OnceDep
) -> Response:
    async def work() -> Answer:
        revised, new = await service.state_estimate(
            tx, caller=caller, now=now, estimate=body.estimate(indicator=key)
        )
        return answer(EstimateRead.of(revised), status=201 if new else 200)

    return respond(await once.run(work))


@router.get(
    "/indicators/{key}/targets",
    operation_id="list_targets",
    summary="List the targets of an indicator",
    description="All revisions, by period, oldest first.",
)
async def list_targets(
    key: KeyText, session: Reading, now: Now, period: PeriodQuery = None
) -> TargetsRead:
    plan = await service.plan_in_force(session, plan=plan_of(key), now=now)
    service.find_indicator(plan, key=key)
    found = await Figures(session).targets(key, period)
    return TargetsRead(items=[TargetRead.of(one) for one in found])


@router.post(
    "/indicators/{key}/targets",
    operation_id="set_target",
    status_code=201,
    response_model=TargetRead,
    responses={200: {"model": TargetRead, "description": _NO_CHANGE}},
    summary="Set a target",
    description="The approved level or range of an observed or stated indicator for a period. "
    f"Announces `target.set` with a revision that rises; {_NO_CHANGE}",
)
async def set_target(
    key: KeyText, body: TargetCreate, tx: Tx, caller: CallerDep, now: Now, once: OnceDep
) -> Response:
    async def work() -> Answer:
        revised, new = await service.set_target(
            tx, caller=caller, now=now, target=body.target(indicator=key)
        )
        return answer(TargetRead.of(revised), status=201 if new else 200)

    return respond(await once.run(work))
