"""Routes of a Deliverable's page and of the forms on it."""

from collections.abc import Awaitable, Callable
from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from plan_api.core.dependencies import RuntimeDep
from plan_api.desk.api.carrying import Task, carry_out
from plan_api.desk.api.room import RoomDep, page
from plan_api.desk.model import Done
from plan_api.desk.pages.forms import Answers
from plan_api.desk.service import deliverables
from plan_api.desk.service.deliverables import Doing, deliverable_page
from plan_api.desk.service.room import Room
from plan_api.implementation.service.counting import indicators_of
from plan_api.report.service import PageNotFoundError
from shared_kit.events.definitions import PlanSnapshot
from shared_kit.web.types import KeyText

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Do = Callable[[Doing, str, Answers], Awaitable[Done | None]]


@router.get("/deliverables/{key}", operation_id="deliverable_page")
async def show_deliverable(room: RoomDep, key: KeyText) -> Response:
    return await page(room, deliverable_page(room, key))


@router.post("/deliverables/{key}/release", operation_id="release_from_page")
async def release(request: Request, room: RoomDep, runtime: RuntimeDep, key: KeyText) -> Response:
    return await _do(request, room, runtime, key, "release", deliverables.release)


@router.post("/deliverables/{key}/reach", operation_id="reach_from_page")
async def reach(request: Request, room: RoomDep, runtime: RuntimeDep, key: KeyText) -> Response:
    return await _do(request, room, runtime, key, "reach", deliverables.reach)


@router.post("/deliverables/{key}/reschedule", operation_id="reschedule_from_page")
async def reschedule(
    request: Request, room: RoomDep, runtime: RuntimeDep, key: KeyText
) -> Response:
    return await _do(request, room, runtime, key, "reschedule", deliverables.reschedule)


@router.post("/deliverables/{key}/approve", operation_id="approve_from_page")
async def approve(request: Request, room: RoomDep, runtime: RuntimeDep, key: KeyText) -> Response:
    return await _do(request, room, runtime, key, "approve", deliverables.approve)


@router.post("/deliverables/{key}/carry-over", operation_id="carry_over_from_page")
async def carry_over(
    request: Request, room: RoomDep, runtime: RuntimeDep, key: KeyText
) -> Response:
    return await _do(request, room, runtime, key, "carry-over", deliverables.carry_over)


@router.post("/deliverables/{key}/cancel", operation_id="cancel_from_page")
async def cancel(request: Request, room: RoomDep, runtime: RuntimeDep, key: KeyText) -> Response:
    return await _do(request, room, runtime, key, "cancel", deliverables.cancel)


@router.post("/deliverables/{key}/retract", operation_id="retract_from_page")
async def retract(request: Request, room: RoomDep, runtime: RuntimeDep, key: KeyText) -> Response:
    return await _do(request, room, runtime, key, "retract", deliverables.retract)


async def _do(
    request: Request, room: Room, runtime: RuntimeDep, key: str, name: str, do: Do
) -> Response:
    try:
        opened, one, form = await deliverables.form_of(room, key, name)
    except PageNotFoundError:
        return await page(room, deliverable_page(room, key))
    sent = await request.form()
    drafted = name == "release" and sent.get("stage") == "drafted"
    counts = name in ("release", "reach", "retract") and not drafted
    watched = counts and indicators_of(one.planned, plan=opened.plan)
    done_on = sent.get("released_on") or sent.get("reached_on") or one.released_on

    async def done(doing: Doing, answers: Answers) -> Done | None:
        return await do(doing, key, answers)

    return await carry_out(
        request,
        room,
        runtime,
        Task(
            form=form,
            do=done,
            show=lambda shown: deliverable_page(shown, key),
            back=f"/deliverables/{key}",
            done="draft" if drafted else name,
            watch=(opened.plan, _year(opened.plan, done_on, otherwise=one.planned.period))
            if watched
            else None,
        ),
    )


def _year(plan: PlanSnapshot, day: object, *, otherwise: str) -> str:
    """The financial year that a date falls into: what is released then counts then."""
    try:
        on = date.fromisoformat(str(day))
    except ValueError:
        return otherwise
    year = plan.calendar().year_of(on)
    return otherwise if year is None else year.code
