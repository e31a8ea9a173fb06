"""A process killed in the middle of applying leaves nothing half applied; the next one ends it."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from shared_kit.clock import SystemClock
from shared_kit.db.migrate import upgrade
from shared_kit.testing.plugin import MakeDatabase
from shared_kit.testing.processes import Processes, free_port
from tests.support.books import a_book, many

LINES = 2000
PLAN = "wco-2019-2022"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PATIENCE = timedelta(seconds=90)


async def until(client: httpx.AsyncClient, path: str, *, state: str, rows: int = 0) -> Any:
    deadline = SystemClock().now() + PATIENCE
    while SystemClock().now() < deadline:
        found = (await client.get(path)).json()
        if found["state"] == state and found["rows_done"] >= rows:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(found)


async def counted(url: str) -> dict[str, int]:
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            return {
                table: await connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0
                for table in ("deliverable", "fact")
            }
    finally:
        await engine.dispose()


@pytest.mark.faults
@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_kill_9_in_the_middle_leaves_nothing_and_the_next_start_applies_all(
    database: MakeDatabase, kafka: str, topic_prefix: str, processes: Processes
) -> None:
    url = database("plan-api", migrate=lambda url: upgrade(url, "plan_api"))
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    environment = {
        "WCOPLAN_PLAN_API__DATABASE_URL": url,
        "WCOPLAN_PLAN_API__KAFKA_BOOTSTRAP": kafka,
        "WCOPLAN_PLAN_API__TOPIC_PREFIX": topic_prefix,
        "WCOPLAN_PLAN_API__AUTH": "demo",
        "WCOPLAN_PLAN_API__BUSINESS_CLOCK": "2020-02-03T09:00:00+01:00",
        "WCOPLAN_PLAN_API__PORT": str(port),
    }
    headers = {"authorization": "Bearer demo-planning-office"}
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=20) as client:
        process = processes.start("plan_api", "serve", environment=environment)
        process.wait_ready(f"{base}/readyz")
        sent = await client.post(
            "/api/v1/imports",
            params={"plan": PLAN},
            content=a_book(many(LINES)),
            headers={"content-type": XLSX},
        )
        path = sent.headers["location"]
        read = await until(client, path, state="ready")
        assert (read["lines"], read["mistake_count"]) == (LINES, 0)
        before = await counted(url)
        await client.post(f"{path}/apply")
        await until(client, path, state="applying", rows=LINES // 4)
        process.kill()

        assert await counted(url) == before

        process = processes.start("plan_api", "serve", environment=environment)
        process.wait_ready(f"{base}/readyz")
        done = await until(client, path, state="applied")
        assert process.terminate() == 0

    assert done["rows_done"] == LINES
    assert await counted(url) == {
        "deliverable": before["deliverable"] + LINES // 2,
        # Each Deliverable was planned and released.
        "fact": before["fact"] + LINES,
    }
