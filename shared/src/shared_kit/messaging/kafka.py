"""The event log on Apache Kafka: aiokafka behind guards, because a producer of it can hang.

What the guards are for was measured: with the broker dead, an idempotent producer neither fails
nor stops (aiokafka #1101); an error in a rebalance listener is swallowed, and reading goes on
somewhere else. So every call has a deadline, a producer that missed one is thrown away, and no
record is given out that does not join on to the position that the user has set.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    KafkaError,
    MessageSizeTooLargeError,
    TopicAlreadyExistsError,
    UnknownTopicOrPartitionError,
    for_code,
)

from shared_kit.messaging.errors import (
    LogUnavailableError,
    MessageRefusedError,
    TopicDiffersError,
    UnknownTopicError,
)
from shared_kit.messaging.kafka_consumer import KafkaLogConsumer, Names
from shared_kit.messaging.log import Message, TopicPartition, TopicSpec
from shared_kit.messaging.partitioner import choose

logger = logging.getLogger(__name__)
_T = TypeVar("_T")

# The catalogue's limit is for the value; a record has a key, headers and framing beside it.
ENVELOPE_BYTES = 64 * 1024
_LARGEST_REQUEST = 9 * 1024 * 1024


class KafkaLog:
    """An `EventLog` on a Kafka cluster. No transactions: offsets live with the results instead."""

    def __init__(
        self,
        bootstrap: str,
        prefix: str,
        *,
        client_id: str = "wcoplan",
        session_timeout: timedelta = timedelta(seconds=10),
        publish_within: timedelta = timedelta(seconds=10),
        stop_within: timedelta = timedelta(seconds=3),
        fetch_wait: timedelta = timedelta(milliseconds=250),
        replication_factor: int = 1,
    ) -> None:
        self._bootstrap = bootstrap
        self._prefix = prefix
        self._names = Names(prefix)
        self._client_id = client_id
        self._session_timeout = session_timeout
        self._within = publish_within.total_seconds()
        self._stop_within = stop_within.total_seconds()
        self._fetch_wait = fetch_wait
        self._replication_factor = replication_factor
        self._producer: AIOKafkaProducer | None = None
        self._asker: AIOKafkaConsumer | None = None
        self._known: dict[str, int] = {}
        self._building = asyncio.Lock()

    async def start(self) -> None:
        await self._bounded(self._ready_producer)

    async def stop(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await self._discard(producer)
        await self._forget_asker()

    async def create_topics(self, topics: Sequence[TopicSpec]) -> None:
        async def create() -> None:
            admin = AIOKafkaAdminClient(
                bootstrap_servers=self._bootstrap, client_id=self._client_id
            )
            await admin.start()
            try:
                answer = await admin.create_topics([self._new_topic(spec) for spec in topics])
            finally:
                await admin.close()
            for name, code, *_ in answer.topic_errors:
                error = for_code(code)
                if code and error is not TopicAlreadyExistsError:
                    raise error(f"{name} was not created")

        await self._bounded(create)
        for spec in topics:
            await self._check(spec)

    async def publish(self, messages: Sequence[Message]) -> None:
        if messages:
            await self._bounded(lambda: self._send(messages), spoils_producer=True)

    def consumer(self, *, group: str, topics: Sequence[str]) -> KafkaLogConsumer:
        """Return a member of a group; the prefix keeps the groups of two systems apart too."""
        return KafkaLogConsumer(
            bootstrap=self._bootstrap,
            names=self._names,
            client_id=self._client_id,
            group=f"{self._prefix}{group}",
            topics=topics,
            session_timeout=self._session_timeout,
            fetch_wait=self._fetch_wait,
            within=self._within,
            stop_within=self._stop_within,
            largest_fetch=_LARGEST_REQUEST,
        )

    async def start_offsets(self, topics: Sequence[str]) -> Mapping[TopicPartition, int]:
        return await self._ask(topics, lambda asker, places: asker.beginning_offsets(places))

    async def end_offsets(self, topics: Sequence[str]) -> Mapping[TopicPartition, int]:
        return await self._ask(topics, lambda asker, places: asker.end_offsets(places))

    async def _send(self, messages: Sequence[Message]) -> None:
        producer = await self._ready_producer()
        wanted = {self._names.outside(topic) for topic in {message.topic for message in messages}}
        if not wanted <= self._known.keys():
            # `send` would wait for an unknown topic until it times out.
            await self._partitions(wanted)
        acknowledged = [
            await producer.send(
                self._names.outside(message.topic),
                value=message.value,
                key=None if message.key is None else message.key.encode(),
                headers=list(message.headers),
            )
            for message in messages
        ]
        await asyncio.gather(*acknowledged)

    async def _ready_producer(self) -> AIOKafkaProducer:
        async with self._building:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    bootstrap_servers=self._bootstrap,
                    client_id=self._client_id,
                    acks="all",
                    enable_idempotence=True,
                    compression_type="lz4",
                    max_request_size=_LARGEST_REQUEST,
                    max_batch_size=256 * 1024,
                    partitioner=choose,
                    request_timeout_ms=int(self._within * 1000),
                    retry_backoff_ms=50,
                )
                try:
                    await producer.start()
                except BaseException:
                    await self._discard(producer)
                    raise
                self._producer = producer
            return self._producer

    async def _discard(self, producer: AIOKafkaProducer) -> None:
        """Stop a producer, by force where it does not stop by itself."""
        stopping = asyncio.ensure_future(producer.stop())
        await asyncio.wait({stopping}, timeout=self._stop_within)
        if stopping.done():
            with suppress(KafkaError, OSError):
                stopping.result()
            return
        stopping.cancel()
        logger.warning("producer abandoned", extra={"client": self._client_id})
        # Its sender would go on trying for ever, and could send after its successor.
        with suppress(KafkaError, OSError, TimeoutError):
            async with asyncio.timeout(self._stop_within):
                await producer._sender.close()  # noqa: SLF001 - `stop` is what hangs
                await producer.client.close()

    async def _bounded(
        self, work: Callable[[], Awaitable[_T]], *, spoils_producer: bool = False
    ) -> _T:
        """Do it within the deadline, and translate what the library raises."""
        try:
            async with asyncio.timeout(self._within):
                return await work()
        except MessageSizeTooLargeError as error:
            raise MessageRefusedError(str(error)) from error
        except UnknownTopicOrPartitionError as error:
            raise UnknownTopicError(str(error)) from error
        except (KafkaError, OSError, TimeoutError) as error:
            producer = self._producer
            if spoils_producer and producer is not None:
                self._producer = None
                await self._discard(producer)
            raise LogUnavailableError(f"Kafka: {error!r}") from error

    async def _ask(
        self,
        topics: Sequence[str],
        question: Callable[
            [AIOKafkaConsumer, list[KafkaPartition]], Awaitable[Mapping[KafkaPartition, int]]
        ],
    ) -> Mapping[TopicPartition, int]:
        async def ask() -> Mapping[TopicPartition, int]:
            found = await self._partitions({self._names.outside(topic) for topic in topics})
            places = [
                KafkaPartition(name, n) for name, count in found.items() for n in range(count)
            ]
            answer = await question(await self._ready_asker(), places)
            return {self._names.inside(place): offset for place, offset in answer.items()}

        try:
            return await self._bounded(ask)
        except LogUnavailableError:
            await self._forget_asker()
            raise

    async def _ready_asker(self) -> AIOKafkaConsumer:
        async with self._building:
            if self._asker is None:
                asker = AIOKafkaConsumer(
                    bootstrap_servers=self._bootstrap,
                    client_id=self._client_id,
                    # Ends are those that a reader can reach.
                    isolation_level="read_committed",
                    request_timeout_ms=int(self._within * 1000),
                )
                self._asker = asker
                await asker.start()
            return self._asker

    async def _forget_asker(self) -> None:
        asker, self._asker = self._asker, None
        if asker is not None:
            with suppress(KafkaError, OSError, TimeoutError):
                async with asyncio.timeout(self._stop_within):
                    await asker.stop()

    def _new_topic(self, spec: TopicSpec) -> NewTopic:
        return NewTopic(
            self._names.outside(spec.name),
            num_partitions=spec.partitions,
            replication_factor=self._replication_factor,
            topic_configs={
                "max.message.bytes": str(spec.max_message_bytes + ENVELOPE_BYTES),
                "cleanup.policy": "delete",
                "retention.ms": "-1",
                "retention.bytes": "-1",
            },
        )

    async def _check(self, spec: TopicSpec) -> None:
        """Wait until a topic can be used, and compare it with what was asked for."""
        name = self._names.outside(spec.name)

        async def partitions() -> int:
            while True:
                try:
                    return (await self._partitions({name}))[name]
                except UnknownTopicError:
                    await asyncio.sleep(0.05)

        found = await self._bounded(partitions)
        if found != spec.partitions:
            raise TopicDiffersError(f"{name} has {found} partitions, not {spec.partitions}")

    async def _partitions(self, names: Set[str]) -> Mapping[str, int]:
        """Return how many partitions each topic has; a number never changes here."""
        if not names <= self._known.keys():
            producer = await self._ready_producer()
            found = await producer.client.fetch_all_metadata()
            for name in names & found.topics():
                self._known[name] = len(found.partitions_for_topic(name))
        if missing := names - self._known.keys():
            raise UnknownTopicError(f"no topic {', '.join(sorted(missing))}")
        return {name: self._known[name] for name in names}
