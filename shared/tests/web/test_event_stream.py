"""An answer that goes on ends when its reader leaves, when it is too slow, and when all is told."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

from starlette.types import Message

from shared_kit.web.event_stream import EventStream, frame

_SCOPE: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "headers": []}


class Told:
    """Frames of a source that says whether it was closed."""

    def __init__(self, *, count: int) -> None:
        self.made = 0
        self.closed = False
        self._count = count

    async def frames(self) -> AsyncGenerator[bytes]:
        try:
            for number in range(self._count):
                self.made += 1
                yield frame(event="result", data=str(number), id=number)
            await asyncio.Event().wait()
        finally:
            self.closed = True


async def stays() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


async def test_a_reader_that_takes_nothing_is_cut_and_nothing_is_kept_for_it() -> None:
    told = Told(count=100_000)
    cut = []
    sent: list[Message] = []

    async def never_taken(message: Message) -> None:
        sent.append(message)
        if len(sent) == 3:
            await asyncio.Event().wait()

    answer = EventStream(
        told.frames(), cut_after=timedelta(milliseconds=20), on_cut=lambda: cut.append(1)
    )
    async with asyncio.timeout(10):
        await answer(_SCOPE, stays, never_taken)

    assert cut == [1]
    assert told.closed
    assert told.made == 2


async def test_a_reader_that_leaves_ends_the_source() -> None:
    told = Told(count=1)
    sent: list[Message] = []
    first = asyncio.Event()

    async def taken(message: Message) -> None:
        sent.append(message)
        if message.get("body"):
            first.set()

    async def leaves() -> Message:
        await first.wait()
        return {"type": "http.disconnect"}

    async with asyncio.timeout(10):
        await EventStream(told.frames())(_SCOPE, leaves, taken)

    assert told.closed
    assert sent[1]["body"] == b"event: result\ndata: 0\nid: 0\n\n"
    assert all(message.get("more_body", True) for message in sent)


async def test_an_answer_whose_source_ends_is_complete() -> None:
    async def short() -> AsyncGenerator[bytes]:
        yield frame(comment="all")

    sent: list[Message] = []

    async def taken(message: Message) -> None:
        sent.append(message)

    await EventStream(short())(_SCOPE, stays, taken)

    assert dict(sent[0]["headers"])[b"content-type"].startswith(b"text/event-stream")
    assert dict(sent[0]["headers"])[b"x-accel-buffering"] == b"no"
    assert sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
