"""Routes of the pages of the work that only show."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from plan_api.desk.api.room import RoomDep, page
from plan_api.desk.model import Standing
from plan_api.desk.service import members, places, sources
from plan_api.desk.service.changing import changes_page
from plan_api.desk.service.lists import Asked, deliverables_page
from shared_kit.web.types import Code, KeyText

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Filter = Annotated[str | None, Query(max_length=200)]

PeriodQuery = Annotated[str | None, Query(max_length=80)]


@router.get("/units", operation_id="units_page")
async def show_units(room: RoomDep) -> Response:
    return await page(room, places.units_page(room))


@router.get("/units/{code}", operation_id="unit_page")
async def show_unit(room: RoomDep, code: Code) -> Response:
    return await page(room, places.unit_page(room, code))


@router.get("/members/{code}", operation_id="member_page")
async def show_member(room: RoomDep, code: Code, period: PeriodQuery = None) -> Response:
    return await page(room, members.member_page(room, code, period=period))


@router.get("/actions/{key}", operation_id="action_page")
async def show_action(room: RoomDep, key: KeyText) -> Response:
    return await page(room, places.action_page(room, key))


@router.get("/priorities/{key}", operation_id="priority_page")
async def show_priority(room: RoomDep, key: KeyText, period: PeriodQuery = None) -> Response:
    return await page(room, places.priority_page(room, key, period=period))


@router.get("/indicators/{key}/changes", operation_id="changes_page")
async def show_changes(
    room: RoomDep,
    key: KeyText,
    period: PeriodQuery = None,
    since: Annotated[date | None, Query(alias="from")] = None,
    to: date | None = None,
) -> Response:
    return await page(room, changes_page(room, key, period=period, since=since, to=to))


@router.get("/members", operation_id="members_page")
async def show_members(room: RoomDep) -> Response:
    return await page(room, members.members_page(room))


@router.get("/sources", operation_id="sources_page")
async def show_sources(room: RoomDep) -> Response:
    return await page(room, sources.sources_page(room))


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
