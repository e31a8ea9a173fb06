"""The engine as it runs: consumer, judge and relay beside the API, on an embedded log."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from kpi_engine.bootstrap import create_app, wire
from kpi_engine.config import Settings
from kpi_engine.operations import doctor_report, replay_ledger
from shared_kit.clock import ManualClock, SystemClock
from shared_kit.db.migrate import upgrade
from shared_kit.events.codec import from_kafka, read, to_kafka
from shared_kit.events.envelope import CloudEvent
from shared_kit.events.results import IndicatorJudged
from shared_kit.events.topics import TOPICS
from shared_kit.messaging.embedded import EmbeddedLog
from shared_kit.messaging.log import Message
from shared_kit.testing.plugin import MakeDatabase
from tests.support.engine_builders import PLAN, adopted, an_item, key, released, the_plan
from tests.support.engine_lab import NOW, sent

D = date


def migrate(url: str) -> None:
    upgrade(url, "kpi_engine")


async def migrate_log(url: str) -> None:
    log = EmbeddedLog(url, "test.")
    await log.migrate()
    await log.stop()


def message(event: tuple[str, CloudEvent]) -> Message:
    topic, cloud_event = event
    value, headers = to_kafka(cloud_event)
    return Message(topic, cloud_event.subject, value, tuple(headers))


@pytest.fixture
async def log(database: MakeDatabase) -> AsyncIterator[EmbeddedLog]:
    made = EmbeddedLog(database("event-log", migrate=migrate_log), "test.")
    await made.start()
    await made.create_topics(tuple(TOPICS.values()))
    yield made
    await made.stop()


@asynccontextmanager
async def serving(
    settings: Settings, log: EmbeddedLog, clock: ManualClock
) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings=settings, log=log, business=clock, system=SystemClock())
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
    ):
        yield client


async def settled(client: httpx.AsyncClient) -> None:
    for _ in range(400):
        if not any((await client.get("/progress")).json().values()):
            return
        await asyncio.sleep(0.05)
    raise AssertionError((await client.get("/progress")).text)


async def numerator(client: httpx.AsyncClient) -> str | None:
    answer = await client.get(f"/api/v1/results/{key('SG')}", params={"period": "FY2019"})
    assert answer.status_code == 200, answer.text
    found: str | None = answer.json()["numerator"]
    return found


async def test_facts_in_the_log_become_judgements_in_the_log(
    log: EmbeddedLog, database: MakeDatabase
) -> None:
    settings = Settings(database_url=database("kpi-engine", migrate=migrate), auth="demo")
    clock = ManualClock(datetime(2020, 2, 2, 12, tzinfo=UTC))
    item = an_item(1, due=D(2019, 11, 30))
    events = [
        sent(released(item, D(2019, 11, 1)), id="r", time=clock.now()),
        sent(adopted(item), id="a", time=clock.now()),
        sent(the_plan(), id="p", time=clock.now()),
    ]

    async with serving(settings, log, clock) as client:
        await log.publish([message(event) for event in events])
        await settled(client)
        assert await numerator(client) == "1"
        assert (await client.get("/readyz")).status_code == 200
        clock.move_to(NOW)
        await settled(client)

    # Started again, it goes on where it was: nothing is read twice, no day opens twice.
    async with serving(settings, log, clock) as client:
        await log.publish([message(events[0])])
        await settled(client)
        assert await numerator(client) == "1"
        series = await client.get(
            f"/api/v1/results/{key('SG')}/series", params={"period": "FY2019"}
        )
        assert [one["daily"] for one in series.json()["items"]] == [False, True]

    said = await everything_said(log)
    assert len({(one.key, one.period) for one in said}) == 2 * 29
    assert sum(one.daily for one in said) == 2 * 29

    engine = wire(settings=settings, log=log, business=clock)
    report = await doctor_report(engine)
    again = await replay_ledger(engine)
    await engine.database.dispose()
    assert (report["facts"], report["parked"], any(report["lag"].values())) == (3, {}, False)
    assert report["opened"] == {PLAN: "2020-02-03"}
    assert (again["missing"], again["surplus"]) == (0, 0)


async def everything_said(log: EmbeddedLog) -> list[IndicatorJudged]:
    consumer = log.consumer(group="test", topics=["results"])
    await consumer.start()
    found: list[IndicatorJudged] = []
    try:
        ends = await log.end_offsets(["results"])
        while (await consumer.assignment()).generation == 0:
            await asyncio.sleep(0.02)
        await consumer.seek(dict.fromkeys((await consumer.assignment()).partitions, 0))
        while len(found) < sum(ends.values()):
            for batch in await consumer.fetch(max_records=5000, timeout=timedelta(seconds=1)):
                for record in batch.records:
                    event = read(from_kafka(record.value, record.headers))
                    assert isinstance(event, IndicatorJudged)
                    found.append(event)
    finally:
        await consumer.stop()
    return found
