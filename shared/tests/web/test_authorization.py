"""Every route is guarded, by one table, and says no in the right way."""

from collections.abc import Callable

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from shared_kit.identity import ANYONE, PUBLIC, Policy, Role, SignInNotConfiguredError
from shared_kit.web.app import Api, UnguardedRouteError, create_api

THING = {"key": "wco:a", "title": "t"}


def make(*routers: APIRouter, policy: Policy) -> Api:
    return create_api(
        service="s", title="S", version="1", auth="demo", routers=routers, policy=policy
    )


@pytest.fixture
def unlisted() -> APIRouter:
    router = APIRouter(prefix="/api/v1/new")

    @router.get("")
    async def brand_new() -> str:
        return "new"

    return router


def test_a_route_without_a_row_fails_at_creation(unlisted: APIRouter, policy: Policy) -> None:
    with pytest.raises(UnguardedRouteError, match="brand_new"):
        make(unlisted, policy=policy)

    make(unlisted, policy={**policy, "brand_new": ANYONE})


async def test_a_route_that_comes_later_fails_at_start(
    make_api: Callable[[], Api], unlisted: APIRouter
) -> None:
    api = make_api()
    api.include_router(unlisted)

    with pytest.raises(UnguardedRouteError, match="brand_new"):
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(api), base_url="http://t"
        ) as client:
            await client.get("/livez")


@pytest.mark.parametrize(
    "route",
    [
        Route("/plain", lambda _request: PlainTextResponse("x"), name="get_thing"),
        Route("/plain", lambda _request: PlainTextResponse("x"), name="other"),
        Mount("/mounted", FastAPI(), name="mounted"),
        Mount("/mounted", FastAPI()),
    ],
)
def test_a_route_that_no_sign_in_can_guard_must_be_public(
    make_api: Callable[[], Api], route: Route | Mount
) -> None:
    api = make_api()
    api.router.routes.append(route)

    with pytest.raises(UnguardedRouteError):
        api.check_policy()

    if route.name:
        api.policy = {**api.policy, route.name: PUBLIC}
        api.check_policy()


def test_does_not_start_without_an_issuer() -> None:
    with pytest.raises(SignInNotConfiguredError):
        create_api(service="s", title="S", version="1", auth="none")


@pytest.mark.parametrize("role", Role)
async def test_roles_by_the_table(api: Api, visitor: httpx.AsyncClient, role: Role) -> None:
    headers = {"authorization": f"Bearer demo-{role}"}

    read = await visitor.get("/api/v1/things/a", headers=headers)
    write = await visitor.post("/api/v1/things", json=THING, headers=headers)

    assert read.status_code == 200
    assert write.status_code == (201 if role in api.policy["create_thing"] else 403)
    if write.status_code == 403:
        assert write.json()["type"] == "/problems/not-allowed"


async def test_reads_are_public_and_writes_ask_to_sign_in(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.get("/api/v1/things/a")).status_code == 200

    answer = await visitor.post("/api/v1/things", json=THING)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["type"] == "/problems/not-signed-in"


async def test_sign_in_comes_before_validation(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.post("/api/v1/things", json={})).status_code == 401
    assert (await visitor.put("/api/v1/things/%20", json={})).status_code == 401


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer demo-king",
        "Basic ZGVtbw==",
        "demo-editor",
        "",
        "\xff",
    ],
)
async def test_a_token_that_means_nothing_is_refused_even_for_reads(
    visitor: httpx.AsyncClient, header: str
) -> None:
    answer = await visitor.get(
        "/api/v1/things/a", headers=[(b"authorization", header.encode("latin-1"))]
    )

    assert answer.status_code == 401


async def test_the_cookie_counts_for_pages_not_for_the_api(visitor: httpx.AsyncClient) -> None:
    visitor.cookies.set("wcoplan_demo", "director:CAP")

    page = await visitor.post("/acknowledge", headers={"sec-fetch-site": "same-origin"})
    api = await visitor.post("/api/v1/things", json=THING)

    assert page.json() == {"caller": "demo-director:CAP"}
    assert api.status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://evil.test"},
        {"origin": "null"},
        {"origin": "http://things.test.evil.test"},
    ],
)
async def test_a_form_of_another_site_is_refused(
    visitor: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    visitor.cookies.set("wcoplan_demo", "director:CAP")

    assert (await visitor.post("/acknowledge", headers=headers)).status_code == 403
    own = {"origin": "http://things.test", "sec-fetch-site": "same-origin"}
    assert (await visitor.post("/acknowledge", headers=own)).status_code == 200


async def test_every_operation_is_documented_as_guarded(api: Api) -> None:
    for path, item in api.openapi()["paths"].items():
        for method, operation in item.items():
            without = Role.MEMBER in api.policy[operation["operationId"]]
            nobody: list[dict[str, list[str]]] = [{}] if without else []
            expected = [*nobody, {"bearer": []}]
            assert operation["security"] == expected, (method, path)
            assert {"401", "403"} <= operation["responses"].keys()
