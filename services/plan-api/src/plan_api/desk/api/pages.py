"""Routes of the pages of the work that only show."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from plan_api.desk.api.room import RoomDep, page
from plan_api.desk.model import Standing
from plan_api.desk.service.lists import Asked, deliverables_page

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Filter = Annotated[str | None, Query(max_length=200)]


@router.get("/deliverables", operation_id="deliverables_page")
async def show_deliverables(
    room: RoomDep,
    period: Filter = None,
    state: Filter = None,
    overdue: Filter = None,
    unit: Filter = None,
    priority: Filter = None,
    indicator: Filter = None,
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> Response:
    standing = next((one for one in Standing if one.value == state), None)
    if overdue == "true":
        standing = Standing.OVERDUE
    asked = Asked(
        period=period or None,
        standing=standing,
        unit=unit or None,
        priority=priority or None,
        indicator=indicator or None,
        page=number,
    )
    return await page(room, deliverables_page(room, asked))
