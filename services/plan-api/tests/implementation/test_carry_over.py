"""Carrying a Deliverable over: its key and first date stay, each year adopts it once."""

from typing import Any

import pytest

PLAN = "wco-2019-2022"
KEY = f"{PLAN}:D-900-1"
PATH = f"/deliverables/{KEY}"
INTO = {"period": "FY2020", "due": "2020-10-01"}


async def adopt(api: Any, period: str) -> Any:
    return await api.post(f"/implementation-plans/{PLAN}/{period}/adopt", {})


async def test_is_listed_and_adopted_in_both_years_with_the_date_of_each(api: Any) -> None:
    await api.a_deliverable()
    await adopt(api, "FY2019")

    carried = await api.post(f"{PATH}/carry-over", INTO, etag='"1"')
    waiting = (await api.get(f"/implementation-plans/{PLAN}/FY2020")).json()
    second = await adopt(api, "FY2020")
    await api.a_deliverable("D-900-2")
    third = await adopt(api, "FY2019")
    listed = (await api.get("/deliverables", period="FY2020")).json()["items"]

    assert carried.status_code == 200, carried.text
    assert carried.json()["carried_to"] == "FY2020"
    assert carried.json()["period"] == "FY2019"
    assert carried.json()["current_due"] == "2019-11-30", "until that year is adopted with it"
    assert waiting["waiting"] == [KEY]
    assert (second.status_code, third.status_code) == (201, 201)
    assert [one["deliverable"] for one in listed] == [KEY]
    assert listed[0]["current_due"] == "2020-10-01"
    said = [one.said for one in await api.sent("implementation-plan.adopted")]
    items = [[(one.period, str(one.due)) for one in event.deliverables] for event in said]
    assert items == [
        [("FY2019", "2019-11-30")],
        [("FY2020", "2020-10-01")],
        [("FY2019", "2019-11-30"), ("FY2019", "2019-11-30")],
    ]
    planned = (await api.sent("deliverable.planned"))[1]
    assert (planned.said.period, str(planned.said.due)) == ("FY2020", "2020-10-01")


async def test_keeps_its_first_date_where_no_other_is_given(api: Any) -> None:
    await api.a_deliverable()
    await adopt(api, "FY2019")
    await api.post(f"{PATH}/carry-over", {"period": "FY2020"}, etag='"1"')
    await adopt(api, "FY2020")

    adopted = (await api.sent("implementation-plan.adopted"))[1].said

    assert [str(one.due) for one in adopted.deliverables] == ["2019-11-30"]


@pytest.mark.parametrize(
    ("body", "etag", "status"),
    [
        (INTO, None, 428),
        (INTO, '"7"', 412),
        ({"period": "FY2019"}, '"1"', 422),
        ({"period": "2019-2022"}, '"1"', 422),
        ({"period": "FY2031"}, '"1"', 422),
        ({"period": "FY2020", "due": "2020-05-01"}, '"1"', 422),
    ],
)
async def test_refuses_what_is_no_carrying_over(
    api: Any, body: dict[str, str], etag: str | None, status: int
) -> None:
    await api.a_deliverable()
    await adopt(api, "FY2019")

    answer = await api.post(f"{PATH}/carry-over", body, etag=etag)

    assert answer.status_code == status, answer.text
    assert await api.rows("SELECT deliverable FROM carried_over") == []


async def test_carries_over_only_what_is_open_listed_and_adopted(api: Any) -> None:
    await api.a_deliverable()
    await api.a_deliverable("D-900-2", listed=False)
    await api.a_deliverable("D-900-3")
    release = {"released_on": "2020-01-31", "stage": "published"}

    early = await api.post(f"{PATH}/carry-over", INTO, etag='"1"')
    unlisted = await api.post(f"/deliverables/{PLAN}:D-900-2/carry-over", INTO, etag='"1"')
    await adopt(api, "FY2019")
    await api.post(f"/deliverables/{PLAN}:D-900-3/release", release, etag='"1"')
    done = await api.post(f"/deliverables/{PLAN}:D-900-3/carry-over", INTO, etag='"2"')
    once = await api.post(f"{PATH}/carry-over", INTO, etag='"1"')
    twice = await api.post(f"{PATH}/carry-over", INTO, etag='"2"')

    assert [one.status_code for one in (early, unlisted, done, once, twice)] == [
        409, 409, 409, 200, 409,
    ]  # fmt: skip
    assert "not adopted in FY2019" in early.text


async def test_does_not_adopt_again_what_was_done_before_the_year_began(api: Any) -> None:
    await api.a_deliverable()
    await adopt(api, "FY2019")
    await api.post(f"{PATH}/carry-over", INTO, etag='"1"')
    release = {"released_on": "2020-01-31", "stage": "published"}
    await api.post(f"{PATH}/release", release, etag='"2"')

    second = await adopt(api, "FY2020")

    assert second.status_code == 409, second.text
