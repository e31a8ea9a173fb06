"""Routes of the forms that report what happened."""

from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from plan_api.core.dependencies import RuntimeDep
from plan_api.desk.api.carrying import Task, carry_out
from plan_api.desk.api.room import RoomDep, page
from plan_api.desk.pages.forms import Answers
from plan_api.desk.service.deliverables import Doing
from plan_api.desk.service.reporting import forms_of, record, record_page
from shared_kit.web.types import Code

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/record", operation_id="record_page")
async def show_record(room: RoomDep) -> Response:
    return await page(room, record_page(room, once=str(uuid4())))


@router.get("/record/{name}", operation_id="record_form_page")
async def show_form(room: RoomDep, name: Code) -> Response:
    return await page(room, record_page(room, once=str(uuid4()), name=name))


@router.post("/record/{name}", operation_id="record_from_page")
async def record_fact(request: Request, room: RoomDep, runtime: RuntimeDep, name: Code) -> Response:
    once = str(uuid4())
    opened, forms = await forms_of(room, once=once)
    if name not in forms:
        return await page(room, record_page(room, once=once, name=name))

    async def done(doing: Doing, answers: Answers) -> None:
        await record(doing, opened, answers)

    return await carry_out(
        request,
        room,
        runtime,
        Task(
            form=forms[name],
            do=done,
            show=lambda shown: record_page(shown, once=once, name=name),
            back=f"/record/{name}",
            done="record",
            watch=(opened.plan, room.year(opened.plan, None).code),
        ),
    )
