"""The pure-ASGI layers around every app: ids, log, metrics, last resort; guards; HEAD."""

import time
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import unquote_to_bytes

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared_kit.telemetry.context import correlate
from shared_kit.telemetry.metrics import Metrics
from shared_kit.web.answers import problem_response
from shared_kit.web.language import LANGUAGE_KEY
from shared_kit.web.problems import BAD_REQUEST, INTERNAL, TOO_LARGE

MAX_BODY_BYTES: Final = 1024 * 1024
LARGE_BODIES: Final[Mapping[str, int]] = {
    "/api/v1/imports": 10 * 1024 * 1024,
    "/imports": 10 * 1024 * 1024,
    # Of these the page itself says that one is too large.
    "/plan-files": 10 * 1024 * 1024,
}
"""Paths, with all below them, whose bodies may be larger than the usual."""

_DISCARDED: Final = 16 * 1024 * 1024

_QUIET: Final = frozenset({"/livez", "/readyz", "/startupz", "/metrics", "/progress"})
_METHODS: Final = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
)
_ALWAYS: Final[Mapping[str, str]] = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}

_access = structlog.get_logger("access")
_errors = structlog.get_logger("errors")

RouteTemplate = Callable[[Scope], str]


class RequestContext:
    """Gives every request its ids, its access line, its metric, and an answer at any cost."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, template: RouteTemplate) -> None:
        self._app = app
        self._metrics = metrics
        self._template = template
        self._templates: dict[int, str] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        with correlate(
            request_id=headers.get("x-request-id"), traceparent=headers.get("traceparent")
        ) as correlation:
            await self._answer(scope, receive, send, request_id=correlation.request_id)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, *, request_id: str) -> None:
        started = time.perf_counter()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                answered = MutableHeaders(scope=message)
                answered["x-request-id"] = request_id
                for name, value in _ALWAYS.items():
                    answered.setdefault(name, value)
                if LANGUAGE_KEY in scope:
                    answered.setdefault("content-language", scope[LANGUAGE_KEY])
                    if "accept-language" not in answered.get("vary", "").lower():
                        answered.add_vary_header("Accept-Language")
            await send(message)

        try:
            await self._app(scope, receive, answer)
        # The last resort (ASVS 16.5.4). ServerErrorMiddleware would answer too, but raise
        # again: logged twice, and in the embedded process it would reach the dispatcher.
        except Exception:
            _errors.exception("unhandled", method=scope["method"], path=scope["path"])
            if status:
                raise  # half an answer is out: the server must cut the connection
            await problem_response(scope, INTERNAL)(scope, receive, answer)
        finally:
            self._record(scope, status=status, seconds=time.perf_counter() - started)

    def _record(self, scope: Scope, *, status: int, seconds: float) -> None:
        route = self._route(scope)
        # Names that a client invents must not become label values.
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.observe(
            "http_request_seconds",
            seconds=seconds,
            labels={"method": method, "route": route, "status": str(status or 499)},
        )
        log = _access.debug if scope["path"] in _QUIET else _access.info
        log(
            "request",
            method=scope["method"],
            path=scope["path"],
            route=route,
            status=status or 499,
            milliseconds=round(seconds * 1000, 1),
        )

    def _route(self, scope: Scope) -> str:
        taken = scope.get("route") or scope.get("endpoint")
        if taken is None:
            return "unmatched"
        # Routes live as long as the app; finding the template walks through all of them.
        if id(taken) not in self._templates:
            self._templates[id(taken)] = self._template(scope)
        return self._templates[id(taken)]


class AddressGuard:
    """Refuses NUL, lone surrogates and other bytes that are not UTF-8 in path and query."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not (
            _is_clean(scope.get("raw_path") or scope["path"].encode("utf-8", "surrogatepass"))
            and _is_clean(scope.get("query_string", b""))
        ):
            await problem_response(scope, BAD_REQUEST)(scope, receive, send)
            return
        await self._app(scope, receive, send)


class BodyLimit:
    """Refuses a body that is too large, by its announced length or while it arrives."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        limit: int = MAX_BODY_BYTES,
        larger: Mapping[str, int] = LARGE_BODIES,
    ) -> None:
        self._app = app
        self._limit = limit
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if not (announced.isascii() and announced.isdigit()):
            await problem_response(scope, BAD_REQUEST)(scope, receive, send)
            return
        limit = self._limit_of(scope["path"])
        # By digits first: int() refuses a number of more than 4300 of them.
        if len(announced) > 20 or int(announced) > limit:
            await self._refuse(scope, receive, send, length=announced)
            return

        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                await _discard(receive, more=message.get("more_body", False), read=received)
                # FastAPI lets HTTPException pass while it reads a body; others become 400.
                raise HTTPException(TOO_LARGE.status)
            return message

        await self._app(scope, counted, send)

    def _limit_of(self, path: str) -> int:
        found = (
            limit
            for prefix, limit in self._larger.items()
            if path == prefix or path.startswith(f"{prefix}/")
        )
        return next(found, self._limit)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, *, length: str) -> None:
        headers = None
        if len(length) <= 20 and int(length) <= _DISCARDED:
            await _discard(receive, more=True, read=0)
        else:
            # The body is not read, so nothing more can come over this connection.
            headers = {"connection": "close"}
        await problem_response(scope, TOO_LARGE, headers=headers)(scope, receive, send)


async def _discard(receive: Receive, *, more: bool, read: int) -> None:
    """Read what is left of a refused body, to a bound.

    A server that closes while its client still writes resets the connection, and most clients
    then never see the answer.
    """
    while more and read <= _DISCARDED:
        message = await receive()
        if message["type"] != "http.request":
            return
        read += len(message.get("body", b""))
        more = message.get("more_body", False)


class HeadByGet:
    """Answers HEAD wherever GET is answered, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            # Finished at once: a stream may not have a first chunk for a long time.
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        # A copy: the server still has to see HEAD, or it would wait for the announced bytes.
        inner = {**scope, "method": "GET"}
        await self._app(inner, receive, without_body)
        scope.update({**inner, "method": "HEAD"})


def _is_clean(raw: bytes) -> bool:
    plain = unquote_to_bytes(raw)
    if b"\x00" in plain:
        return False
    try:
        plain.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
