"""Actions and yearly Implementation Plans over HTTP."""

import asyncio
from typing import Any

import pytest

PLAN = "wco-2019-2022"
ACTION = f"{PLAN}:A-900"
PATH = f"/actions/{ACTION}"
ADOPT = f"/implementation-plans/{PLAN}/FY2019/adopt"
ON = {"on": "2020-01-31"}


async def test_plans_an_action_and_says_so(api: Any) -> None:
    answer = await api.an_action(contributors=["CB"], synthetic=True)
    again = await api.an_action(contributors=["CB"], synthetic=True)
    other = await api.an_action(title="Something else")

    assert (answer.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert again.json() == answer.json() == (await api.get(PATH)).json()
    [sent] = await api.sent("action.planned")
    assert (sent.topic, sent.key, sent.event.subject) == ("work", ACTION, ACTION)
    assert sent.said.model_dump(mode="json", exclude_none=True) == {
        "action": ACTION,
        "title": "Guidelines on transit",
        "period": "FY2019",
        "lead": "CF",
        "contributors": ["CB"],
        "objectives": [f"{PLAN}:SO3"],
        "priorities": [
            {"priority": f"{PLAN}:PRI-1", "share": "0.5"},
            {"priority": f"{PLAN}:PRI-4", "share": "0.5"},
        ],
        "end": "2020-03-31",
        "date_certainty": "stated",
        "synthetic": True,
    }


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"plan": "no-such-plan"}, "/body/plan"),
        ({"key": "A-1"}, "/body/key"),
        ({"period": "2019-2022"}, "/body/period"),
        ({"lead": "NOBODY"}, "/body/lead"),
        ({"contributors": ["CB", "NOBODY"]}, "/body/contributors/1"),
        ({"objectives": [f"{PLAN}:XX"]}, "/body/objectives/0"),
        ({"priorities": [{"priority": f"{PLAN}:XX", "share": "1"}]}, "/body/priorities/0"),
        ({"priorities": [{"priority": f"{PLAN}:PRI-1", "share": "0.9"}]}, "/body/priorities"),
        (
            {"priorities": [{"priority": f"{PLAN}:PRI-1", "share": "1e400"}]},
            "/body/priorities/0/share",
        ),
        ({"start": "2020-04-01"}, "/body/end"),
        ({"end": "2031-01-01"}, "/body/end"),
        ({"end": "31/03/2020"}, "/body/end"),
    ],
)
async def test_names_the_field_that_is_wrong(
    api: Any, fields: dict[str, object], pointer: str
) -> None:
    answer = await api.an_action(**fields)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_starts_and_completes_when_nothing_is_open(api: Any) -> None:
    await api.an_action()
    await api.a_deliverable(action=ACTION)
    started = await api.post(f"{PATH}/start", {"on": "2020-01-01"}, etag='"1"')
    open_still = await api.post(f"{PATH}/complete", ON, etag=started.headers["etag"])
    await api.post(
        f"/deliverables/{PLAN}:D-900-1/release",
        {"released_on": "2020-01-31", "stage": "done"},
        etag='"1"',
    )
    completed = await api.post(f"{PATH}/complete", ON, etag=started.headers["etag"])

    assert started.json()["state"] == "started"
    assert open_still.status_code == 409
    assert f"{PLAN}:D-900-1" in open_still.json()["detail"]
    assert completed.json()["state"] == "completed"
    assert str((await api.sent("action.completed"))[0].said.on) == "2020-01-31"
    late = await api.a_deliverable("D-900-2", action=ACTION)
    assert late.status_code == 409


async def test_cancelling_leaves_its_deliverables_due(api: Any) -> None:
    await api.an_action()
    await api.a_deliverable(action=ACTION)
    answer = await api.post(f"{PATH}/cancel", ON, etag='"1"')

    assert answer.json()["state"] == "cancelled"
    [sent] = await api.sent("action.cancelled")
    assert sent.key == ACTION
    deliverable = (await api.get(f"/deliverables/{PLAN}:D-900-1")).json()
    assert (deliverable["state"], deliverable["overdue"]) == ("planned", True)


async def test_lists_actions_by_what_they_are(api: Any) -> None:
    await api.an_action("A-901", lead="CB")
    await api.an_action("A-902")

    by_lead = (await api.get("/actions", lead="CB")).json()["items"]
    by_objective = (await api.get("/actions", objective=f"{PLAN}:SO3")).json()["items"]

    assert [one["key"] for one in by_lead] == [f"{PLAN}:A-901"]
    assert len(by_objective) == 2


