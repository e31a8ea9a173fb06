"""The Kafka nodes of the test kit keep what they acknowledged through a kill."""

from collections.abc import Callable

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.consumer import AIOKafkaConsumer

from shared_kit.testing.kafka import KafkaNode, console_tool


async def create(bootstrap: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    await admin.close()


async def send(bootstrap: str, topic: str, values: list[bytes]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    for value in values:
        await producer.send_and_wait(topic, value)
    await producer.stop()


async def end_offset(bootstrap: str, topic: str) -> int:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    offsets = await consumer.end_offsets([TopicPartition(topic, 0)])
    await consumer.stop()
    end: int = offsets[TopicPartition(topic, 0)]
    return end


async def test_all_tests_share_one_node_and_none_its_topics(kafka: str, topic_prefix: str) -> None:
    topic = f"{topic_prefix}plan"

    await create(kafka, topic)
    await send(kafka, topic, [b"1", b"2"])

    assert await end_offset(kafka, topic) == 2


@pytest.mark.faults
async def test_what_was_acknowledged_survives_a_kill(own_kafka: Callable[[], KafkaNode]) -> None:
    node = own_kafka()
    await create(node.bootstrap, "plan")
    await send(node.bootstrap, "plan", [b"x"] * 100)

    node.restart()

    assert await end_offset(node.bootstrap, "plan") == 100


async def test_a_client_that_is_not_ours_reads_what_was_sent(kafka: str, topic_prefix: str) -> None:
    topic = f"{topic_prefix}plan"
    await create(kafka, topic)
    await send(kafka, topic, [b"from aiokafka"])

    read = console_tool(
        name="org.apache.kafka.tools.consumer.ConsoleConsumer",
        arguments=[
            *("--bootstrap-server", kafka, "--topic", topic),
            *("--from-beginning", "--max-messages", "1", "--timeout-ms", "20000"),
        ],
    )

    assert read == "from aiokafka\n"
