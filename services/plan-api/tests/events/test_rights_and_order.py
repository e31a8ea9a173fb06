"""Who may correct whose facts, and that it does not matter which of them comes first."""

import asyncio
from itertools import permutations
from typing import Any

import pytest

PLAN = "wco-2019-2022"
SOURCE = "https://members.example.org/requests"
SERVICE = {"authorization": f"Bearer demo-service:{SOURCE}"}
OWN = {"authorization": "Bearer demo-editor:CF"}
COLLEAGUE = {"authorization": "Bearer demo-director:CF"}
STRANGER = {"authorization": "Bearer demo-editor:CAP"}
CORRECTIONS = ("retracted", "replaced", "validated", "contested")
EFFORT = {
    "plan": PLAN,
    "unit": "CF",
    "quarter": "FY2019-Q1",
    "on_priorities": "120.5",
    "total": "300",
}
BUDGET = {
    "plan": PLAN,
    "period": "FY2019",
    "revision": 1,
    "by_source": {"wco-budget": {"priorities": "100.00", "total": "250.00"}},
}
FIGURE = {"indicator": f"{PLAN}:SG", "period": "FY2019", "numerator": "3", "as_on": "2019-12-31"}


def release(code: str, **fields: object) -> dict[str, object]:
    return {
        "deliverable": f"{PLAN}:{code}",
        "title": "Guide on transit guarantees",
        "period": "FY2019",
        "listed": False,
        "kind": "instrument",
        "objectives": [f"{PLAN}:SO1"],
        "unit": "CF",
        "date_certainty": "not-given",
        "released_on": "2020-01-10",
        "stage": "published",
    } | fields


def correction(api: Any, name: str, *, of: str, data: object = None, **more: Any) -> Any:
    named = {"source": SOURCE, "id": of} | ({"data": data} if name == "replaced" else {})
    return api.event_body(f"fact.{name}", data=named, **{"id": f"{name}-{of}", **more})


async def test_a_correction_demands_the_right_that_its_fact_demands(api: Any) -> None:
    reported: dict[str, tuple[str, object, dict[str, str]]] = {
        "effort": ("effort.recorded", EFFORT, OWN),
        "release": ("deliverable.released", release("D-960-1"), OWN),
        "figure": ("figure.stated", FIGURE, {}),
        "budget": ("resources.allocated", BUDGET, {}),
    }
    for event_id, (name, data, who) in reported.items():
        taken = await api.event(api.event_body(name, id=event_id, data=data), **who)
        assert taken.status_code == 202, taken.text

    for event_id, (_, data, _) in reported.items():
        for name in CORRECTIONS:
            for number, who in enumerate((STRANGER, {"authorization": "Bearer demo-auditor"})):
                event = correction(api, name, of=event_id, data=data, id=f"no-{number}")
                refused = await api.event(event, **who)
                assert refused.status_code == 403, f"{name} of {event_id}: {refused.text}"
    for event_id in ("figure", "budget"):
        refused = await api.event(correction(api, "contested", of=event_id), **OWN)
        assert refused.status_code == 403, "another unit's indicator, the office's budget"
    # In a batch too, also of what the batch itself brings.
    batch = [
        correction(api, "retracted", of="effort"),
        correction(api, "retracted", of="request"),
        api.event_body(id="request"),
    ]
    items = (await api.event(batch, **STRANGER)).json()["items"]
    assert [item["status"] for item in items] == ["invalid", "accepted", "accepted"]
    assert items[0]["problem"]["type"] == "/problems/not-allowed"
    assert (await api.get(f"/deliverables/{PLAN}:D-960-1")).json()["state"] == "released"
    assert [sent.event.subject for sent in await api.sent("fact.retracted")] == ["REQ-1"]

    for name in ("contested", "retracted"):
        taken = await api.event(correction(api, name, of="effort"), **OWN)
        assert taken.status_code == 202, taken.text
    undone = api.event_body(
        "fact.retracted", id="undone", data={"source": SOURCE, "id": "retracted-effort"}
    )
    assert (await api.event(undone, **STRANGER)).status_code == 403, "a correction of a correction"
    assert (await api.event(undone, **OWN)).status_code == 202


async def test_a_fact_is_validated_by_somebody_else_than_its_reporter(api: Any) -> None:
    await api.event(api.event_body("effort.recorded", id="effort", data=EFFORT), **OWN)
    event = correction(api, "validated", of="effort")

    own = await api.event(event, **OWN, **{"accept-language": "fr"})
    in_a_batch = await api.event([event], **OWN)
    colleague = await api.event(event, **COLLEAGUE)

    assert own.status_code == 403
    assert "autre personne" in own.json()["detail"]
    assert in_a_batch.json()["items"][0]["problem"]["status"] == 403
    assert colleague.status_code == 202
    # A release over REST has a reporter as well.
    await api.a_deliverable("D-961-1")
    body = {"released_on": "2020-01-31", "stage": "done"}
    await api.post(f"/deliverables/{PLAN}:D-961-1/release", body, etag='"1"', **OWN)
    [fact] = await api.sent("deliverable.released")
    said = {"source": fact.event.source, "id": fact.event.id}
    ours = api.event_body("fact.validated", id="v", data=said)
    assert (await api.event(ours, **OWN)).status_code == 403
    assert (await api.event(ours, **COLLEAGUE)).status_code == 202


