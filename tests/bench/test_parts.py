"""What a figure in parts costs beside the plain read of the scorecard, at 100,000 facts."""

import os
import statistics
import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from kpi_engine.bootstrap import make_api
from kpi_engine.config import Settings
from shared_kit.db.migrate import upgrade
from shared_kit.events.codec import from_kafka
from shared_kit.events.corrections import FactContested
from shared_kit.events.envelope import CloudEvent
from shared_kit.messaging.log import Message
from shared_kit.testing.plugin import MakeDatabase
from tests.bench import workload
from tests.support.engine_lab import SOURCE, Lab, sent

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]

FACTS = int(os.environ.get("WCOPLAN_BENCH_FACTS", "100000"))
ROUNDS = int(os.environ.get("WCOPLAN_BENCH_ROUNDS", "5"))
PLAN = "wco-2019-2022"
MOST_SECONDS = 10.0
LAID_OUT = ("by package", "by member")
_CORRECTION: dict[str, Any] = {"id": "late", "subject": "M1", "topic": "activity"}


async def test_parts_of_a_hundred_thousand_facts_stay_readable(database: MakeDatabase) -> None:
    url = database("kpi-engine", migrate=lambda it: upgrade(it, "kpi_engine"))
    lab = Lab(settings=Settings(database_url=url, auth="demo"))
    try:
        await _load(lab)
        transport = httpx.ASGITransport(app=make_api(lab.engine))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            card = f"/api/v1/scorecards/{PLAN}?period=FY2019"
            result = f"/api/v1/results/{PLAN}:SP7.5"
            reads = {
                "scorecard": card,
                "explain": f"{result}/explain?period=FY2019",
                "by package": f"{result}/parts?by=package&period=FY2019",
                "by member": f"{result}/parts?by=member&period=FY2019",
            }
            took: dict[str, list[float]] = defaultdict(list)
            await _read(client, reads, took)
            # A correction that the judgement had not read: what it knew is laid out anew.
            await lab.feed(sent(FactContested(source=SOURCE, id="of-nothing"), **_CORRECTION))
            await _read(client, {f"{name}, laid out": reads[name] for name in LAID_OUT}, took)
    finally:
        await lab.close()
    medians = {name: statistics.median(found) for name, found in took.items()}
    for name, seconds in medians.items():
        print(f"{name}: {seconds * 1000:.1f} ms, {seconds / medians['scorecard']:.0f} scorecards")
    assert medians["by package"] < min(MOST_SECONDS, medians["by package, laid out"])


async def _read(
    client: httpx.AsyncClient, reads: Mapping[str, str], took: dict[str, list[float]]
) -> None:
    for _ in range(ROUNDS):
        for name, address in reads.items():
            began = time.perf_counter()
            assert (await client.get(address)).status_code == 200
            took[name].append(time.perf_counter() - began)


async def _load(lab: Lab) -> None:
    chunk = [_event(workload.plan_message())]
    for message in workload.messages(FACTS, duplicates=0):
        chunk.append(_event(message))
        if len(chunk) == 5000:
            await lab.feed(*chunk)
            chunk = []
    if chunk:
        await lab.feed(*chunk)
    await lab.judge()


def _event(message: Message) -> tuple[str, CloudEvent]:
    return message.topic, from_kafka(message.value, message.headers)
