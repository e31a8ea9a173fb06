"""How a request comes to a room: who looks, in which language, and what was just done."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable
from dataclasses import replace
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.responses import Response
from pydantic import TypeAdapter, ValidationError

from plan_api.core.dependencies import Reading, RuntimeDep
from plan_api.desk.model import Deed
from plan_api.desk.repository import Shelf, source_of_pages
from plan_api.desk.service.room import Room
from plan_api.report.api import DeskDep, html_answer, report_of, seen_as
from plan_api.report.pages.site import Site
from plan_api.report.reads import FiguresUnavailableError
from plan_api.report.repository import DayNotKnownError, SqlBook
from plan_api.report.service import PageNotFoundError
from shared_kit.web.authorization import CallerDep

DEED_COOKIE: Final = "wcoplan_deed"

_KEPT: Final = (
    *("period", "state", "unit", "priority", "indicator"),
    *("do", "action", "source", "id", "from", "to"),
)
_DEED = TypeAdapter(Deed)


async def _room(
    request: Request, desk: DeskDep, caller: CallerDep, session: Reading, runtime: RuntimeDep
) -> Room:
    caller = seen_as(request, desk=desk, caller=caller)
    report = await report_of(request, desk=desk, caller=caller, book=SqlBook(session), kept=_KEPT)
    return Room(
        report=replace(report, site=Site.load(rooms=("plan_api.desk",))),
        shelf=Shelf(session, pages=source_of_pages(runtime.settings.event_source)),
        caller=caller,
        deed=_deed(request),
        unfolded=request.query_params.get("do", ""),
    )


RoomDep = Annotated[Room, Depends(_room, scope="function")]


async def page(room: Room, writing: Awaitable[str], *, status: int = 200) -> Response:
    """A page, or what is said instead of it; what was just done is told once."""
    try:
        html = await writing
    except PageNotFoundError:
        html, status = await room.report.message(status=404), 404
    except DayNotKnownError as error:
        html, status = await room.report.not_known(error), 400
    except FiguresUnavailableError:
        html, status = await room.report.message(status=503), 503
    answer = html_answer(html, status=status, visit=room.report.visit)
    if room.deed is not None:
        answer.delete_cookie(DEED_COOKIE, path="/")
    return answer


def remember(answer: Response, deed: Deed, *, secure: bool) -> None:
    """Let the next page say what was done: by cookie, since an address could be forged."""
    packed = urlsafe_b64encode(_DEED.dump_json(deed)).decode()
    if len(packed) < 3500:
        answer.set_cookie(
            DEED_COOKIE,
            packed,
            max_age=120,
            path="/",
            httponly=True,
            samesite="strict",
            secure=secure,
        )


def _deed(request: Request) -> Deed | None:
    packed = request.cookies.get(DEED_COOKIE)
    if not packed:
        return None
    try:
        deed = _DEED.validate_json(urlsafe_b64decode(packed))
    except (ValueError, ValidationError):
        return None
    return deed if deed.path == request.url.path else None
