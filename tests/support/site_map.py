"""Every page of the product: its routes, and for each an address that a link leads to."""

import re
from collections.abc import Mapping, Sequence
from html import unescape
from urllib.parse import urlsplit

import httpx
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from plan_api.app import create_app
from plan_api.core.config import Settings
from shared_kit.clock import SystemClock
from shared_kit.messaging.embedded import EmbeddedLog

_NOWHERE = "postgresql+asyncpg://localhost/none"
_LINK = re.compile(r'<a\s[^>]*href="([^"]+)"')


def page_routes() -> Sequence[APIRoute]:
    """The routes that answer a GET by a page, in the order in which they are tried."""
    clock = SystemClock()
    app = create_app(
        settings=Settings(database_url=_NOWHERE, auth="demo"),
        log=EmbeddedLog(database_url=_NOWHERE, prefix=""),
        business=clock,
        system=clock,
    )
    return [
        route
        for route in app.routes
        if isinstance(route, APIRoute)
        and "GET" in (route.methods or ())
        and _class_of(route) is HTMLResponse
        and not route.path.startswith(("/api/", "/docs", "/problems"))
    ]


def _class_of(route: APIRoute) -> object:
    # A router's own default stands in a placeholder.
    return getattr(route.response_class, "value", route.response_class)


async def addresses(client: httpx.AsyncClient, routes: Sequence[APIRoute]) -> Mapping[str, str]:
    """An address of each route, by its path; pages that no link leads to are missing."""
    found: dict[str, str] = {}
    waiting, seen = ["/"], {"/"}
    while waiting and len(found) < len(routes):
        address = waiting.pop(0)
        route = _route_of(address, routes)
        if route is None or route.path in found:
            continue
        answer = await client.get(address, headers={"accept": "text/html"})
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        found[route.path] = address
        for link in map(unescape, _LINK.findall(answer.text)):
            plain = urlsplit(link)._replace(fragment="").geturl()
            if plain.startswith("/") and plain not in seen:
                seen.add(plain)
                waiting.append(plain)
    return found


def _route_of(address: str, routes: Sequence[APIRoute]) -> APIRoute | None:
    path = urlsplit(address).path
    return next((route for route in routes if route.path_regex.match(path)), None)
