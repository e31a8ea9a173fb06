"""Routes of the forms with which a year is planned."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from plan_api.core.dependencies import RuntimeDep
from plan_api.desk.api.carrying import Task, carry_out
from plan_api.desk.api.room import RoomDep, page
from plan_api.desk.model import Done
from plan_api.desk.pages.forms import Answers
from plan_api.desk.service import estimating, planning, year
from plan_api.desk.service.deliverables import Doing
from plan_api.desk.service.places import action_page
from plan_api.desk.service.room import Room
from plan_api.report.service import PageNotFoundError
from shared_kit.calendar import Period
from shared_kit.events.definitions import PlanSnapshot
from shared_kit.web.types import KeyText

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

PeriodQuery = Annotated[str | None, Query(max_length=80)]
ActionQuery = Annotated[str | None, Query(max_length=200)]
Show = Callable[[Room], Awaitable[str]]


@router.get("/yearly-plan", operation_id="year_page")
async def show_year(room: RoomDep, period: PeriodQuery = None) -> Response:
    return await page(room, year.year_page(room, period=period))


@router.get("/yearly-plan/adopt", operation_id="adopt_page")
async def show_adopt(room: RoomDep, period: PeriodQuery = None) -> Response:
    return await page(room, year.adopt_page(room, period=period))


@router.post("/yearly-plan/adopt", operation_id="adopt_from_page")
async def adopt(request: Request, room: RoomDep, runtime: RuntimeDep) -> Response:
    period = await _sent(request, "period")

    def show(shown: Room) -> Awaitable[str]:
        return year.adopt_page(shown, period=period)

    try:
        opened, found, form = await year.adopt_form(room, period=period)
    except PageNotFoundError:
        return await page(room, show(room))

    async def done(doing: Doing, answers: Answers) -> Done:
        return await year.adopt(doing, opened, answers, found=found)

    task = Task(
        form=form,
        do=done,
        show=show,
        back="/yearly-plan",
        done="adopt",
        watch=_watched(room, opened.plan, found.period),
    )
    return await carry_out(request, room, runtime, task)


@router.get("/yearly-plan/actions", operation_id="action_form_page")
async def show_action_form(room: RoomDep, period: PeriodQuery = None) -> Response:
    return await page(room, planning.action_form_page(room, period=period))


@router.post("/yearly-plan/actions", operation_id="plan_action_from_page")
async def plan_action(request: Request, room: RoomDep, runtime: RuntimeDep) -> Response:
    opened, form = await planning.action_form(room, period=None)

    async def done(doing: Doing, answers: Answers) -> Done:
        return await planning.enter_action(doing, opened, answers)

    task = Task(
        form=form,
        do=done,
        show=lambda shown: planning.action_form_page(shown, period=None),
        back="/yearly-plan",
        done="add-action",
        names=planning.NAMES,
    )
    return await carry_out(request, room, runtime, task)


@router.get("/yearly-plan/deliverables", operation_id="deliverable_form_page")
async def show_deliverable_form(
    room: RoomDep, period: PeriodQuery = None, action: ActionQuery = None
) -> Response:
    return await page(room, planning.deliverable_form_page(room, period=period, action=action))


@router.post("/yearly-plan/deliverables", operation_id="plan_deliverable_from_page")
async def plan_deliverable(request: Request, room: RoomDep, runtime: RuntimeDep) -> Response:
    opened, form = await planning.deliverable_form(room, period=None, action=None)

    async def done(doing: Doing, answers: Answers) -> Done:
        return await planning.enter_deliverable(doing, opened, answers)

    task = Task(
        form=form,
        do=done,
        show=lambda shown: planning.deliverable_form_page(shown, period=None, action=None),
        back="/yearly-plan",
        done="add-deliverable",
        names=planning.NAMES,
    )
    return await carry_out(request, room, runtime, task)


@router.post("/actions/{key}/start", operation_id="start_action_from_page")
async def start(request: Request, room: RoomDep, runtime: RuntimeDep, key: KeyText) -> Response:
    return await _change(request, room, runtime, key, "start", "start")


@router.post("/actions/{key}/complete", operation_id="complete_action_from_page")
async def complete(request: Request, room: RoomDep, runtime: RuntimeDep, key: KeyText) -> Response:
    return await _change(request, room, runtime, key, "complete", "complete")


@router.post("/actions/{key}/cancel", operation_id="cancel_action_from_page")
async def cancel(request: Request, room: RoomDep, runtime: RuntimeDep, key: KeyText) -> Response:
    return await _change(request, room, runtime, key, "cancel", "cancel-action")


@router.get("/indicators/{key}/estimate", operation_id="estimate_page")
async def show_estimate(room: RoomDep, key: KeyText, period: PeriodQuery = None) -> Response:
    return await page(room, estimating.figure_page(room, key, what="estimate", period=period))


@router.post("/indicators/{key}/estimate", operation_id="estimate_from_page")
async def estimate(request: Request, room: RoomDep, runtime: RuntimeDep, key: KeyText) -> Response:
    return await _state(request, room, runtime, key, "estimate")


@router.get("/indicators/{key}/target", operation_id="target_page")
async def show_target(room: RoomDep, key: KeyText, period: PeriodQuery = None) -> Response:
    return await page(room, estimating.figure_page(room, key, what="target", period=period))


@router.post("/indicators/{key}/target", operation_id="target_from_page")
async def target(request: Request, room: RoomDep, runtime: RuntimeDep, key: KeyText) -> Response:
    return await _state(request, room, runtime, key, "target")


async def _state(
    request: Request, room: Room, runtime: RuntimeDep, key: str, what: estimating.What
) -> Response:
    period = await _sent(request, "period")

    def show(shown: Room) -> Awaitable[str]:
        return estimating.figure_page(shown, key, what=what, period=period)

    try:
        opened, indicator, form = await estimating.figure_form(room, key, what=what, period=period)
    except PageNotFoundError:
        return await page(room, show(room))

    async def done(doing: Doing, answers: Answers) -> Done:
        if what == "estimate":
            return await estimating.state_estimate(doing, key, answers)
        return await estimating.set_target(doing, key, answers, indicator=indicator)

    chosen = room.period(opened.plan, period)
    task = Task(
        form=form,
        do=done,
        show=show,
        back=f"/indicators/{key}/{what}?period={chosen.code}",
        done=what,
        watch=_watched(room, opened.plan, chosen),
    )
    return await carry_out(request, room, runtime, task)


async def _change(
    request: Request, room: Room, runtime: RuntimeDep, key: str, name: str, said: str
) -> Response:
    try:
        opened, action, form = await planning.action_form_of(room, key, name)
    except PageNotFoundError:
        return await page(room, action_page(room, key))

    async def done(doing: Doing, answers: Answers) -> Done:
        return await planning.change_action(doing, key, name, answers)

    task = Task(
        form=form,
        do=done,
        show=lambda shown: action_page(shown, key),
        back=f"/actions/{key}",
        done=said,
        # Completed, an Action without Deliverables is released itself.
        watch=(opened.plan, action.planned.period)
        if name == "complete" and await room.shelf.is_its_own_deliverable(key)
        else None,
    )
    return await carry_out(request, room, runtime, task)


def _watched(room: Room, plan: PlanSnapshot, period: Period) -> tuple[PlanSnapshot, str] | None:
    """A period that has not begun has no figures yet: none of them moves."""
    today = plan.calendar().today(room.report.now)
    return (plan, period.code) if period.start <= today else None


async def _sent(request: Request, name: str) -> str | None:
    return str((await request.form()).get(name) or "") or None
