"""The notifier as a process on Apache Kafka, killed where it hurts, and started again."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from services.notifier.tests.builders import (
    PLAN,
    a_judgement,
    a_plan,
    a_record,
    a_sample,
    a_unit,
    planned,
)
from services.notifier.tests.conftest import a_notifier, migrate_notifier
from services.notifier.tests.stream_reader import reading
from shared_kit.delivery.crashpoints import KILLED
from shared_kit.events.base import Event
from shared_kit.events.topics import TOPICS
from shared_kit.messaging.kafka import KafkaLog
from shared_kit.messaging.log import Message
from shared_kit.testing.plugin import MakeDatabase
from shared_kit.testing.processes import Processes, free_port


@pytest.fixture
async def log(kafka: str, topic_prefix: str) -> AsyncIterator[KafkaLog]:
    made = KafkaLog(kafka, topic_prefix)
    await made.start()
    await made.create_topics(tuple(TOPICS.values()))
    yield made
    await made.stop()


async def say(log: KafkaLog, *events: Event) -> None:
    messages = []
    for event in events:
        record = a_record(event)
        messages.append(
            Message(event.topic, event.partition_key, record.value, tuple(record.headers))
        )
    await log.publish(messages)


async def settled(client: httpx.AsyncClient) -> None:
    quiet = 0
    async with asyncio.timeout(40):
        while quiet < 2:
            answer = await client.get("/progress")
            quiet = (
                quiet + 1 if answer.status_code == 200 and not any(answer.json().values()) else 0
            )
            await asyncio.sleep(0.1)


def settings(port: int, *, kafka: str, prefix: str, mail: Path) -> dict[str, str]:
    return {
        "WCOPLAN_NOTIFIER__KAFKA_BOOTSTRAP": kafka,
        "WCOPLAN_NOTIFIER__KAFKA_SESSION_TIMEOUT_MS": "1500",
        "WCOPLAN_NOTIFIER__TOPIC_PREFIX": prefix,
        "WCOPLAN_NOTIFIER__AUTH": "demo",
        "WCOPLAN_NOTIFIER__BUSINESS_CLOCK": "2020-02-03T09:00:00+01:00",
        "WCOPLAN_NOTIFIER__PORT": str(port),
        "WCOPLAN_NOTIFIER__MAIL_DIR": str(mail),
    }


def armed(point: str) -> dict[str, str]:
    return {"WCOPLAN_FAILPOINTS": point, "WCOPLAN_ALLOW_FAILPOINTS": "1"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "point",
    [
        "notifier-after-evaluate",
        "consumer-before-commit",
        "notifier-before-commit",
        "notifier-after-commit",
        "relay-after-send",
    ],
)
async def test_killed_at_any_point_it_tells_exactly_once(
    point: str,
    log: KafkaLog,
    kafka: str,
    topic_prefix: str,
    database: MakeDatabase,
    processes: Processes,
    tmp_path: Path,
) -> None:
    port = free_port()
    environment = {
        **settings(port, kafka=kafka, prefix=topic_prefix, mail=tmp_path / "mail"),
        "WCOPLAN_NOTIFIER__DATABASE_URL": database("notifier", migrate=migrate_notifier),
    }
    await say(log, a_plan(), a_unit(), a_judgement(a_sample()))

    victim = processes.start("notifier", "serve", environment=environment | armed(point))
    assert await asyncio.to_thread(victim.wait_end) == KILLED
    survivor = processes.start("notifier", "serve", environment=environment, name="survivor")
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        await asyncio.to_thread(survivor.wait_ready, f"http://127.0.0.1:{port}/readyz")
        await settled(client)
        items = (await client.get("/api/v1/inbox")).json()["items"]
        alerts = (await client.get("/api/v1/alerts")).json()["items"]
    # uvicorn shuts down in order, then ends the process by the signal that it was sent.
    assert await asyncio.to_thread(survivor.terminate) in (0, -signal.SIGTERM)

    assert [item["kind"] for item in items] == ["raised"]
    assert [alert["level"] for alert in alerts] == ["critical"]
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "point", ["notifier-after-evaluate", "notifier-before-commit", "notifier-after-commit"]
)
async def test_killed_while_it_reminds_it_reminds_exactly_once(
    point: str,
    log: KafkaLog,
    kafka: str,
    topic_prefix: str,
    database: MakeDatabase,
    processes: Processes,
    tmp_path: Path,
) -> None:
    mail = tmp_path / "mail"
    async with a_notifier(database, mail) as heard:
        await heard.on_sunday(planned(1), planned(2))
    port = free_port()
    environment = {
        **settings(port, kafka=kafka, prefix=topic_prefix, mail=mail),
        "WCOPLAN_NOTIFIER__DATABASE_URL": heard.settings.database_url,
    }

    victim = processes.start("notifier", "serve", environment=environment | armed(point))
    assert await asyncio.to_thread(victim.wait_end) == KILLED
    survivor = processes.start("notifier", "serve", environment=environment, name="survivor")
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        await asyncio.to_thread(survivor.wait_ready, f"http://127.0.0.1:{port}/readyz")
        await settled(client)
        [item] = (await client.get("/api/v1/inbox")).json()["items"]
    assert await asyncio.to_thread(survivor.terminate) in (0, -signal.SIGTERM)

    assert [one["key"] for one in item["deliverables"]] == [f"{PLAN}:D-1", f"{PLAN}:D-2"]
    assert len(list(mail.glob("*.eml"))) == 1


@pytest.mark.slow
async def test_the_stream_of_a_killed_notifier_goes_on_without_a_gap_or_a_repeat(
    log: KafkaLog,
    kafka: str,
    topic_prefix: str,
    database: MakeDatabase,
    processes: Processes,
    tmp_path: Path,
) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environment = {
        **settings(port, kafka=kafka, prefix=topic_prefix, mail=tmp_path / "mail"),
        "WCOPLAN_NOTIFIER__DATABASE_URL": database("notifier", migrate=migrate_notifier),
    }

    async def judge(*revisions: int) -> None:
        await say(log, *(a_judgement(a_sample(revision=one, daily=False)) for one in revisions))

    heard: list[int] = []
    process = processes.start("notifier", "serve", environment=environment)
    await asyncio.to_thread(process.wait_ready, f"{address}/readyz")
    async with reading(address) as reader:
        await judge(*range(1, 11))
        told = await reader.told(4)
        heard += [json.loads(one.data)["revision"] for one in told]
        await judge(*range(11, 31))
        await asyncio.to_thread(process.kill)
    await judge(*range(31, 41))
    process = processes.start("notifier", "serve", environment=environment, name="again")
    await asyncio.to_thread(process.wait_ready, f"{address}/readyz")
    async with reading(address, after=told[-1].id) as reader:
        rest = await reader.told(36)
        # With the stream open, the end is an orderly one all the same.
        assert await asyncio.to_thread(process.terminate) in (0, -signal.SIGTERM)
        assert await reader.ended()
    heard += [json.loads(one.data)["revision"] for one in rest]

    assert heard == list(range(1, 41))
