"""Bringing another organization's plan in over HTTP."""

import copy
import json
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from plan_api.implementation.model.planned import KINDS
from plan_api.plans.schemas.files import EXAMPLE
from shared_kit.events.definitions import DELIVERABLE_KINDS

RIVERS = json.loads(
    (Path(__file__).parents[4] / "docs/examples/rivers-2019-2022.json").read_text("utf-8")
)


async def an_import(api: Any, plan: object) -> Any:
    return await api.post("/plans", plan)


async def test_a_plan_comes_in_once_and_is_announced_whole(api: Any) -> None:
    first = await an_import(api, EXAMPLE)
    second = await an_import(api, EXAMPLE)

    assert first.status_code == 201
    assert first.headers["location"] == "/api/v1/plans/rivers-2021-2023"
    assert first.json()["periods"] == ["FY2021", "FY2022", "FY2023", "2021-2023"]
    assert second.status_code == 200
    published = [one for one in await api.sent("plan.published") if one.key == "rivers-2021-2023"]
    assert len(published) == 1
    assert published[0].said.snapshot.indicators[0].code == "CLEAN.1"
    assert (await api.get("/plans/rivers-2021-2023")).json()["title"]["text"] == "Plan 2021-2023"


async def test_what_came_in_can_be_read_as_a_file_and_brought_in_again(api: Any) -> None:
    await an_import(api, EXAMPLE)

    file = await api.get("/plans/rivers-2021-2023/file")

    assert (await an_import(api, file.json())).status_code == 200


async def test_an_owner_must_be_a_unit_of_the_directory(api: Any) -> None:
    refused = await an_import(api, RIVERS)

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/body/indicators/0/owner"
    for code in ("RIV", "LAB"):
        await api.post("/units", {"code": code, "title": {"en": code, "fr": code}})
    assert (await an_import(api, RIVERS)).status_code == 201


async def test_every_fault_is_named_at_once_in_the_language_asked_for(api: Any) -> None:
    plan: dict[str, Any] = copy.deepcopy(dict(EXAMPLE))
    plan["cycle"]["timezone"] = "Mars/Olympus"
    plan["objectives"][0]["perspective"] = "TOP"

    refused = await api.client.post("/api/v1/plans", json=plan, params={"lang": "fr"})

    assert refused.status_code == 422
    errors = {one["pointer"]: one["message"] for one in refused.json()["errors"]}
    assert errors == {
        "/body/cycle/timezone": "un fuseau tel que Europe/Brussels est attendu",
        "/body/objectives/0/perspective": "le plan n’a pas d’élément TOP",
    }


async def test_a_published_version_is_not_changed(api: Any) -> None:
    await an_import(api, EXAMPLE)
    changed = {**EXAMPLE, "deliverable_kinds": ["clean-up", "song"]}

    assert (await an_import(api, changed)).status_code == 409
    higher = {**changed, "version": 2}
    assert (await an_import(api, higher)).status_code == 201
    earlier = {**changed, "version": 3, "effective_on": "2020-12-31"}
    refused = await an_import(api, earlier)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/body/effective_on"


async def test_what_an_earlier_release_published_is_the_same_though_it_knew_fewer_fields(
    api: Any,
) -> None:
    await an_import(api, EXAMPLE)
    # An earlier release made another digest of the same content.
    engine = create_async_engine(api.url)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE plan_version SET digest = '\\x00'"))
    await engine.dispose()
    assert {bytes(row[0]) for row in await api.rows("SELECT digest FROM plan_version")} == {b"\0"}

    assert (await an_import(api, EXAMPLE)).status_code == 200
    changed = {**EXAMPLE, "deliverable_kinds": ["clean-up", "song"]}
    assert (await an_import(api, changed)).status_code == 409


async def test_only_the_planning_office_brings_plans_in(api: Any) -> None:
    for token, status in (("demo-director:SGO", 403), ("demo-member:BE", 403), ("", 401)):
        headers = {"authorization": f"Bearer {token}"} if token else {"authorization": "x"}
        answer = await api.client.post("/api/v1/plans", json=EXAMPLE, headers=headers)
        assert answer.status_code == status


async def test_what_is_no_plan_is_refused_as_what_it_is(api: Any) -> None:
    for content, kind, status in (
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"", "application/json", 400),
        (b"[" * 200_000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b"{}", "text/csv", 415),
        (b'{"plan": "\\ud800"}', "application/json", 400),
    ):
        answer = await api.client.post(
            "/api/v1/plans", content=content, headers={"content-type": kind}
        )
        assert answer.status_code == status, content[:20]
        assert answer.headers["content-type"] == "application/problem+json"


def test_the_kinds_that_every_plan_knows_are_the_same_for_files_and_for_work() -> None:
    assert KINDS == DELIVERABLE_KINDS
