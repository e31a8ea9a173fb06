"""From exceptions to problem answers: the framework's, the database's, the services' own."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final, cast

import asyncpg
import structlog
from fastapi.exceptions import RequestValidationError, ResponseValidationError
from fastapi.routing import iter_route_contexts
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.types import Scope

from shared_kit.identity import NotAllowedError, NotSignedInError
from shared_kit.web.answers import problem_response
from shared_kit.web.language import Bilingual
from shared_kit.web.messages import field_errors
from shared_kit.web.problems import (
    CONFLICT,
    INTERNAL,
    INVALID_INPUT,
    METHOD_NOT_ALLOWED,
    NOT_ALLOWED,
    NOT_SIGNED_IN,
    STALE,
    UNAVAILABLE,
    UNREADABLE_BODY,
    UNSUPPORTED_MEDIA_TYPE,
    Problem,
    ProblemError,
    problem_of_status,
)

Handler = Callable[[Request, Any], Coroutine[Any, Any, Response]]

_RETRY: Final[Mapping[str, str]] = {"retry-after": "1"}
_UNIQUE_VIOLATION: Final = "23505"
_log = structlog.get_logger("errors")


def handlers(problems: Mapping[type[Exception], Problem]) -> dict[int | type[Exception], Handler]:
    """All exception handlers of an app; a service's own mapping comes last and wins."""
    known: dict[int | type[Exception], Handler] = {
        HTTPException: _on_http_exception,
        RequestValidationError: _on_invalid_input,
        ResponseValidationError: _on_invalid_answer,
        ProblemError: _on_problem,
        NotSignedInError: _on_not_signed_in,
        NotAllowedError: domain_handler(NOT_ALLOWED),
        StaleDataError: _plain(STALE),
        DBAPIError: _on_database_error,
        # A connection that cannot be made is not wrapped by SQLAlchemy.
        asyncpg.PostgresError: _on_database_error,
        asyncpg.InterfaceError: _plain(UNAVAILABLE, headers=_RETRY),
        PoolTimeoutError: _plain(UNAVAILABLE, headers=_RETRY),
        # Refused, reset, timed out, or the socket file is gone: nobody at the other end.
        OSError: _plain(UNAVAILABLE, headers=_RETRY),
    }
    for error, problem in problems.items():
        known[error] = domain_handler(problem)
    return known


def domain_handler(problem: Problem) -> Handler:
    """Answer with a kind of problem and the rule that the error names.

    The English detail is the error's own text. A `fr` attribute holds the French one; an error
    without it is explained in French by the kind's meaning.
    """

    async def on_error(request: Request, error: Exception) -> Response:
        fr = getattr(error, "fr", None)
        detail = Bilingual(
            en=_text(str(error)) or problem.meaning.en,
            fr=_text(fr) if isinstance(fr, str) else problem.meaning.fr,
        )
        return problem_response(request.scope, problem, detail=detail)

    return on_error


def allowed_methods(app: Starlette, scope: Scope) -> str:
    """The methods of all routes that match the path, not of the first one only."""
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    methods: set[str] = set()
    for route in iter_route_contexts(app.routes):
        pattern = getattr(route, "path_regex", None)
        if route.methods and pattern is not None and pattern.match(path):
            methods |= route.methods
    if "GET" in methods:
        methods.add("HEAD")
    return ", ".join(sorted(methods | {"OPTIONS"}))


def route_template(scope: Scope) -> str:
    """The template of the route that took the request, prefix included."""
    taken = scope.get("route")
    app = scope.get("app")
    if taken is None or app is None:
        return _mounted(scope)
    for route in iter_route_contexts(app.routes):
        if route.original_route is taken:
            return route.path or "unmatched"
    return "unmatched"


def _mounted(scope: Scope) -> str:
    """Plain routes (probes, documentation) leave only their endpoint on the scope."""
    endpoint = scope.get("endpoint")
    routes: list[BaseRoute] = scope["app"].routes if endpoint and "app" in scope else []
    for route in routes:
        if getattr(route, "endpoint", None) is endpoint or (
            isinstance(route, Mount) and route.app is endpoint
        ):
            return str(getattr(route, "path", "unmatched"))
    return "unmatched"


def _text(text: str) -> str:
    """A detail may name a key that came with the request: keep it short and encodable."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")[:500]


def _plain(problem: Problem, *, headers: Mapping[str, str] | None = None) -> Handler:
    async def on_error(request: Request, error: Exception) -> Response:
        _log.warning(problem.slug, path=request.url.path, exc_info=error)
        return problem_response(request.scope, problem, headers=headers)

    return on_error


async def _on_http_exception(request: Request, error: Exception) -> Response:
    failure = cast(HTTPException, error)
    headers = dict(failure.headers or {})
    if failure.status_code == METHOD_NOT_ALLOWED.status:
        headers = {"allow": allowed_methods(request.app, request.scope)}
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=headers)
    if failure.status_code == UNREADABLE_BODY.status:
        return problem_response(request.scope, UNREADABLE_BODY, headers=headers)
    if failure.status_code < 400:
        return Response(status_code=failure.status_code, headers=headers)
    return problem_response(
        request.scope,
        problem_of_status(failure.status_code),
        status=failure.status_code,
        headers=headers,
    )


async def _on_invalid_input(request: Request, error: Exception) -> Response:
    failure = cast(RequestValidationError, error)
    found = failure.errors()
    if any(one.get("type") == "json_invalid" for one in found):
        return problem_response(request.scope, UNREADABLE_BODY)
    if isinstance(failure.body, bytes):  # FastAPI hands on what its content type forbids to parse
        return problem_response(request.scope, UNSUPPORTED_MEDIA_TYPE)
    return problem_response(request.scope, INVALID_INPUT, errors=field_errors(found))


async def _on_invalid_answer(request: Request, error: Exception) -> Response:
    # Its text quotes the answer; the places are enough to find the fault.
    places = [one.get("loc") for one in cast(ResponseValidationError, error).errors()]
    _log.error("invalid answer", path=request.url.path, places=repr(places))
    return problem_response(request.scope, INTERNAL)


async def _on_problem(request: Request, error: Exception) -> Response:
    failure = cast(ProblemError, error)
    return problem_response(
        request.scope,
        failure.problem,
        detail=failure.detail,
        errors=failure.errors,
        headers=failure.headers,
    )


async def _on_not_signed_in(request: Request, _error: Exception) -> Response:
    return problem_response(
        request.scope, NOT_SIGNED_IN, headers={"www-authenticate": 'Bearer realm="wcoplan"'}
    )


async def _on_database_error(request: Request, error: Exception) -> Response:
    """By SQLSTATE: a lost connection or a lost race is repeated, the rest is ours."""
    # SQLAlchemy keeps the driver's error in `orig`; one that it did not wrap is itself.
    state = getattr(getattr(error, "orig", error), "sqlstate", None) or ""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    _log.warning("database error", error=type(error).__name__, sqlstate=state)
    # 08 connection, 53 resources, 55 lock not available, 57 shutdown or cancelled, 40 lost race
    if lost or state[:2] in {"08", "53", "55", "57", "40"}:
        return problem_response(request.scope, UNAVAILABLE, headers=_RETRY)
    if state == _UNIQUE_VIOLATION:
        return problem_response(request.scope, CONFLICT)
    if state[:2] == "22":  # a value that no column takes
        return problem_response(request.scope, INVALID_INPUT)
    raise error
