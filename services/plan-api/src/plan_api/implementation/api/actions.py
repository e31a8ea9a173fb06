"""HTTP in and out of Actions and yearly Implementation Plans."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from plan_api.core.dependencies import Now, OnceDep, Reading, Tx, answer, respond
from plan_api.core.idempotency import Answer
from plan_api.implementation.api.filters import DueFrom, DueTo, Package, SortBy, Words
from plan_api.implementation.model import Action, ActionState
from plan_api.implementation.repository import Actions
from plan_api.implementation.schemas.actions import (
    ActionCreate,
    ActionRead,
    AdoptBody,
    ImplementationPlanRead,
    OnBody,
    ShortfallRead,
)
from plan_api.implementation.service import adoption, listing, planning, verbs
from shared_kit.web.authorization import CallerDep
from shared_kit.web.concurrency import IfMatchDep, not_modified, tag_answer
from shared_kit.web.language import Lang, Language
from shared_kit.web.paging import Page, PagingDep
from shared_kit.web.types import Code, KeyText

router = APIRouter(prefix="/api/v1", tags=["implementation"])

_REPEATED = "200 where the very same was entered before."


@router.get(
    "/implementation-plans/{plan}/{period}",
    operation_id="get_implementation_plan",
    summary="Read a yearly Implementation Plan",
    description="Its latest revision, the keys of what is adopted and of what waits, and the "
    "estimates that do not fit what is listed.",
)
async def get_implementation_plan(
    plan: Code, period: Code, session: Reading, now: Now, lang: Lang
) -> ImplementationPlanRead:
    found = await adoption.get_implementation_plan(session, plan=plan, period=period, now=now)
    return _plan_read(found, lang)


@router.post(
    "/implementation-plans/{plan}/{period}/adopt",
    operation_id="adopt_implementation_plan",
    status_code=201,
    response_model=ImplementationPlanRead,
    responses={200: {"model": ImplementationPlanRead, "description": "Nothing was added."}},
    summary="Adopt the yearly Implementation Plan",
    description="Announces `implementation-plan.adopted` with all listed Deliverables of the "
    "year. Revision 1 fixes their dates; a later one adds what was listed since. An Action "
    "without Deliverables gets one, due at its end.",
)
async def adopt_implementation_plan(
    plan: Code,
    period: Code,
    body: AdoptBody,
    tx: Tx,
    caller: CallerDep,
    now: Now,
    once: OnceDep,
    lang: Lang,
) -> Response:
    async def work() -> Answer:
        found, new = await adoption.adopt(
            tx, caller=caller, now=now, plan=plan, period=period, adopted_on=body.adopted_on
        )
        return answer(_plan_read(found, lang), status=201 if new else 200)

    return respond(await once.run(work))


@router.get(
    "/actions",
    operation_id="list_actions",
    summary="List Actions",
    description="In pages, by key unless `sort` says otherwise. Its end is what `due` means; "
    "`kind` and `package` are those of one of its Deliverables.",
)
async def list_actions(
    session: Reading,
    paging: PagingDep,
    plan: Annotated[Code | None, Query()] = None,
    period: Annotated[Code | None, Query(examples=["FY2019"])] = None,
    state: Annotated[ActionState | None, Query()] = None,
    lead: Annotated[Code | None, Query()] = None,
    objective: Annotated[KeyText | None, Query()] = None,
    kind: Annotated[Code | None, Query()] = None,
    package: Package = None,
    due_from: DueFrom = None,
    due_to: DueTo = None,
    q: Words = None,
    sort: SortBy = listing.Sort.KEY,
) -> Page[ActionRead]:
    filters = listing.ActionFilters(
        plan=plan,
        period=period,
        state=state,
        lead=lead,
        objective=objective,
        kind=kind,
        package=package,
        due_from=due_from,
        due_to=due_to,
        q=q,
    )
    order = listing.order_of_actions(sort)
    found = await Actions(session).read(paging.apply(listing.actions(filters), order.columns))
    page = paging.page(found, key=order.key)
    return Page(items=[ActionRead.of(one) for one in page.items], next=page.next, prev=page.prev)


@router.get(
    "/actions/{key}",
    operation_id="get_action",
    response_model=ActionRead,
    summary="Read an Action",
    description="With the ETag that its changes ask for.",
)
async def get_action(
    key: KeyText, session: Reading, request: Request, response: Response
) -> object:
    action = await Actions(session).get(key)
    if action is None:
        raise planning.ActionNotFoundError(key)
    same = not_modified(request, action.version)
    if same is not None:
        return same
    tag_answer(response, action.version)
    return ActionRead.of(action)


@router.post(
    "/actions",
    operation_id="plan_action",
    status_code=201,
    response_model=ActionRead,
    responses={200: {"model": ActionRead, "description": _REPEATED}},
    summary="Plan an Action",
    description=f"Announces `action.planned`. {_REPEATED} Another content answers 409.",
)
async def plan_action(
    body: ActionCreate, tx: Tx, caller: CallerDep, now: Now, once: OnceDep
) -> Response:
    async def work() -> Answer:
        action, new = await planning.plan_action(tx, caller=caller, now=now, planned=body.planned())
        return _answer(action, status=201 if new else 200)

    return respond(await once.run(work))


@router.post(
    "/actions/{key}/start",
    operation_id="start_action",
    response_model=ActionRead,
    summary="Start an Action",
    description="Announces `action.started`. Needs If-Match.",
)
async def start_action(
    key: KeyText,
    body: OnBody,
    tx: Tx,
    caller: CallerDep,
    now: Now,
    if_match: IfMatchDep,
    once: OnceDep,
) -> Response:
    async def work() -> Answer:
        return _answer(
            await verbs.start_action(
                tx, caller=caller, now=now, key=key, on=body.on, if_match=if_match
            )
        )

    return respond(await once.run(work))


@router.post(
    "/actions/{key}/complete",
    operation_id="complete_action",
    response_model=ActionRead,
    summary="Complete an Action",
    description="Announces `action.completed`; with open Deliverables it answers 409. The "
    "Deliverable that stands for the Action itself is released with it. Needs If-Match.",
)
async def complete_action(
    key: KeyText,
    body: OnBody,
    tx: Tx,
    caller: CallerDep,
    now: Now,
    if_match: IfMatchDep,
    once: OnceDep,
) -> Response:
    async def work() -> Answer:
        return _answer(
            await verbs.complete_action(
                tx, caller=caller, now=now, key=key, on=body.on, if_match=if_match
            )
        )

    return respond(await once.run(work))


@router.post(
    "/actions/{key}/cancel",
    operation_id="cancel_action",
    response_model=ActionRead,
    summary="Cancel an Action",
    description="Announces `action.cancelled`. Its Deliverables stay due unless cancelled "
    "themselves. Needs If-Match.",
)
async def cancel_action(
    key: KeyText,
    body: OnBody,
    tx: Tx,
    caller: CallerDep,
    now: Now,
    if_match: IfMatchDep,
    once: OnceDep,
) -> Response:
    async def work() -> Answer:
        return _answer(
            await verbs.cancel_action(
                tx, caller=caller, now=now, key=key, on=body.on, if_match=if_match
            )
        )

    return respond(await once.run(work))


def _answer(action: Action, *, status: int = 200) -> Answer:
    return answer(
        ActionRead.of(action),
        status=status,
        version=action.version,
        location=f"/api/v1/actions/{action.key}" if status == 201 else None,
    )


def _plan_read(found: adoption.ImplementationPlan, language: Language) -> ImplementationPlanRead:
    return ImplementationPlanRead.of(
        plan=found.plan,
        period=found.period.code,
        label=found.label,
        adoption=found.adoption,
        adopted=found.adopted,
        waiting=found.waiting,
        shortfalls=[
            ShortfallRead(
                indicator=f"{found.plan}:{one.indicator.code}",
                message=one.said.in_(language),
                near=[each.key for each in one.near],
            )
            for one in found.shortfalls
        ],
    )
