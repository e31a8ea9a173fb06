"""Routes of the forms that report what happened, and of taking it back."""

from collections.abc import Mapping
from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from plan_api.core.dependencies import RuntimeDep
from plan_api.desk.api.carrying import Task, carry_out
from plan_api.desk.api.room import RoomDep, page
from plan_api.desk.model import Done
from plan_api.desk.pages.forms import ONCE, Answers
from plan_api.desk.service.deliverables import Doing
from plan_api.desk.service.reporting import forms_of, record, record_page
from plan_api.desk.service.room import Room
from shared_kit.events.definitions import PlanSnapshot
from shared_kit.web.types import Code

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_DATES = ("implemented_on", "received_on", "completed_on", "on", "event_on", "as_on", "until")


@router.get("/record", operation_id="record_page")
async def show_record(room: RoomDep) -> Response:
    return await page(room, record_page(room))


@router.get("/record/{name}", operation_id="record_form_page")
async def show_form(room: RoomDep, name: Code) -> Response:
    return await page(room, record_page(room, name=name))


@router.post("/record/{name}", operation_id="record_from_page")
async def record_fact(request: Request, room: RoomDep, runtime: RuntimeDep, name: Code) -> Response:
    opened, forms = await forms_of(room)
    if name not in forms:
        return await page(room, record_page(room, name=name))
    sent = {name: str(value) for name, value in (await request.form()).items()}

    async def done(doing: Doing, answers: Answers) -> Done:
        return await record(doing, opened, answers, once=sent.get(ONCE, ""))

    return await carry_out(
        request,
        room,
        runtime,
        Task(
            form=forms[name],
            do=done,
            show=lambda shown: record_page(shown, name=name),
            back=f"/record/{name}",
            done="record",
            watch=(opened.plan, _period(room, opened.plan, sent)),
        ),
    )


def _period(room: Room, plan: PlanSnapshot, sent: Mapping[str, str]) -> str:
    """The period whose figures a fact may move: the one it names, else that of its date."""
    named = sent.get("period") or sent.get("quarter", "").partition("-")[0]
    if named in {one.code for one in plan.calendar().periods()}:
        return named
    for name in _DATES:
        try:
            year = plan.calendar().year_of(date.fromisoformat(sent.get(name, "")))
        except ValueError:
            continue
        if year is not None:
            return year.code
    return room.year(plan, None).code
