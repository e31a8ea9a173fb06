"""How every service makes its API: the same layers, problems, documentation and policy check."""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

import structlog
from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Lifespan

from shared_kit.identity import PUBLIC, Auth, Policy, Role, SignInNotConfiguredError, policy_of
from shared_kit.telemetry.metrics import Metrics
from shared_kit.web.authorization import authorize, operation_of
from shared_kit.web.docs import openapi_routes, problem_routes
from shared_kit.web.failures import handlers, route_template
from shared_kit.web.middleware import AddressGuard, BodyLimit, HeadByGet, RequestContext
from shared_kit.web.openapi import Examples, complete
from shared_kit.web.paging import Cursors
from shared_kit.web.problems import CATALOGUE, Problem

_log = structlog.get_logger("web")
_NO_PROBLEMS: Final[Mapping[type[Exception], Problem]] = {}


class UnguardedRouteError(Exception):
    """A route without a row in the policy table, or one that no sign-in can guard."""


class Api(FastAPI):
    """A FastAPI app that will not start with a route that has no row in its policy table."""

    policy: Policy
    cursors: Cursors
    metrics: Metrics
    catalogue: Mapping[str, Problem]
    schemas: Mapping[str, dict[str, Any]]
    examples: Examples
    ends: list[Callable[[], None]]
    """What to call when the server is told to stop: ends the answers that would go on."""

    def openapi(self) -> dict[str, Any]:
        known = self.openapi_schema
        document = super().openapi()
        # The framework makes a new one whenever routes were added.
        if document is known:
            return document
        # Without a token the caller is a reader, who may what a Member may.
        readers = {name for name, roles in self.policy.items() if Role.MEMBER in roles}
        return complete(document, open_to_all=readers, extra=self.schemas, examples=self.examples)

    def build_middleware_stack(self) -> ASGIApp:
        self.check_policy()  # once more: routes may have come after create_api
        return super().build_middleware_stack()

    def check_policy(self) -> None:
        """Raise UnguardedRouteError for a route that the policy table does not cover."""
        for route in iter_route_contexts(self.routes):
            if isinstance(route.original_route, APIRoute):
                name = operation_of(route.original_route)
                if name not in self.policy:
                    raise UnguardedRouteError(f"{route.path}: no row for {name}")
            elif self.policy.get(route.name or "") != PUBLIC or not isinstance(
                route.original_route, Route | Mount
            ):
                raise UnguardedRouteError(f"{route.path}: {route.name} is guarded by nothing")


def create_api(
    *,
    service: str,
    title: str,
    version: str,
    auth: Auth,
    lifespan: Lifespan[Any] | None = None,
    routers: Sequence[APIRouter] = (),
    problems: Mapping[type[Exception], Problem] = _NO_PROBLEMS,
    policy: Policy | None = None,
    metrics: Metrics | None = None,
    cursor_key: str = "",
    description: str = "",
    tags: Sequence[Mapping[str, Any]] = (),
    documented: bool = True,
    schemas: Mapping[str, dict[str, Any]] = MappingProxyType({}),
    package: str = "",
) -> Api:
    """Make a service's app.

    Routes are guarded by `authorize`, one and all; `problems` says how the service's own errors
    are answered. Without a `policy` that of the sign-in holds. With `documented=False`
    /openapi.json and /docs are left to the caller. `schemas` are those of bodies that an
    operation reads itself, by name; `package` holds `examples.json`, what operations answer.

    Raises:
        SignInNotConfiguredError: `auth` is "none" and there is no issuer to trust.
        UnguardedRouteError: a route has no row in the policy table.
    """
    if auth == "none":
        raise SignInNotConfiguredError("no issuer is set: choose demo (loopback) or insecure-dev")
    if auth == "insecure-dev":
        _log.warning("anybody can sign in as anybody", auth=auth)
    measured = metrics or Metrics(service=service)
    api = Api(
        title=title,
        version=version,
        description=description,
        openapi_tags=[dict(tag) for tag in tags] or None,
        lifespan=lifespan,
        dependencies=[Depends(authorize)],
        middleware=[
            Middleware(RequestContext, metrics=measured, template=route_template),
            Middleware(AddressGuard),
            Middleware(HeadByGet),
            Middleware(BodyLimit),
        ],
        exception_handlers=handlers(problems),
        generate_unique_id_function=operation_of,
        redirect_slashes=False,
        strict_content_type=True,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        # Even without exporters its no-ops cost a third of the throughput of a small answer.
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    api.policy = policy_of(auth) if policy is None else policy
    api.cursors = Cursors(cursor_key.encode() or secrets.token_bytes(32))
    api.metrics = measured
    api.ends = []
    api.schemas = schemas
    api.examples = _examples(package)
    if documented:
        api.router.routes.extend(openapi_routes(title=title, document=api.openapi))
    api.catalogue = {**CATALOGUE, **{problem.slug: problem for problem in problems.values()}}
    api.router.routes.extend(problem_routes(api.catalogue))
    for router in routers:
        api.include_router(router)
    api.check_policy()
    return api


def _examples(package: str) -> Examples:
    if not package:
        return {}
    found: Examples = json.loads(files(package).joinpath("examples.json").read_text("utf-8"))
    return found
