"""Plans, estimates and targets over HTTP, and how the package's plan files come in."""

import asyncio
from importlib.resources import files
from typing import Any

import pytest
from structlog.testing import capture_logs

from plan_api.app import load_package_data
from plan_api.plans.service import PlanFileChangedError, plan_in_force, publish
from shared_kit.delivery.transaction import transaction
from shared_kit.events.definitions import PlanSnapshot

PLAN = "wco-2019-2022"
PACKAGED = files("plan_api.plans").joinpath("data", f"{PLAN}.json")
SG = f"/indicators/{PLAN}:SG"
SP71 = f"/indicators/{PLAN}:SP7.1"


async def snapshot_of(api: Any) -> PlanSnapshot:
    runtime = api.app.state.runtime
    async with runtime.sessions() as session:
        return await plan_in_force(session, plan=PLAN, now=runtime.business.now())


async def publishes(api: Any, snapshot: PlanSnapshot) -> bool:
    runtime = api.app.state.runtime
    async with transaction(runtime.sessions, runtime.tables, clock=runtime.business) as tx:
        return await publish(tx, snapshot=snapshot, now=runtime.business.now())


async def test_loads_the_package_once_however_often_it_starts(start: Any) -> None:
    many = [await start() for _ in range(3)]

    await asyncio.gather(*(load_package_data(one.app.state.runtime) for one in many))
    await load_package_data(many[0].app.state.runtime)

    published = await many[0].sent("plan.published")
    assert [(one.topic, one.key, one.event.subject) for one in published] == [("plan", PLAN, PLAN)]
    assert len(published[0].said.snapshot.indicators) == 29
    units = await many[0].sent("unit.registered")
    assert len({one.event.subject for one in units}) == len(units) > 0


async def test_a_changed_plan_is_a_higher_version(api: Any) -> None:
    snapshot = await snapshot_of(api)
    changed = snapshot.model_copy(update={"deliverable_kinds": ("song",)})

    assert await publishes(api, snapshot) is False
    with pytest.raises(PlanFileChangedError, match="version 2"):
        await publishes(api, changed)
    later = changed.model_copy(
        update={"version": 3, "effective_on": snapshot.effective_on.replace(year=2020, month=9)}
    )
    assert await publishes(api, later) is True

    versions = (await api.get(f"/plans/{PLAN}/versions")).json()["items"]
    assert [(one["version"], one["in_force"]) for one in versions] == [(3, False), (2, True)]
    api.clock.move_to(api.clock.now().replace(month=9, day=1))
    assert (await api.get(f"/plans/{PLAN}")).json()["version"] == 3
    assert (await api.get(f"/plans/{PLAN}", version="2")).json()["version"] == 2
    assert (await api.get(f"/plans/{PLAN}", version="4")).status_code == 404


async def test_an_installation_with_the_former_version_takes_up_the_package_s(start: Any) -> None:
    first, packaged = await start(), PlanSnapshot.model_validate_json(PACKAGED.read_bytes())
    former = packaged.model_copy(
        update={"version": packaged.version - 1, "deliverable_kinds": ("song",)}
    )
    assert await publishes(first, former) is True

    await load_package_data(first.app.state.runtime)
    await load_package_data(first.app.state.runtime)

    published = await first.sent("plan.published")
    assert [one.said.snapshot.version for one in published] == [former.version, packaged.version]
    assert (await snapshot_of(first)) == packaged
    kept = await first.get(f"/plans/{PLAN}", version=str(former.version))
    assert kept.json()["version"] == former.version


async def test_a_version_that_a_site_brought_itself_stays_and_does_not_keep_it_from_starting(
    start: Any,
) -> None:
    first, packaged = await start(), PlanSnapshot.model_validate_json(PACKAGED.read_bytes())
    own = packaged.model_copy(update={"deliverable_kinds": ("song",)})
    assert await publishes(first, own) is True

    with capture_logs() as logged:
        await load_package_data(first.app.state.runtime)

    assert (await snapshot_of(first)) == own
    assert await first.sent("unit.registered")
    [said] = [one for one in logged if one["log_level"] == "error"]
    assert said["plan"] == PLAN
    assert f"version {own.version} is published with another content" in said["reason"]


async def test_reads_the_plan_in_both_languages(api: Any) -> None:
    english = await api.get(f"/plans/{PLAN}")
    french = await api.get(f"/plans/{PLAN}", lang="fr")

    assert english.headers["content-language"] == "en"
    assert french.headers["content-language"] == "fr"
    assert english.json()["organization"]["text"] == "World Customs Organization"
    assert french.json()["organization"]["text"] == "Organisation mondiale des douanes"
    labels = [period["label"] for period in english.json()["periods"]]
    assert labels == ["FY2019/20", "FY2020/21", "FY2021/22", "2019-2022"]
    assert len(english.json()["objectives"]) == 17
    assert len(english.json()["indicators"]) == 29


