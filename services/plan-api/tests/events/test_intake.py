"""CloudEvents in over HTTP: every mode, every fate."""

import asyncio
import json
from typing import Any

import pytest

from shared_kit.events.codec import to_structured

PLAN = "wco-2019-2022"
TYPE = "org.wcoomd.strategy.{}.v1"
SOURCE = "https://members.example.org/requests"
DATA: dict[str, object] = {
    "request": "REQ-1",
    "member": "XA",
    "topics": ["CEP"],
    "received_on": "2019-09-12",
}

ACTIVITY: dict[str, tuple[dict[str, object], str]] = {
    "instrument.implemented": (
        {
            "instrument": "data-model",
            "packages": ["ECP"],
            "member": "XA",
            "implemented_on": "2019-10-01",
        },
        "data-model",
    ),
    "support.requested": (DATA, "REQ-1"),
    "support.provided": (
        {
            "deliverable": f"{PLAN}:D-1",
            "member": "XA",
            "requests": ["REQ-1"],
            "topics": ["CEP"],
            "completed_on": "2019-12-01",
        },
        f"{PLAN}:D-1",
    ),
    "support.declined": ({"request": "REQ-1", "on": "2019-12-01"}, "REQ-1"),
    "support.withdrawn": ({"request": "REQ-1", "on": "2019-12-01"}, "REQ-1"),
    "invitation.received": (
        {
            "event": "EV-1",
            "title": "Conference",
            "event_on": "2020-05-01",
            "organizer_kind": "private-sector",
        },
        "EV-1",
    ),
    "invitation.attended": ({"event": "EV-1"}, "EV-1"),
    "invitation.withdrawn": ({"event": "EV-1"}, "EV-1"),
    "effort.recorded": (
        {
            "plan": PLAN,
            "unit": "CF",
            "quarter": "FY2019-Q1",
            "on_priorities": "120.5",
            "total": "300",
        },
        "CF",
    ),
    "resources.allocated": (
        {
            "plan": PLAN,
            "period": "FY2019",
            "revision": 1,
            "by_source": {"wco-budget": {"priorities": "100.00", "total": "250.00"}},
        },
        PLAN,
    ),
    "figure.stated": (
        {
            "indicator": f"{PLAN}:SG",
            "period": "FY2019",
            "numerator": "3",
            "as_on": "2019-12-31",
        },
        f"{PLAN}:SG",
    ),
    "reporting.confirmed": (
        {"indicator": f"{PLAN}:SP7.1", "period": "FY2019", "until": "2019-12-31"},
        f"{PLAN}:SP7.1",
    ),
}


@pytest.mark.parametrize("name", list(ACTIVITY))
async def test_takes_every_activity_under_the_subject_of_its_data(api: Any, name: str) -> None:
    data, subject = ACTIVITY[name]
    answer = await api.event(api.event_body(name, data=data))

    assert answer.status_code == 202, answer.text
    assert answer.json() == {"id": "1", "source": SOURCE, "status": "accepted", "accepted": 1}
    [sent] = await api.sent(name)
    assert (sent.topic, sent.key, sent.event.subject) == ("activity", subject, subject)
    assert (sent.event.id, sent.event.source) == ("1", SOURCE)
    assert sent.event.extensions["recordedtime"] == "2020-02-03T08:00:00Z"
    assert json.loads(sent.event.data or b"") == data
    assert [
        tuple(row)
        for row in await api.rows(
            "SELECT action, key FROM audit WHERE actor <> 'plan-api' AND action LIKE 'event%'"
        )
    ] == [("event.accept", subject)]