async def test_adoption_carries_all_listed_deliverables_and_fixes_their_dates(api: Any) -> None:
    await api.an_action()
    await api.a_deliverable(action=ACTION)
    await api.a_deliverable("D-900-2", due=None, date_certainty="not-given")
    await api.a_deliverable("D-900-3", listed=False)
    await api.a_deliverable("D-900-4")
    await api.post(
        f"/deliverables/{PLAN}:D-900-4/cancel", {"cancelled_on": "2020-01-31"}, etag='"1"'
    )

    answer = await api.post(ADOPT, {"adopted_on": "2019-07-01"})

    assert answer.status_code == 201
    assert answer.json()["adoption"]["revision"] == 1
    [sent] = await api.sent("implementation-plan.adopted")
    assert (sent.topic, sent.key, sent.event.subject) == ("plan", PLAN, PLAN)
    said = sent.said
    assert (said.period, said.revision, str(said.adopted_on)) == ("FY2019", 1, "2019-07-01")
    assert [(one.deliverable[-7:], str(one.due)) for one in said.deliverables] == [
        ("D-900-1", "2019-11-30"),
        ("D-900-2", "None"),
    ]
    assert said.deliverables[0].objectives == (f"{PLAN}:SO1",)


async def test_later_revisions_only_add_and_keep_the_dates(api: Any) -> None:
    await api.a_deliverable()
    await api.post(ADOPT)
    path = f"/deliverables/{PLAN}:D-900-1"
    await api.post(f"{path}/reschedule", {"due": "2020-05-31"}, etag='"1"')
    await api.post(f"{path}/approve", etag='"2"')
    await api.post(f"{path}/cancel", {"cancelled_on": "2020-01-31"}, etag='"3"')

    repeated = await api.post(ADOPT)
    await api.a_deliverable("D-900-2")
    waiting = (await api.get(f"/implementation-plans/{PLAN}/FY2019")).json()
    second = await api.post(ADOPT)

    assert (repeated.status_code, second.status_code) == (200, 201)
    assert waiting["waiting"] == [f"{PLAN}:D-900-2"]
    assert second.json()["adoption"]["revision"] == 2
    first_event, second_event = await api.sent("implementation-plan.adopted")
    assert len(first_event.said.deliverables) == 1
    dates = {one.deliverable[-7:]: str(one.due) for one in second_event.said.deliverables}
    assert dates == {"D-900-1": "2019-11-30", "D-900-2": "2019-11-30"}


async def test_an_action_without_deliverables_delivers_itself(api: Any) -> None:
    await api.an_action()
    await api.post(ADOPT)
    implicit = f"{ACTION}-D0"
    planned = (await api.get(f"/deliverables/{implicit}")).json()

    completed = await api.post(f"{PATH}/complete", ON, etag='"1"')

    assert (planned["kind"], planned["due"], planned["implicit"]) == ("other", "2020-03-31", True)
    assert completed.status_code == 200
    [sent] = await api.sent("deliverable.released")
    assert (sent.said.deliverable, sent.key) == (implicit, ACTION)
    assert str(sent.said.released_on) == "2020-01-31"
    assert [
        one.said.deliverables[0].deliverable
        for one in await api.sent("implementation-plan.adopted")
    ] == [implicit]


async def test_an_action_completed_before_adoption_has_released_itself(api: Any) -> None:
    await api.an_action()
    await api.post(f"{PATH}/complete", ON, etag='"1"')
    await api.post(ADOPT)

    names = [one.event.type.split(".")[-2] for one in (await api.sent())[-3:]]
    assert names == ["planned", "adopted", "released"]


async def test_of_many_adoptions_at_once_one_is_made(api: Any) -> None:
    await api.a_deliverable()
    answers = await asyncio.gather(*(api.post(ADOPT) for _ in range(5)))

    assert sorted(answer.status_code for answer in answers) == [200] * 4 + [201]
    assert len(await api.sent("implementation-plan.adopted")) == 1


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (ADOPT, {}, 409),
        (f"/implementation-plans/{PLAN}/FY2031/adopt", {}, 404),
        (f"/implementation-plans/{PLAN}/2019-2022/adopt", {}, 404),
        ("/implementation-plans/nothing/FY2019/adopt", {}, 404),
        (ADOPT, {"adopted_on": "2020-02-04"}, 422),
    ],
)
async def test_adopts_what_there_is(api: Any, path: str, body: dict[str, str], status: int) -> None:
    assert (await api.post(path, body)).status_code == status
