"""A reader of the embedded log: all partitions, placed by its user, woken by NOTIFY."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack, suppress
from datetime import timedelta

import asyncpg

from shared_kit.messaging.errors import OutsideLogError, UnknownTopicError
from shared_kit.messaging.headers import unpack
from shared_kit.messaging.log import Assignment, Batch, Headers, Record, TopicPartition
from shared_kit.messaging.wakeups import Wakeups

# Bounded in bytes as well: five thousand plan snapshots are gigabytes. The first row always fits.
_FETCH_BYTES = 32 * 1024 * 1024
_FETCH = """
    SELECT partition_id, position, key, value, headers, at FROM (
        SELECT r.*, sum(size) OVER (ROWS UNBOUNDED PRECEDING) - size AS before
        FROM unnest($1::int[], $2::bigint[]) AS w(id, begins)
        CROSS JOIN LATERAL (
            SELECT *, coalesce(octet_length(value), 0) AS size FROM log_record
            WHERE partition_id = w.id AND position >= w.begins
            ORDER BY position LIMIT $3
        ) AS r
        LIMIT $3
    ) AS sized
    WHERE before < $4
"""


class EmbeddedLogConsumer:
    """A `LogConsumer`. The assignment never changes: generation 1 from the start."""

    def __init__(
        self,
        *,
        connect: Callable[[], AbstractAsyncContextManager[asyncpg.Connection]],
        wakeups: Wakeups,
        prefix: str,
        topics: Sequence[str],
        sweep: timedelta,
    ) -> None:
        self._connect = connect
        self._wakeups = wakeups
        self._prefix = prefix
        self._topics = tuple(topics)
        self._sweep = sweep.total_seconds()
        self._places: dict[int, TopicPartition] = {}
        self._positions: dict[int, int] = {}
        self._unproven = False
        self._turn = 0
        self._woken = asyncio.Event()
        self._registered = ExitStack()

    async def start(self) -> None:
        async with self._connect() as connection:
            rows = await connection.fetch(
                "SELECT id, topic, partition FROM log_partition WHERE topic = ANY($1)",
                [self._prefix + topic for topic in self._topics],
            )
        self._places = {
            row[0]: TopicPartition(row[1].removeprefix(self._prefix), row[2]) for row in rows
        }
        if missing := set(self._topics) - {place.topic for place in self._places.values()}:
            raise UnknownTopicError(f"no topic {', '.join(sorted(missing))}")
        self._woken = self._registered.enter_context(self._wakeups.waiter())

    async def stop(self) -> None:
        self._registered.close()

    async def assignment(self) -> Assignment:
        self._positions = {}
        return Assignment(generation=1, partitions=frozenset(self._places.values()))

    async def seek(self, positions: Mapping[TopicPartition, int]) -> None:
        ids = {place: number for number, place in self._places.items()}
        self._positions |= {
            ids[place]: offset for place, offset in positions.items() if place in ids
        }
        self._unproven = True

    async def fetch(self, *, max_records: int, timeout: timedelta) -> Sequence[Batch]:  # noqa: ASYNC109 - part of the port
        if self._unproven:
            await self._prove()
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout.total_seconds()
        while True:
            # Before looking, so that what is appended meanwhile wakes the next look.
            self._woken.clear()
            if batches := await self._look(max_records):
                return batches
            left = until - loop.time()
            if left <= 0:
                return ()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, self._sweep)):
                    await self._woken.wait()

    async def report(self, positions: Mapping[TopicPartition, int]) -> None:
        """Nothing to tell: lag is shown from the stored offsets."""

    async def _look(self, max_records: int) -> Sequence[Batch]:
        # Another partition first each time, so that a busy one cannot keep the others waiting.
        self._turn += 1
        ids = sorted(self._positions)
        shift = self._turn % max(1, len(ids))
        ids = ids[shift:] + ids[:shift]
        async with self._connect() as connection:
            rows = await connection.fetch(
                _FETCH, ids, [self._positions[number] for number in ids], max_records, _FETCH_BYTES
            )
        found: dict[int, list[Record]] = {}
        known: dict[str, Headers] = {}
        for number, position, key, value, packed, at in rows:
            headers = known.get(packed)
            if headers is None:
                headers = known[packed] = unpack(packed)
            place = self._places[number]
            found.setdefault(number, []).append(
                Record(place.topic, place.partition, position, key, value, headers, at)
            )
        return [self._joined(number, records) for number, records in found.items()]

    def _joined(self, number: int, records: Sequence[Record]) -> Batch:
        place, position = self._places[number], self._positions[number]
        if records[0].offset != position:
            raise OutsideLogError(f"{place} begins at {records[0].offset}, not at {position}")
        self._positions[number] = records[-1].offset + 1
        return Batch(place, records)

    async def _prove(self) -> None:
        async with self._connect() as connection:
            rows = await connection.fetch(
                "SELECT id, start_offset, next_offset FROM log_partition WHERE id = ANY($1::int[])",
                list(self._positions),
            )
        bounds = {row[0]: (row[1], row[2]) for row in rows}
        for number, position in self._positions.items():
            start, end = bounds.get(number, (0, -1))
            if not start <= position <= end:
                raise OutsideLogError(
                    f"{self._places[number]} holds {start} to {end}, position is {position}"
                )
        self._unproven = False
