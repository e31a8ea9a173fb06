"""The job `python -m shared_kit.delivery.topics`: creates the catalogue's topics on Apache Kafka.

Services create what is absent when they start, with one copy of each; this job runs before them,
once, where a cluster is to keep more copies, or where services may not create topics.
"""

import asyncio
import sys

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared_kit.events.topics import TOPICS
from shared_kit.messaging.errors import LogError
from shared_kit.messaging.kafka import KafkaLog
from shared_kit.settings import OutsideSettings


class Settings(OutsideSettings):
    """What the job can be told from outside."""

    model_config = SettingsConfigDict(env_prefix="WCOPLAN_TOPICS__", frozen=True, extra="ignore")

    kafka_bootstrap: str = Field(
        default="", description="host:port[,host:port] of Apache Kafka; must be given."
    )
    topic_prefix: str = Field(
        default="strategy.",
        pattern=r"^[a-zA-Z0-9._-]*$",
        description="Stands before each topic's name; the same as the services'.",
    )
    replication_factor: int = Field(
        default=1, ge=1, le=9, description="Copies of each partition; a cluster wants 3."
    )


async def create(*, settings: Settings) -> None:
    """Create the topics that are absent, and compare the others. Safe to repeat.

    Raises:
        TopicDiffersError: a topic is there with another number of partitions.
        LogUnavailableError: Kafka does not answer.
    """
    log = KafkaLog(
        settings.kafka_bootstrap,
        settings.topic_prefix,
        client_id="topics",
        replication_factor=settings.replication_factor,
    )
    try:
        await log.create_topics(tuple(TOPICS.values()))
    finally:
        await log.stop()


def main() -> int:
    """Create the topics; 0 when they are there as the catalogue says, else 1 or 2."""
    settings = Settings()
    if not settings.kafka_bootstrap:
        sys.stderr.write("WCOPLAN_TOPICS__KAFKA_BOOTSTRAP names no Apache Kafka\n")
        return 2
    try:
        asyncio.run(create(settings=settings))
    except LogError as error:
        sys.stderr.write(f"topics: {error}\n")
        return 1
    for topic in TOPICS.values():
        sys.stdout.write(f"{settings.topic_prefix}{topic.name}: {topic.partitions} partitions\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
