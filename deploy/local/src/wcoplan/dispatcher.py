"""One path space for three apps in one process: pure ASGI over the prefix table.

Probes are the sum of the three; `/_/<service>/...` reaches one service's own.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI

from shared_kit.web.openapi import merge
from shared_kit.web.prefixes import own_path, service_for

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_SUMMED = ("/livez", "/readyz", "/startupz", "/progress")


class Dispatcher:
    """Hands each request to the service whose prefix it has; adds up what all must answer."""

    def __init__(self, apps: Mapping[str, FastAPI]) -> None:
        self._apps = dict(apps)
        self._openapi: bytes | None = None

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """Start the three in order, stop them in reverse: who is told starts before who tells."""
        async with AsyncExitStack() as stack:
            for app in self._apps.values():
                await stack.enter_async_context(app.router.lifespan_context(app))
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            raise RuntimeError("the dispatcher's lifespan is run by its owner")
        path: str = scope["path"]
        own = own_path(path)
        if own is not None:
            service, rest = own
            # What a service answers about itself does not know of the prefix.
            scope = {**scope, "path": rest, "raw_path": rest.encode()}
            await self._apps[service](scope, receive, send)
        elif path in _SUMMED:
            await self._sum(path, send)
        elif path == "/metrics":
            await self._metrics(send)
        elif path == "/openapi.json":
            await _answer(send, 200, self._merged(), "application/json")
        else:
            await self._apps[service_for(path)](scope, receive, send)

    def _merged(self) -> bytes:
        if self._openapi is None:
            documents = {service: app.openapi() for service, app in self._apps.items()}
            self._openapi = json.dumps(merge(documents), ensure_ascii=False).encode()
        return self._openapi

    async def _sum(self, path: str, send: Send) -> None:
        answers = {service: await self._ask(service, path) for service in self._apps}
        status = max(answer.status_code for answer in answers.values())
        body = {service: answer.json() for service, answer in answers.items()}
        kind = "application/json" if status < 400 else "application/problem+json"
        if status >= 400:
            body = {
                "type": "/problems/unavailable",
                "title": "Not ready",
                "status": status,
                "services": body,
            }
        await _answer(send, status, json.dumps(body).encode(), kind)

    async def _metrics(self, send: Send) -> None:
        answers = [await self._ask(service, "/metrics") for service in self._apps]
        text = "".join(answer.text for answer in answers)
        kind = answers[0].headers["content-type"]
        await _answer(send, 200, text.encode(), kind)

    async def _ask(self, service: str, path: str) -> httpx.Response:
        transport = httpx.ASGITransport(app=self._apps[service])
        async with httpx.AsyncClient(transport=transport, base_url="http://inside") as client:
            return await client.get(path)


async def _answer(send: Send, status: int, body: bytes, kind: str) -> None:
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
