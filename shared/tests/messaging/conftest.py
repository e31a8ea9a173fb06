"""Both logs, for the suite that they have to pass alike."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest

from shared_kit.messaging.embedded import EmbeddedLog
from shared_kit.messaging.kafka import KafkaLog
from shared_kit.messaging.log import EventLog, LogConsumer
from shared_kit.testing.plugin import MakeDatabase

MakeLog = Callable[[], EventLog]
Join = Callable[..., Awaitable[LogConsumer]]


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def make_log(request: pytest.FixtureRequest, database: MakeDatabase, topic_prefix: str) -> MakeLog:
    """Logs of one test share its database or the broker, and the prefix."""
    if request.param == "kafka":
        bootstrap: str = request.getfixturevalue("kafka")
        return lambda: KafkaLog(
            bootstrap,
            topic_prefix,
            session_timeout=timedelta(milliseconds=1500),
            fetch_wait=timedelta(milliseconds=50),
        )
    url = database("event-log")
    return lambda: EmbeddedLog(url, topic_prefix)


@pytest.fixture
async def log(make_log: MakeLog) -> AsyncIterator[EventLog]:
    made = make_log()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def join(log: EventLog, topic_prefix: str) -> AsyncIterator[Join]:
    """Started consumers of one group; stopped after the test."""
    consumers: list[LogConsumer] = []

    async def make(*topics: str) -> LogConsumer:
        consumer = log.consumer(group=f"{topic_prefix}readers", topics=topics)
        consumers.append(consumer)
        await consumer.start()
        return consumer

    yield make
    for consumer in consumers:
        await consumer.stop()
