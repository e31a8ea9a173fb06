"""A figure is changed behind the engine's back: found, told, taken care of, mended, closed."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from shared_kit.clock import FileClock
from tests.support.figures import PLAN
from wcoplan.embedded import Embedded, databases, running
from wcoplan.folder import SHOWN_AT

OFFICE = {"authorization": "Bearer demo-planning-office"}
ADMINISTRATOR = {"authorization": "Bearer demo-administrator"}
TOOL = f"{PLAN}:D-900-1"
PAPER = {
    "deliverable": TOOL,
    "plan": PLAN,
    "title": "Paper on nothing (fictional)",
    "period": "FY2019",
    "listed": False,
    "kind": "research",
    "unit": "RCU",
    "objectives": [f"{PLAN}:LD1"],
    "date_certainty": "not-given",
    "synthetic": True,
}


async def until(look: Callable[[], Awaitable[Any]], *, seconds: float = 20) -> Any:
    async with asyncio.timeout(seconds):
        while not (found := await look()):
            await asyncio.sleep(0.1)
    return found


async def release(system: Embedded) -> None:
    made = await system.client.post("/api/v1/deliverables", json=PAPER, headers=OFFICE)
    assert made.status_code == 201, made.text
    released = await system.client.post(
        f"/api/v1/deliverables/{TOOL}/release",
        json={"released_on": "2020-02-03", "stage": "published"},
        headers={**OFFICE, "if-match": made.headers["etag"]},
    )
    assert released.status_code == 200, released.text
    await system.settle()


async def check(system: Embedded) -> str:
    """Ask for a check as an administrator does, and wait for its answer."""

    async def newest() -> dict[str, Any]:
        answer = await system.client.get("/api/v1/reconciliations", headers=ADMINISTRATOR)
        items: list[dict[str, Any]] = answer.json()["items"]
        return items[0] if items else {"id": 0}

    before = (await newest())["id"]
    await system.client.post("/api/v1/reconciliations", headers=ADMINISTRATOR)

    async def done() -> dict[str, Any] | None:
        found = await newest()
        return found if found["id"] > before else None

    outcome: str = (await until(done))["outcome"]
    await system.settle()
    return outcome


async def alerts(system: Embedded) -> dict[str, dict[str, Any]]:
    """Those of LD1, by period, the newest of each."""
    answer = await system.client.get(
        "/api/v1/alerts",
        params={"indicator": f"{PLAN}:LD1", "condition": "all"},
        headers=OFFICE,
    )
    return {one["period"]: one for one in reversed(answer.json()["items"])}


def subjects(mail: Path) -> list[str]:
    messages = [
        message_from_bytes(path.read_bytes(), policy=default) for path in mail.glob("*.eml")
    ]
    return sorted(message["subject"] for message in messages if "(LD1" in message["subject"])


async def replay(url: str) -> None:
    """As the runbook says."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "kpi_engine", "replay"),
        env={**os.environ, "WCOPLAN_KPI_ENGINE__DATABASE_URL": url},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    assert process.returncode == 1, "the live ones differed"
    assert b'"missing": 1' in said


@pytest.mark.slow
async def test_a_figure_in_doubt_is_told_until_it_is_mended(tmp_path: Path) -> None:
    FileClock(tmp_path / "clock").move_to(SHOWN_AT)
    with databases(home=tmp_path, database_url="") as kept:
        async with running(home=tmp_path, urls=kept.urls, base_url="http://pages.test") as system:
            await release(system)
            assert await check(system) == "agrees"
            assert await alerts(system) == {}, "who finds nothing tells nobody"

            url = make_url(kept.urls["kpi_engine"]).set(drivername="postgresql")
            connection = await asyncpg.connect(url.render_as_string(hide_password=False))
            await connection.execute(
                "DELETE FROM contribution WHERE side = 1 AND item = $1 AND measure IN "
                "(SELECT id FROM measure WHERE indicator = $2)",
                TOOL,
                f"{PLAN}:LD1",
            )
            await connection.close()
            assert await check(system) == "differs"
            found = await alerts(system)
            assert found.keys() == {"FY2019", "2019-2022"}
            year = found["FY2019"]
            assert (year["rule"], year["owner_unit"]) == ("reconciliation", "SGO")
            assert PAPER["title"] in year["reason"]
            raised = subjects(tmp_path / "mail")
            assert [one.split("]")[0] for one in raised] == ["[Figure in doubt"] * 2
            page = await system.client.get(f"/alerts/{year['id']}", headers={"accept": "text/html"})
            assert "Figure in doubt, open" in page.text
            assert "Figures in doubt" in (await system.client.get("/")).text
            taken = await system.client.post(
                f"/api/v1/alerts/{year['id']}/ack", json={}, headers=OFFICE
            )
            assert taken.json()["handling"] == "acknowledged"

            await replay(kept.urls["kpi_engine"])
            assert await check(system) == "agrees"
            ended = await alerts(system)
            assert {one["close_reason"] for one in ended.values()} == {"agrees_again"}
            told = [one.split("]")[0] for one in subjects(tmp_path / "mail")]
            assert told == ["[Agrees again"] * 2 + ["[Figure in doubt"] * 2
            assert "Figures in doubt" not in (await system.client.get("/")).text