async def test_takes_the_binary_mode(api: Any) -> None:
    answer = await api.client.post(
        "/api/v1/events",
        content=json.dumps(DATA),
        headers={
            "content-type": "application/json",
            "ce-specversion": "1.0",
            "ce-id": "b-1",
            "ce-source": SOURCE,
            "ce-type": TYPE.format("support.requested"),
            "ce-time": "2019-09-12T12:00:00+02:00",
            "ce-recordedtime": "1999-01-01T00:00:00Z",
            "ce-tenant": "x",
        },
    )

    assert answer.status_code == 202
    [sent] = await api.sent("support.requested")
    assert json.loads(to_structured(sent.event))["time"] == "2019-09-12T10:00:00Z"
    assert sent.event.extensions["recordedtime"] == "2020-02-03T08:00:00Z"
    assert sent.event.extensions["tenant"] == "x"


async def test_an_event_without_a_time_gets_the_recorded_one(api: Any) -> None:
    await api.event(api.event_body())

    [sent] = await api.sent("support.requested")
    assert sent.event.time == sent.event.recordedtime == api.clock.now()


async def test_the_same_again_is_a_duplicate_in_every_mode(api: Any) -> None:
    first = await api.event(api.event_body())
    again = await api.event(api.event_body(subject="REQ-1"))
    binary = await api.client.post(
        "/api/v1/events",
        content=json.dumps(dict(reversed(DATA.items())), indent=2),
        headers={
            "content-type": "application/json",
            "ce-specversion": "1.0",
            "ce-id": "1",
            "ce-source": SOURCE,
            "ce-type": TYPE.format("support.requested"),
        },
    )
    other = await api.event(api.event_body(data=DATA | {"topics": ["RP"]}))

    statuses = [one.json()["status"] for one in (first, again, binary)]
    assert statuses == ["accepted", "duplicate", "duplicate"]
    assert other.status_code == 409
    assert len(await api.sent("support.requested")) == 1


async def test_of_many_at_once_one_is_accepted(api: Any) -> None:
    answers = await asyncio.gather(*(api.event(api.event_body()) for _ in range(8)))

    assert {answer.status_code for answer in answers} == {202}
    statuses = sorted(answer.json()["status"] for answer in answers)
    assert statuses == ["accepted"] + ["duplicate"] * 7
    assert len(await api.sent("support.requested")) == 1


async def test_a_batch_tells_of_each_item_and_a_bad_one_hurts_no_other(api: Any) -> None:
    batch = [
        api.event_body(id="a"),
        api.event_body(id="b", data=DATA | {"member": "NOBODY"}),
        api.event_body(id="a"),
        api.event_body(id="a", data=DATA | {"topics": ["RP"]}),
        {"id": "no envelope"},
        "no object",
        api.event_body(id="c", data=DATA | {"received_on": "2019-02-30"}),
        api.event_body("deliverable.released", id="d", data={"deliverable": "x:y"}),
        api.event_body("plan.published", id="e", data={}),
        api.event_body(id="f", data=DATA | {"request": "REQ-2"}),
    ]
    answer = await api.event(batch)

    assert answer.status_code == 207
    body = answer.json()
    assert (body["accepted"], body["duplicates"], body["invalid"]) == (2, 1, 7)
    told = [
        (
            item["status"],
            (item["problem"] or {}).get("status"),
            [error["pointer"] for error in (item["problem"] or {}).get("errors", [])][:1],
        )
        for item in body["items"]
    ]
    assert told == [
        ("accepted", None, []),
        ("invalid", 422, ["/body/1/data/member"]),
        ("duplicate", None, []),
        ("invalid", 409, []),
        ("invalid", 422, []),
        ("invalid", 422, []),
        ("invalid", 422, ["/body/6/data/received_on"]),
        ("invalid", 422, ["/body/7/data/title"]),
        ("invalid", 422, ["/body/8/data/snapshot"]),
        ("accepted", None, []),
    ]
    sent = await api.sent("support.requested")
    assert [one.event.id for one in sent] == ["a", "f"]


async def test_the_same_batch_forwards_and_backwards_at_once_is_taken_once(api: Any) -> None:
    events = [api.event_body(id=str(n), data=DATA | {"request": f"REQ-{n}"}) for n in range(200)]
    answers = await asyncio.gather(
        *(api.event(events if n % 2 else events[::-1]) for n in range(6))
    )

    assert {answer.status_code for answer in answers} == {207}
    assert sum(answer.json()["accepted"] for answer in answers) == 200
    assert len(await api.sent("support.requested")) == 200


