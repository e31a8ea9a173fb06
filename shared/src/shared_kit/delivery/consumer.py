"""The consumer loop: places itself by the stored offsets, applies each fetch in one transaction."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from functools import partial
from typing import Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_kit.clock import Clock
from shared_kit.delivery import crashpoints
from shared_kit.delivery.errors import (
    PASSING_TYPES,
    FencedError,
    NotContiguousError,
    TooManyParkedError,
    is_conflict,
    is_transient,
)
from shared_kit.delivery.offsets import Offsets
from shared_kit.delivery.rows import Tables
from shared_kit.delivery.transaction import Edge, Transaction, transaction
from shared_kit.messaging.errors import AssignmentChangedError, LogUnavailableError
from shared_kit.messaging.log import (
    Assignment,
    Batch,
    EventLog,
    LogConsumer,
    Record,
    TopicPartition,
)
from shared_kit.telemetry.metrics import Metrics

logger = logging.getLogger(__name__)

_Result = TypeVar("_Result")
Handle = Callable[[Transaction, Sequence[Record]], Awaitable[None]]


class Transact(Protocol):
    """How a transaction is opened; a negative control in a test gives another one."""

    def __call__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        tables: Tables,
        *,
        clock: Clock,
        edge: Edge | None = None,
    ) -> AbstractAsyncContextManager[Transaction]: ...


class ConsumerLoop:
    """Counts every record exactly once in effect, whatever crashes.

    The loop, never a rebalance listener, loads the stored offsets and seeks. Each fetch, over all
    its partitions, is one transaction with the offsets in it. What happens to a record: it is
    handled; or `handle` parks it, because it can never be used; or the loop ends with an error and
    its offsets where they were. A database or a log that is away parks nothing: the loop waits.
    """

    def __init__(
        self,
        *,
        log: EventLog,
        group: str,
        topics: Sequence[str],
        sessions: async_sessionmaker[AsyncSession],
        tables: Tables,
        handle: Handle,
        clock: Clock,
        metrics: Metrics | None = None,
        max_records: int = 5000,
        fetch_timeout: timedelta = timedelta(seconds=1),
        first_pause: timedelta = timedelta(milliseconds=100),
        longest_pause: timedelta = timedelta(seconds=5),
        stalls_after: timedelta = timedelta(seconds=30),
        park_limit: int = 50,
        transact: Transact = transaction,
    ) -> None:
        self._log = log
        self._group = group
        self._topics = tuple(topics)
        self._sessions = sessions
        self._tables = tables
        self._handle = handle
        self._clock = clock
        self._metrics = metrics
        self._max_records = max_records
        self._fetch_timeout = fetch_timeout
        self._first_pause = first_pause.total_seconds()
        self._longest_pause = longest_pause.total_seconds()
        self._park_limit = park_limit
        self._transact = transact
        self._stalls_after = stalls_after.total_seconds()
        self._assigned: frozenset[TopicPartition] = frozenset()
        self._placed = False
        self._applied = False
        self._waits = False

    @property
    def ready(self) -> bool:
        """It has its place and is not waiting for a database or a log that is away."""
        return self._placed and not self._waits

    async def run(self) -> None:
        """Consume until something fails for good. Its supervisor starts it again.

        Raises:
            OutsideLogError: a stored offset lies outside the log; never reset silently.
            TooManyParkedError: a large fetch would be parked as a whole.
        """
        pause = self._first_pause
        while True:
            try:
                await self._join()
            except LogUnavailableError as error:
                # With a new member: the library's own may never come back (aiokafka #1154, #847).
                logger.warning("log away", extra={"group": self._group, "reason": str(error)})
            if self._applied:
                pause = self._first_pause
            await asyncio.sleep(pause)
            pause = min(pause * 2, self._longest_pause)

    async def _join(self) -> None:
        consumer = self._log.consumer(group=self._group, topics=self._topics)
        self._applied = False
        try:
            await consumer.start()
            while True:
                assignment = await consumer.assignment()
                await self._patiently(partial(self._place, consumer, assignment))
                try:
                    await self._consume(consumer)
                except AssignmentChangedError:
                    logger.info("assignment changed", extra={"group": self._group})
                except (NotContiguousError, FencedError) as error:
                    logger.warning(
                        "consumer is placed anew",
                        extra={"group": self._group, "reason": str(error)},
                    )
                    await asyncio.sleep(self._first_pause)
        finally:
            self._placed = False
            await consumer.stop()

    async def _place(self, consumer: LogConsumer, assignment: Assignment) -> None:
        """Seek every partition to its stored offset; a new one begins where the log does."""
        async with self._sessions() as session:
            positions = dict(
                await Offsets(session=session, tables=self._tables).stored(assignment.partitions)
            )
        missing = assignment.partitions - positions.keys()
        if missing:
            starts = await self._log.start_offsets(sorted({place.topic for place in missing}))
            async with transaction(self._sessions, self._tables, clock=self._clock) as tx:
                await tx.offsets.begin_at({place: starts[place] for place in missing})
                positions = dict(await tx.offsets.stored(assignment.partitions))
        await consumer.seek(positions)
        self._assigned = assignment.partitions
        self._placed = assignment.generation > 0

    async def _consume(self, consumer: LogConsumer) -> None:
        """Fetch and apply; the next fetch runs while the last is applied."""
        loop = asyncio.get_running_loop()
        heard = loop.time()
        ahead = self._fetch_ahead(consumer)
        try:
            while True:
                batches = await ahead
                ahead = self._fetch_ahead(consumer)
                if batches:
                    crashpoints.reach("consumer-after-fetch")
                    await self._patiently(partial(self._apply, batches))
                    self._applied = True
                    await consumer.report({batch.partition: batch.end for batch in batches})
                    heard = loop.time()
                elif loop.time() - heard > self._stalls_after:
                    await self._refuse_to_stall()
                    heard = loop.time()
        finally:
            ahead.cancel()
            await asyncio.wait({ahead})
            if not ahead.cancelled():
                ahead.exception()  # seen: what ended the loop is told already

    def _fetch_ahead(self, consumer: LogConsumer) -> asyncio.Task[Sequence[Batch]]:
        fetch = consumer.fetch(max_records=self._max_records, timeout=self._fetch_timeout)
        return asyncio.ensure_future(fetch)

    async def _refuse_to_stall(self) -> None:
        """Nothing came for a while: that is quiet, unless the log has more than was applied."""
        if not self._assigned:
            return
        ends = await self._log.end_offsets(self._topics)
        async with self._sessions() as session:
            stored = await Offsets(session=session, tables=self._tables).stored(self._assigned)
        if any(ends.get(place, 0) > stored.get(place, 0) for place in self._assigned):
            raise LogUnavailableError("the log has more, and the consumer gets none of it")

    async def _apply(self, batches: Sequence[Batch]) -> None:
        async with self._transact(
            self._sessions, self._tables, clock=self._clock, edge="consumer"
        ) as tx:
            records = await tx.offsets.advance(batches)
            if not records:
                return
            await self._handle(tx, records)
            crashpoints.reach("consumer-after-apply")
            if self._park_limit < tx.parked.count == len(records):
                raise TooManyParkedError(f"all {len(records)} records of a fetch are unusable")
        if self._metrics is not None:
            for code, count in tx.parked.codes.items():
                self._metrics.count("parked_total", by=count, labels={"code": code})

    async def _patiently(self, work: Callable[[], Awaitable[_Result]]) -> _Result:
        """Do it; when the database or the log is away, or two transactions collide, again."""
        pause = self._first_pause
        while True:
            try:
                result = await work()
            except PASSING_TYPES as error:
                if not is_transient(error):
                    raise
                conflict = is_conflict(error)
                self._waits = not conflict
                logger.warning(
                    "consumer waits",
                    extra={"group": self._group, "conflict": conflict, "reason": str(error)},
                )
            else:
                self._waits = False
                return result
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads retries
            pause = self._first_pause if conflict else min(pause * 2, self._longest_pause)
