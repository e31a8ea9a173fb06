"""The event log in a PostgreSQL database of its own: nothing to install, the same promises.

An append locks the rows of its partitions, in one order, until it commits. So the offsets of a
partition become visible in order, and a reader that goes on at its next offset skips nothing.
NOTIFY wakes the readers; a sweep covers for a lost connection.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from random import randrange

import asyncpg

from shared_kit.messaging.dsn import dsn
from shared_kit.messaging.embedded_consumer import EmbeddedLogConsumer
from shared_kit.messaging.embedded_schema import CHANNEL, SCHEMA
from shared_kit.messaging.errors import (
    LogUnavailableError,
    MessageRefusedError,
    TopicDiffersError,
    UnknownTopicError,
)
from shared_kit.messaging.headers import pack
from shared_kit.messaging.log import Message, TopicPartition, TopicSpec
from shared_kit.messaging.partitioner import partition_of
from shared_kit.messaging.wakeups import AWAY, Wakeups

# The catalogue's limit is for the value; a record has a key and headers beside it.
ENVELOPE_BYTES = 64 * 1024

_HOLD = "SELECT id, next_offset FROM log_partition WHERE id = ANY($1::int[]) ORDER BY id FOR UPDATE"
_APPEND = f"""
    WITH kept AS (
        INSERT INTO log_record (partition_id, position, key, value, headers, at)
        SELECT r.*, clock_timestamp()
        FROM unnest($1::int[], $2::bigint[], $3::bytea[], $4::bytea[], $5::text[]) AS r
    ), told AS (
        SELECT pg_notify('{CHANNEL}', '')
    )
    UPDATE log_partition AS p SET next_offset = m.ends
    FROM unnest($6::int[], $7::bigint[]) AS m(id, ends), told
    WHERE p.id = m.id
