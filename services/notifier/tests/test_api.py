import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from notifier.ports.views import (
    AlertDetail,
    AlertRead,
    DifferenceRead,
    InboxItem,
    NoticeRead,
    RuleRead,
    View,
)
from services.notifier.tests.builders import MONDAY, PLAN, SG, a_plan, a_sample, counts
from services.notifier.tests.conftest import Heard
from shared_kit.events.plans import PlanPublished

DIRECTOR = {"authorization": "Bearer demo-director:SGO"}
OFFICE = {"authorization": "Bearer demo-planning-office"}


@pytest.fixture
async def client(informed: Heard) -> AsyncIterator[httpx.AsyncClient]:
    """The API alone: no lifespan, no loops."""
    app = informed.api()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://test"
    ) as made:
        yield made


@pytest.fixture
async def alert(informed: Heard) -> str:
    await informed.samples(a_sample())
    [id] = await informed.column("episode", "id")
    return str(id)


async def get(client: httpx.AsyncClient, path: str, **params: str) -> Any:
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_alert_carries_what_a_page_needs(client: httpx.AsyncClient, alert: str) -> None:
    page = await get(client, "/api/v1/alerts", plan=PLAN)

    [found] = page["items"]
    assert found["id"] == alert
    assert (found["indicator"], found["code"], found["period_label"]) == (SG, "SG", "FY2019/20")
    assert (found["level"], found["condition"], found["handling"]) == ("critical", "open", "new")
    assert found["since"] == found["raised_on"] == "2020-02-03"
    assert found["reason"].startswith("Of 26 due by 4 January 2020, 20 are released")
    assert found["reason_fr"].startswith("Sur 26 attendus au 4 janvier 2020")
    assert found["figures"]["due_done"] == "20"
    assert found["figures"]["evidence_p"] == "0.001511"
    assert found["figures"]["once_in"] == 660
    assert len(found["overdue"]) == 6
    assert found["owner_unit"] == "SGO"
    assert found["owner_title"]["fr"] == "Bureau du Secrétaire général"
    assert found["raised_at"] == "2020-02-03T08:00:00Z"
    assert found["acknowledged_by"] is None


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({}, 1),
        ({"plan": PLAN, "period": "FY2019", "indicator": SG, "unit": "SGO"}, 1),
        ({"plan": "other"}, 0),
        ({"period": "FY2020"}, 0),
        ({"indicator": f"{PLAN}:SO1"}, 0),
        ({"unit": "CAP"}, 0),
        ({"condition": "closed"}, 0),
        ({"condition": "all"}, 1),
    ],
)
async def test_alerts_are_filtered(
    client: httpx.AsyncClient, alert: str, filters: dict[str, str], count: int
) -> None:
    assert len((await get(client, "/api/v1/alerts", **filters))["items"]) == count


async def test_what_is_only_watched_is_not_listed(
    client: httpx.AsyncClient, informed: Heard
) -> None:
    await informed.samples(counts(88, 100))

    assert (await get(client, "/api/v1/alerts", condition="all"))["items"] == []


