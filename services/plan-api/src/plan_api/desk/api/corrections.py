"""Routes of taking a fact back."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from plan_api.core.dependencies import RuntimeDep
from plan_api.desk.api.carrying import Task, carry_out
from plan_api.desk.api.room import RoomDep, page
from plan_api.desk.model import Done
from plan_api.desk.pages.forms import Answers
from plan_api.desk.service.corrections import correction_of, correction_page, take_back
from plan_api.desk.service.deliverables import Doing
from plan_api.report.service import PageNotFoundError

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Part = Annotated[str, Query(max_length=1000)]


@router.get("/corrections", operation_id="correction_page")
async def show_correction(
    room: RoomDep, source: Part = "", fact: Annotated[str, Query(alias="id", max_length=1000)] = ""
) -> Response:
    return await page(room, correction_page(room, source=source, fact=fact))


@router.post("/corrections", operation_id="correct_from_page")
async def correct(request: Request, room: RoomDep, runtime: RuntimeDep) -> Response:
    sent = await request.form()
    source, fact = str(sent.get("source") or ""), str(sent.get("id") or "")
    try:
        opened, _, form = await correction_of(room, source=source, fact=fact)
    except PageNotFoundError:
        return await page(room, correction_page(room, source=source, fact=fact))

    async def done(doing: Doing, answers: Answers) -> Done:
        return await take_back(doing, room.shelf, answers)

    return await carry_out(
        request,
        room,
        runtime,
        Task(
            form=form,
            do=done,
            show=lambda shown: correction_page(shown, source=source, fact=fact),
            back="/record",
            done="retracted",
            watch=(opened.plan, room.year(opened.plan, None).code),
        ),
    )
