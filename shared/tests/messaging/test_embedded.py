"""What is the embedded log's own: order of appends, its sweep; with the counter-proof."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
import pytest

from shared_kit.messaging.dsn import dsn
from shared_kit.messaging.embedded import EmbeddedLog
from shared_kit.messaging.errors import LogUnavailableError, OutsideLogError
from shared_kit.messaging.log import LogConsumer, Message, TopicPartition
from shared_kit.testing.plugin import MakeDatabase

SHORT = timedelta(milliseconds=300)
WORK = TopicPartition("work", 0)


@dataclass(frozen=True)
class Topic:
    name: str
    partitions: int = 1
    max_message_bytes: int = 1024 * 1024


@pytest.fixture
def url(database: MakeDatabase) -> str:
    return database("event-log")


@pytest.fixture
async def log(url: str) -> AsyncIterator[EmbeddedLog]:
    made = EmbeddedLog(url, "strategy.", sweep=timedelta(milliseconds=200))
    await made.start()
    await made.create_topics([Topic("work")])
    yield made
    await made.stop()


async def reader(log: EmbeddedLog) -> LogConsumer:
    consumer = log.consumer(group="readers", topics=["work"])
    await consumer.start()
    await consumer.assignment()
    await consumer.seek({WORK: 0})
    return consumer


async def test_reading_a_sequence_by_greater_than_last_loses_rows(url: str) -> None:
    """The negative control: why an append locks its partition instead of taking a number."""
    await _run(url, "CREATE TABLE naive (id bigserial PRIMARY KEY, said text)")
    writing = asyncio.gather(*(_write_slowly(url, writer) for writer in range(8)))

    connection = await asyncpg.connect(dsn(url))
    seen: list[int] = []
    while True:
        done = writing.done()
        rows = await connection.fetch(
            "SELECT id FROM naive WHERE id > $1 ORDER BY id", seen[-1] if seen else 0
        )
        seen.extend(row[0] for row in rows)
        if done and not rows:
            break
        await asyncio.sleep(0)
    written = await connection.fetchval("SELECT count(*) FROM naive")
    await connection.close()

    assert written == 8 * 40
    assert len(seen) < written


async def _write_slowly(url: str, writer: int) -> None:
    connection = await asyncpg.connect(dsn(url))
    dice = random.Random(writer)
    for n in range(40):
        async with connection.transaction():
            await connection.execute("INSERT INTO naive (said) VALUES ($1)", f"{writer}:{n}")
            await asyncio.sleep(dice.uniform(0, 0.006))
    await connection.close()


async def test_an_append_that_waits_to_commit_hides_no_later_one(
    log: EmbeddedLog, url: str
) -> None:
    """The later append waits for the earlier one: nothing can become visible out of order."""
    consumer = await reader(log)
    connection = await asyncpg.connect(dsn(url))
    slow = connection.transaction()
    await slow.start()
    await connection.execute("SELECT 1 FROM log_partition FOR UPDATE")

    publishing = asyncio.create_task(log.publish([Message("work", "k", b"later")]))
    found = await consumer.fetch(max_records=10, timeout=SHORT)
    still_waits = not publishing.done()
    await slow.rollback()
    await publishing
    await connection.close()
    [batch] = await consumer.fetch(max_records=10, timeout=SHORT)
    await consumer.stop()

    assert not found
    assert still_waits
    assert [record.offset for record in batch.records] == [0]


async def test_appends_to_the_same_partitions_in_another_order_do_not_deadlock(
    log: EmbeddedLog,
) -> None:
    await log.create_topics([Topic("plan")])

    await asyncio.gather(
        *(
            log.publish([Message(topic, "k", b"v") for topic in order])
            for order in [("work", "plan"), ("plan", "work")] * 20
        )
    )

    assert set((await log.end_offsets(["work", "plan"])).values()) == {40}


async def test_reads_on_by_its_sweep_while_the_wake_up_connection_is_lost(
    log: EmbeddedLog, url: str
) -> None:
    consumer = await reader(log)
    await log.publish([Message("work", "k", b"1")])
    await consumer.fetch(max_records=10, timeout=SHORT)

    await _run(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'wcoplan log wake-ups'",
    )
    await log.publish([Message("work", "k", b"2")])
    [batch] = await consumer.fetch(max_records=10, timeout=timedelta(seconds=5))
    await consumer.stop()

    assert batch.records[0].value == b"2"


async def test_a_log_cut_off_at_the_front_is_an_error_for_who_reads_there(
    log: EmbeddedLog, url: str
) -> None:
    await log.publish([Message("work", "k", f"{n}".encode()) for n in range(5)])
    consumer = await reader(log)

    await _run(url, "DELETE FROM log_record WHERE position < 2")
    await _run(url, "UPDATE log_partition SET start_offset = 2")

    with pytest.raises(OutsideLogError):
        await consumer.fetch(max_records=10, timeout=SHORT)
    await consumer.seek({WORK: 2})
    [batch] = await consumer.fetch(max_records=10, timeout=SHORT)
    await consumer.stop()
    assert batch.first == 2


async def test_a_busy_partition_does_not_keep_the_others_waiting(url: str) -> None:
    log = EmbeddedLog(url, "strategy.")
    await log.start()
    await log.create_topics([Topic("work", 2)])
    await log.publish([Message("work", f"{n}", b"v") for n in range(1000)])
    consumer = log.consumer(group="readers", topics=["work"])
    await consumer.start()
    await consumer.seek(dict.fromkeys((await consumer.assignment()).partitions, 0))

    firsts = {
        batch.partition.partition
        for _ in range(2)
        for batch in await consumer.fetch(max_records=10, timeout=SHORT)
    }
    await consumer.stop()
    await log.stop()

    assert firsts == {0, 1}


async def test_says_that_it_is_unavailable_within_its_deadline() -> None:
    log = EmbeddedLog(
        "postgresql+asyncpg://nobody@127.0.0.1:9/none", "", publish_within=timedelta(seconds=1)
    )

    with pytest.raises(LogUnavailableError):
        await log.start()
    with pytest.raises(LogUnavailableError):
        await log.publish([Message("work", "k", b"v")])
    await log.stop()


async def _run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn(url))
    await connection.execute(statement)
    await connection.close()