async def test_alerts_come_in_pages_critical_ones_first(
    client: httpx.AsyncClient, informed: Heard
) -> None:
    few = counts(5, 7)
    await informed.samples(
        a_sample(),
        replace(few, indicator=f"{PLAN}:SO1"),
        replace(a_sample(), period="FY2020"),
        replace(few, indicator=f"{PLAN}:SO1", period="FY2020"),
    )

    seen: list[tuple[str, str]] = []
    cursor = None
    while True:
        params = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
        page = await get(client, "/api/v1/alerts", **params)
        seen += [(item["level"], item["id"]) for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert [level for level, _ in seen] == ["critical", "critical", "warning", "warning"]
    assert len({id for _, id in seen}) == 4


async def test_the_timeline_says_who_was_told_of_what(
    client: httpx.AsyncClient, informed: Heard, alert: str
) -> None:
    await informed.deliveries.deliver_some()
    for day in (1, 16):
        await informed.samples(
            replace(
                counts(26, 26, overdue=()),
                judged_on=MONDAY + timedelta(days=day),
                revision=day + 1,
            )
        )

    found = await get(client, f"/api/v1/alerts/{alert}")

    assert [step["kind"] for step in found["timeline"]] == ["raised", "recovering", "closed"]
    first, second, third = found["timeline"]
    assert first["told"]["mail"] == "written"
    assert first["told"]["recipient"] == "sgo@wco.example"
    assert first["figures"]["due_done"] == "20"
    assert second["told"] is None
    assert third["close_reason"] == "recovered"
    assert third["told"]["mail"] == "pending"
    assert third["figures"]["due_done"] == "26"
    assert found["close_reason"] == "recovered"


async def test_the_second_to_acknowledge_reads_who_was_first(
    client: httpx.AsyncClient, alert: str
) -> None:
    first = await client.post(
        f"/api/v1/alerts/{alert}/ack", json={"comment": "Translators have it."}, headers=DIRECTOR
    )
    second = await client.post(f"/api/v1/alerts/{alert}/ack", json={}, headers=OFFICE)

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["acknowledged_at"] == second.json()["acknowledged_at"]
    assert second.json()["acknowledged_by"] == "demo-director:SGO"
    assert second.json()["comment"] == "Translators have it."
    assert second.json()["handling"] == "acknowledged"
    assert second.json()["timeline"][-1]["told"]["mail"] is None


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": "Bearer demo-member"}, 403),
        ({"authorization": "Bearer demo-auditor"}, 403),
        ({"authorization": "Bearer demo-director:CAP"}, 403),
        ({"authorization": "Bearer demo-editor:SGO"}, 200),
    ],
)
async def test_who_may_acknowledge(
    client: httpx.AsyncClient, alert: str, headers: dict[str, str], status: int
) -> None:
    answer = await client.post(f"/api/v1/alerts/{alert}/ack", json={}, headers=headers)

    assert answer.status_code == status


async def test_a_closed_alert_answers_409_and_an_unknown_one_404(
    client: httpx.AsyncClient, informed: Heard, alert: str
) -> None:
    await informed.samples(counts(26, 26, overdue=(), revision=2, daily=False, restated=True))

    closed = await client.post(
        f"/api/v1/alerts/{alert}/ack",
        json={},
        headers={**OFFICE, "accept-language": "fr"},
    )
    unknown = await client.post(f"/api/v1/alerts/{uuid4()}/ack", json={}, headers=OFFICE)

    assert (closed.status_code, closed.json()["type"]) == (409, "/problems/alert-closed")
    assert closed.json()["title"] == "L’alerte est close"
    assert unknown.status_code == 404
    assert (await client.get(f"/api/v1/alerts/{uuid4()}")).status_code == 404
    assert (await client.get(f"/api/v1/inbox/{uuid4()}")).status_code == 404


@pytest.mark.parametrize(
    "body", [{"comment": "a\x00b"}, {"comment": ""}, {"comment": 5}, {"other": 1}, []]
)
async def test_bad_bodies_are_problems(client: httpx.AsyncClient, alert: str, body: object) -> None:
    answer = await client.post(f"/api/v1/alerts/{alert}/ack", json=body, headers=OFFICE)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_inbox_lists_and_shows_notices_in_either_language(
    client: httpx.AsyncClient, alert: str
) -> None:
    [english] = (await get(client, "/api/v1/inbox", unit="SGO"))["items"]
    [french] = (await get(client, "/api/v1/inbox", lang="fr"))["items"]
    whole = await get(client, f"/api/v1/inbox/{english['id']}")
    translated = await get(client, f"/api/v1/inbox/{english['id']}", lang="fr")

    assert english["subject"].startswith("[Critical] Leadership")
    assert french["subject"].startswith("[Critique] Leadership")
    assert (english["alert"], english["kind"], english["unit"]) == (alert, "raised", "SGO")
    assert (whole["language"], translated["language"]) == ("en", "fr")
    assert "20 are released" in whole["text"]
    assert "20 sont réalisés" in translated["text"]
    assert (await get(client, "/api/v1/inbox", unit="CAP"))["items"] == []


async def test_the_rules_are_readable_in_words_and_numbers(client: httpx.AsyncClient) -> None:
    [rule] = await get(client, "/api/v1/rules")

    assert rule["id"] == "deviation"
    assert rule["warning"]["line"] == "9/10"
    assert rule["critical"]["hold_days"] == 0
    assert "93" in rule["says"]["fr"]


async def test_every_operation_is_documented_with_an_example(client: httpx.AsyncClient) -> None:
    document = await get(client, "/openapi.json")

    operations = {
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
    }
    assert operations >= {
        "list_alerts",
        "get_alert",
        "acknowledge_alert",
        "list_inbox",
        "get_notice",
        "list_rules",
    }


