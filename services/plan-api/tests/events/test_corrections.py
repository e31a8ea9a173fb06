"""Corrections: they travel with their fact, and what rests on it here changes."""

from typing import Any

import pytest

PLAN = "wco-2019-2022"
KEY = f"{PLAN}:D-900-1"
SOURCE = "https://members.example.org/requests"


def naming(fact: Any, **fields: object) -> dict[str, object]:
    return {"source": fact.event.source, "id": fact.event.id} | fields


@pytest.mark.parametrize("name", ["retracted", "validated", "contested"])
async def test_a_correction_follows_the_fact_that_it_names(api: Any, name: str) -> None:
    await api.event(api.event_body())
    answer = await api.event(
        api.event_body(f"fact.{name}", id="c-1", data={"source": SOURCE, "id": "1"}),
        authorization="Bearer demo-director:CF",
    )

    assert answer.status_code == 202, answer.text
    [sent] = await api.sent(f"fact.{name}")
    assert (sent.topic, sent.key, sent.event.subject) == ("activity", "REQ-1", "REQ-1")


async def test_a_correction_of_work_goes_to_the_work_topic_under_its_key(api: Any) -> None:
    await api.an_action()
    await api.a_deliverable(action=f"{PLAN}:A-900")
    await api.post(
        f"/deliverables/{KEY}/release",
        {"released_on": "2020-01-31", "stage": "done"},
        etag='"1"',
    )
    [fact] = await api.sent("deliverable.released")

    answer = await api.event(api.event_body("fact.retracted", id="c", data=naming(fact)))

    assert answer.status_code == 202
    [sent] = await api.sent("fact.retracted")
    assert (sent.topic, sent.key, sent.event.subject) == ("work", f"{PLAN}:A-900", KEY)
    reopened = await api.get(f"/deliverables/{KEY}")
    assert reopened.json()["state"] == "planned"
    again = await api.post(
        f"/deliverables/{KEY}/release",
        {"released_on": "2020-02-01", "stage": "done"},
        etag=reopened.headers["etag"],
    )
    assert again.status_code == 200


async def test_a_correction_of_a_deliverable_is_not_taken_back(api: Any) -> None:
    await api.a_deliverable()
    await api.post(
        f"/deliverables/{KEY}/release",
        {"released_on": "2020-01-31", "stage": "done"},
        etag='"1"',
    )
    [fact] = await api.sent("deliverable.released")
    await api.event(api.event_body("fact.retracted", id="c", data=naming(fact)))
    [retraction] = await api.sent("fact.retracted")

    answer = await api.event(api.event_body("fact.retracted", id="d", data=naming(retraction)))

    assert answer.status_code == 409, answer.text
    assert len(await api.sent("fact.retracted")) == 1
    assert (await api.get(f"/deliverables/{KEY}")).json()["state"] == "planned"


async def test_a_replacement_is_read_by_the_contract_of_what_it_replaces(api: Any) -> None:
    await api.a_deliverable()
    await api.post(
        f"/deliverables/{KEY}/release",
        {"released_on": "2020-01-31", "stage": "done"},
        etag='"1"',
    )
    [fact] = await api.sent("deliverable.released")
    said = fact.said.model_dump(mode="json", exclude_none=True)

    async def replace(event_id: str, **fields: object) -> Any:
        data = naming(fact, data=said | fields)
        return await api.event(api.event_body("fact.replaced", id=event_id, data=data))

    wrong = await replace("c-1", released_on="31 January")
    elsewhere = await replace("c-2", deliverable=f"{PLAN}:D-900-2")
    future = await replace("c-3", released_on="2020-03-01")
    right = await replace("c-4", released_on="2020-01-15", stage="adopted")

    assert [one.status_code for one in (wrong, elsewhere, future, right)] == [422, 422, 422, 202]
    deliverable = (await api.get(f"/deliverables/{KEY}")).json()
    assert (deliverable["released_on"], deliverable["stage"]) == ("2020-01-15", "adopted")
    [sent] = await api.sent("fact.replaced")
    assert (sent.topic, sent.key) == ("work", KEY)
    assert sent.said.data["released_on"] == "2020-01-15"


async def test_a_fact_that_is_not_known_here_needs_a_subject(api: Any) -> None:
    data = {"source": "https://elsewhere.example.org", "id": "9"}
    without = await api.event(api.event_body("fact.contested", data=data))
    given = await api.event(api.event_body("fact.contested", data=data, subject="REQ-9"))

    assert without.status_code == 422
    assert without.json()["errors"][0]["pointer"] == "/body/subject"
    assert given.status_code == 202
    [sent] = await api.sent("fact.contested")
    assert (sent.topic, sent.key, sent.event.subject) == ("activity", "REQ-9", "REQ-9")


async def test_a_batch_may_correct_its_own_facts_and_corrections(api: Any) -> None:
    batch = [
        api.event_body("fact.retracted", id="c-1", data={"source": SOURCE, "id": "1"}),
        api.event_body(id="1"),
        api.event_body("fact.retracted", id="c-2", data={"source": SOURCE, "id": "c-1"}),
    ]
    answer = await api.event(batch)

    assert answer.json()["accepted"] == 3, answer.text
    sent = await api.sent("fact.retracted")
    assert [(one.event.id, one.event.subject) for one in sent] == [
        ("c-1", "REQ-1"),
        ("c-2", "REQ-1"),
    ]


async def test_a_wrong_subject_is_refused(api: Any) -> None:
    await api.event(api.event_body())
    answer = await api.event(
        api.event_body(
            "fact.retracted", id="c", subject="REQ-2", data={"source": SOURCE, "id": "1"}
        )
    )

    assert answer.status_code == 422


async def test_nobody_corrects_for_others(api: Any) -> None:
    await api.a_deliverable()
    await api.post(
        f"/deliverables/{KEY}/release",
        {"released_on": "2020-01-31", "stage": "done"},
        etag='"1"',
    )
    [fact] = await api.sent("deliverable.released")
    event = api.event_body("fact.retracted", id="c", data=naming(fact))

    editor = await api.event(event, authorization="Bearer demo-editor:CB")
    service = await api.event(event, authorization=f"Bearer demo-service:{SOURCE}")

    assert (editor.status_code, service.status_code) == (403, 403)
    assert (await api.get(f"/deliverables/{KEY}")).json()["state"] == "released"


async def test_a_correction_is_not_replaced(api: Any) -> None:
    await api.event(api.event_body(id="1"))
    await api.event(api.event_body("fact.retracted", id="c", data={"source": SOURCE, "id": "1"}))
    event = api.event_body(
        "fact.replaced", id="d", data={"source": SOURCE, "id": "c", "data": {"request": "REQ-1"}}
    )

    single = await api.event(event)
    batch = await api.event([event, api.event_body(id="2")])

    assert (single.status_code, batch.status_code) == (409, 207)
    assert [
        (item["status"], (item["problem"] or {}).get("status")) for item in batch.json()["items"]
    ] == [("invalid", 409), ("accepted", None)]


async def test_what_we_announced_ourselves_is_corrected_by_its_verbs(api: Any) -> None:
    await api.a_deliverable()
    [planned] = [one for one in await api.sent("deliverable.planned") if one.event.subject == KEY]
    known = api.event_body("fact.retracted", id="c", data=naming(planned))
    unknown = api.event_body(
        "fact.retracted",
        id="d",
        subject="wco-2019-2022",
        data={"source": planned.event.source, "id": "never-said"},
    )

    answers = [await api.event(known), await api.event(unknown)]

    assert [one.status_code for one in answers] == [409, 409]
    assert await api.sent("fact.retracted") == []
