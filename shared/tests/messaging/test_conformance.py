"""What both logs promise: one suite, run on each."""

import asyncio
import os
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from shared_kit.messaging.errors import (
    AssignmentChangedError,
    MessageRefusedError,
    OutsideLogError,
    TopicDiffersError,
    UnknownTopicError,
)
from shared_kit.messaging.log import EventLog, LogConsumer, Message, Record, TopicPartition
from shared_kit.messaging.partitioner import partition_of

Join = Callable[..., Awaitable[LogConsumer]]
SHORT = timedelta(milliseconds=300)
MIB = 1024 * 1024


@dataclass(frozen=True)
class Topic:
    name: str
    partitions: int = 1
    max_message_bytes: int = MIB


async def placed(
    consumer: LogConsumer, *, at: int = 0, partitions: int | None = None
) -> frozenset[TopicPartition]:
    """Wait for an assignment (of so many partitions) and seek all of them to one offset."""
    for _ in range(100):
        assignment = await consumer.assignment()
        if assignment.partitions and partitions in (None, len(assignment.partitions)):
            await consumer.seek(dict.fromkeys(assignment.partitions, at))
            return assignment.partitions
        try:
            await consumer.fetch(max_records=1, timeout=SHORT)
        except AssignmentChangedError:
            continue
    raise AssertionError("no assignment")


async def read(consumer: LogConsumer, count: int) -> list[Record]:
    """Fetch until so many records came."""
    found: list[Record] = []
    async with asyncio.timeout(20):
        while len(found) < count:
            for batch in await consumer.fetch(max_records=5000, timeout=SHORT):
                found.extend(batch.records)
    return found


def said(count: int, *, topic: str = "work", keys: int = 1) -> Sequence[Message]:
    return [Message(topic, f"key-{n % keys}", f"{n}".encode()) for n in range(count)]


async def test_gives_back_what_was_published(log: EventLog, join: Join) -> None:
    await log.create_topics([Topic("work", 6)])
    before = datetime.now(tz=UTC) - timedelta(seconds=1)

    await log.publish(
        [Message("work", "a", b"x", (("ce_id", b"1"), ("ce_id", b"2"), ("odd", bytes(range(256)))))]
    )
    consumer = await join("work")
    await placed(consumer)
    [record] = await read(consumer, 1)

    assert (record.topic, record.partition, record.offset) == ("work", partition_of(b"a", 6), 0)
    assert (record.key, record.value) == (b"a", b"x")
    assert record.headers == (("ce_id", b"1"), ("ce_id", b"2"), ("odd", bytes(range(256))))
    assert before < record.timestamp < datetime.now(tz=UTC) + timedelta(seconds=1)


async def test_takes_null_keys_null_values_and_empty_ones(log: EventLog, join: Join) -> None:
    await log.create_topics([Topic("work", 3)])

    await log.publish(
        [Message("work", None, b"a"), Message("work", "", b""), Message("work", "k", None)]
    )
    consumer = await join("work")
    await placed(consumer)

    assert {(record.key, record.value) for record in await read(consumer, 3)} == {
        (None, b"a"),
        (b"", b""),
        (b"k", None),
    }


async def test_keeps_the_order_of_a_key_and_counts_offsets_from_0(
    log: EventLog, join: Join
) -> None:
    await log.create_topics([Topic("work", 6)])

    for begin in range(0, 300, 50):
        await log.publish(said(300, keys=20)[begin : begin + 50])
    consumer = await join("work")
    await placed(consumer)
    records = await read(consumer, 300)

    of_key, of_partition = defaultdict(list), defaultdict(list)
    for record in records:
        of_key[record.key].append(int(record.value or b""))
        of_partition[record.partition].append(record.offset)
    assert len(of_key) == 20
    assert all(values == sorted(values) for values in of_key.values())
    assert all(offsets == list(range(len(offsets))) for offsets in of_partition.values())


async def test_eight_writers_lose_nothing_and_readers_skip_nothing(
    log: EventLog, join: Join
) -> None:
    await log.create_topics([Topic("work", 3), Topic("plan")])
    consumer = await join("work", "plan")
    await placed(consumer)

    async def write(writer: int) -> None:
        for n in range(40):
            await log.publish(
                [
                    Message(topic, f"{writer}-{n % 5}", f"{writer}:{n}".encode())
                    for topic in ("work", "plan")
                ]
            )

    writing = asyncio.gather(*(write(writer) for writer in range(8)))
    records = await read(consumer, 640)
    await writing

    offsets, values = defaultdict(list), defaultdict(list)
    for record in records:
        offsets[record.topic, record.partition].append(record.offset)
        values[record.topic, (record.value or b"").partition(b":")[0]].append(record.value)
    assert all(found == list(range(len(found))) for found in offsets.values())
    assert all(len(set(found)) == 40 for found in values.values())


async def test_reads_again_from_where_it_is_told(log: EventLog, join: Join) -> None:
    await log.create_topics([Topic("work")])
    await log.publish(said(10))
    consumer = await join("work")
    await placed(consumer)
    await read(consumer, 10)

    await consumer.seek({TopicPartition("work", 0): 7})

    assert [record.offset for record in await read(consumer, 3)] == [7, 8, 9]


