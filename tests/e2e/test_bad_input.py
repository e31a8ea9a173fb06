"""A hostile client: each bad input gets the one problem that says what is wrong, never a 500.

A case names exactly one status, one kind of problem and, where the input has places, the places.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conftest import StartSystem
from tests.support.figures import PLAN, figures
from tests.support.systems import System
from wcoplan.folder import SHOWN_AT

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
JSON = "application/json"
TYPE = "org.wcoomd.strategy"
PAPER = f"{PLAN}:D-950-1"

MALFORMED = (400, "unreadable-body")
BAD_ADDRESS = (400, "bad-request")
MISSING = (404, "not-found")
WRONG_KIND = (415, "unsupported-media-type")
TOO_LARGE = (413, "too-large")
UNUSABLE = (422, "unusable-event")
INVALID = (422, "invalid-input")

Answered = tuple[int, str]


@dataclass(frozen=True, kw_only=True)
class Bad:
    """What is sent, and the answer to it. Nothing is said of the places where `at` is None."""

    body: bytes
    says: Answered
    kind: str = STRUCTURED
    at: tuple[str, ...] | None = None


def an_event(**changes: Any) -> dict[str, Any]:
    event = {
        "specversion": "1.0",
        "id": "bad-1",
        "source": "urn:bad",
        "type": f"{TYPE}.support.requested.v1",
        "subject": "REQ-1",
        "data": {
            "request": "REQ-1",
            "member": "X-1",
            "topics": ["ECP"],
            "received_on": "2020-01-07",
        },
    }
    return {**event, **changes}


def event(says: Answered, *at: str, surrogate: bool = False, **changes: Any) -> Bad:
    """An event with other attributes; one that is None is left out, "@" becomes a surrogate."""
    sent = {name: value for name, value in an_event(**changes).items() if value is not None}
    body = json.dumps(sent).encode()
    if surrogate:
        body = body.replace(b"@", b"\\ud800")
    return Bad(body=body, says=says, at=tuple(f"/body/{one}" for one in at))


def data(says: Answered, *at: str, surrogate: bool = False, **changes: Any) -> Bad:
    """An event whose data have other fields."""
    return event(says, *at, surrogate=surrogate, data={**an_event()["data"], **changes})


def activity(name: str, subject: str, at: str, **fields: Any) -> Bad:
    return event(INVALID, at, type=f"{TYPE}.{name}.v1", subject=subject, data=fields)


def resources(at: str, *, plan: str, period: str) -> Bad:
    spent = {"wco-budget": {"priorities": "1", "total": "2"}}
    fields = {"plan": plan, "period": period, "revision": 1, "by_source": spent}
    return activity("resources.allocated", plan, at, **fields)


def raw(body: bytes, says: Answered, kind: str = STRUCTURED) -> Bad:
    return Bad(body=body, says=says, kind=kind)


EVENTS: dict[str, Bad] = {
    # Malformed
    "no JSON": raw(b"{", MALFORMED),
    "nothing": raw(b"", MALFORMED),
    "bad UTF-8": raw(b"\xff\xfe", MALFORMED),
    "compressed": raw(b"\x1f\x8b\x08", MALFORMED),
    "nested 200,000 deep": raw(b"[" * 200_000, MALFORMED),
    "NaN": raw(json.dumps(an_event()).replace('"REQ-1"', "NaN", 1).encode(), MALFORMED),
    "a list": raw(b"[]", UNUSABLE),
    "a text": raw(b'"x"', UNUSABLE),
    "a batch that is no list": raw(b"{}", UNUSABLE, BATCH),
    "JSON without the headers of binary mode": raw(b"{}", WRONG_KIND, JSON),
    "XML": raw(b"<a/>", WRONG_KIND, "text/xml"),
    "a form": raw(b"a=b", WRONG_KIND, "application/x-www-form-urlencoded"),
    "an old specversion": event(UNUSABLE, specversion="0.3"),
    "no id": event(UNUSABLE, "id", id=None),
    "an empty id": event(UNUSABLE, "id", id=""),
    "no source": event(UNUSABLE, "source", source=None),
    "no type": event(UNUSABLE, "type", type=None),
    "a type nobody knows": event(UNUSABLE, type="org.example.x.v1"),
    "no data": event(UNUSABLE, "data", data=None),
    "data that are a text": event(UNUSABLE, "data", data="x"),
    "a field that is missing": event(
        UNUSABLE, "data/topics", data={**an_event()["data"], "topics": None}
    ),
    "a topic that is none": data(UNUSABLE, "data/topics/0", "data/topics", topics=["XYZ"]),
    "a number that no column takes": Bad(
        body=json.dumps(an_event(data={**an_event()["data"], "extra": "@"}))
        .replace('"@"', "1e400")
        .encode(),
        says=UNUSABLE,
        at=("/body/data",),
    ),
    "a type that is ours to say": activity(
        "action.started", f"{PLAN}:A-001", "type", action=f"{PLAN}:A-001", on="2020-01-07"
    ),
    "a source that is ours": event(INVALID, "source", source="urn:wcoplan:plan-api"),
    "another subject than the data's": event(
        INVALID,
        "subject",
        type=f"{TYPE}.invitation.withdrawn.v1",
        data={"event": "EV-1", "on": "2020-01-07"},
    ),
    # Unknown plans, and what else is not there
    "an unknown Member": event(INVALID, "data/member"),
    "an unknown plan": resources("data/plan", plan="none", period="FY2019"),
    "an unknown period": resources("data/period", plan=PLAN, period="FY1999"),
    "an unknown indicator": activity(
        "reporting.confirmed",
        f"{PLAN}:NONE",
        "data/indicator",
        indicator=f"{PLAN}:NONE",
        period="FY2019",
        until="2020-01-01",
    ),
    "an indicator of an unknown plan": activity(
        "reporting.confirmed",
        "none:SG",
        "data/indicator",
        indicator="none:SG",
        period="FY2019",
        until="2020-01-01",
    ),
    # Bad dates and times
    "30 February": data(UNUSABLE, "data/received_on", received_on="2020-02-30"),
    "month 13": data(UNUSABLE, "data/received_on", received_on="2020-13-01"),
    "an instant for a date": data(UNUSABLE, "data/received_on", received_on="2020-01-07T00:00:00Z"),
    "an empty date": data(UNUSABLE, "data/received_on", received_on=""),
    "a number for a date": data(UNUSABLE, "data/received_on", received_on=20200107),
    "a date far away": data(UNUSABLE, "data/received_on", received_on="9999-12-31"),
    "a time that is none": event(UNUSABLE, "time", time="yesterday"),
    "a time without an offset": event(UNUSABLE, "time", time="2020-01-07T00:00:00"),
    "a time in the future": event(INVALID, "time", time="2020-03-01T00:00:00Z"),
    # Too large
    "an event of 65 KiB": data(TOO_LARGE, evidence="x" * 66_000),
    "a body of 2 MiB": raw(b'"' + b"x" * 2_000_000 + b'"', TOO_LARGE),
    "a batch of 1,001": raw(
        json.dumps([an_event(id=str(number)) for number in range(1001)]).encode(), TOO_LARGE, BATCH
    ),
    # NUL and lone surrogates: in attributes, in known and in unknown fields, in names of fields
    "NUL in an id": event(UNUSABLE, "id", id="a\x00b"),
    "NUL in a field": data(UNUSABLE, "data/member", member="a\x00b"),
    "NUL in a text": data(UNUSABLE, "data/evidence", evidence="a\x00b"),
    "NUL in an unknown field": data(UNUSABLE, "data", other="a\x00b"),
    "NUL in a field's name": event(UNUSABLE, "data", data={**an_event()["data"], "a\x00b": "x"}),
    "a surrogate in an id": event(UNUSABLE, "id", surrogate=True, id="@"),
    "a surrogate in a field": data(UNUSABLE, "data", surrogate=True, member="@"),
    "a surrogate in an unknown field": data(UNUSABLE, "data", surrogate=True, other="@"),
    "a surrogate in a field's name": data(UNUSABLE, "data", surrogate=True, **{"@": "x"}),
}

PAPER_BODY = {
    "deliverable": PAPER,
    "plan": PLAN,
    "title": "Paper (fictional)",
    "period": "FY2019",
    "listed": False,
    "kind": "research",
    "unit": "RCU",
    "objectives": [f"{PLAN}:LD1"],
    "date_certainty": "not-given",
    "synthetic": True,
}


def paper(**changes: Any) -> dict[str, Any]:
    return {**PAPER_BODY, "deliverable": f"{PLAN}:D-950-2", **changes}


NO_ALERT = "/api/v1/alerts/00000000-0000-0000-0000-000000000000/ack"
REQUESTS: list[tuple[str, str, Any, Answered, tuple[str, ...]]] = [
    # Unknown plans, and what else is not there
    ("GET", "/api/v1/plans/none", None, MISSING, ()),
    ("GET", "/api/v1/plans/none/map", None, MISSING, ()),
    ("GET", "/api/v1/implementation-plans/none/FY2019", None, MISSING, ()),
    ("POST", "/api/v1/implementation-plans/none/FY2019/adopt", {}, MISSING, ()),
    ("GET", "/api/v1/scorecards/none?period=FY2019", None, MISSING, ()),
    ("GET", f"/api/v1/scorecards/{PLAN}?period=FY1999", None, MISSING, ()),
    ("GET", f"/api/v1/results/{PLAN}:NONE?period=FY2019", None, MISSING, ()),
    ("GET", f"/api/v1/results/{PLAN}:NONE/explain?period=FY2019", None, MISSING, ()),
    ("GET", f"/api/v1/deliverables/{PLAN}:D-0", None, MISSING, ()),
    ("GET", "/api/v1/nothing", None, MISSING, ()),
    ("POST", NO_ALERT, {"comment": "x"}, MISSING, ()),
    (
        "POST",
        "/api/v1/indicators/none:SG/estimates",
        {"period": "FY2019", "value": 1},
        MISSING,
        (),
    ),
    ("POST", "/api/v1/deliverables", paper(plan="none"), INVALID, ("/body/plan",)),
    ("POST", "/api/v1/deliverables", paper(period="FY1999"), INVALID, ("/body/period",)),
    # Bad dates
    (
        "GET",
        f"/api/v1/scorecards/{PLAN}?period=FY2019&as_of=soon",
        None,
        INVALID,
        ("/query/as_of",),
    ),
    ("POST", "/api/v1/deliverables", paper(due="2020-02-30"), INVALID, ("/body/due",)),
    ("POST", "/api/v1/deliverables", paper(due="tomorrow"), INVALID, ("/body/due",)),
    # NUL and surrogates
    ("GET", "/api/v1/deliverables/%00", None, BAD_ADDRESS, ()),
    ("GET", "/api/v1/deliverables/%ED%A0%80", None, BAD_ADDRESS, ()),
    ("GET", "/api/v1/deliverables?plan=%00", None, BAD_ADDRESS, ()),
    ("POST", "/api/v1/deliverables", paper(title="a\x00b"), INVALID, ("/body/title",)),
    # And the rest
    ("GET", "/api/v1/deliverables?limit=-1", None, INVALID, ("/query/limit",)),
    ("GET", "/api/v1/deliverables?limit=201", None, INVALID, ("/query/limit",)),
    ("GET", f"/api/v1/alerts?limit={10**20}", None, INVALID, ("/query/limit",)),
    ("GET", "/api/v1/deliverables?cursor=forged", None, (400, "bad-cursor"), ()),
    ("DELETE", f"/api/v1/plans/{PLAN}", None, (405, "method-not-allowed"), ()),
    ("POST", "/api/v1/alerts/none/ack", {"comment": "x"}, INVALID, ("/path/alert",)),
    (
        "POST",
        f"/api/v1/indicators/{PLAN}:SG/estimates",
        {"period": "FY2019", "value": -1},
        INVALID,
        ("/body/value",),
    ),
    ("POST", "/api/v1/deliverables", {**PAPER_BODY, "title": "Other"}, (409, "conflict"), ()),
]
BODIES: dict[str, tuple[bytes, Answered]] = {
    "no JSON": (b"{", MALFORMED),
    "nested 200,000 deep": (b"[" * 200_000, MALFORMED),
    "2 MiB": (b'"' + b"x" * 2_000_000 + b'"', TOO_LARGE),
    "an escaped surrogate": (
        json.dumps(paper(title="@")).encode().replace(b"@", b"\\ud800"),
        INVALID,
    ),
    "an encoded surrogate": (
        json.dumps(paper(title="@")).encode().replace(b"@", b"\xed\xa0\x80"),
        INVALID,
    ),
}


def assert_problem(
    answer: Any, says: Answered, label: str, at: tuple[str, ...] | None = None
) -> None:
    assert answer.status_code != 500, f"{label}: {answer.text[:300]}"
    assert answer.headers["content-type"].startswith("application/problem+json"), label
    body = answer.json()
    assert (answer.status_code, body["type"]) == (says[0], f"/problems/{says[1]}"), (label, body)
    assert body["status"] == says[0], label
    assert body["title"], label
    if at is not None:
        assert tuple(error["pointer"] for error in body.get("errors", ())) == at, label


@pytest.mark.slow
async def test_each_bad_input_gets_its_one_problem_and_moves_nothing(
    start_system: StartSystem,
) -> None:
    async with start_system("embedded") as system:
        await system.move_to(SHOWN_AT)
        before = await figures(system)

        await bad_events(system)
        await stale_tags(system)
        await bad_requests(system)
        await strangers(system)
        await system.settle()

        assert await figures(system) == before
        in_french = await system.client.get("/api/v1/plans/none", params={"lang": "fr"})
        in_english = await system.client.get("/api/v1/plans/none", params={"lang": "en"})
        assert in_french.json()["title"] != in_english.json()["title"]


async def bad_events(system: System) -> None:
    for label, bad in EVENTS.items():
        answer = await system.client.post(
            "/api/v1/events", content=bad.body, headers={"content-type": bad.kind}
        )
        assert_problem(answer, bad.says, label, bad.at)
    answer = await system.client.post(
        "/api/v1/events", content=endless(), headers={"content-type": STRUCTURED}
    )
    assert_problem(answer, TOO_LARGE, "no length, then 2 MB")
    # In a batch each item ends by itself, with the problem that it would have got alone.
    items = [label for label, bad in EVENTS.items() if bad.at and bad.says != TOO_LARGE]
    body = b"[" + b",".join(EVENTS[label].body for label in items) + b"]"
    answer = await system.client.post(
        "/api/v1/events", content=body, headers={"content-type": BATCH}
    )
    assert answer.status_code == 207
    for label, item in zip(items, answer.json()["items"], strict=True):
        problem = item["problem"]
        assert (problem["status"], problem["type"]) == (
            EVENTS[label].says[0],
            f"/problems/{EVENTS[label].says[1]}",
        ), label


async def endless() -> AsyncIterator[bytes]:
    for _ in range(20):
        yield b"x" * 100_000


async def bad_requests(system: System) -> None:
    client = system.client
    for method, path, body, says, at in REQUESTS:
        answer = await client.request(method, path, json=body)
        assert_problem(answer, says, f"{method} {path} {body}", at)
    for label, (content, says) in BODIES.items():
        answer = await client.post(
            "/api/v1/deliverables", content=content, headers={"content-type": JSON}
        )
        assert_problem(answer, says, label)


async def stale_tags(system: System) -> None:
    client = system.client
    made = await client.post("/api/v1/deliverables", json=PAPER_BODY)
    assert made.status_code == 201, made.text
    tag = made.headers["etag"]
    draft = {"released_on": "2020-01-07", "stage": "drafted"}
    path = f"/api/v1/deliverables/{PAPER}/release"
    for header, says in [
        (None, (428, "precondition-required")),
        ("", (428, "precondition-required")),
        ('"none"', (412, "stale")),
        (f"W/{tag}", (412, "stale")),
        (tag.strip('"'), (400, "bad-request")),
    ]:
        headers = {} if header is None else {"if-match": header}
        assert_problem(await client.post(path, json=draft, headers=headers), says, f"{header}")
    for bad in ("2019-02-30", "2020-02-04", "1812-01-01", "later", "", 20200107):
        answer = await client.post(
            path, json={**draft, "released_on": bad}, headers={"if-match": tag}
        )
        assert_problem(answer, INVALID, f"{bad}", ("/body/released_on",))
    done = await client.post(path, json=draft, headers={"if-match": tag})
    assert done.status_code == 200, done.text
    again = await client.post(path, json=draft, headers={"if-match": tag})
    assert_problem(again, (412, "stale"), "the tag of the version before")


async def strangers(system: System) -> None:
    for token, says in [
        ("Basic eA==", (401, "not-signed-in")),
        ("Bearer demo-nobody", (401, "not-signed-in")),
        ("Bearer demo-member", (403, "not-allowed")),
    ]:
        answer = await system.client.post(
            "/api/v1/actions", json={}, headers={"authorization": token}
        )
        assert_problem(answer, says, token)
