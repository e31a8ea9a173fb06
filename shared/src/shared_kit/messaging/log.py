"""The event log as the services know it: topics, partitions, offsets, consumer groups.

Promises of every adapter, held by one conformance suite: a returned `publish` is durable;
messages of one key stay in the order in which they were published; offsets of a partition become
visible in order, so a reader never skips one. Delivery is at least once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

Headers = tuple[tuple[str, bytes], ...]


class TopicPartition(NamedTuple):
    """A partition of a topic; the name is the logical one, adapters add the prefix."""

    topic: str
    partition: int


Ends = Mapping[TopicPartition, int]
"""The offset after the last record of each partition."""


class Message(NamedTuple):
    """What is published. The partition follows from the key; without one it is any."""

    topic: str
    key: str | None
    value: bytes | None
    headers: Headers = ()


class Record(NamedTuple):
    """What is read. Named tuples, because a frozen dataclass costs four times as much to make."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one partition in order of offset.

    An adapter whose log has offsets without records (transaction markers of a foreign Kafka
    producer) vouches for the gaps by saying where the batch begins and where reading goes on;
    otherwise the records must follow one another without a hole. A vouched batch may be empty.
    """

    partition: TopicPartition
    records: Sequence[Record]
    begins: int | None = None
    ends: int | None = None

    @property
    def first(self) -> int:
        return self.records[0].offset if self.begins is None else self.begins

    @property
    def end(self) -> int:
        """The offset after the batch."""
        return self.records[-1].offset + 1 if self.ends is None else self.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """The partitions that a consumer reads; `generation` rises with every change.

    Generation 0 is "not yet in the group".
    """

    generation: int
    partitions: frozenset[TopicPartition]


class TopicSpec(Protocol):
    """What an adapter needs to know of a topic; the catalogue's entries fit."""

    @property
    def name(self) -> str: ...

    @property
    def partitions(self) -> int: ...

    @property
    def max_message_bytes(self) -> int: ...


class LogConsumer(Protocol):
    """One member of a consumer group. It stores no position: its user does, and seeks.

    Use: `start`; then for each `assignment` seek every partition and `fetch` until
    AssignmentChangedError sends you back to `assignment`; `stop`.
    """

    async def start(self) -> None:
        """Join the group.

        Raises:
            LogUnavailableError, UnknownTopicError
        """

    async def stop(self) -> None:
        """Leave the group. Bounded in time; never raises for an absent log."""

    async def assignment(self) -> Assignment:
        """Take the newest assignment, without waiting for one; positions must be set anew."""

    async def seek(self, positions: Mapping[TopicPartition, int]) -> None:
        """Set where reading goes on. Partitions that are no longer assigned are left out."""

    async def fetch(self, *, max_records: int, timeout: timedelta) -> Sequence[Batch]:  # noqa: ASYNC109 - part of the port, no cancellation
        """Return what is there, at most `max_records`, or wait up to `timeout` for something.

        At most one batch a partition; none when the time is over.

        Raises:
            AssignmentChangedError: the partitions are others than those last taken.
            OutsideLogError: a position lies outside the log.
            LogUnavailableError: the log does not answer.
        """

    async def report(self, positions: Mapping[TopicPartition, int]) -> None:
        """Show the group's progress to lag displays. Best effort: never raises, means nothing."""


class EventLog(Protocol):
    """The port. Adapters: `KafkaLog`, `EmbeddedLog`."""

    async def start(self) -> None:
        """Connect.

        Raises:
            LogUnavailableError
        """

    async def stop(self) -> None:
        """Disconnect; bounded in time."""

    async def create_topics(self, topics: Sequence[TopicSpec]) -> None:
        """Create those that are missing. Safe to repeat.

        Raises:
            TopicDiffersError: one is there with another number of partitions.
        """

    async def publish(self, messages: Sequence[Message]) -> None:
        """Append durably, in order per key; return when all are in the log.

        Bounded in time. On an error any part may be in the log: publish all again, the readers
        drop what they know.

        Raises:
            LogUnavailableError, UnknownTopicError, MessageRefusedError
        """

    def consumer(self, *, group: str, topics: Sequence[str]) -> LogConsumer:
        """Return a new member of a group; start it."""
        ...

    async def start_offsets(self, topics: Sequence[str]) -> Mapping[TopicPartition, int]:
        """Return the offset of the first record of each partition."""
        ...

    async def end_offsets(self, topics: Sequence[str]) -> Mapping[TopicPartition, int]:
        """Return the offset that the next record of each partition will get."""
        ...
