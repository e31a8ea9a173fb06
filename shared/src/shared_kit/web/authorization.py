"""The dependency that every route carries: it says who calls, and lets them or not."""

from typing import Annotated, Protocol, cast
from urllib.parse import urlsplit

from fastapi import Depends, Request, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared_kit.identity import (
    DEMO_COOKIE,
    Caller,
    NotAllowedError,
    Policy,
    caller_of_request,
    require_role,
)

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

bearer = HTTPBearer(
    auto_error=False,
    scheme_name="bearer",
    description="Demonstration: `demo-<role>[:scope]`, for instance `demo-director:CAP`. "
    "Reading needs no token.",
)


class GuardedApp(Protocol):
    """What `authorize` needs of the app: its policy table."""

    policy: Policy


def operation_of(route: APIRoute) -> str:
    """The name under which a route stands in the policy table and in the OpenAPI document."""
    return route.operation_id or route.name


async def authorize(
    request: Request,
    _documented: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)],
) -> Caller:
    """Return the caller of this operation.

    Raises:
        NotSignedInError: no sign-in, or an unknown one: 401.
        NotAllowedError: the role may not do this, or another site sent the form: 403.
    """
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        raise NotAllowedError("only an operation with a name can be allowed")
    authorization = request.headers.get("authorization")
    cookie = None if request.url.path.startswith("/api/") else request.cookies.get(DEMO_COOKIE)
    caller = caller_of_request(authorization=authorization, cookie=cookie)
    if authorization is None and request.method not in _SAFE_METHODS:
        _refuse_other_sites(request)
    policy = cast(GuardedApp, request.app).policy
    require_role(caller, operation=operation_of(route), policy=policy)
    return caller


CallerDep = Annotated[Caller, Depends(authorize)]


def _refuse_other_sites(request: Request) -> None:
    # A browser sends the cookie with forms of other sites too, but says whose form it was.
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    host = request.headers.get("host")
    if site not in {"same-origin", "none"} or (origin and urlsplit(origin).netloc != host):
        raise NotAllowedError("a form is taken from this site's own pages only")
