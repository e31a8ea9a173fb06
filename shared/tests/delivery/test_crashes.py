"""Processes that die at every named point: nothing is lost, nothing counts twice."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_kit.clock import ManualClock
from shared_kit.delivery.crashpoints import KILLED, CrashPointsRefusedError, check
from shared_kit.delivery.rows import Tables
from shared_kit.delivery.transaction import transaction
from shared_kit.events.activity import SupportDeclined
from shared_kit.events.topics import TOPICS
from shared_kit.messaging.embedded import EmbeddedLog
from shared_kit.messaging.log import Message
from shared_kit.testing.plugin import MakeDatabase

Sessions = async_sessionmaker[AsyncSession]
WORKER = Path(__file__).with_name("worker.py")
RELAY = ("relay-after-read", "relay-after-send", "relay-after-mark")
CONSUMER = (
    "consumer-after-fetch",
    "consumer-after-apply",
    "consumer-before-commit",
    "consumer-after-commit",
)


@pytest.fixture
def log_url(database: MakeDatabase) -> str:
    return database("event-log")


@pytest.fixture
async def log(log_url: str, topic_prefix: str) -> AsyncIterator[EmbeddedLog]:
    made = EmbeddedLog(log_url, topic_prefix)
    await made.start()
    await made.create_topics([TOPICS["activity"]])
    yield made
    await made.stop()


def run_through_crashes(points: Sequence[str], *arguments: str, hits: Path) -> None:
    """Let the worker die once at each point, then let it end."""
    for point in points:
        environment = {
            "WCOPLAN_FAILPOINTS": f"{point}:1",
            "WCOPLAN_FAILPOINTS_FILE": str(hits),
            "WCOPLAN_ALLOW_FAILPOINTS": "1",
        }
        assert _run(*arguments, environment=environment) == KILLED
    assert _run(*arguments, environment={}) == 0
    assert [line.split()[0] for line in hits.read_text().splitlines()] == list(points)


def _run(*arguments: str, environment: Mapping[str, str]) -> int:
    return subprocess.run(
        [sys.executable, str(WORKER), *arguments],
        env={**os.environ, **environment},
        check=False,
        timeout=60,
    ).returncode


async def test_a_relay_that_dies_anywhere_loses_nothing_and_keeps_the_order(
    sessions: Sessions,
    tables: Tables,
    clock: ManualClock,
    log: EmbeddedLog,
    url: str,
    log_url: str,
    topic_prefix: str,
    tmp_path: Path,
) -> None:
    async with transaction(sessions, tables, clock=clock) as tx:
        for n in range(150):
            tx.outbox.add(SupportDeclined(request=f"REQ-{n % 7}", on=date(2020, 1, 31)), id=f"{n}")

    run_through_crashes(RELAY, "relay", url, log_url, topic_prefix, hits=tmp_path / "hits")

    consumer = log.consumer(group="look", topics=["activity"])
    await consumer.start()
    await consumer.seek(dict.fromkeys((await consumer.assignment()).partitions, 0))
    firsts: dict[bytes | None, dict[int, None]] = {}
    count = 0
    while batches := await consumer.fetch(max_records=5000, timeout=timedelta(0)):
        for batch in batches:
            for record in batch.records:
                count += 1
                firsts.setdefault(record.key, {})[int(dict(record.headers)["ce_id"])] = None
    await consumer.stop()
    assert sum(len(ids) for ids in firsts.values()) == 150
    assert all(list(ids) == sorted(ids) for ids in firsts.values())
    assert 0 < count - 150 <= len(RELAY) * 20


async def test_a_consumer_that_dies_anywhere_counts_every_record_once(
    sessions: Sessions, log: EmbeddedLog, url: str, log_url: str, topic_prefix: str, tmp_path: Path
) -> None:
    await log.publish([Message("activity", f"{n}", b"v") for n in range(150)])

    run_through_crashes(CONSUMER, "consumer", url, log_url, topic_prefix, hits=tmp_path / "hits")

    async with sessions() as session:
        rows = (await session.execute(text("SELECT partition, position FROM applied"))).all()
    assert len(rows) == 150
    assert len(set(rows)) == 150


@pytest.mark.parametrize(
    ("setting", "allowed"),
    [("relay-after-read:1", "0"), ("relay-after-reed:1", "1"), ("relay-after-read", "")],
)
def test_refuses_crash_points_that_are_not_allowed_or_do_not_exist(
    monkeypatch: pytest.MonkeyPatch, setting: str, allowed: str
) -> None:
    monkeypatch.setenv("WCOPLAN_FAILPOINTS", setting)
    monkeypatch.setenv("WCOPLAN_ALLOW_FAILPOINTS", allowed)

    with pytest.raises(CrashPointsRefusedError):
        check()