def released(**fields: object) -> dict[str, object]:
    return {
        "deliverable": f"{PLAN}:D-950-1",
        "title": "Unplanned guide",
        "period": "FY2019",
        "listed": True,
        "kind": "instrument",
        "objectives": [f"{PLAN}:SO1"],
        "unit": "CF",
        "date_certainty": "not-given",
        "released_on": "2020-01-31",
        "stage": "published",
        "evidence": "PC0587",
    } | fields


async def test_a_release_of_an_unknown_deliverable_enters_an_unlisted_one(api: Any) -> None:
    answer = await api.event(
        api.event_body("deliverable.released", data=released(instrument="data-model"), id="r-1")
    )

    assert answer.status_code == 202, answer.text
    key = f"{PLAN}:D-950-1"
    deliverable = (await api.get(f"/deliverables/{key}")).json()
    assert (deliverable["state"], deliverable["listed"]) == ("released", False)
    planned, sent = (await api.sent())[-2:]
    assert planned.event.type == TYPE.format("deliverable.planned")
    assert planned.event.source == "urn:wcoplan:plan-api"
    assert planned.said.listed is False
    assert (sent.topic, sent.key, sent.event.subject) == ("work", key, key)
    assert (sent.event.source, sent.event.id) == (SOURCE, "r-1")
    assert sent.said.listed is False
    assert "ECP" in sent.said.packages
    again = await api.event(
        api.event_body("deliverable.released", data=released(instrument="data-model"), id="r-1")
    )
    assert again.json()["status"] == "duplicate"


async def test_a_release_of_a_known_deliverable_carries_what_we_know_of_it(api: Any) -> None:
    await api.an_action()
    await api.a_deliverable("D-950-1", action=f"{PLAN}:A-900", packages=["CEP"])

    answer = await api.event(api.event_body("deliverable.released", data=released()))

    assert answer.status_code == 202
    [sent] = await api.sent("deliverable.released")
    assert sent.key == f"{PLAN}:A-900"
    assert (sent.said.title, sent.said.listed) == ("Guide on transit guarantees", True)
    assert sent.said.packages == ("CEP",)
    assert sent.said.evidence == "PC0587"
    second = await api.event(api.event_body("deliverable.released", data=released(), id="another"))
    assert second.status_code == 409
    assert (await api.rows("SELECT count(*) FROM fact WHERE event_id = 'another'"))[0][0] == 0


async def test_a_milestone_is_reached_by_event(api: Any) -> None:
    await api.a_deliverable("D-950-1", kind="milestone", weight="0.5")
    data = released(kind="milestone", share="1", reached_on="2020-01-15")
    for name in ("released_on", "stage"):
        del data[name]

    answer = await api.event(api.event_body("milestone.reached", data=data))

    assert answer.status_code == 202, answer.text
    assert (await api.get(f"/deliverables/{PLAN}:D-950-1")).json()["state"] == "reached"
    [sent] = await api.sent("milestone.reached")
    assert (str(sent.said.weight), str(sent.said.share)) == ("0.500000", "1")


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"deliverable": "nothing:D-1"}, "/body/data/deliverable"),
        ({"released_on": "2020-02-04"}, "/body/data/released_on"),
        ({"unit": "NOBODY"}, "/body/data/unit"),
        ({"objectives": [f"{PLAN}:XX"]}, "/body/data/objectives/0"),
        ({"period": "FY2031"}, "/body/data/period"),
        ({"instrument": "nothing"}, "/body/data/instrument"),
        ({"kind": "poem"}, "/body/data/kind"),
    ],
)
async def test_an_unknown_deliverable_is_checked_like_a_planned_one(
    api: Any, fields: dict[str, object], pointer: str
) -> None:
    before = len(await api.sent())
    answer = await api.event(api.event_body("deliverable.released", data=released(**fields)))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert len(await api.sent()) == before
    assert await api.rows("SELECT 1 FROM fact WHERE source LIKE 'https:%'") == []


