"""A hostile client: every bad input gets a problem that says what is wrong, nothing answers 500."""

import json
from typing import Any

import pytest

from tests.conftest import StartSystem
from tests.support.figures import PLAN, figures
from tests.support.systems import System
from wcoplan.serving import SHOWN_AT

STRUCTURED = "application/cloudevents+json"


def an_event(**changes: Any) -> dict[str, Any]:
    event = {
        "specversion": "1.0",
        "id": "bad-1",
        "source": "urn:bad",
        "type": "org.wcoomd.strategy.support.requested.v1",
        "subject": "REQ-1",
        "data": {
            "request": "REQ-1",
            "member": "X-1",
            "topics": ["ECP"],
            "received_on": "2020-01-07",
        },
    }
    return {**event, **changes}


def data(**changes: Any) -> dict[str, Any]:
    return an_event(data={**an_event()["data"], **changes})


BAD_EVENTS: dict[str, tuple[bytes, str, set[int]]] = {
    "no JSON": (b"{", STRUCTURED, {400, 422}),
    "empty": (b"", STRUCTURED, {400, 422}),
    "bad UTF-8": (b"\xff\xfe", STRUCTURED, {400, 422}),
    "deep": (b"[" * 200_000, STRUCTURED, {400, 422}),
    "NaN": (json.dumps(an_event()).replace('"REQ-1"', "NaN", 1).encode(), STRUCTURED, {400, 422}),
    "no cloudevent": (b"{}", "application/json", {400, 415, 422}),
    "other type": (b"<a/>", "text/xml", {400, 415, 422}),
    "unknown type": (json.dumps(an_event(type="org.example.x.v1")).encode(), STRUCTURED, {422}),
    "engine's type": (
        json.dumps(an_event(type="org.wcoomd.strategy.indicator.judged.v1")).encode(),
        STRUCTURED,
        {422},
    ),
    "no id": (json.dumps(an_event(id="")).encode(), STRUCTURED, {400, 422}),
    "NUL": (json.dumps(data(member="a\x00b")).encode(), STRUCTURED, {400, 422}),
    "surrogate": (
        json.dumps(data(member="@")).replace('"@"', '"\\ud800"').encode(),
        STRUCTURED,
        {400, 422},
    ),
    "bad date": (json.dumps(data(received_on="2020-02-30")).encode(), STRUCTURED, {422}),
    "far date": (json.dumps(data(received_on="9999-12-31")).encode(), STRUCTURED, {422}),
    "time": (json.dumps(an_event(time="yesterday")).encode(), STRUCTURED, {400, 422}),
    "future": (json.dumps(an_event(time="2020-03-01T00:00:00Z")).encode(), STRUCTURED, {422}),
    "other subject": (json.dumps(an_event(subject="REQ-2")).encode(), STRUCTURED, {422}),
    "65 KiB": (json.dumps(data(evidence="x" * 66_000)).encode(), STRUCTURED, {413, 422}),
    "2 MiB": (b'"' + b"x" * 2_000_000 + b'"', STRUCTURED, {413}),
    "batch of 1001": (
        json.dumps([an_event(id=str(number)) for number in range(1001)]).encode(),
        "application/cloudevents-batch+json",
        {413, 422},
    ),
}


async def assert_problem(answer: Any, statuses: set[int], label: str) -> None:
    assert answer.status_code in statuses, f"{label}: {answer.status_code} {answer.text[:300]}"
    assert answer.headers["content-type"].startswith("application/problem+json"), label
    body = answer.json()
    assert body["status"] == answer.status_code, label
    assert body["title"], label
    assert body["type"].startswith("/problems/"), label


@pytest.mark.slow
async def test_nothing_that_is_bad_is_taken_and_nothing_answers_500(
    start_system: StartSystem,
) -> None:
    async with start_system("embedded") as system:
        await system.move_to(SHOWN_AT)
        before = await figures(system)

        for label, (body, kind, statuses) in BAD_EVENTS.items():
            answer = await system.client.post(
                "/api/v1/events", content=body, headers={"content-type": kind}
            )
            await assert_problem(answer, statuses, label)
        await bad_requests(system)
        await stale_tags(system)
        await system.settle()

        assert await figures(system) == before
        in_french = await system.client.get("/api/v1/plans/none", params={"lang": "fr"})
        in_english = await system.client.get("/api/v1/plans/none", params={"lang": "en"})
        assert in_french.json()["title"] != in_english.json()["title"]


async def bad_requests(system: System) -> None:
    client = system.client
    for method, path, body, statuses in [
        ("GET", "/api/v1/plans/none", None, {404}),
        ("GET", "/api/v1/scorecards/none?period=FY2019", None, {404}),
        ("GET", f"/api/v1/scorecards/{PLAN}?period=FY1999", None, {404, 422}),
        ("GET", f"/api/v1/scorecards/{PLAN}?period=FY2019&as_of=soon", None, {422}),
        ("GET", f"/api/v1/results/{PLAN}:NONE?period=FY2019", None, {404}),
        ("GET", "/api/v1/deliverables?limit=-1", None, {422}),
        ("GET", "/api/v1/deliverables?cursor=forged", None, {400, 422}),
        ("GET", "/api/v1/deliverables/%00", None, {400, 404, 422}),
        ("GET", "/api/v1/alerts?limit=99999999999999999999", None, {422}),
        ("DELETE", f"/api/v1/plans/{PLAN}", None, {405}),
        ("POST", "/api/v1/actions", {"key": "x"}, {422}),
        ("POST", "/api/v1/alerts/none/ack", {"comment": "x"}, {404, 422}),
        ("POST", "/api/v1/deliverables", {"deliverable": f"{PLAN}:D-1", "plan": "none"}, {422}),
    ]:
        answer = await client.request(method, path, json=body)
        await assert_problem(answer, statuses, f"{method} {path}")
    unsigned = await client.post(
        "/api/v1/actions", json={}, headers={"authorization": "Basic eA=="}
    )
    await assert_problem(unsigned, {401}, "no bearer token")
    member = await client.post(
        "/api/v1/actions", json={"key": "x"}, headers={"authorization": "Bearer demo-member"}
    )
    await assert_problem(member, {403}, "a member writes")


async def stale_tags(system: System) -> None:
    client = system.client
    made = await client.post(
        "/api/v1/deliverables",
        json={
            "deliverable": f"{PLAN}:D-950-1",
            "plan": PLAN,
            "title": "Paper (fictional)",
            "period": "FY2019",
            "listed": False,
            "kind": "research",
            "unit": "RCU",
            "objectives": [f"{PLAN}:LD1"],
            "date_certainty": "not-given",
            "synthetic": True,
        },
    )
    assert made.status_code == 201, made.text
    release = {"released_on": "2020-01-07", "stage": "drafted"}
    path = f"/api/v1/deliverables/{PLAN}:D-950-1/release"
    await assert_problem(await client.post(path, json=release), {428}, "no If-Match")
    stale = await client.post(path, json=release, headers={"if-match": '"none"'})
    await assert_problem(stale, {412}, "a stale tag")
    for bad in ("2019-02-30", "2020-02-04", "1812-01-01", "later"):
        answer = await client.post(
            path,
            json={**release, "released_on": bad},
            headers={"if-match": made.headers["etag"]},
        )
        await assert_problem(answer, {422, 409}, bad)
