"""A consumer loop on a log that misbehaves: that changes nothing, or the loop starts anew."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_kit.clock import Clock
from shared_kit.delivery.consumer import ConsumerLoop
from shared_kit.delivery.offsets import Offsets
from shared_kit.delivery.rows import Tables
from shared_kit.delivery.supervise import Supervisor
from shared_kit.delivery.transaction import Edge, Transaction, transaction
from shared_kit.messaging.embedded import EmbeddedLog
from shared_kit.messaging.errors import LogUnavailableError
from shared_kit.messaging.log import Batch, Message, Record, TopicPartition

Sessions = async_sessionmaker[AsyncSession]
TOPICS = ("plan", "work")
SHORT = timedelta(milliseconds=300)
PAUSE = timedelta(milliseconds=20)

Settled = Callable[[], Awaitable[None]]
MakeLoop = Callable[..., ConsumerLoop]


@asynccontextmanager
async def running(*loops: ConsumerLoop) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(
        {f"consumer-{n}": loop.run for n, loop in enumerate(loops)}, first_pause=PAUSE
    )
    supervisor.start()
    try:
        yield supervisor
    finally:
        await supervisor.stop()


async def applied(sessions: Sessions) -> list[str]:
    async with sessions() as session:
        return list(await session.scalars(text("SELECT value FROM applied ORDER BY value")))


def numbers(count: int, begin: int = 0) -> list[str]:
    return [f"{n:05}" for n in range(begin, begin + count)]


class Unsteady:
    """A log whose fetches skip, repeat or fail once each."""

    def __init__(self, log: EmbeddedLog) -> None:
        self._log = log
        self.faults = iter(["skip", "repeat", "fail", "hole"])

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def consumer(self, *, group: str, topics: Sequence[str]) -> Any:
        return _UnsteadyConsumer(self, self._log.consumer(group=group, topics=topics))


class _UnsteadyConsumer:
    def __init__(self, log: Unsteady, consumer: Any) -> None:
        self._log = log
        self._consumer = consumer
        self._last: Sequence[Batch] = ()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._consumer, name)

    async def fetch(self, *, max_records: int, timeout: timedelta) -> Sequence[Batch]:  # noqa: ASYNC109
        batches: Sequence[Batch] = await self._consumer.fetch(
            max_records=max_records, timeout=timeout
        )
        fault = next(self._log.faults, None) if batches and self._last else None
        repeated, self._last = self._last, batches
        if fault == "skip":
            return [Batch(batch.partition, batch.records[1:]) for batch in batches]
        if fault == "hole":
            return [Batch(b.partition, [b.records[0], *b.records[2:]]) for b in batches]
        if fault == "repeat":
            return repeated
        if fault == "fail":
            raise LogUnavailableError("once")
        return batches


async def test_a_log_that_skips_repeats_or_fails_changes_nothing(
    make_loop: MakeLoop, log: EmbeddedLog, sessions: Sessions, settled: Settled
) -> None:
    await log.publish([Message("plan", "k", value.encode()) for value in numbers(200)])
    unsteady = Unsteady(log)

    async with running(make_loop(log=unsteady, max_records=10)) as supervisor:
        await settled()

    assert next(unsteady.faults, None) is None
    assert supervisor.restarts("consumer-0") == 0
    assert await applied(sessions) == numbers(200)


class _Trusting(Offsets):
    """The negative control: believes what the log gives, and moves without asking."""

    async def advance(self, batches: Sequence[Batch]) -> Sequence[Record]:
        await self.begin_at({batch.partition: 0 for batch in batches})
        stored = await self.stored()
        await self.move({b.partition: (stored[b.partition], b.end) for b in batches if b.records})
        return [record for batch in batches for record in batch.records]

    async def move(self, moves: Mapping[TopicPartition, tuple[int, int]]) -> None:
        await super().move({place: move for place, move in moves.items() if move[0] != move[1]})


@asynccontextmanager
async def trusting(
    sessions: Sessions, tables: Tables, *, clock: Clock, edge: Edge | None = None
) -> AsyncIterator[Transaction]:
    async with transaction(sessions, tables, clock=clock, edge=edge) as tx:
        yield Transaction(
            session=tx.session,
            outbox=tx.outbox,
            audit=tx.audit,
            parked=tx.parked,
            offsets=_Trusting(session=tx.session, tables=tables),
        )


async def test_without_the_check_of_contiguity_the_same_log_loses_and_doubles(
    make_loop: MakeLoop, log: EmbeddedLog, sessions: Sessions, settled: Settled
) -> None:
    await log.publish([Message("plan", "k", value.encode()) for value in numbers(200)])

    async with running(make_loop(log=Unsteady(log), max_records=10, transact=trusting)):
        await settled()

    found = await applied(sessions)
    assert set(found) != set(numbers(200))
    assert len(found) != len(set(found))


async def test_joins_anew_when_the_log_has_more_and_gives_nothing(
    make_loop: MakeLoop, log: EmbeddedLog, sessions: Sessions, settled: Settled
) -> None:
    """As aiokafka's consumer after a restart of its broker (#1154)."""
    deaf = _Deaf(log)
    await log.publish([Message("work", value, value.encode()) for value in numbers(10)])

    async with running(make_loop(log=deaf, stalls_after=timedelta(milliseconds=100))):
        await settled()

    assert deaf.joined == 2
    assert await applied(sessions) == numbers(10)


class _Deaf:
    """A log whose first consumer never gets anything."""

    def __init__(self, log: EmbeddedLog) -> None:
        self._log = log
        self.joined = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def consumer(self, *, group: str, topics: Sequence[str]) -> Any:
        self.joined += 1
        consumer = self._log.consumer(group=group, topics=topics)
        return _DeafConsumer(consumer) if self.joined == 1 else consumer


class _DeafConsumer:
    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._consumer, name)

    async def fetch(self, *, max_records: int, timeout: timedelta) -> Sequence[Batch]:  # noqa: ASYNC109
        del max_records, timeout
        await asyncio.sleep(0.05)
        return ()


async def test_a_database_that_is_away_when_it_takes_its_place_lets_nothing_through(
    make_loop: MakeLoop, log: EmbeddedLog, sessions: Sessions, settled: Settled
) -> None:
    away = iter(range(3))

    def opened() -> AsyncSession:
        if next(away, None) is not None:
            raise ConnectionRefusedError
        return sessions()

    await log.publish([Message("work", value, value.encode()) for value in numbers(10)])
    loop = make_loop(sessions=opened)
    async with running(loop) as supervisor:
        await asyncio.sleep(0.01)
        ready_too_early = loop.ready
        await settled()

    assert not ready_too_early
    assert supervisor.restarts("consumer-0") == 0
    assert await applied(sessions) == numbers(10)
