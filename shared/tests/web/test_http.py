"""Methods, ids, conditional requests, languages, probes, metrics."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Message

from shared_kit.messaging.log import Ends
from shared_kit.web.app import Api
from shared_kit.web.language import LANGUAGES, negotiate
from shared_kit.web.messages import _MESSAGES, _OURS
from shared_kit.web.probes import add_probes, always
from shared_kit.web.problems import CATALOGUE

THING = {"key": "wco:a", "title": "t"}


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/api/v1/things", "GET, HEAD, OPTIONS, POST"),
        ("/api/v1/things/a", "GET, HEAD, OPTIONS, PUT"),
        ("/api/v1/things/commit", "GET, HEAD, OPTIONS, POST, PUT"),
        ("/api/v1/things/rows/1", "GET, HEAD, OPTIONS"),
        ("/problems/stale", "GET, HEAD, OPTIONS"),
        ("/docs", "GET, HEAD, OPTIONS"),
    ],
)
async def test_allow_unites_all_routes_of_the_path(
    visitor: httpx.AsyncClient, path: str, allow: str
) -> None:
    refused = await visitor.request("DELETE", path)
    options = await visitor.options(path)

    assert refused.status_code == 405
    assert refused.headers["allow"] == allow
    assert (options.status_code, options.content) == (204, b"")
    assert options.headers["allow"] == allow


async def test_allow_holds_under_a_root_path(api: Api) -> None:
    transport = httpx.ASGITransport(api, root_path="/_/things")
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
        answer = await client.delete("/_/things/docs")

    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


async def test_head_answers_every_get_without_a_body(api: Api, client: httpx.AsyncClient) -> None:
    paths = [path for path, item in api.openapi()["paths"].items() if "get" in item]
    for path in [*paths, "/docs", "/openapi.json", "/problems"]:
        address = path.replace("{key}", "a").replace("{number}", "1").replace("{kind}", "error")
        get, head = await client.get(address), await client.head(address)

        assert head.status_code == get.status_code
        assert head.content == b""
        assert head.headers["content-length"] == get.headers["content-length"]
        assert head.headers.get("etag") == get.headers.get("etag")


async def test_head_of_a_stream_does_not_wait_for_it(api: Api) -> None:
    async def never_ends(request: Request) -> Response:
        async def chunks() -> AsyncIterator[bytes]:
            await asyncio.sleep(3600)
            yield b""

        return StreamingResponse(chunks(), media_type="text/event-stream")

    api.router.routes.append(Route("/stream", never_ends, name="static"))
    sent: list[Message] = []
    complete = asyncio.Event()

    async def receive() -> Message:
        # As uvicorn does: once the answer is complete, the client counts as gone.
        await complete.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)
        if message["type"] == "http.response.body":
            complete.set()

    scope = {
        "type": "http", "method": "HEAD", "path": "/stream", "headers": [], "query_string": b"",
    }  # fmt: skip
    await asyncio.wait_for(api(scope, receive, send), timeout=5)

    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert sent[0]["status"] == 200


async def test_a_trailing_slash_is_another_address(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/things/")).status_code == 404


async def test_takes_over_ids_that_are_well_formed(client: httpx.AsyncClient) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    answer = await client.get(
        "/nowhere",
        headers={"x-request-id": "portal-17", "traceparent": f"00-{trace}-00f067aa0ba902b7-01"},
    )

    assert answer.headers["x-request-id"] == "portal-17"
    assert answer.json()["trace_id"] == trace


async def test_requests_at_once_keep_their_own_ids(client: httpx.AsyncClient) -> None:
    ids = [f"request-{number}" for number in range(50)]
    answers = await asyncio.gather(
        *(client.get("/nowhere", headers={"x-request-id": one}) for one in ids)
    )

    assert [answer.headers["x-request-id"] for answer in answers] == ids
    assert len({answer.json()["trace_id"] for answer in answers}) == 50


async def test_a_change_needs_the_present_version(client: httpx.AsyncClient) -> None:
    for header, status in {
        None: 428,
        " ": 428,
        '"6"': 412,
        'W/"7"': 412,
        "7": 400,
        'v"7': 400,
        '"77"': 412,
        '"7"': 200,
        '"6", "7"': 200,
        '"7-overdue"': 200,
        '"6-overdue"': 412,
        "*": 200,
    }.items():
        headers = {} if header is None else {"if-match": header}
        answer = await client.put("/api/v1/things/a", json=THING, headers=headers)
        assert (header, answer.status_code) == (header, status)
        if status == 412:
            assert answer.headers["etag"] == '"7"'
        if status == 400:
            assert 'If-Match: "7"' in answer.json()["detail"]


async def test_caches_are_told_once_what_an_answer_depends_on(client: httpx.AsyncClient) -> None:
    for path in ("/api/v1/things/a", "/api/v1/nothing"):
        answer = await client.get(path, params={"lang": "fr"})
        assert [name.strip() for name in answer.headers["vary"].split(",")] == ["Accept-Language"]


async def test_a_known_version_is_not_sent_again(client: httpx.AsyncClient) -> None:
    first = await client.get("/api/v1/things/a")
    assert first.headers["etag"] == '"7"'

    for header, status in {'"7"': 304, 'W/"7"': 304, '"1", "7"': 304, "*": 304, '"8"': 200}.items():
        answer = await client.get("/api/v1/things/a", headers={"if-none-match": header})
        assert (header, answer.status_code) == (header, status)
        if status == 304:
            assert answer.content == b""
            assert answer.headers["etag"] == '"7"'


@pytest.mark.parametrize(
    ("lang", "accept", "chosen"),
    [
        (None, None, "en"),
        ("fr", None, "fr"),
        ("FR-be", "en", "fr"),
        ("es", None, "en"),
        ("ar", "fr", "fr"),
        (None, "fr", "fr"),
        (None, "fr-CA, en;q=0.5", "fr"),
        (None, "en;q=0.5, fr;q=0.501", "fr"),
        (None, "fr;q=0.1, en;q=0.2", "en"),
        (None, "fr;q=0", "en"),
        (None, "es, ar;q=0.9, fr;q=0.1", "fr"),
        (None, "*", "en"),
        (None, "fr, *;q=0.1", "fr"),
        (None, "de, *;q=0.9, fr;q=0.5", "en"),
        (None, "fr;q=nonsense, en;q=0.1", "en"),
        (None, "french", "en"),
        (None, ",;=,", "en"),
    ],
)
def test_negotiates_the_language(lang: str | None, accept: str | None, chosen: str) -> None:
    assert negotiate(lang=lang, accept=accept) == chosen


async def test_says_which_language_was_chosen(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/things/a", headers={"accept-language": "fr"})

    assert answer.json()["title"] == "Chose"
    assert answer.headers["content-language"] == "fr"
    assert answer.headers["vary"] == "Accept-Language"


async def test_a_language_that_is_none_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/v1/things/a?lang=1")).status_code == 422


def test_every_text_is_there_in_both_languages() -> None:
    for problem in CATALOGUE.values():
        for text in (problem.title, problem.meaning):
            assert text.en
            assert text.fr
            assert text.en != text.fr
    for kind, (en, fr) in _MESSAGES.items():
        assert en != fr, kind
        assert re.findall(r"{\w+}", en) == re.findall(r"{\w+}", fr), kind
    assert all(_OURS.values())
    assert set(LANGUAGES) == {"en", "fr"}


async def test_probes_tell_what_is_missing(api: Api) -> None:
    well = {"database": True, "relay": True}

    async def ready() -> Mapping[str, bool]:
        return well

    async def progress(*, ends: Ends | None = None) -> Mapping[str, int]:
        return {"outbox": 0, "lag": 3}

    add_probes(api, ready=ready, started=ready, progress=progress)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(api), base_url="http://t"
    ) as visitor:
        assert (await visitor.get("/livez")).status_code == 200
        assert (await visitor.get("/readyz")).json()["checks"] == well
        assert (await visitor.get("/startupz")).status_code == 200
        assert (await visitor.get("/progress")).json() == {"outbox": 0, "lag": 3}
        assert (await visitor.head("/readyz")).status_code == 200

        well["relay"] = False
        answer = await visitor.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["type"] == "/problems/unavailable"
        assert answer.json()["checks"] == {"database": True, "relay": False}
        assert (await visitor.get("/livez")).status_code == 200


async def test_measures_by_route_template(api: Api, client: httpx.AsyncClient) -> None:
    for path in ("/api/v1/things/a", "/api/v1/things/b", "/nowhere/1", "/nowhere/2", "/docs"):
        await client.get(path)
    await client.request("WEIRD", "/nowhere")

    def count(method: str, route: str, status: str) -> float:
        labels = {"method": method, "route": route, "status": status}
        return api.metrics.value("http_request_seconds", labels=labels)

    assert count("GET", "/api/v1/things/{key}", "200") == 2
    assert count("GET", "unmatched", "404") == 2
    assert count("GET", "/docs", "200") == 1
    assert count("other", "unmatched", "404") == 1


async def test_metrics_parse(api: Api, client: httpx.AsyncClient) -> None:
    add_probes(api, ready=always, started=always, progress=_nothing)
    await client.get("/api/v1/things/a")

    answer = await client.get("/metrics")

    families = {f.name: f for f in text_string_to_metric_families(answer.text)}
    assert "http_request_seconds" in families
    assert answer.headers["content-type"].startswith("text/plain")


async def _nothing(*, ends: Ends | None = None) -> Mapping[str, int]:
    return {}
