"""A process killed in the middle of applying leaves nothing half applied; the next one ends it."""

import asyncio
import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from shared_kit.clock import SystemClock
from shared_kit.db.migrate import upgrade
from shared_kit.delivery.crashpoints import KILLED
from shared_kit.testing.plugin import MakeDatabase
from shared_kit.testing.processes import Processes, free_port
from tests.support.books import a_book, many

LINES = 10_000 if "WCOPLAN_FAULT_HITS" in os.environ else 2000
PLAN = "wco-2019-2022"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PATIENCE = timedelta(seconds=90)


async def until(client: httpx.AsyncClient, path: str, *, state: str, rows: int = 0) -> Any:
    deadline = SystemClock().now() + PATIENCE
    while SystemClock().now() < deadline:
        found = (await client.get(path)).json()
        if found["state"] in state.split() and found["rows_done"] >= rows:
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


def settings(url: str, *, port: int, kafka: str, prefix: str) -> dict[str, str]:
    return {
        "WCOPLAN_PLAN_API__DATABASE_URL": url,
        "WCOPLAN_PLAN_API__KAFKA_BOOTSTRAP": kafka,
        "WCOPLAN_PLAN_API__TOPIC_PREFIX": prefix,
        "WCOPLAN_PLAN_API__AUTH": "demo",
        "WCOPLAN_PLAN_API__BUSINESS_CLOCK": "2020-02-03T09:00:00+01:00",
        "WCOPLAN_PLAN_API__PORT": str(port),
    }


def halfway(environment: Mapping[str, str]) -> dict[str, str]:
    """Die when the first part is written, with its events, and not committed."""
    return {
        **environment,
        "WCOPLAN_FAILPOINTS": "import-part-written:1",
        "WCOPLAN_ALLOW_FAILPOINTS": "1",
    }


@pytest.mark.faults
@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_kill_9_in_the_middle_leaves_nothing_and_the_next_start_applies_all(
    database: MakeDatabase, kafka: str, topic_prefix: str, processes: Processes
) -> None:
    url = database("plan-api", migrate=lambda url: upgrade(url, "plan_api"))
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    environment = settings(url, port=port, kafka=kafka, prefix=topic_prefix)
    headers = {"authorization": "Bearer demo-planning-office"}
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=20) as client:
        process = processes.start("plan_api", "serve", environment=halfway(environment))
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
        everything = {
            "deliverable": before["deliverable"] + LINES // 2,
            # Each Deliverable was planned and released.
            "fact": before["fact"] + LINES,
        }
        await client.post(f"{path}/apply")
        assert await asyncio.to_thread(process.wait_end) == KILLED
        assert await counted(url) == before

        process = processes.start("plan_api", "serve", environment=environment)
        process.wait_ready(f"{base}/readyz")
        await until(client, path, state="applying applied", rows=LINES // 4)
        process.kill()
        # A small file may have been in before the kill: as a whole, then.
        assert await counted(url) in ([before] if LINES > 5_000 else [before, everything])

        process = processes.start("plan_api", "serve", environment=environment)
        process.wait_ready(f"{base}/readyz")
        done = await until(client, path, state="applied")
        assert process.terminate() == 0

    assert done["rows_done"] == LINES
    assert await counted(url) == everything
