"""The one stream of results and alerts, as server-sent events. Translation only."""

import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request

from notifier.ports.stream import NewsKind, Piece, Start, Streams, TooManyStreamsError, Wanted
from shared_kit.identity import Role
from shared_kit.web.authorization import CallerDep
from shared_kit.web.event_stream import EventStream, frame
from shared_kit.web.problems import UNAVAILABLE, ProblemError
from shared_kit.web.types import Code, Instant, KeyText

_RETRY_MILLISECONDS: Final = (1000, 3000)

_EXAMPLE: Final = """retry: 2214

event: result
data: {"plan":"wco-2019-2022","indicator":"wco-2019-2022:SG","period":"FY2019","revision":27,\
"judged_on":"2020-02-03","judged_at":"2020-02-03T08:20:00Z","status":"off-track","reason":null,\
"numerator":"24","denominator":"61","ratio":"0.393443","attainment":"0.769231","daily":false,\
"restated":false}
id: 4711

event: alert
data: {"plan":"wco-2019-2022","indicator":"wco-2019-2022:SG","period":"FY2019",\
"alert":"da87f07f-f4a7-5769-a350-160d3f2a5808","change":"acknowledged","level":"critical",\
"at":"2020-02-03T08:21:00Z"}
id: 4712

: ping
id: 4712
"""

_EVENT: Final[dict[str, Any]] = {
    "title": "An event",
    "description": "What it consists of, beside comments and `retry`.",
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "event": {"enum": ["result", "alert", "resync"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
        "id": {"type": "string", "pattern": "^[0-9]{1,18}$"},
    },
}

_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Events for as long as both sides go on. `result`: an indicator was "
        "judged. `alert`: an alert changed. `resync`: what was missed is not kept or is more "
        "than 1,000 events; read what you show anew.",
        "content": {
            "text/event-stream": {
                "schema": {"anyOf": [{"title": "All of them", "type": "string"}, _EVENT]},
                "example": _EXAMPLE,
            }
        },
    }
}

PlanFilter = Annotated[Code | None, Query(description="Plan code.", examples=["wco-2019-2022"])]
IndicatorFilter = Annotated[
    KeyText | None, Query(description="Indicator key.", examples=["wco-2019-2022:SG"])
]
Since = Annotated[
    Instant | None,
    Query(
        description="Begin with what was told since that instant of the machine's clock, for "
        "instance since a page was read. Without it, with what comes next.",
        examples=["2026-11-25T14:30:00Z"],
    ),
]
LastEventId = Annotated[
    str,
    Header(
        alias="Last-Event-ID",
        description="The `id` of the last event that was taken: go on after it. Wins over "
        "`since`. Browsers send it by themselves.",
        pattern=r"^[0-9]{0,18}$",
        examples=["4711"],
    ),
]


def stream_router(*, streams: Streams, shows_all: bool, count_cut: Callable[[], None]) -> APIRouter:
    """The route, over what bootstrap gives it."""
    router = APIRouter(prefix="/api/v1/stream", tags=["stream"])

    @router.get(
        "",
        operation_id="get_stream",
        summary="Follow results and alerts as they come",
        status_code=200,
        response_class=EventStream,
        responses=_ANSWER,
    )
    async def get_stream(
        request: Request,
        caller: CallerDep,
        plan: PlanFilter = None,
        indicator: IndicatorFilter = None,
        since: Since = None,
        last_event_id: LastEventId = "",
    ) -> EventStream:
        """Server-sent events, each with an `id` to go on from, so that a cut loses nothing.

        Alerts and what is of Secretariat level are told to those who may read them. A reader
        that takes nothing for 20 seconds is cut. Events are hints: an event may come again
        after a cut of the network, and what they are about is read from the other operations.
        """
        wanted = Wanted(
            plan=plan,
            indicator=indicator,
            kinds=_kinds(request, caller.role),
            secretariat=shows_all or caller.role is not Role.MEMBER,
        )
        after = int(last_event_id) if last_event_id else None
        try:
            first = await streams.begin(Start(after=after, since=since), wanted=wanted)
        except TooManyStreamsError as error:
            raise ProblemError(UNAVAILABLE, headers={"retry-after": "10"}) from error
        return EventStream(_frames(streams, first, wanted), on_cut=count_cut)

    return router


def _kinds(request: Request, role: Role) -> frozenset[NewsKind]:
    told = role in request.app.policy["list_alerts"]
    return frozenset({"result", "alert"} if told else {"result"})


async def _frames(streams: Streams, first: Piece, wanted: Wanted) -> AsyncGenerator[bytes]:
    # Not all at the same moment when a service was away.
    yield frame(retry=random.randint(*_RETRY_MILLISECONDS))  # noqa: S311 - spreads retries
    yield _piece(first)
    async with aclosing(streams.follow(first.at, wanted=wanted)) as pieces:
        async for piece in pieces:
            yield _piece(piece)


def _piece(piece: Piece) -> bytes:
    told = [frame(event=item.kind, data=item.data, id=item.seq) for item in piece.items]
    if piece.missed:
        told.append(frame(event="resync", data="{}"))
    # What was not for this reader moves its place too; else it would be read again each time.
    told.append(frame(comment="ping", id=piece.at))
    return b"".join(told)
