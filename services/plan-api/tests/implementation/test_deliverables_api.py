"""Deliverables over HTTP: what is answered, kept and announced."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from shared_kit.events import work

PLAN = "wco-2019-2022"
KEY = f"{PLAN}:D-900-1"
PATH = f"/deliverables/{KEY}"
RELEASE = {"released_on": "2020-01-31", "stage": "published", "evidence": "PC0587"}


async def test_plans_a_deliverable_with_all_that_it_inherits(api: Any) -> None:
    await api.an_action()
    answer = await api.a_deliverable(action=f"{PLAN}:A-900", objectives=[], instrument="data-model")

    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/v1{PATH}"
    assert answer.headers["etag"] == '"1-overdue"'
    body = answer.json()
    assert body["objectives"] == [f"{PLAN}:SO3"]
    assert body["priorities"] == [f"{PLAN}:PRI-1", f"{PLAN}:PRI-4"]
    assert body["overdue"] is True
    instrument = (await api.get("/instruments/data-model")).json()
    assert body["packages"] == instrument["packages"]
    assert body["uses_it"] == instrument["uses_it"]
    [sent] = await api.sent("deliverable.planned")
    assert (sent.topic, sent.key, sent.event.subject) == ("work", f"{PLAN}:A-900", KEY)
    assert isinstance(sent.said, work.DeliverablePlanned)
    assert sent.said.objectives == (f"{PLAN}:SO3",)
    assert list(sent.said.packages) == instrument["packages"]
    assert sent.event.source == "urn:wcoplan:plan-api"
    assert sent.event.extensions["recordedtime"] == "2020-02-03T08:00:00Z"


async def test_a_known_one_is_not_sent_again_until_the_day_makes_it_late(api: Any) -> None:
    await api.a_deliverable(due="2020-02-04")
    tag = (await api.get(PATH)).headers["etag"]

    known = await api.client.get(f"/api/v1{PATH}", headers={"if-none-match": tag})
    api.clock.move_to(api.clock.now() + timedelta(days=2))
    late = await api.client.get(f"/api/v1{PATH}", headers={"if-none-match": tag})

    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
    assert (late.status_code, late.json()["overdue"]) == (200, True)
    assert late.headers["etag"] != tag
    moved = await api.post(f"{PATH}/reschedule", {"due": "2020-03-01"}, etag=tag)
    assert moved.status_code == 200, "the tag of either day names the version"
    again = await api.post(f"{PATH}/reschedule", {"due": "2020-04-01"}, etag=moved.headers["etag"])
    assert (moved.headers["etag"], again.status_code) == ('"2-overdue"', 200)


async def test_planning_it_again_changes_nothing(api: Any) -> None:
    first = await api.a_deliverable()
    again = await api.a_deliverable()
    other = await api.a_deliverable(title="Something else")

    assert (again.status_code, again.json()) == (200, first.json())
    assert other.status_code == 409
    assert other.headers["content-type"] == "application/problem+json"
    assert len(await api.sent("deliverable.planned")) == 1


async def test_plans_one_of_many_at_once(api: Any) -> None:
    answers = await asyncio.gather(*(api.a_deliverable() for _ in range(6)))

    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len(await api.sent("deliverable.planned")) == 1


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"plan": "no-such-plan"}, "/body/plan"),
        ({"deliverable": "other:D-1"}, "/body/deliverable"),
        ({"period": "FY2031"}, "/body/period"),
        ({"period": PLAN.removeprefix("wco-")}, "/body/period"),
        ({"unit": "NOBODY"}, "/body/unit"),
        ({"action": f"{PLAN}:A-404"}, "/body/action"),
        ({"objectives": [f"{PLAN}:SO1", f"{PLAN}:SO99"]}, "/body/objectives/1"),
        ({"priorities": [f"{PLAN}:PRI-99"]}, "/body/priorities/0"),
        ({"packages": ["XYZ"]}, "/body/packages/0"),
        ({"instrument": "no-such-thing"}, "/body/instrument"),
        ({"kind": "poem"}, "/body/kind"),
        ({"due": "2020-07-01"}, "/body/due"),
        ({"due": "2019-02-29"}, "/body/due"),
        ({"due": "0001-01-01"}, "/body/due"),
        ({"due": 20190228}, "/body/due"),
        ({"kind": "milestone"}, "/body/weight"),
        ({"kind": "milestone", "weight": "NaN"}, "/body/weight"),
        ({"kind": "milestone", "weight": 0.5}, "/body/weight"),
        ({"listed": "yes"}, "/body/listed"),
        ({"title": "a\x00b"}, "/body/title"),
        ({"title": ""}, "/body/title"),
        ({"stagge": "published"}, "/body/stagge"),
        ({"date_certainty": "not-given"}, "/body/date_certainty"),
    ],
)
async def test_names_the_field_that_is_wrong(
    api: Any, fields: dict[str, object], pointer: str
) -> None:
    answer = await api.a_deliverable(**fields)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert await api.sent("deliverable.planned") == []


async def test_releases_and_says_so_with_all_that_a_measure_may_filter_on(api: Any) -> None:
    await api.an_action()
    planned = await api.a_deliverable(
        action=f"{PLAN}:A-900", packages=["CEP"], uses_it=True, data_analysis=True
    )

    body = RELEASE | {"body": "Permanent Technical Committee"}
    answer = await api.post(f"{PATH}/release", body, etag=planned.headers["etag"])

    assert answer.status_code == 200
    assert answer.headers["etag"] == '"2"'
    assert answer.json()["state"] == "released"
    assert answer.json()["version"] == 2
    assert answer.json() == (await api.get(PATH)).json()
    [sent] = await api.sent("deliverable.released")
    assert (sent.topic, sent.key, sent.event.subject) == ("work", f"{PLAN}:A-900", KEY)
    assert sent.said.model_dump(mode="json", exclude_none=True) == {
        "deliverable": KEY,
        "title": "Guide on transit guarantees",
        "action": f"{PLAN}:A-900",
        "period": "FY2019",
        "listed": True,
        "kind": "instrument",
        "objectives": [f"{PLAN}:SO1"],
        "priorities": [f"{PLAN}:PRI-1", f"{PLAN}:PRI-4"],
        "unit": "CF",
        "due": "2019-11-30",
        "date_certainty": "stated",
        "packages": ["CEP"],
        "uses_it": True,
        "data_analysis": True,
        "compendium": False,
        "revenue_advice": False,
        "released_on": "2020-01-31",
        "stage": "published",
        "body": "Permanent Technical Committee",
        "evidence": "PC0587",
        "synthetic": False,
    }
    audit = await api.rows("SELECT actor, action, key FROM audit WHERE key LIKE '%D-900-1'")
    assert [tuple(row) for row in audit] == [
        ("demo-planning-office", "deliverable.plan", KEY),
        ("demo-planning-office", "deliverable.release", KEY),
    ]


async def test_a_draft_stays_planned_and_is_announced(api: Any) -> None:
    await api.a_deliverable()
    answer = await api.post(f"{PATH}/release", RELEASE | {"stage": "drafted"}, etag='"1"')

    assert answer.json()["state"] == "planned"
    [sent] = await api.sent("deliverable.released")
    assert sent.said.stage is work.Stage.DRAFTED
    again = await api.post(f"{PATH}/release", RELEASE, etag=answer.headers["etag"])
    assert again.json()["state"] == "released"


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 428), ({"etag": '"7"'}, 412), ({"etag": 'W/"1"'}, 412), ({"etag": "1"}, 400)],
)
async def test_a_change_names_the_version_that_it_changes(
    api: Any, headers: dict[str, str], status: int
) -> None:
    await api.a_deliverable()
    answer = await api.post(f"{PATH}/release", RELEASE, **headers)

    assert answer.status_code == status
    assert answer.json()["status"] == status
    assert await api.sent("deliverable.released") == []


async def test_of_many_changes_at_once_one_wins(api: Any) -> None:
    await api.a_deliverable()
    answers = await asyncio.gather(
        *(
            api.post(f"{PATH}/release", RELEASE | {"evidence": f"PC{n}"}, etag='"1"')
            for n in range(8)
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    assert len(await api.sent("deliverable.released")) == 1
    assert len(await api.rows("SELECT 1 FROM audit WHERE action = 'deliverable.release'")) == 1


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [
        ("release", RELEASE, 409),
        ("cancel", {"cancelled_on": "2020-01-31"}, 409),
        ("reschedule", {"due": "2020-05-31"}, 409),
        ("reach", {"share": "1", "reached_on": "2020-01-31"}, 409),
    ],
)
async def test_what_is_released_is_not_changed(
    api: Any, verb: str, body: dict[str, str], status: int
) -> None:
    await api.a_deliverable()
    await api.post(f"{PATH}/release", RELEASE, etag='"1"')

    answer = await api.post(f"{PATH}/{verb}", body, etag='"2"')

    assert answer.status_code == status
    assert KEY in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (RELEASE | {"released_on": "2020-02-04"}, "/body/released_on"),
        (RELEASE | {"released_on": "1899-12-31"}, "/body/released_on"),
        (RELEASE | {"stage": "finished"}, "/body/stage"),
        (RELEASE | {"evidence": "a\x00"}, "/body/evidence"),
        ({"stage": "done"}, "/body/released_on"),
    ],
)
async def test_a_release_lies_in_the_past(api: Any, body: dict[str, str], pointer: str) -> None:
    await api.a_deliverable()
    answer = await api.post(f"{PATH}/release", body, etag='"1"')

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_today_is_the_plans_day_not_utcs(api: Any) -> None:
    await api.a_deliverable()
    api.clock.move_to(api.clock.now().replace(day=3, hour=23, minute=30))

    answer = await api.post(f"{PATH}/release", RELEASE | {"released_on": "2020-02-04"}, etag='"1"')

    assert answer.status_code == 200


async def test_a_new_date_counts_once_the_planning_office_approves_it(api: Any) -> None:
    await api.a_deliverable()
    moved = await api.post(f"{PATH}/reschedule", {"due": "2020-05-31"}, etag='"1"')
    assert moved.json()["current_due"] == "2019-11-30"
    refused = await api.post(
        f"{PATH}/approve",
        etag='"2"',
        authorization="Bearer demo-director:CF",
    )
    assert refused.status_code == 403

    approved = await api.post(f"{PATH}/approve", etag='"2"')

    assert approved.json()["current_due"] == "2020-05-31"
    assert approved.json()["due"] == "2019-11-30"
    assert approved.json()["overdue"] is False
    first, second = await api.sent("deliverable.rescheduled")
    assert first.said.approved_by is None
    assert second.said.approved_by == "demo-planning-office"
    assert str(second.said.due) == "2020-05-31"
    assert (second.said.period, second.key) == ("FY2019", KEY)


async def test_cancels_without_lowering_anything(api: Any) -> None:
    await api.a_deliverable()
    answer = await api.post(f"{PATH}/cancel", {"cancelled_on": "2020-01-31"}, etag='"1"')

    assert answer.json()["state"] == "cancelled"
    [sent] = await api.sent("deliverable.cancelled")
    assert str(sent.said.cancelled_on) == "2020-01-31"
    revived = await api.post(f"{PATH}/release", RELEASE, etag='"2"')
    assert revived.status_code == 409


async def test_a_milestone_is_reached_in_steps(api: Any) -> None:
    await api.a_deliverable(kind="milestone", weight="0.4", objectives=[f"{PLAN}:LD3"])
    half = await api.post(f"{PATH}/reach", {"share": "0.5", "reached_on": "2019-12-01"}, etag='"1"')
    whole = await api.post(f"{PATH}/reach", {"share": "1", "reached_on": "2019-12-16"}, etag='"2"')
    late = await api.post(f"{PATH}/reach", {"share": "0.7", "reached_on": "2019-12-10"}, etag='"3"')

    assert (half.json()["state"], whole.json()["state"]) == ("planned", "reached")
    assert (late.status_code, late.json()["share"]) == (200, "1.000000")
    shares = [
        (str(one.said.share), str(one.said.weight)) for one in await api.sent("milestone.reached")
    ]
    assert shares == [("0.5", "0.400000"), ("1", "0.400000"), ("0.7", "0.400000")]


async def test_lists_by_state_and_lateness_in_pages(api: Any) -> None:
    for number in range(1, 6):
        await api.a_deliverable(f"D-901-{number}", due=f"2020-0{number}-15", unit="CF")
    await api.post(f"/deliverables/{PLAN}:D-901-1/release", RELEASE, etag='"1"')

    first = (await api.get("/deliverables", plan=PLAN, limit="2")).json()
    second = (await api.get("/deliverables", plan=PLAN, limit="2", cursor=first["next"])).json()
    late = (await api.get("/deliverables", overdue="true")).json()
    in_time = (await api.get("/deliverables", overdue="false")).json()
    done = (await api.get("/deliverables", state="released")).json()

    def keys(page: dict[str, Any]) -> list[str]:
        return [item["deliverable"][-1] for item in page["items"]]

    assert (keys(first), keys(second)) == (["1", "2"], ["3", "4"])
    assert (keys(late), keys(done)) == ([], ["1"])
    assert keys(in_time) == ["1", "2", "3", "4", "5"]
    api.clock.move_to(api.clock.now().replace(month=3))
    late = (await api.get("/deliverables", overdue="true")).json()
    assert keys(late) == ["2"]


@pytest.mark.parametrize(
    ("token", "status"),
    [
        ("demo-member", 403),
        ("demo-auditor", 403),
        ("demo-editor:CB", 403),
        ("demo-editor:CF", 201),
        ("demo-director:CF", 201),
        ("demo-planning-office", 201),
    ],
)
async def test_people_write_for_their_own_units(api: Any, token: str, status: int) -> None:
    body = api.deliverable_body()
    answer = await api.post("/deliverables", body, authorization=f"Bearer {token}")

    assert answer.status_code == status


async def test_reads_need_no_token_and_writes_do(api: Any) -> None:
    del api.client.headers["authorization"]

    assert (await api.get("/deliverables")).status_code == 200
    assert (await api.a_deliverable()).status_code == 401


async def test_what_is_not_there_is_404(api: Any) -> None:
    assert (await api.get("/deliverables/x:y")).status_code == 404
    answer = await api.post("/deliverables/x:y/release", RELEASE, etag='"1"')
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/not-found"