async def test_reads_map_priorities_objectives_and_indicators(api: Any) -> None:
    strategic_map = (await api.get(f"/plans/{PLAN}/map")).json()
    priorities = (await api.get(f"/plans/{PLAN}/priorities")).json()["items"]
    objective = (await api.get(f"/objectives/{PLAN}:SP7")).json()
    indicator = (await api.get(f"{SP71}")).json()

    on_map = [one for band in strategic_map["perspectives"] for one in band["objectives"]]
    assert (len(strategic_map["perspectives"]), len(on_map)) == (5, 17)
    assert strategic_map["links"]
    assert [one["code"] for one in priorities] == [f"PRI-{n}" for n in range(1, 10)]
    assert f"{PLAN}:SP7.1" in objective["indicators"]
    assert indicator["objective"] == f"{PLAN}:SP7"
    assert indicator["measure"]["aggregate"] == "distinct-over-interval"
    assert indicator["owner"]


@pytest.mark.parametrize(
    "path",
    [
        "/plans/nothing",
        "/plans/nothing/map",
        "/plans/nothing/versions",
        f"/objectives/{PLAN}:XX",
        "/objectives/SO1",
        f"/indicators/{PLAN}:XX",
        f"/indicators/{PLAN}:XX/estimates",
        "/indicators/nothing:SG/targets",
    ],
)
async def test_what_is_not_there_is_404(api: Any, path: str) -> None:
    answer = await api.get(path)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_states_an_estimate_and_keeps_the_first_beside_its_revisions(api: Any) -> None:
    first = await api.post(f"{SG}/estimates", {"period": "FY2019", "value": 61})
    again = await api.post(f"{SG}/estimates", {"period": "FY2019", "value": 61})
    points = [{"on": "2019-12-31", "value": 30}, {"on": "2020-06-30", "value": 58}]
    second = await api.post(
        f"{SG}/estimates",
        {"period": "FY2019", "value": 58, "points": points, "reason": "Budget"},
    )

    assert (first.status_code, again.status_code, second.status_code) == (201, 200, 201)
    assert again.json() == first.json()
    items = (await api.get(f"{SG}/estimates", period="FY2019")).json()["items"]
    assert [(one["revision"], one["value"]) for one in items] == [(1, 61), (2, 58)]
    assert items[1]["points"] == points
    sent = await api.sent("estimate.stated")
    assert [(one.said.revision, one.said.value) for one in sent] == [(1, 61), (2, 58)]
    assert (sent[1].topic, sent[1].key, sent[1].event.subject) == ("plan", PLAN, PLAN)
    assert [str(point.on) for point in sent[1].said.points] == ["2019-12-31", "2020-06-30"]


async def test_sets_a_target_range(api: Any) -> None:
    answer = await api.post(f"{SP71}/targets", {"period": "FY2019", "low": "0.5", "high": "0.7"})
    again = await api.post(f"{SP71}/targets", {"period": "FY2019", "low": "0.50", "high": "0.7"})

    assert (answer.status_code, again.status_code) == (201, 200)
    assert answer.json()["low"] == "0.500000"
    [sent] = await api.sent("target.set")
    assert (str(sent.said.low), str(sent.said.high), sent.said.revision) == (
        "0.500000",
        "0.700000",
        1,
    )


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        (f"{SG}/estimates", {"period": "FY2031", "value": 1}, "/body/period"),
        (f"{SG}/estimates", {"period": "FY2019", "value": -1}, "/body/value"),
        (f"{SG}/estimates", {"period": "FY2019", "value": "7"}, "/body/value"),
        (f"{SG}/estimates", {"period": "FY2019", "value": True}, "/body/value"),
        (f"{SG}/estimates", {"period": "FY2019", "value": 2**31}, "/body/value"),
        (f"{SP71}/estimates", {"period": "FY2019", "value": 1}, "/path/key"),
        (f"{SG}/targets", {"period": "FY2019", "low": "0.5"}, "/path/key"),
        (f"{SP71}/targets", {"period": "FY2019", "low": 0.5}, "/body/low"),
        (f"{SP71}/targets", {"period": "FY2019", "low": "0.5", "high": "0.4"}, "/body/high"),
    ],
)
async def test_names_the_field_that_is_wrong(
    api: Any, path: str, body: dict[str, object], pointer: str
) -> None:
    answer = await api.post(path, body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_revisions_rise_by_one_also_at_once(api: Any) -> None:
    answers = await asyncio.gather(
        *(api.post(f"{SG}/estimates", {"period": "FY2019", "value": n}) for n in range(6))
    )

    assert {answer.status_code for answer in answers} == {201}
    assert sorted(answer.json()["revision"] for answer in answers) == [1, 2, 3, 4, 5, 6]


async def test_a_director_estimates_for_the_own_unit_only(api: Any) -> None:
    owner = (await api.get(SG)).json()["owner"]
    body = {"period": "FY2019", "value": 3}
    own = await api.post(f"{SG}/estimates", body, authorization=f"Bearer demo-director:{owner}")
    other = await api.post(f"{SG}/estimates", body, authorization="Bearer demo-director:NOBODY")

    assert (own.status_code, other.status_code) == (201, 403)