async def test_gives_at_most_max_records_and_goes_on_there(log: EventLog, join: Join) -> None:
    await log.create_topics([Topic("work", 2)])
    await log.publish(said(50, keys=9))
    consumer = await join("work")
    await placed(consumer)

    sizes: list[int] = []
    offsets = defaultdict[TopicPartition, list[int]](list)
    while sum(sizes) < 50:
        batches = await consumer.fetch(max_records=7, timeout=SHORT)
        sizes.append(sum(len(batch.records) for batch in batches))
        assert len({batch.partition for batch in batches}) == len(batches)
        for batch in batches:
            assert (batch.first, batch.end) == (
                batch.records[0].offset,
                batch.records[-1].offset + 1,
            )
            offsets[batch.partition].extend(record.offset for record in batch.records)

    assert max(sizes) == 7
    assert all(found == list(range(len(found))) for found in offsets.values())


async def test_carries_a_plan_of_8_mib(log: EventLog, join: Join) -> None:
    await log.create_topics([Topic("plan", 1, 8 * MIB), Topic("work")])
    snapshot = os.urandom(8 * MIB)

    await log.publish([Message("plan", "wco", snapshot), Message("plan", "wco", b"next")])
    consumer = await join("plan", "work")
    await placed(consumer)

    assert [record.value for record in await read(consumer, 2)] == [snapshot, b"next"]


async def test_refuses_what_is_too_large_and_stays_usable(log: EventLog, join: Join) -> None:
    await log.create_topics([Topic("work", 1, MIB)])

    with pytest.raises(MessageRefusedError):
        await log.publish([Message("work", "k", os.urandom(2 * MIB))])
    await log.publish([Message("work", "k", b"small")])

    consumer = await join("work")
    await placed(consumer)
    assert [record.value for record in await read(consumer, 1)] == [b"small"]


async def test_tells_where_the_log_begins_and_ends(log: EventLog) -> None:
    await log.create_topics([Topic("work", 2), Topic("plan")])
    await log.publish([Message("plan", "a", b"1"), Message("plan", "b", b"2")])

    ends = await log.end_offsets(["plan", "work"])

    assert ends == {
        TopicPartition("plan", 0): 2,
        TopicPartition("work", 0): 0,
        TopicPartition("work", 1): 0,
    }
    assert await log.start_offsets(["plan"]) == {TopicPartition("plan", 0): 0}


async def test_knows_no_topic_that_was_not_created(log: EventLog, topic_prefix: str) -> None:
    with pytest.raises(UnknownTopicError):
        await log.publish([Message("nowhere", "k", b"v")])
    with pytest.raises(UnknownTopicError):
        await log.end_offsets(["nowhere"])
    consumer = log.consumer(group=topic_prefix, topics=["nowhere"])
    with pytest.raises(UnknownTopicError):
        await consumer.start()


async def test_creates_topics_once_and_refuses_another_number_of_partitions(log: EventLog) -> None:
    await log.create_topics([Topic("work", 2)])
    await log.publish([Message("work", "k", b"v")])

    await log.create_topics([Topic("work", 2), Topic("plan")])

    assert sum((await log.end_offsets(["work"])).values()) == 1
    with pytest.raises(TopicDiffersError):
        await log.create_topics([Topic("work", 3)])


async def test_a_waiting_fetch_wakes_when_something_comes(log: EventLog, join: Join) -> None:
    await log.create_topics([Topic("work")])
    consumer = await join("work")
    await placed(consumer)
    loop = asyncio.get_running_loop()
    waits = []

    for n in range(5):
        fetching = asyncio.create_task(
            consumer.fetch(max_records=10, timeout=timedelta(seconds=20))
        )
        await asyncio.sleep(0.1)
        began = loop.time()
        await log.publish([Message("work", "k", f"{n}".encode())])
        [batch] = await fetching
        waits.append(loop.time() - began)
        assert [record.offset for record in batch.records] == [n]

    # The embedded log's sweep is at one second: it did not have to help.
    assert sorted(waits)[2] < 0.5


async def test_a_fetch_ends_when_its_time_is_over(log: EventLog, join: Join) -> None:
    await log.create_topics([Topic("work")])
    consumer = await join("work")
    await placed(consumer)
    loop = asyncio.get_running_loop()

    began = loop.time()
    found = await consumer.fetch(max_records=10, timeout=SHORT)

    assert not found
    assert loop.time() - began < 2


@pytest.mark.parametrize("at", [1, 100])
async def test_a_position_outside_the_log_is_an_error_and_never_a_reset(
    log: EventLog, join: Join, at: int
) -> None:
    await log.create_topics([Topic("work")])
    if at == 100:
        await log.publish(said(10))
    consumer = await join("work")
    await placed(consumer, at=at)

    with pytest.raises(OutsideLogError):
        await read(consumer, 1)


async def test_two_logs_on_one_prefix_see_each_other(
    log: EventLog, make_log: Callable[[], EventLog], join: Join
) -> None:
    await log.create_topics([Topic("work", 3)])
    other = make_log()
    await other.start()
    consumer = await join("work")
    await placed(consumer)

    await other.create_topics([Topic("work", 3)])
    await other.publish(said(30, keys=7))
    await other.stop()

    assert len(await read(consumer, 30)) == 30
