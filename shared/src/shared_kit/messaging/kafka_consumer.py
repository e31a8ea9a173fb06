"""One member of a Kafka consumer group, placed by its user and by nobody else."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.errors import (
    IllegalStateError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)

from shared_kit.messaging.errors import (
    AssignmentChangedError,
    LogUnavailableError,
    OutsideLogError,
    UnknownTopicError,
)
from shared_kit.messaging.log import Assignment, Batch, Record, TopicPartition

logger = logging.getLogger(__name__)


class Names:
    """Topic names: outside they carry the prefix."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def outside(self, topic: str) -> str:
        return self._prefix + topic

    def inside(self, place: KafkaPartition) -> TopicPartition:
        return TopicPartition(place.topic.removeprefix(self._prefix), place.partition)

    def place(self, partition: TopicPartition) -> KafkaPartition:
        return KafkaPartition(self._prefix + partition.topic, partition.partition)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """Only notes the new assignment: an error raised here would be swallowed."""

    def __init__(self) -> None:
        self.generation = 0
        self.partitions: frozenset[KafkaPartition] = frozenset()
        self.changed = asyncio.Event()

    def on_partitions_revoked(self, revoked: object) -> None:
        del revoked
        self._note(frozenset())

    def on_partitions_assigned(self, assigned: Sequence[KafkaPartition]) -> None:
        self._note(frozenset(assigned))

    def _note(self, partitions: frozenset[KafkaPartition]) -> None:
        self.generation += 1
        self.partitions = partitions
        self.changed.set()


class KafkaLogConsumer:
    """A `LogConsumer`. Gives out only what joins on to the positions that were sought."""

    def __init__(
        self,
        *,
        bootstrap: str,
        names: Names,
        client_id: str,
        group: str,
        topics: Sequence[str],
        session_timeout: timedelta,
        fetch_wait: timedelta,
        within: float,
        stop_within: float,
        largest_fetch: int,
    ) -> None:
        self._names = names
        self._topics = [names.outside(topic) for topic in topics]
        self._within = within
        self._stop_within = stop_within
        self._listener = _Listener()
        self._taken = 0
        self._positions: dict[KafkaPartition, int] = {}
        self._to_report: dict[KafkaPartition, int] = {}
        self._reporting: asyncio.Task[None] | None = None
        session_ms = int(session_timeout.total_seconds() * 1000)
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            client_id=client_id,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            session_timeout_ms=session_ms,
            heartbeat_interval_ms=session_ms // 3,
            fetch_max_wait_ms=int(fetch_wait.total_seconds() * 1000),
            max_partition_fetch_bytes=largest_fetch,
            fetch_max_bytes=2 * largest_fetch,
            retry_backoff_ms=50,
        )

    async def start(self) -> None:
        try:
            async with asyncio.timeout(self._within):
                await self._consumer.start()
                missing = set(self._topics) - await self._consumer.topics()
        except (KafkaError, OSError, TimeoutError) as error:
            await self.stop()
            raise LogUnavailableError(f"Kafka: {error!r}") from error
        if missing:
            await self.stop()
            raise UnknownTopicError(f"no topic {', '.join(sorted(missing))}")
        # After `start`, which otherwise waits for the group without a limit.
        self._consumer.subscribe(self._topics, listener=self._listener)

    async def stop(self) -> None:
        if self._reporting is not None:
            await asyncio.wait({self._reporting}, timeout=self._stop_within)
            self._reporting.cancel()
        with suppress(KafkaError, OSError, TimeoutError):
            async with asyncio.timeout(self._stop_within):
                await self._consumer.stop()

    async def assignment(self) -> Assignment:
        self._listener.changed.clear()
        self._taken = self._listener.generation
        self._positions = {}
        return Assignment(
            generation=self._taken,
            partitions=frozenset(map(self._names.inside, self._listener.partitions)),
        )

    async def seek(self, positions: Mapping[TopicPartition, int]) -> None:
        for partition, offset in positions.items():
            place = self._names.place(partition)
            # Gone meanwhile: the next fetch says that the assignment changed.
            with suppress(IllegalStateError):
                self._consumer.seek(place, offset)
                self._positions[place] = offset

    async def fetch(self, *, max_records: int, timeout: timedelta) -> Sequence[Batch]:  # noqa: ASYNC109 - part of the port
        self._refuse_if_changed()
        seconds = timeout.total_seconds()
        if not self._positions:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._listener.changed.wait()
            self._refuse_if_changed()
            return ()
        found = await self._get(max_records=max_records, seconds=seconds)
        self._refuse_if_changed()
        return await self._joined(found)

    async def report(self, positions: Mapping[TopicPartition, int]) -> None:
        self._to_report |= {self._names.place(place): end for place, end in positions.items()}
        if self._reporting is None or self._reporting.done():
            self._reporting = asyncio.create_task(self._commit())

    def _refuse_if_changed(self) -> None:
        if self._listener.generation != self._taken:
            raise AssignmentChangedError(f"generation {self._listener.generation}")

    async def _get(
        self, *, max_records: int, seconds: float
    ) -> Mapping[KafkaPartition, Sequence[ConsumerRecord]]:
        try:
            # During a rebalance the library waits without a limit.
            async with asyncio.timeout(seconds + 1):
                found: Mapping[
                    KafkaPartition, Sequence[ConsumerRecord]
                ] = await self._consumer.getmany(
                    *self._positions, timeout_ms=int(seconds * 1000), max_records=max_records
                )
        except OffsetOutOfRangeError as error:
            raise OutsideLogError(f"outside the log: {error}") from error
        except (TimeoutError, NoOffsetForPartitionError):
            return {}
        except (KafkaError, OSError) as error:
            raise LogUnavailableError(f"Kafka: {error!r}") from error
        return found

    async def _joined(
        self, found: Mapping[KafkaPartition, Sequence[ConsumerRecord]]
    ) -> Sequence[Batch]:
        """Make batches that vouch for the offsets at which the log holds no record.

        Those are the markers of a producer that uses Kafka's transactions, and what it aborted.
        The position moves over them, also when a fetch brought nothing else.
        """
        batches = []
        for place in found or list(self._positions):
            begins, ends = self._positions[place], await self._position(place)
            if ends == begins and place not in found:
                continue
            records = [_record(self._names.inside(place), raw) for raw in found.get(place, ())]
            if records and not begins <= records[0].offset <= records[-1].offset < ends:
                raise LogUnavailableError(f"{place} was read at another place than {begins}")
            self._positions[place] = ends
            batches.append(Batch(self._names.inside(place), records, begins=begins, ends=ends))
        return batches

    async def _position(self, place: KafkaPartition) -> int:
        try:
            async with asyncio.timeout(self._within):
                return int(await self._consumer.position(place))
        except (IllegalStateError, TimeoutError) as error:
            raise AssignmentChangedError(f"{place} has no position") from error

    async def _commit(self) -> None:
        while self._to_report:
            positions, self._to_report = self._to_report, {}
            # For displays only: what fails here is shown a little later.
            with suppress(KafkaError, OSError, TimeoutError):
                async with asyncio.timeout(self._within):
                    await self._consumer.commit(positions)


def _record(place: TopicPartition, raw: ConsumerRecord) -> Record:
    return Record(
        place.topic,
        place.partition,
        raw.offset,
        raw.key,
        raw.value,
        tuple((name, value or b"") for name, value in raw.headers),
        datetime.fromtimestamp(max(0, raw.timestamp) / 1000, tz=UTC),
    )
