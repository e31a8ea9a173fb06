"""What is Kafka's own: groups that hand partitions over, foreign transactions, a dead broker."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from aiokafka import AIOKafkaProducer

from shared_kit.messaging.errors import AssignmentChangedError, LogUnavailableError
from shared_kit.messaging.kafka import KafkaLog
from shared_kit.messaging.log import LogConsumer, Message, TopicPartition
from shared_kit.testing.kafka import KafkaNode

SHORT = timedelta(milliseconds=300)
WORK = TopicPartition("work", 0)


@dataclass(frozen=True)
class Topic:
    name: str
    partitions: int = 1
    max_message_bytes: int = 1024 * 1024


def a_log(bootstrap: str, prefix: str) -> KafkaLog:
    return KafkaLog(
        bootstrap,
        prefix,
        session_timeout=timedelta(milliseconds=1500),
        publish_within=timedelta(seconds=2),
        stop_within=timedelta(seconds=1),
        fetch_wait=timedelta(milliseconds=50),
    )


@pytest.fixture
async def log(kafka: str, topic_prefix: str) -> AsyncIterator[KafkaLog]:
    made = a_log(kafka, topic_prefix)
    await made.start()
    yield made
    await made.stop()


async def _settled(consumers: list[LogConsumer], *, each: int) -> list[frozenset[TopicPartition]]:
    """Let the group rebalance until each member has so many partitions."""
    async with asyncio.timeout(20):
        while True:
            shares = [(await consumer.assignment()).partitions for consumer in consumers]
            if [len(share) for share in shares] == [each] * len(consumers):
                return shares
            await asyncio.sleep(0.1)


async def test_a_group_shares_its_partitions_and_hands_them_over(
    log: KafkaLog, topic_prefix: str
) -> None:
    await log.create_topics([Topic("work", 6)])
    first = log.consumer(group=topic_prefix, topics=["work"])
    await first.start()
    await _settled([first], each=6)

    second = log.consumer(group=topic_prefix, topics=["work"])
    await second.start()
    shares = await _settled([first, second], each=3)
    await second.stop()
    [alone] = await _settled([first], each=6)
    await first.stop()

    assert shares[0] | shares[1] == alone
    assert not shares[0] & shares[1]


async def test_a_fetch_says_that_the_assignment_changed_and_gives_nothing_unplaced(
    log: KafkaLog, topic_prefix: str
) -> None:
    await log.create_topics([Topic("work", 2)])
    await log.publish([Message("work", f"{n}", b"v") for n in range(20)])
    first = log.consumer(group=topic_prefix, topics=["work"])
    await first.start()
    await _settled([first], each=2)

    unplaced = await first.fetch(max_records=100, timeout=SHORT)
    second = log.consumer(group=topic_prefix, topics=["work"])
    await second.start()
    with pytest.raises(AssignmentChangedError):
        await _fetch_for_ever(first)
    await second.stop()
    await first.stop()

    assert not unplaced


async def _fetch_for_ever(consumer: LogConsumer) -> None:
    async with asyncio.timeout(20):
        while True:
            await consumer.fetch(max_records=100, timeout=SHORT)


async def test_what_was_committed_to_kafka_places_nobody(log: KafkaLog, topic_prefix: str) -> None:
    await log.create_topics([Topic("work")])
    await log.publish([Message("work", "k", f"{n}".encode()) for n in range(5)])
    before = log.consumer(group=topic_prefix, topics=["work"])
    await before.start()
    await _settled([before], each=1)
    await before.seek({WORK: 0})
    await before.report({WORK: 5})
    await before.stop()

    after = log.consumer(group=topic_prefix, topics=["work"])
    await after.start()
    await _settled([after], each=1)
    unplaced = await after.fetch(max_records=10, timeout=SHORT)
    await after.seek({WORK: 2})
    [batch] = await after.fetch(max_records=10, timeout=timedelta(seconds=5))
    await after.stop()

    assert not unplaced
    assert [record.offset for record in batch.records] == [2, 3, 4]


async def test_vouches_for_the_gaps_that_a_foreign_producers_transactions_leave(
    log: KafkaLog, kafka: str, topic_prefix: str
) -> None:
    """Their markers take offsets: without this, one such producer would stop every consumer."""
    await log.create_topics([Topic("work")])
    foreign = AIOKafkaProducer(bootstrap_servers=kafka, transactional_id=f"{topic_prefix}foreign")
    await foreign.start()
    async with foreign.transaction():
        await foreign.send_and_wait(f"{topic_prefix}work", b"kept")
    await foreign.begin_transaction()
    await foreign.send_and_wait(f"{topic_prefix}work", b"aborted")
    await foreign.abort_transaction()
    await foreign.stop()
    await log.publish([Message("work", "k", b"ours")])
    consumer = log.consumer(group=topic_prefix, topics=["work"])
    await consumer.start()
    await _settled([consumer], each=1)
    await consumer.seek({WORK: 0})

    values: list[bytes | None] = []
    end = 0
    async with asyncio.timeout(20):
        while end < (await log.end_offsets(["work"]))[WORK]:
            for batch in await consumer.fetch(max_records=100, timeout=SHORT):
                assert batch.first == end
                values.extend(record.value for record in batch.records)
                end = batch.end
    await consumer.stop()

    assert values == [b"kept", b"ours"]
    assert end == 5


async def test_a_dead_broker_is_told_in_time_and_a_hung_producer_replaced(
    own_kafka: Callable[[], KafkaNode], topic_prefix: str
) -> None:
    node = own_kafka()
    log = a_log(node.bootstrap, topic_prefix)
    await log.start()
    await log.create_topics([Topic("work")])
    await log.publish([Message("work", "k", b"before")])
    loop = asyncio.get_running_loop()

    node.kill()
    began = loop.time()
    with pytest.raises(LogUnavailableError):
        await log.publish([Message("work", "k", b"lost?")])
    failed_after = loop.time() - began
    node.restart()
    await log.publish([Message("work", "k", b"after")])
    ends = await log.end_offsets(["work"])
    node.kill()
    began = loop.time()
    await log.stop()
    stopped_after = loop.time() - began

    assert failed_after < 6
    assert stopped_after < 4
    assert ends[WORK] in (2, 3)
