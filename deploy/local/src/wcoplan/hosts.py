"""Answers only under names of this machine: the demonstration has no sign-in to protect it.

A page of any web server could otherwise let its own name point to 127.0.0.1 and have the
reader's browser read and write here as if it were the same site (DNS rebinding).
"""

from collections.abc import Iterable
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from shared_kit.web.answers import problem_response
from shared_kit.web.language import Bilingual
from shared_kit.web.problems import BAD_REQUEST

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})

_UNKNOWN: Final = Bilingual(
    en="This demonstration answers only under http://127.0.0.1, http://[::1] and "
    "http://localhost. Further names are given by the variable WCOPLAN_HOSTS.",
    fr="Cette démonstration ne répond que sous http://127.0.0.1, http://[::1] et "
    "http://localhost. La variable WCOPLAN_HOSTS donne d’autres noms.",
)


class KnownHosts:
    """Refuses requests whose Host is none of the names, whatever the port."""

    def __init__(self, app: ASGIApp, *, names: Iterable[str] = ()) -> None:
        self._app = app
        self._names = LOOPBACK | {name.strip().lower() for name in names if name.strip()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _name(Headers(scope=scope)) not in self._names:
            await problem_response(scope, BAD_REQUEST, detail=_UNKNOWN)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _name(headers: Headers) -> str:
    host = headers.get("host", "").lower()
    name, colon, port = host.rpartition(":")
    # An IPv6 address has colons of its own, inside brackets.
    return name if colon and port.isdigit() else host
