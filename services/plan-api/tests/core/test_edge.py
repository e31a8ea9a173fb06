"""The edge of a request: committed before it is answered, and never a 500."""

import asyncio
from contextlib import asynccontextmanager
from typing import Any

import pytest

from plan_api.app import create_app
from plan_api.core.config import Settings
from shared_kit.clock import ManualClock, SystemClock
from shared_kit.identity import SignInNotConfiguredError

PLAN = "wco-2019-2022"
KEY = f"{PLAN}:D-900-1"


async def test_a_change_is_committed_before_it_is_answered(api: Any) -> None:
    order = []

    async def watched(scope: Any, receive: Any, send: Any) -> None:
        async def look_first(message: Any) -> None:
            if message["type"] == "http.response.start":
                rows = await api.rows("SELECT 1 FROM deliverable")
                order.append((message["status"], len(rows)))
            await send(message)

        await app(scope, receive, look_first)

    app = api.client._transport.app
    api.client._transport.app = watched
    answer = await api.a_deliverable()

    assert answer.status_code == 201
    assert order == [(201, 1)]


async def test_a_commit_that_fails_is_not_answered_as_done(
    api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.rows("SELECT 1")
    runtime = api.app.state.runtime

    @asynccontextmanager
    async def breaking(*_: Any) -> Any:
        async with runtime.sessions() as session:
            commit = session.commit

            async def fail() -> None:
                await session.connection()
                raise ConnectionResetError("the database went away")

            monkeypatch.setattr(session, "commit", fail)
            yield session
            monkeypatch.setattr(session, "commit", commit)

    api.app.state.runtime = type(runtime)(
        settings=runtime.settings,
        sessions=breaking,
        tables=runtime.tables,
        business=runtime.business,
        system=runtime.system,
        http=runtime.http,
    )
    answer = await api.a_deliverable()
    api.app.state.runtime = runtime

    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert (await api.get(f"/deliverables/{KEY}")).status_code == 404


NASTY_BODIES = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"\\ud800"',
    b"\xff",
    b"[" * 100_000,
    b'{"deliverable": ' + b"9" * 5000 + b"}",
    b'{"title": "\\ud800"}',
    b'{"title": "\\u0000"}',
    b'{"\\ud800": 1}',
    b'{"weight": NaN}',
    b'{"weight": 1e400}',
    b"\xef\xbb\xbf{}",
    b'{"due": "2019-02-30", "due": "9999-99-99"}',
]
POSTS = [
    "/actions",
    "/deliverables",
    f"/deliverables/{KEY}/release",
    f"/deliverables/{KEY}/reach",
    f"/deliverables/{KEY}/reschedule",
    f"/deliverables/{KEY}/cancel",
    f"/actions/{PLAN}:A-900/complete",
    f"/indicators/{PLAN}:SG/estimates",
    f"/indicators/{PLAN}:SP7.1/targets",
    f"/implementation-plans/{PLAN}/FY2019/adopt",
    "/units",
    "/members",
    "/instruments",
]


async def test_nothing_that_is_sent_answers_500(api: Any) -> None:
    await api.an_action()
    await api.a_deliverable()
    for path in POSTS:
        for body in NASTY_BODIES:
            answer = await api.client.post(
                f"/api/v1{path}",
                content=body,
                headers={"content-type": "application/json", "if-match": '"1"'},
            )
            if body == b'{"due": "2019-02-30", "due": "9999-99-99"}' or path.endswith("adopt"):
                assert answer.status_code < 500, (path, body)
            else:
                assert answer.status_code in {400, 422}, (path, body, answer.text)
            assert "\ud800" not in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "/deliverables?limit=0",
        "/deliverables?limit=201",
        "/deliverables?limit=99999999999999999999",
        "/deliverables?limit=x",
        "/deliverables?cursor=AAAA",
        "/deliverables?cursor=%00",
        "/deliverables?plan=%00",
        "/deliverables?plan=%ED%A0%80",
        "/deliverables?state=nowhere",
        "/deliverables?overdue=perhaps",
        "/deliverables?unit=" + "x" * 500,
        "/deliverables/%00",
        "/deliverables/" + "x" * 3000,
        f"/plans/{PLAN}?version=0",
        f"/plans/{PLAN}?version=99999999999999999999",
        "/members?fictional=2.5",
        "/units/%F0%9F",
        "/schemas/UPPER",
    ],
)
async def test_a_bad_address_is_a_problem(api: Any, query: str) -> None:
    answer = await api.client.get(f"/api/v1{query}")

    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"


async def test_more_requests_than_connections_all_get_an_answer(api: Any) -> None:
    answers = await asyncio.gather(*(api.a_deliverable(f"D-902-{number}") for number in range(60)))

    assert {answer.status_code for answer in answers} == {201}


async def test_every_operation_is_documented(api: Any) -> None:
    document = (await api.client.get("/openapi.json")).json()

    for path, item in document["paths"].items():
        for method, operation in item.items():
            where = f"{method} {path}"
            assert operation["operationId"], where
            assert operation["summary"], where
            assert operation["description"], where
            assert operation["tags"], where
            for body in operation.get("requestBody", {}).get("content", {}).values():
                name = body["schema"].get("$ref", "").rpartition("/")[2]
                schema = document["components"]["schemas"].get(name, {})
                assert schema.get("examples") or "example" in body, where


async def test_refuses_to_start_without_a_sign_in() -> None:
    with pytest.raises(SignInNotConfiguredError):
        create_app(
            settings=Settings(),
            log=None,  # type: ignore[arg-type]
            business=ManualClock(SystemClock().now()),
            system=SystemClock(),
        )
