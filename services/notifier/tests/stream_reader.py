"""A reader of the stream as a browser is one, and a server for it to read from."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx
import uvicorn

from services.notifier.tests.conftest import Heard
from shared_kit.web.app import Api
from shared_kit.web.serving import Server


class Told(NamedTuple):
    event: str
    id: int
    data: str


@dataclass(kw_only=True)
class Reader:
    """Reads frames; remembers its place as a browser does."""

    lines: AsyncIterator[str]
    last_id: int | None = None
    frames: list[dict[str, str]] = field(default_factory=list)

    async def frame(self) -> dict[str, str]:
        """The next frame, comments and all; fails where none comes."""
        found: dict[str, str] = {}
        async with asyncio.timeout(10):
            async for line in self.lines:
                if not line:
                    break
                name, _, value = line.partition(": ")
                found[name or "comment"] = value
            else:
                raise EOFError
        self.frames.append(found)
        if "id" in found:
            self.last_id = int(found["id"])
        return found

    async def told(self, count: int) -> list[Told]:
        """The next events, without comments and hints to come back."""
        events: list[Told] = []
        while len(events) < count:
            frame = await self.frame()
            if "event" in frame:
                events.append(
                    Told(frame["event"], int(frame.get("id", self.last_id or 0)), frame["data"])
                )
        return events

    async def ended(self) -> bool:
        """Read on; whether the answer is complete, without another event or an error."""
        try:
            while "event" not in await self.frame():
                continue
        except EOFError:
            return True
        return False

    async def quiet(self) -> int:
        """The place that the next sign of life names; fails where an event comes first."""
        while "id" not in (frame := await self.frame()) or "event" in frame:
            assert "event" not in frame, frame
        return int(frame["id"])


@asynccontextmanager
async def reading(
    address: str, *, after: int | None = None, token: str | None = None, **params: str
) -> AsyncIterator[Reader]:
    """A reader that has its place; leaving the block hangs up."""
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    if after is not None:
        headers["last-event-id"] = str(after)
    async with (
        httpx.AsyncClient(base_url=address, trust_env=False, timeout=10) as client,
        client.stream("GET", "/api/v1/stream", params=params, headers=headers) as answer,
    ):
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        reader = Reader(lines=answer.aiter_lines())
        assert int((await reader.frame())["retry"]) > 0
        yield reader


@dataclass(kw_only=True)
class Served:
    address: str
    server: Server
    api: Api

    async def stop(self) -> None:
        """As SIGTERM does."""
        self.server.should_exit = True
        while not self.server.force_exit and self.server.started:
            await asyncio.sleep(0.01)


@asynccontextmanager
async def serving(heard: Heard, **settings: Any) -> AsyncIterator[Served]:
    """One process's worth: API, server and the loop that reads the table."""
    streams = heard.streams(**settings)
    api = heard.api(streams=streams, **settings)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = Server(
        uvicorn.Config(api, lifespan="off", log_config=None, timeout_graceful_shutdown=20),
        ends=api.ends,
    )
    running = asyncio.create_task(streams.run())
    serves = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield Served(
            address=f"http://127.0.0.1:{listener.getsockname()[1]}", server=server, api=api
        )
    finally:
        server.should_exit = True
        await serves
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        listener.close()
