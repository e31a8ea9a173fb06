"""What goes wrong inside: order of commit and answer, no leaks, the right kind of problem."""

import json
import logging
from collections.abc import Callable, Iterator

import asyncpg
import httpx
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError
from starlette.requests import Request

from shared_kit.telemetry.logging import configure_logging
from shared_kit.web.answers import pointer_to
from shared_kit.web.app import Api
from shared_kit.web.failures import handlers

SECRET = "canary-4711"


@pytest.fixture
def restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


async def test_a_failed_commit_is_an_error_answer(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/things/commit")

    assert answer.status_code == 409
    assert answer.json()["detail"] == "the commit failed"


@pytest.mark.parametrize("kind", ["error", "group", "answer"])
async def test_nothing_of_an_unexpected_error_leaks(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.get(f"/api/v1/things/crash/{kind}?lang=fr")

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/internal"
    assert answer.json()["title"] == "Une erreur de notre côté"
    for text in (answer.text, str(answer.headers)):
        assert SECRET not in text
        assert "Error" not in text
        assert "Traceback" not in text


async def test_an_unexpected_error_is_logged_with_traceback_and_trace_id(
    client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str], restored_logging: None
) -> None:
    configure_logging(service="things")

    answer = await client.get("/api/v1/things/crash/error")

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    logged = next(line for line in lines if line["event"] == "unhandled")
    assert logged["trace_id"] == answer.json()["trace_id"]
    assert logged["exception"][0]["exc_value"] == SECRET
    assert next(line for line in lines if line["event"] == "request")["status"] == 500


@pytest.mark.parametrize("kind", ["database", "socket"])
async def test_a_database_that_is_away_is_503_with_retry_after(
    client: httpx.AsyncClient, kind: str
) -> None:
    answer = await client.get(f"/api/v1/things/crash/{kind}")

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert SECRET not in answer.text


class _DriverError(Exception):
    def __init__(self, sqlstate: str | None) -> None:
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("error", "status"),
    [
        pytest.param(DBAPIError("", {}, _DriverError("57P01")), 503, id="shutdown"),
        pytest.param(DBAPIError("", {}, _DriverError("08006")), 503, id="connection failure"),
        pytest.param(DBAPIError("", {}, _DriverError("53300")), 503, id="too many connections"),
        pytest.param(DBAPIError("", {}, _DriverError("40001")), 503, id="serialization"),
        pytest.param(DBAPIError("", {}, _DriverError("40P01")), 503, id="deadlock"),
        pytest.param(DBAPIError("", {}, _DriverError("55P03")), 503, id="lock timeout"),
        pytest.param(
            DBAPIError("", {}, _DriverError(None), connection_invalidated=True), 503, id="lost"
        ),
        pytest.param(asyncpg.CannotConnectNowError("starting up"), 503, id="starting up"),
        pytest.param(asyncpg.InterfaceError("closed"), 503, id="closed"),
        pytest.param(PoolTimeoutError(), 503, id="pool exhausted"),
        pytest.param(IntegrityError("", {}, _DriverError("23505")), 409, id="unique"),
        pytest.param(DBAPIError("", {}, _DriverError("22003")), 422, id="out of range"),
        pytest.param(StaleDataError(), 412, id="stale row"),
    ],
)
async def test_database_errors_by_sqlstate(error: Exception, status: int) -> None:
    known = handlers({})
    handler = next(known[cls] for cls in type(error).__mro__ if cls in known)
    scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b""}

    answer = await handler(Request(scope), error)

    assert answer.status_code == status
    assert ("retry-after" in answer.headers) == (status == 503)


async def test_other_database_errors_are_ours() -> None:
    error = IntegrityError("", {}, _DriverError("23503"))
    scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b""}

    with pytest.raises(IntegrityError):
        await handlers({})[DBAPIError](Request(scope), error)


async def test_a_domain_error_names_its_rule_in_both_languages(client: httpx.AsyncClient) -> None:
    english = await client.get("/api/v1/things/missing")
    french = await client.get("/api/v1/things/missing", headers={"accept-language": "fr-BE"})

    assert english.status_code == french.status_code == 404
    assert english.json()["detail"] == "there is no such thing"
    assert french.json()["detail"] == "cette chose n’existe pas"
    assert french.json()["title"] == "Introuvable"


async def test_an_error_without_french_is_explained_by_its_kind(
    client: httpx.AsyncClient,
) -> None:
    thing = {"key": "wco:taken", "title": "t"}

    english = await client.post("/api/v1/things", json=thing)
    french = await client.post("/api/v1/things?lang=fr", json=thing)

    assert english.json()["type"] == "/problems/taken"
    assert english.json()["detail"] == "wco:taken is taken"
    assert french.json()["detail"] == "C’est déjà pris"


async def test_the_kinds_of_a_service_are_documented(visitor: httpx.AsyncClient) -> None:
    listed = {item["type"] for item in (await visitor.get("/problems")).json()["items"]}

    assert "/problems/taken" in listed
    for link in listed:
        described = (await visitor.get(link)).json()
        page = await visitor.get(link, headers={"accept": "text/html", "accept-language": "fr"})
        assert described["title"]["en"]
        assert described["meaning"]["fr"]
        assert 'lang="fr"' in page.text
        assert "script" not in page.headers["content-security-policy"].split("script-src")[0]


async def test_half_an_answer_is_cut_not_completed(make_api: Callable[[], Api]) -> None:
    api = make_api()

    async def broken(scope: object, receive: object, send: Callable[..., object]) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[misc]
        raise RuntimeError(SECRET)

    api.router.default = broken
    with pytest.raises(RuntimeError):
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(api), base_url="http://t"
        ) as client:
            await client.get("/nowhere")


def test_a_pointer_shows_plain_names_only() -> None:
    assert pointer_to(("body", "shares", 0, "a/b", "\ud800", "share")) == "/body/shares/0/-/-/share"
