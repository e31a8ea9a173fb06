"""One path space for three apps in one process: pure ASGI over the prefix table.

What all must answer is answered by a fourth, small app: probes are the sum of the three, the
OpenAPI document is the merged one; `/_/<service>/...` reaches one service's own.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from shared_kit.delivery.errors import PASSING_TYPES, is_transient
from shared_kit.messaging.log import Ends
from shared_kit.telemetry.metrics import exposition
from shared_kit.web.app import Api, create_api
from shared_kit.web.docs import openapi_routes, problem_routes
from shared_kit.web.openapi import merge
from shared_kit.web.prefixes import own_path, service_for
from shared_kit.web.probes import add_probes

TITLE = "Strategic plan"
_FRONT = ("/livez", "/readyz", "/startupz", "/progress", "/metrics", "/openapi.json")
_FRONT_TREES = ("/docs", "/problems")

# While somebody is seen at work a look is too early; now and then it is made all the same.
_LOOKS_EVERY_SECONDS = 0.25


class Dispatcher:
    """Hands each request to the service whose prefix it has, or to the app of what is common."""

    def __init__(self, apps: Mapping[str, Api], *, ends: Callable[[], Awaitable[Ends]]) -> None:
        """Serve the apps; `ends` says how far the log reaches that they share."""
        self._apps = dict(apps)
        self._ends = ends
        self._look_by = 0.0
        self._front = _front(self._apps)

    @property
    def ends(self) -> Sequence[Callable[[], None]]:
        """What to call when the server is told to stop."""
        return [end for app in self._apps.values() for end in app.ends]

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """Start the three in order, stop them in reverse: who is told starts before who tells."""
        async with AsyncExitStack() as stack:
            for app in self._apps.values():
                await stack.enter_async_context(app.router.lifespan_context(app))
            yield

    async def left(self) -> dict[str, object]:
        """What the first service that is not done has still to do; asked in the order of the work.

        As /progress says it, without the way through the services' doors. What comes after a
        service that is at work is not asked: a look takes time from the work.

        Nothing left is certain: each service answers of one moment, and against the ends that the
        log had before; they are the same afterwards, so nobody was handed anything meanwhile.
        """
        now = asyncio.get_running_loop().time()
        if now < self._look_by and any(app.state.busy() for app in self._apps.values()):
            return {"transactions": "under way"}
        self._look_by = now + _LOOKS_EVERY_SECONDS
        asked = "log"
        try:
            ends = await self._ends()
            for asked, app in self._apps.items():
                counts: Mapping[str, int] = await app.state.counts(ends=ends)
                left = {what: count for what, count in counts.items() if count}
                if left:
                    return {asked: left}
            return {} if await self._ends() == ends else {"log": "went on"}
        except PASSING_TYPES as error:
            if not is_transient(error):
                raise
            # Whose database is away has something left by definition.
            return {asked: type(error).__name__}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            raise RuntimeError("the dispatcher's lifespan is run by its owner")
        path: str = scope["path"]
        own = own_path(path)
        if own is not None:
            service, rest = own
            # What a service answers about itself does not know of the prefix.
            scope = {name: value for name, value in scope.items() if name != "raw_path"}
            await self._apps[service]({**scope, "path": rest}, receive, send)
        elif _is_common(path):
            await self._front(scope, receive, send)
        else:
            await self._apps[service_for(path)](scope, receive, send)


def merged_document(apps: Mapping[str, Api]) -> dict[str, Any]:
    """One document of the services' documents."""
    documents = {service: app.openapi() for service, app in apps.items()}
    return merge(documents, title=TITLE, version="0.1.0")


def _is_common(path: str) -> bool:
    return path in _FRONT or any(
        path == tree or path.startswith(f"{tree}/") for tree in _FRONT_TREES
    )


def _front(apps: Mapping[str, Api]) -> Api:
    async def ready() -> Mapping[str, bool]:
        return {service: await _says_yes(app, "/readyz") for service, app in apps.items()}

    async def started() -> Mapping[str, bool]:
        return {service: await _says_yes(app, "/startupz") for service, app in apps.items()}

    async def progress(*, ends: Ends | None = None) -> Mapping[str, int]:
        del ends  # each asks the log itself
        return {
            f"{service}.{name}": count
            for service, app in apps.items()
            for name, count in (await _ask(app, "/progress")).json().items()
        }

    def document() -> Mapping[str, Any]:
        return merged_document(apps)

    async def metrics(_request: Request) -> Response:
        text = exposition([app.metrics for app in apps.values()])
        return Response(text, headers={"content-type": CONTENT_TYPE_LATEST})

    front = create_api(
        service="wcoplan", title=TITLE, version="0.1.0", auth="demo", documented=False
    )
    catalogue = {slug: it for app in apps.values() for slug, it in app.catalogue.items()}
    front.router.routes[:0] = [
        *openapi_routes(title=TITLE, document=document),
        *problem_routes(catalogue),
        Route("/metrics", metrics, name="metrics", include_in_schema=False),
    ]
    add_probes(front, ready=ready, started=started, progress=progress)
    return front


async def _says_yes(app: Api, path: str) -> bool:
    return (await _ask(app, path)).status_code == 200


async def _ask(app: Api, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://inside") as client:
        return await client.get(path)
