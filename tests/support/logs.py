"""The event log of a system that is not running: read whole, or filled before the first start."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from shared_kit.events.topics import TOPICS
from shared_kit.messaging.embedded import EmbeddedLog
from shared_kit.messaging.errors import AssignmentChangedError
from shared_kit.messaging.kafka import KafkaLog
from shared_kit.messaging.log import EventLog, Message, Record
from wcoplan.postgres import EmbeddedPostgres

WRITTEN_BY_PLAN_API = ("activity", "work", "plan")


@asynccontextmanager
async def log_at(home: Path) -> AsyncIterator[EventLog]:
    """The embedded log of a home folder."""
    server = EmbeddedPostgres(home=home)
    await asyncio.to_thread(server.start)
    try:
        await asyncio.to_thread(server.ensure_database, "event_log")
        async with running(EmbeddedLog(server.url("event_log"), "")) as log:
            yield log
    finally:
        await asyncio.to_thread(server.stop)


@asynccontextmanager
async def running(log: EmbeddedLog | KafkaLog) -> AsyncIterator[EventLog]:
    await log.start()
    try:
        await log.create_topics(tuple(TOPICS.values()))
        yield log
    finally:
        await log.stop()


async def all_of(
    log: EventLog, *, topics: Sequence[str] = WRITTEN_BY_PLAN_API
) -> Sequence[Message]:
    """All that plan-api has written, a topic after the other; in a partition in order."""
    ends = await log.end_offsets(topics)
    found: list[Record] = []
    consumer = log.consumer(group="whole", topics=topics)
    await consumer.start()
    try:
        async with asyncio.timeout(60):
            while len(found) < sum(ends.values()):
                try:
                    assigned = await consumer.assignment()
                    if not assigned.partitions:
                        await asyncio.sleep(0.02)  # the group has not settled yet
                        continue
                    await consumer.seek(dict.fromkeys(assigned.partitions, 0))
                    found = []
                    while len(found) < sum(ends.values()):
                        for batch in await consumer.fetch(
                            max_records=1000, timeout=timedelta(milliseconds=200)
                        ):
                            found.extend(batch.records)
                except AssignmentChangedError:
                    continue
    finally:
        await consumer.stop()
    found.sort(key=lambda one: (topics.index(one.topic), one.partition, one.offset))
    return [Message(one.topic, (one.key or b"").decode(), one.value, one.headers) for one in found]


def type_of(message: Message) -> str:
    [found] = [value for name, value in message.headers if name == "ce_type"]
    return found.decode()