"""  # noqa: S608 - a constant


class _Topic:
    """What an append has to know of a topic."""

    def __init__(self, *, ids: Sequence[int], limit: int) -> None:
        self.ids = ids
        self.limit = limit + ENVELOPE_BYTES

    def partition_for(self, key: bytes | None) -> int:
        count = len(self.ids)
        return self.ids[randrange(count) if key is None else partition_of(key, count)]  # noqa: S311 - spreads load


class EmbeddedLog:
    """An `EventLog` for one machine. Its tables are made by `migrate`."""

    def __init__(
        self,
        database_url: str,
        prefix: str,
        *,
        publish_within: timedelta = timedelta(seconds=10),
        sweep: timedelta = timedelta(seconds=1),
        connections: int = 8,
    ) -> None:
        self._dsn = dsn(database_url)
        self._prefix = prefix
        self._within = publish_within.total_seconds()
        self._sweep = sweep
        self._connections = connections
        self._topics: dict[str, _Topic] = {}
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()
        self._wakeups = Wakeups(self._dsn, channel=CHANNEL, pause=sweep)

    async def migrate(self) -> None:
        """Create the tables. Safe to repeat, and by two processes at once."""
        async with self._connection() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext('wcoplan log'))")
            await connection.execute(SCHEMA)

    async def start(self) -> None:
        """Connect and create the tables where they are missing."""
        await self.migrate()
        self._wakeups.start()

    async def stop(self) -> None:
        await self._wakeups.stop()
        pool, self._pool = self._pool, None
        if pool is not None:
            try:
                async with asyncio.timeout(self._within):
                    await pool.close()
            except TimeoutError:
                pool.terminate()

    async def create_topics(self, topics: Sequence[TopicSpec]) -> None:
        async with self._connection() as connection, connection.transaction():
            for spec in topics:
                name = self._prefix + spec.name
                await connection.execute(
                    "INSERT INTO log_topic (name, max_message_bytes) VALUES ($1, $2)"
                    " ON CONFLICT DO NOTHING",
                    name,
                    spec.max_message_bytes,
                )
                # Locked, so that of two processes the second finds the partitions of the first.
                await connection.execute("SELECT 1 FROM log_topic WHERE name = $1 FOR UPDATE", name)
                found = await connection.fetchval(
                    "SELECT count(*) FROM log_partition WHERE topic = $1", name
                )
                if found == 0:
                    await connection.execute(
                        "INSERT INTO log_partition (topic, partition)"
                        " SELECT $1, generate_series(0, $2::int - 1)",
                        name,
                        spec.partitions,
                    )
                elif found != spec.partitions:
                    raise TopicDiffersError(f"{name} has {found} partitions, not {spec.partitions}")

    async def publish(self, messages: Sequence[Message]) -> None:
        """Append in one transaction: all of them or none."""
        if not messages:
            return
        async with self._connection() as connection:
            await self._know(connection, {message.topic for message in messages})
            placed = [self._placed(message) for message in messages]
            async with connection.transaction():
                await self._append(connection, messages, placed)

    def consumer(self, *, group: str, topics: Sequence[str]) -> EmbeddedLogConsumer:
        """Return a reader of all partitions: a group has one member here.

        A second one would read the same; the stored offsets let only one of them count.
        """
        del group
        return EmbeddedLogConsumer(
            connect=self._connection,
            wakeups=self._wakeups,
            prefix=self._prefix,
            topics=topics,
            sweep=self._sweep,
        )

    async def start_offsets(self, topics: Sequence[str]) -> Mapping[TopicPartition, int]:
        return await self._bounds(topics, "start_offset")

    async def end_offsets(self, topics: Sequence[str]) -> Mapping[TopicPartition, int]:
        return await self._bounds(topics, "next_offset")

    async def _append(
        self, connection: asyncpg.Connection, messages: Sequence[Message], placed: Sequence[int]
    ) -> None:
        ends = {row[0]: row[1] for row in await connection.fetch(_HOLD, sorted(set(placed)))}
        if len(ends) != len(set(placed)):
            self._topics.clear()
            raise UnknownTopicError("a topic was deleted")
        positions = []
        for partition in placed:
            positions.append(ends[partition])
            ends[partition] += 1
        await connection.execute(
            _APPEND,
            placed,
            positions,
            [_bytes(message.key) for message in messages],
            [message.value for message in messages],
            [pack(message.headers) for message in messages],
            list(ends),
            list(ends.values()),
        )

    def _placed(self, message: Message) -> int:
        topic, key = self._topics[message.topic], _bytes(message.key)
        size = (
            len(key or b"")
            + len(message.value or b"")
            + sum(len(name) + len(value) for name, value in message.headers)
        )
        if size > topic.limit:
            raise MessageRefusedError(f"{size} bytes are too many for topic {message.topic}")
        return topic.partition_for(key)

    async def _know(self, connection: asyncpg.Connection, topics: set[str]) -> None:
        for topic in topics - self._topics.keys():
            rows = await connection.fetch(
                "SELECT p.id, t.max_message_bytes FROM log_topic t"
                " JOIN log_partition p ON p.topic = t.name WHERE t.name = $1 ORDER BY p.partition",
                self._prefix + topic,
            )
            if not rows:
                raise UnknownTopicError(f"no topic {self._prefix + topic}")
            self._topics[topic] = _Topic(ids=[row[0] for row in rows], limit=rows[0][1])

    async def _bounds(self, topics: Sequence[str], column: str) -> Mapping[TopicPartition, int]:
        async with self._connection() as connection:
            rows = await connection.fetch(
                f"SELECT topic, partition, {column} FROM log_partition WHERE topic = ANY($1)",  # noqa: S608 - one of two constants
                [self._prefix + topic for topic in topics],
            )
        found = {
            TopicPartition(row[0].removeprefix(self._prefix), row[1]): int(row[2]) for row in rows
        }
        if missing := set(topics) - {place.topic for place in found}:
            raise UnknownTopicError(f"no topic {', '.join(sorted(missing))}")
        return found

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncpg.Connection]:
        """Lend a connection, within the deadline, and translate what goes wrong with it."""
        try:
            async with asyncio.timeout(self._within):
                pool = await self._ready_pool()
                connection = await pool.acquire()
            try:
                yield connection
            finally:
                await pool.release(connection, timeout=self._within)
        except AWAY as error:
            raise LogUnavailableError(f"embedded log: {error!r}") from error

    async def _ready_pool(self) -> asyncpg.Pool:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._dsn,
                    min_size=0,
                    max_size=self._connections,
                    command_timeout=self._within,
                    # The reset on return is a round trip; we leave nothing to reset.
                    reset=_keep,
                    server_settings={"application_name": "wcoplan log", "jit": "off"},
                )
            return self._pool


async def _keep(connection: asyncpg.Connection) -> None:
    del connection


def _bytes(key: str | None) -> bytes | None:
    return None if key is None else key.encode()