@pytest.mark.parametrize(
    ("name", "attributes", "status", "pointer"),
    [
        ("support.requested", {"subject": "REQ-2"}, 422, "/body/subject"),
        ("support.requested", {"source": "urn:wcoplan:plan-api"}, 422, "/body/source"),
        ("support.requested", {"source": "a b"}, 422, "/body/source"),
        ("support.requested", {"source": ""}, 422, "/body/source"),
        ("support.requested", {"id": ""}, 422, "/body/id"),
        ("support.requested", {"id": "a\x00b"}, 422, "/body/id"),
        ("support.requested", {"id": "\ud800"}, 422, "/body/id"),
        ("support.requested", {"time": "2020-02-04T08:00:01Z"}, 422, "/body/time"),
        ("support.requested", {"time": "yesterday"}, 422, "/body/time"),
        ("support.requested", {"time": "2020-02-03T08:00:00"}, 422, "/body/time"),
        ("support.requested", {"specversion": "0.3"}, 422, None),
        ("no.such.thing", {}, 422, None),
        ("deliverable.planned", {"data": {}}, 422, "/body/data/deliverable"),
        ("action.started", {"data": {"action": "p:A", "on": "2020-01-01"}}, 422, "/body/type"),
        ("support.requested", {"data": None}, 422, "/body/data"),
        ("support.requested", {"data": []}, 422, "/body/data"),
        ("support.requested", {"data": DATA | {"topics": []}}, 422, "/body/data/topics"),
        ("support.requested", {"data": DATA | {"request": "a\x00"}}, 422, "/body/data/request"),
        ("support.requested", {"data": DATA | {"x": "a\x00"}}, 422, "/body/data"),
        ("support.requested", {"data": DATA | {"x": float("inf")}}, 400, None),
        ("support.requested", {"data": DATA | {"x": "\ud800"}}, 422, None),
        ("support.requested", {"data": DATA | {"x": "y" * 65_536}}, 413, None),
        ("figure.stated", {"data": {
            "indicator": "no:SG", "period": "FY2019", "numerator": "1", "as_on": "2019-12-31",
        }}, 422, "/body/data/indicator"),
        ("figure.stated", {"data": {
            "indicator": f"{PLAN}:XX", "period": "FY2019", "numerator": "1",
            "as_on": "2019-12-31",
        }}, 422, "/body/data/indicator"),
        ("reporting.confirmed", {"data": {
            "indicator": f"{PLAN}:SG", "period": "FY1", "until": "2019-12-31",
        }}, 422, "/body/data/period"),
        ("effort.recorded", {"data": {
            "plan": PLAN, "unit": "CF", "quarter": "FY2031-Q1", "on_priorities": "1",
            "total": "2",
        }}, 422, "/body/data/quarter"),
        ("effort.recorded", {"data": {
            "plan": "no", "unit": "CF", "quarter": "FY2019-Q1", "on_priorities": "1",
            "total": "2",
        }}, 422, "/body/data/plan"),
    ],
)  # fmt: skip
async def test_refuses_what_cannot_be_used_and_names_the_place(
    api: Any, name: str, attributes: dict[str, object], status: int, pointer: str | None
) -> None:
    before = len(await api.sent())
    answer = await api.event(api.event_body(name, **attributes))

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    if pointer is not None:
        assert answer.json()["errors"][0]["pointer"] == pointer
    assert len(await api.sent()) == before


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "application/cloudevents+json", 400),
        (b"{", "application/cloudevents+json", 400),
        (b"[]", "application/cloudevents+json", 422),
        (b"[" * 100_000, "application/cloudevents-batch+json", 400),
        (b"{}", "application/cloudevents-batch+json", 422),
        (b"\xff\xfe", "application/cloudevents+json", 400),
        (b'{"id": ' + b"9" * 5000 + b"}", "application/cloudevents+json", 400),
        (b"{}", "application/json", 415),
        (b"a=b", "application/x-www-form-urlencoded", 415),
        (b"{}", "", 415),
        (b"x" * (1024 * 1024 + 1), "application/cloudevents+json", 413),
        (b"[" + b",".join([b"1"] * 1001) + b"]", "application/cloudevents-batch+json", 413),
    ],
)
async def test_a_body_that_is_no_event_is_a_problem(
    api: Any, content: bytes, kind: str, status: int
) -> None:
    headers = {"content-type": kind} if kind else {}
    answer = await api.client.post("/api/v1/events", content=content, headers=headers)

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("mode", ["structured", "batch", "binary"])
async def test_a_header_twice_or_a_wrong_number_is_a_problem(api: Any, mode: str) -> None:
    headers = [("content-type", "application/json"), ("ce-id", "1"), ("ce-id", "2")]
    if mode != "binary":
        kind = "application/cloudevents" + ("-batch" if mode == "batch" else "") + "+json"
        headers = [("content-type", kind), ("content-type", kind)]
    answer = await api.client.post("/api/v1/events", content=b"{}", headers=headers)

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("token", "status"),
    [
        ("demo-member", 403),
        ("demo-auditor", 403),
        ("demo-service", 403),
        ("demo-service:https://elsewhere.example.org", 403),
        (f"demo-service:{SOURCE}", 202),
        ("demo-editor:CB", 202),
    ],
)
async def test_a_service_speaks_for_its_own_source(api: Any, token: str, status: int) -> None:
    answer = await api.event(api.event_body(), authorization=f"Bearer {token}")

    assert answer.status_code == status


