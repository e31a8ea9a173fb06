"""An answer that goes on: server-sent events to one reader, ended when it leaves or is too slow."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import timedelta
from typing import Final

from fastapi.sse import EventSourceResponse, format_sse_event
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

CUT_AFTER: Final = timedelta(seconds=20)
_HEADERS: Final = {
    "cache-control": "no-store",
    # nginx and its kin would gather the events and hand them on much later.
    "x-accel-buffering": "no",
}


def frame(
    *,
    event: str | None = None,
    data: str | None = None,
    id: int | None = None,
    retry: int | None = None,
    comment: str | None = None,
) -> bytes:
    """One frame. `id` without data moves the reader's place and tells it nothing."""
    return format_sse_event(
        event=event,
        data_str=data,
        id=None if id is None else str(id),
        retry=retry,
        comment=comment,
    )


def nothing() -> None:
    """Nobody counts the readers that were cut."""


class EventStream(StreamingResponse):
    """Sends frames as they are made. A reader that takes nothing for `cut_after` is cut.

    It has its place in `Last-Event-ID` and comes back when it can: that is cheaper than keeping
    for it what it does not take. Also ends when the frames do, which is at the service's end.
    The framework's own answer has no such end.
    """

    def __init__(
        self,
        frames: AsyncGenerator[bytes],
        *,
        cut_after: timedelta = CUT_AFTER,
        on_cut: Callable[[], None] = nothing,
    ) -> None:
        super().__init__(frames, headers=_HEADERS, media_type=EventSourceResponse.media_type)
        self._frames = frames
        self._cut_after = cut_after.total_seconds()
        self._on_cut = on_cut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope
        telling = asyncio.ensure_future(self._tell(send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({telling, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            both = {telling, leaving}
            for task in both:
                task.cancel()
            await asyncio.wait(both)
        if not telling.cancelled():
            telling.result()

    async def _tell(self, send: Send) -> None:
        try:
            await self._put(
                send,
                {
                    "type": "http.response.start",
                    "status": self.status_code,
                    "headers": self.raw_headers,
                },
            )
            async with aclosing(self._frames) as frames:
                async for one in frames:
                    await self._put(send, _body(one, more=True))
            await self._put(send, _body(b"", more=False))
        except TimeoutError:
            self._on_cut()
            logger.warning("a slow reader of the stream was cut")

    async def _put(self, send: Send, message: Message) -> None:
        async with asyncio.timeout(self._cut_after):
            await send(message)


def _body(data: bytes, *, more: bool) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": more}


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
