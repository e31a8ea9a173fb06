"""Idempotency-Key: once done, answered as often as asked."""

import asyncio
from typing import Any

PLAN = "wco-2019-2022"
KEY = f"{PLAN}:D-900-1"
RELEASE = {"released_on": "2020-01-31", "stage": "published"}


async def test_the_same_request_gets_the_same_answer_and_works_once(api: Any) -> None:
    await api.a_deliverable()
    path = f"/deliverables/{KEY}/release"

    first = await api.post(path, RELEASE, etag='"1"', idempotency_key="k-1")
    again = await api.post(path, RELEASE, etag='"1"', idempotency_key="k-1")
    without = await api.post(path, RELEASE, etag='"1"')

    assert (first.status_code, again.status_code, without.status_code) == (200, 200, 412)
    assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
    assert len(await api.sent("deliverable.released")) == 1


async def test_another_request_under_the_key_is_refused(api: Any) -> None:
    first = await api.post("/deliverables", api.deliverable_body(), idempotency_key="k-1")
    other = await api.post("/deliverables", api.deliverable_body("D-900-2"), idempotency_key="k-1")
    elsewhere = await api.post("/actions", api.action_body(), idempotency_key="k-1")

    assert first.status_code == 201
    assert (other.status_code, elsewhere.status_code) == (422, 422)
    assert other.json()["type"] == "/problems/idempotency-key-reused"
    assert (await api.get(f"/deliverables/{PLAN}:D-900-2")).status_code == 404


async def test_what_failed_keeps_no_key(api: Any) -> None:
    bad = api.deliverable_body(unit="NOBODY")
    assert (await api.post("/deliverables", bad, idempotency_key="k-1")).status_code == 422

    good = await api.post("/deliverables", api.deliverable_body(), idempotency_key="k-1")

    assert good.status_code == 201


async def test_keys_are_each_callers_own(api: Any) -> None:
    first = await api.post("/deliverables", api.deliverable_body(), idempotency_key="k-1")
    other = await api.post(
        "/deliverables",
        api.deliverable_body("D-900-2"),
        idempotency_key="k-1",
        authorization="Bearer demo-director:CF",
    )

    assert (first.status_code, other.status_code) == (201, 201)


async def test_of_many_at_once_one_works_and_all_get_its_answer(api: Any) -> None:
    path = f"/indicators/{PLAN}:SG/estimates"
    answers = await asyncio.gather(
        *(
            api.post(path, {"period": "FY2019", "value": 61}, idempotency_key="k-1")
            for _ in range(64)
        )
    )

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len(await api.sent("estimate.stated")) == 1


async def test_a_key_is_plain_text(api: Any) -> None:
    for key in ("", " ", "a b", "x" * 201):
        answer = await api.post("/deliverables", api.deliverable_body(), idempotency_key=key)
        assert answer.status_code == 422, key