async def test_what_is_unknown_here_is_corrected_by_the_office_or_its_source(api: Any) -> None:
    event = correction(api, "retracted", of="unseen", subject="REQ-9")

    assert (await api.event(event, **OWN)).status_code == 403
    elsewhere = {"authorization": "Bearer demo-service:https://elsewhere.example.org"}
    assert (await api.event(event, **elsewhere)).status_code == 403
    assert (await api.event(event, **SERVICE)).status_code == 202
    assert (
        await api.event(correction(api, "contested", of="unseen", subject="REQ-9"))
    ).status_code == 202


# What is said of one release, and how its Deliverable must end: by the rules of `domain.md`, a
# retraction outranks replacements, and of these the one with the latest time is taken.
EARLY, LATE, RETRACTED, DRAFTED = "early", "late", "retracted", "drafted"
ENDS = [
    ((RETRACTED,), ("planned", None, None)),
    ((LATE,), ("released", "2020-01-20", "done")),
    ((EARLY, LATE), ("released", "2020-01-20", "done")),
    ((EARLY, RETRACTED), ("planned", None, None)),
    ((EARLY, DRAFTED), ("planned", "2020-01-30", "drafted")),
    ((EARLY, LATE, RETRACTED), ("planned", None, None)),
]


def said_of(api: Any, code: str, what: str) -> dict[str, Any]:
    subject = f"{PLAN}:{code}"
    if what == RETRACTED:
        taken_back: dict[str, Any] = correction(
            api, RETRACTED, of=code, subject=subject, time="2020-01-21T10:00:00Z"
        )
        return taken_back
    day, stage, time = {
        EARLY: ("2020-01-12", "published", "2020-01-22T10:00:00Z"),
        LATE: ("2020-01-20", "done", "2020-01-23T10:00:00Z"),
        DRAFTED: ("2020-01-30", "drafted", "2020-01-24T10:00:00Z"),
    }[what]
    data = release(code, released_on=day, stage=stage)
    of: Any = correction(
        api, "replaced", of=code, data=data, id=f"{what}-{code}", subject=subject, time=time
    )
    return dict(of)


async def test_the_order_of_arrival_changes_no_deliverable(api: Any) -> None:
    expected = {}
    for number, (said, end) in enumerate(ENDS):
        for place, order in enumerate(permutations(("release", *said))):
            code = f"D-97{number}-{place}"
            for what in order:
                event = (
                    api.event_body("deliverable.released", id=code, data=release(code))
                    if what == "release"
                    else said_of(api, code, what)
                )
                taken = await api.event(event)
                assert taken.status_code == 202, f"{order}: {what}: {taken.text}"
            expected[code] = (order, end)

    found = {}
    for code, (order, _) in expected.items():
        now = (await api.get(f"/deliverables/{PLAN}:{code}")).json()
        found[code] = (order, (now["state"], now["released_on"], now["stage"]))
    assert found == expected


async def test_a_retraction_that_was_itself_retracted_holds_nothing_back(api: Any) -> None:
    subject = f"{PLAN}:D-980-1"
    await api.event(correction(api, RETRACTED, of="r", subject=subject))
    await api.event(
        api.event_body("fact.retracted", id="undone", data={"source": SOURCE, "id": "retracted-r"})
    )

    await api.event(api.event_body("deliverable.released", id="r", data=release("D-980-1")))

    assert (await api.get(f"/deliverables/{subject}")).json()["state"] == "released"


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
async def test_batches_over_the_same_deliverables_do_not_wait_in_a_circle(
    api: Any, known: bool
) -> None:
    codes = [f"D-99{number}-1" for number in range(10)]
    if known:
        for code in codes:
            await api.a_deliverable(code)

    def batch(name: str, order: list[str]) -> list[Any]:
        return [
            api.event_body("deliverable.released", id=f"{name}-{code}", data=release(code))
            for code in order
        ]

    answers = await asyncio.gather(
        *(
            api.event(batch(str(number), codes if number % 2 else codes[::-1]))
            for number in range(4)
        )
    )

    assert [answer.status_code for answer in answers] == [207] * 4, answers[0].text
    accepted = [
        item["id"].partition("-")[2]
        for answer in answers
        for item in answer.json()["items"]
        if item["status"] == "accepted"
    ]
    assert sorted(accepted) == codes, "each is released once"
