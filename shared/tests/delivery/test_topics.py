"""The job that creates topics, on a real Apache Kafka."""

import asyncio
import os
import subprocess
import sys

import pytest

from shared_kit.delivery.topics import Settings, create
from shared_kit.events.topics import TOPICS
from shared_kit.messaging.errors import TopicDiffersError
from shared_kit.messaging.kafka import KafkaLog
from shared_kit.messaging.log import TopicSpec
from shared_kit.testing.processes import free_port


class Other:
    """A topic as somebody else made it."""

    name = "work"
    partitions = 2
    max_message_bytes = 1024 * 1024


async def partitions(bootstrap: str, prefix: str) -> dict[str, int]:
    log = KafkaLog(bootstrap, prefix)
    try:
        ends = await log.end_offsets(tuple(TOPICS))
    finally:
        await log.stop()
    return {name: sum(place.topic == name for place in ends) for name in TOPICS}


def run(**variables: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("WCOPLAN_")}
    return subprocess.run(
        [sys.executable, "-m", "shared_kit.delivery.topics"],
        env={**own, **{f"WCOPLAN_TOPICS__{name}": value for name, value in variables.items()}},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_creates_the_topics_of_the_catalogue_twice_over(
    kafka: str, topic_prefix: str
) -> None:
    settings = Settings(kafka_bootstrap=kafka, topic_prefix=topic_prefix)

    await create(settings=settings)
    await create(settings=settings)

    expected = {topic.name: topic.partitions for topic in TOPICS.values()}
    assert await partitions(kafka, topic_prefix) == expected


async def test_refuses_a_topic_with_other_partitions(kafka: str, topic_prefix: str) -> None:
    other: TopicSpec = Other()
    log = KafkaLog(kafka, topic_prefix)
    await log.create_topics([other])
    await log.stop()

    with pytest.raises(TopicDiffersError, match="has 2 partitions, not 6"):
        await create(settings=Settings(kafka_bootstrap=kafka, topic_prefix=topic_prefix))


@pytest.mark.slow
async def test_the_command_says_what_is_there(kafka: str, topic_prefix: str) -> None:
    done = await asyncio.to_thread(run, KAFKA_BOOTSTRAP=kafka, TOPIC_PREFIX=topic_prefix)

    assert done.returncode == 0, done.stderr
    assert f"{topic_prefix}activity: 12 partitions" in done.stdout


@pytest.mark.slow
def test_the_command_fails_where_no_kafka_answers() -> None:
    done = run(KAFKA_BOOTSTRAP=f"127.0.0.1:{free_port()}")

    assert done.returncode == 1
    assert "topics: Kafka:" in done.stderr


def test_the_command_asks_for_an_address() -> None:
    done = run()

    assert done.returncode == 2
    assert "WCOPLAN_TOPICS__KAFKA_BOOTSTRAP" in done.stderr
