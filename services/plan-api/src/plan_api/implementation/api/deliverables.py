"""HTTP in and out of Deliverables."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from plan_api.core.dependencies import Now, OnceDep, Reading, Tx, answer, respond
from plan_api.core.idempotency import Answer
from plan_api.implementation.api.filters import DueFrom, DueTo, Package, SortBy, Words
from plan_api.implementation.model import Deliverable, DeliverableState
from plan_api.implementation.repository import Deliverables
from plan_api.implementation.schemas.deliverables import (
    CancelBody,
    CarryOverBody,
    DeliverableCreate,
    DeliverableRead,
    ReachBody,
    ReleaseBody,
    RescheduleBody,
)
from plan_api.implementation.service import listing, planning, verbs
from plan_api.plans.service import days_of_plans, plan_in_force, today
from shared_kit.web.authorization import CallerDep
from shared_kit.web.concurrency import IfMatchDep, not_modified, tag_answer
from shared_kit.web.paging import Page, PagingDep
from shared_kit.web.types import Code, KeyText

router = APIRouter(prefix="/api/v1", tags=["implementation"])

_REPEATED = "200 where the very same was entered before."


@router.get(
    "/deliverables",
    operation_id="list_deliverables",
    summary="List Deliverables",
    description="In pages, by key unless `sort` says otherwise. `overdue=true` keeps what is past "
    "its current date today and unreleased; that date, moved once a new one is approved, is also "
    "what `due` means.",
)
async def list_deliverables(
    session: Reading,
    now: Now,
    paging: PagingDep,
    plan: Annotated[Code | None, Query()] = None,
    period: Annotated[Code | None, Query(examples=["FY2019"])] = None,
    state: Annotated[DeliverableState | None, Query()] = None,
    overdue: Annotated[bool | None, Query()] = None,
    listed: Annotated[bool | None, Query(description="False: unplanned work only.")] = None,
    unit: Annotated[Code | None, Query()] = None,
    action: Annotated[KeyText | None, Query()] = None,
    kind: Annotated[Code | None, Query()] = None,
    objective: Annotated[KeyText | None, Query()] = None,
    priority: Annotated[KeyText | None, Query()] = None,
    package: Package = None,
    due_from: DueFrom = None,
    due_to: DueTo = None,
    q: Words = None,
    sort: SortBy = listing.Sort.KEY,
) -> Page[DeliverableRead]:
    filters = listing.Filters(
        plan=plan,
        period=period,
        state=state,
        overdue=overdue,
        listed=listed,
        unit=unit,
        action=action,
        kind=kind,
        objective=objective,
        priority=priority,
        package=package,
        due_from=due_from,
        due_to=due_to,
        q=q,
    )
    days = await days_of_plans(session, now=now)
    order = listing.order_of_deliverables(sort)
    statement = paging.apply(listing.deliverables(filters, days=days), order.columns)
    page = paging.page(await Deliverables(session).read(statement), key=order.key)
    return Page(
        items=[DeliverableRead.of(one, today=days[one.planned.plan]) for one in page.items],
        next=page.next,
        prev=page.prev,
    )


@router.get(
    "/deliverables/{key}",
    operation_id="get_deliverable",
    response_model=DeliverableRead,
    summary="Read a Deliverable",
    description="With the ETag that its changes ask for.",
)
async def get_deliverable(
    key: KeyText, session: Reading, now: Now, request: Request, response: Response
) -> object:
    deliverable = await Deliverables(session).get(key)
    if deliverable is None:
        raise planning.DeliverableNotFoundError(key)
    read = await _read(session, deliverable, now)
    same = not_modified(request, deliverable.version, variant=_variant(read))
    if same is not None:
        return same
    tag_answer(response, deliverable.version, variant=_variant(read))
    return read


@router.post(
    "/deliverables",
    operation_id="plan_deliverable",
    status_code=201,
    response_model=DeliverableRead,
    responses={200: {"model": DeliverableRead, "description": _REPEATED}},
    summary="Plan a Deliverable",
    description="Announces `deliverable.planned` with all that it inherits: objectives and "
    "priorities of its Action where it states none, Packages and tags of its instrument. "
    f"{_REPEATED} Another content answers 409.",
)
async def plan_deliverable(
    body: DeliverableCreate, tx: Tx, caller: CallerDep, now: Now, once: OnceDep
) -> Response:
    async def work() -> Answer:
        planned, new = await planning.plan_deliverable(
            tx, caller=caller, now=now, draft=body.draft()
        )
        return await _answer(tx.session, planned, now, status=201 if new else 200)

    return respond(await once.run(work))


@router.post(
    "/deliverables/{key}/release",
    operation_id="release_deliverable",
    response_model=DeliverableRead,
    summary="Release a Deliverable",
    description="Announces `deliverable.released`. A draft counts nowhere and stays planned; the "
    "first release counts, a second one answers 409. Needs If-Match.",
)
async def release_deliverable(
    key: KeyText,
    body: ReleaseBody,
    tx: Tx,
    caller: CallerDep,
    now: Now,
    if_match: IfMatchDep,
    once: OnceDep,
) -> Response:
    async def work() -> Answer:
        released = await verbs.release_deliverable(
            tx,
            caller=caller,
            now=now,
            key=key,
            on=body.released_on,
            stage=body.stage,
            evidence=body.evidence,
            body=body.body,
            if_match=if_match,
        )
        return await _answer(tx.session, released, now)

    return respond(await once.run(work))


@router.post(
    "/deliverables/{key}/reach",
    operation_id="reach_deliverable",
    response_model=DeliverableRead,
    summary="Reach a milestone",
    description="Announces `milestone.reached` at a share of 0 to 1; the latest by date counts. "
    "Milestones only. Needs If-Match.",
)
async def reach_deliverable(
    key: KeyText,
    body: ReachBody,
    tx: Tx,
    caller: CallerDep,
    now: Now,
    if_match: IfMatchDep,
    once: OnceDep,
) -> Response:
    async def work() -> Answer:
        reached = await verbs.reach_deliverable(
            tx,
            caller=caller,
            now=now,
            key=key,
            share=body.share,
            on=body.reached_on,
            evidence=body.evidence,
            if_match=if_match,
        )
        return await _answer(tx.session, reached, now)

    return respond(await once.run(work))


@router.post(
    "/deliverables/{key}/reschedule",
    operation_id="reschedule_deliverable",
    response_model=DeliverableRead,
    summary="Propose a new date",
    description="Announces `deliverable.rescheduled`. It shows beside the first date and counts "
    "once it is approved. Needs If-Match.",
)
async def reschedule_deliverable(
    key: KeyText,
    body: RescheduleBody,
    tx: Tx,
    caller: CallerDep,
    now: Now,
    if_match: IfMatchDep,
    once: OnceDep,
) -> Response:
    async def work() -> Answer:
        moved = await verbs.reschedule_deliverable(
            tx, caller=caller, now=now, key=key, due=body.due, if_match=if_match
        )
        return await _answer(tx.session, moved, now)

    return respond(await once.run(work))


@router.post(
    "/deliverables/{key}/approve",
    operation_id="approve_deliverable",
    response_model=DeliverableRead,
    summary="Approve the proposed date",
    description="The planning office's. Announces `deliverable.rescheduled` with who approved. "
    "Needs If-Match, and no body.",
)
async def approve_deliverable(
    key: KeyText, tx: Tx, caller: CallerDep, now: Now, if_match: IfMatchDep, once: OnceDep
) -> Response:
    async def work() -> Answer:
        approved = await verbs.approve_deliverable(
            tx, caller=caller, now=now, key=key, if_match=if_match
        )
        return await _answer(tx.session, approved, now)

    return respond(await once.run(work))


@router.post(
    "/deliverables/{key}/carry-over",
    operation_id="carry_over_deliverable",
    response_model=DeliverableRead,
    summary="Carry a Deliverable over into a later year",
    description="It keeps its key and its first date, stays due in the year that it leaves, and "
    "is adopted again with the later one, where the new date, if any, then counts. Announces "
    "`deliverable.planned` for that year. Needs If-Match.",
)
async def carry_over_deliverable(
    key: KeyText,
    body: CarryOverBody,
    tx: Tx,
    caller: CallerDep,
    now: Now,
    if_match: IfMatchDep,
    once: OnceDep,
) -> Response:
    async def work() -> Answer:
        carried = await verbs.carry_over_deliverable(
            tx,
            caller=caller,
            now=now,
            key=key,
            period=body.period,
            due=body.due,
            if_match=if_match,
        )
        return await _answer(tx.session, carried, now)

    return respond(await once.run(work))


@router.post(
    "/deliverables/{key}/cancel",
    operation_id="cancel_deliverable",
    response_model=DeliverableRead,
    summary="Cancel a Deliverable",
    description="Announces `deliverable.cancelled`. It lowers no estimate and stays due. "
    "Needs If-Match.",
)
async def cancel_deliverable(
    key: KeyText,
    body: CancelBody,
    tx: Tx,
    caller: CallerDep,
    now: Now,
    if_match: IfMatchDep,
    once: OnceDep,
) -> Response:
    async def work() -> Answer:
        cancelled = await verbs.cancel_deliverable(
            tx, caller=caller, now=now, key=key, on=body.cancelled_on, if_match=if_match
        )
        return await _answer(tx.session, cancelled, now)

    return respond(await once.run(work))


async def _read(session: AsyncSession, deliverable: Deliverable, now: datetime) -> DeliverableRead:
    plan = await plan_in_force(session, plan=deliverable.planned.plan, now=now)
    return DeliverableRead.of(deliverable, today=today(plan, now))


def _variant(read: DeliverableRead) -> str:
    """`overdue` changes with the day, the version does not."""
    return "overdue" if read.overdue else ""


async def _answer(
    session: AsyncSession, deliverable: Deliverable, now: datetime, *, status: int = 200
) -> Answer:
    read = await _read(session, deliverable, now)
    return answer(
        read,
        status=status,
        version=deliverable.version,
        variant=_variant(read),
        location=f"/api/v1/deliverables/{deliverable.key}" if status == 201 else None,
    )