@pytest.mark.parametrize(
    "view", [AlertDetail, AlertRead, DifferenceRead, InboxItem, NoticeRead, RuleRead]
)
def test_the_examples_are_what_the_api_answers(view: type[View]) -> None:
    [example] = view.model_json_schema()["examples"]

    assert json.loads(view.model_validate(example).model_dump_json()) == example


async def test_an_alert_outlives_its_definition_until_that_version_is_in_force(
    client: httpx.AsyncClient, informed: Heard, alert: str
) -> None:
    coming = a_plan(version=2, indicators=("SO1",)).snapshot
    coming = coming.model_copy(update={"effective_on": MONDAY + timedelta(days=1)})
    await informed.events(PlanPublished(snapshot=coming))

    found = await get(client, f"/api/v1/alerts/{alert}")
    acknowledged = await client.post(f"/api/v1/alerts/{alert}/ack", json={}, headers=OFFICE)

    assert found["title"]["en"] == "SG"
    assert found["period_label"] == "FY2019/20"
    assert acknowledged.status_code == 200


async def test_an_alert_on_what_left_the_plan_can_be_read_as_retired(
    client: httpx.AsyncClient, informed: Heard, alert: str
) -> None:
    await informed.events(a_plan(version=2, indicators=("SO1",)))

    found = await get(client, f"/api/v1/alerts/{alert}")

    assert (found["condition"], found["close_reason"]) == ("closed", "subject_retired")
    assert found["counted"]["en"] == "no longer in the plan"


async def test_a_caller_of_a_thousand_scopes_may_acknowledge(
    client: httpx.AsyncClient, alert: str
) -> None:
    scopes = ",".join(["SGO", *(f"U{number}" for number in range(500))])

    answer = await client.post(
        f"/api/v1/alerts/{alert}/ack",
        json={},
        headers={"authorization": f"Bearer demo-director:{scopes}"},
    )

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("auth", "token", "status"),
    [
        ("demo", None, 200),
        ("demo", "demo-member:XA", 200),
        ("insecure-dev", None, 401),
        ("insecure-dev", "demo-member:XA", 403),
        ("insecure-dev", "demo-service", 403),
        ("insecure-dev", "demo-editor:CAP", 200),
        ("insecure-dev", "demo-auditor", 200),
        ("insecure-dev", "demo-administrator", 200),
    ],
)
async def test_alerts_and_notices_are_the_secretariats_save_in_the_demonstration(
    informed: Heard, alert: str, auth: str, token: str | None, status: int
) -> None:
    app = informed.api(auth=auth)
    [notice] = await informed.column("inbox_item", "id")
    headers = {"authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://test", headers=headers
    ) as client:
        for path in ("alerts", f"alerts/{alert}", "inbox", f"inbox/{notice}"):
            answer = await client.get(f"/api/v1/{path}")
            assert answer.status_code == status, path


async def test_shows_alerts_as_they_stood(
    client: httpx.AsyncClient, informed: Heard, alert: str
) -> None:
    """Raised on Monday, acknowledged on Tuesday: each day is shown as it was, for ever."""
    asked = {"plan": PLAN, "condition": "all"}
    monday = await get(client, "/api/v1/alerts", as_of="2020-02-03T23:00:00Z", **asked)
    informed.business.move_to(informed.business.now() + timedelta(days=1))
    body = {"comment": "It is at the printer."}
    answer = await client.post(f"/api/v1/alerts/{alert}/ack", json=body, headers=DIRECTOR)
    assert answer.status_code == 200

    now = await get(client, "/api/v1/alerts", **asked)
    later = await get(client, "/api/v1/alerts", as_of="2020-02-04T23:00:00Z", **asked)
    again = await get(client, "/api/v1/alerts", as_of="2020-02-03T23:00:00Z", **asked)
    before = await get(client, "/api/v1/alerts", as_of="2020-02-03T07:59:59Z", **asked)
    path = f"/api/v1/alerts/{alert}"

    assert again == monday
    assert [one["handling"] for one in again["items"]] == ["new"]
    assert later["items"] == now["items"], "nothing has changed since"
    assert later["items"][0]["comment"] == "It is at the printer."
    assert before["items"] == []
    then = await get(client, path, as_of="2020-02-03T23:00:00Z")
    assert [step["kind"] for step in then["timeline"]] == ["raised"]
    assert len((await get(client, path))["timeline"]) == 2
    gone = await client.get(path, params={"as_of": "2020-02-03T07:59:59Z"})
    assert gone.status_code == 404