async def test_people_state_work_and_effort_for_their_own_units(api: Any) -> None:
    editor = {"authorization": "Bearer demo-editor:CB"}
    service = {"authorization": f"Bearer demo-service:{SOURCE}"}
    effort = api.event_body("effort.recorded", data=ACTIVITY["effort.recorded"][0])
    release = api.event_body("deliverable.released", data=released(), id="2")

    assert (await api.event(effort, **editor)).status_code == 403
    assert (await api.event(release, **editor)).status_code == 403
    assert (await api.event(effort, **service)).status_code == 202
    assert (await api.event(release, **service)).status_code == 202


async def test_serves_the_schema_of_every_type(api: Any) -> None:
    types = (await api.get("/schemas")).json()["items"]

    assert len(types) > 30
    for one in types:
        schema = (await api.get(one["schema_path"].removeprefix("/api/v1"))).json()
        assert schema["type"] == "object"
    assert (await api.get("/schemas/no.such.type")).status_code == 404


@pytest.mark.parametrize(
    ("numerator", "denominator"),
    [("-5", "0"), ("5", "0"), ("-5", None), ("5", "-1"), ("9999999999999", "0.000001")],
)
async def test_a_figure_that_cannot_be_judged_is_refused(
    api: Any, numerator: str, denominator: str | None
) -> None:
    data = ACTIVITY["figure.stated"][0] | {"numerator": numerator, "denominator": denominator}
    answer = await api.event(api.event_body("figure.stated", data=data))

    assert answer.status_code == 422
    assert await api.sent("figure.stated") == []


@pytest.mark.parametrize("name", ["figure.stated", "reporting.confirmed", "resources.allocated"])
async def test_who_states_for_an_indicator_owns_it(api: Any, name: str) -> None:
    data, _ = ACTIVITY[name]
    event = api.event_body(name, data=data)

    without = await api.event(event, authorization="Bearer demo-editor")
    elsewhere = await api.event(event, authorization="Bearer demo-editor:NOBODY")
    service = await api.event(event, authorization=f"Bearer demo-service:{SOURCE}")

    assert [one.status_code for one in (without, elsewhere, service)] == [403, 403, 202]
