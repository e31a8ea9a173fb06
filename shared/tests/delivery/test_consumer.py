"""The consumer loop: every record counts once, bad ones are parked, nothing is skipped."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_kit.clock import Clock, ManualClock
from shared_kit.delivery.consumer import ConsumerLoop, Handle
from shared_kit.delivery.errors import TooManyParkedError
from shared_kit.delivery.offsets import Offsets
from shared_kit.delivery.progress import progress
from shared_kit.delivery.rows import Tables
from shared_kit.delivery.supervise import Supervisor, supervise
from shared_kit.delivery.transaction import Edge, Transaction, transaction
from shared_kit.messaging.dsn import dsn
from shared_kit.messaging.embedded import EmbeddedLog
from shared_kit.messaging.errors import LogUnavailableError, OutsideLogError
from shared_kit.messaging.log import Batch, Message, Record, TopicPartition
from shared_kit.telemetry.metrics import Metrics

Sessions = async_sessionmaker[AsyncSession]
TOPICS = ("plan", "work")
SHORT = timedelta(milliseconds=300)
PAUSE = timedelta(milliseconds=20)

_KEEP = text(
    "INSERT INTO applied SELECT * FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS int[]),"
    " CAST(:positions AS bigint[]), CAST(:values AS text[]))"
)


async def keep(tx: Transaction, records: Sequence[Record]) -> None:
    """The handler of these tests: one row a record, in a table that takes doubles."""
    good = []
    for record in records:
        if record.value == b"bad":
            tx.parked.add(record, reason="it says so", code="invalid-data")
        else:
            good.append(record)
    await tx.session.execute(
        _KEEP,
        {
            "topics": [record.topic for record in good],
            "partitions": [record.partition for record in good],
            "positions": [record.offset for record in good],
            "values": [(record.value or b"").decode() for record in good],
        },
    )


@pytest.fixture
def make_loop(
    log: EmbeddedLog, sessions: Sessions, tables: Tables, clock: ManualClock
) -> Callable[..., ConsumerLoop]:
    def make(handle: Handle = keep, **more: Any) -> ConsumerLoop:
        defaults: dict[str, Any] = {
            "log": log,
            "group": "test",
            "topics": TOPICS,
            "sessions": sessions,
            "tables": tables,
            "handle": handle,
            "clock": clock,
            "fetch_timeout": SHORT,
            "first_pause": PAUSE,
            "longest_pause": 2 * PAUSE,
        }
        return ConsumerLoop(**(defaults | more))

    return make


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


async def until(fulfilled: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await fulfilled():
            await asyncio.sleep(0.02)


@pytest.fixture
def settled(sessions: Sessions, tables: Tables, log: EmbeddedLog) -> Callable[[], Awaitable[None]]:
    async def no_lag() -> bool:
        return (await progress(sessions, tables, log, TOPICS)).settled

    return lambda: until(no_lag)


Settled = Callable[[], Awaitable[None]]


async def say(log: EmbeddedLog, *values: str, topic: str = "work") -> None:
    await log.publish([Message(topic, value, value.encode()) for value in values])


async def applied(sessions: Sessions) -> list[str]:
    async with sessions() as session:
        return list(await session.scalars(text("SELECT value FROM applied ORDER BY value")))


def numbers(count: int, begin: int = 0) -> list[str]:
    return [f"{n:05}" for n in range(begin, begin + count)]


async def test_applies_what_was_there_and_what_comes(
    make_loop: MakeLoop, log: EmbeddedLog, sessions: Sessions, settled: Settled
) -> None:
    await say(log, *numbers(500))
    loop = make_loop(max_records=64)

    async with running(loop) as supervisor:
        await settled()
        await say(log, "plan", topic="plan")
        await settled()
        ready, healthy = loop.ready, supervisor.healthy

    assert await applied(sessions) == [*numbers(500), "plan"]
    assert ready
    assert healthy
    assert not loop.ready


async def test_goes_on_where_it_stopped(
    make_loop: MakeLoop, log: EmbeddedLog, sessions: Sessions, settled: Settled
) -> None:
    for begin in range(0, 90, 30):
        await say(log, *numbers(30, begin))
        async with running(make_loop()):
            await settled()

    assert await applied(sessions) == numbers(90)


async def test_two_consumers_of_everything_count_each_record_once(
    make_loop: MakeLoop, log: EmbeddedLog, sessions: Sessions, settled: Settled
) -> None:
    """As when a zombie and its successor both believe that they own all partitions."""
    async with running(make_loop(max_records=50), make_loop(max_records=50)):
        for begin in range(0, 1000, 100):
            await say(log, *numbers(100, begin))
        await settled()

    assert await applied(sessions) == numbers(1000)


async def test_parks_what_is_bad_and_goes_on(
    make_loop: MakeLoop,
    log: EmbeddedLog,
    sessions: Sessions,
    tables: Tables,
    settled: Settled,
) -> None:
    metrics = Metrics(service="test")
    await say(log, "1", "bad", "2")

    async with running(make_loop(metrics=metrics)):
        await settled()

    async with sessions() as session:
        [row] = (await session.scalars(select(tables.parked))).all()
    assert await applied(sessions) == ["1", "2"]
    assert (row.topic, row.value, row.code) == ("work", b"bad", "invalid-data")
    assert metrics.value("parked_total", labels={"code": "invalid-data"}) == 1


async def test_stops_rather_than_park_a_whole_large_fetch(
    make_loop: MakeLoop, log: EmbeddedLog, sessions: Sessions, tables: Tables
) -> None:
    await log.publish([Message("work", "k", b"bad")] * 60)

    with pytest.raises(TooManyParkedError):
        await make_loop().run()

    async with sessions() as session:
        assert await session.scalar(text("SELECT count(*) FROM parked")) == 0
        assert sum((await Offsets(session=session, tables=tables).stored()).values()) == 0


async def test_an_error_of_the_handler_leaves_everything_where_it_was(
    make_loop: MakeLoop, log: EmbeddedLog, sessions: Sessions, settled: Settled
) -> None:
    await say(log, *numbers(10))
    failures = iter([True, True])

    async def fail_late(tx: Transaction, records: Sequence[Record]) -> None:
        await keep(tx, records)
        if next(failures, False):
            raise ZeroDivisionError

    async with running(make_loop(fail_late)) as supervisor:
        await settled()

    assert supervisor.restarts("consumer-0") == 2
    assert isinstance(supervisor.last_error("consumer-0"), ZeroDivisionError)
    assert await applied(sessions) == numbers(10)


async def test_waits_for_a_database_that_is_away_and_parks_nothing(
    make_loop: MakeLoop, log: EmbeddedLog, sessions: Sessions, settled: Settled, url: str
) -> None:
    cuts = iter(range(3))

    async def be_cut_off(tx: Transaction, records: Sequence[Record]) -> None:
        await keep(tx, records)
        if next(cuts, None) is not None:
            pid = await tx.session.scalar(text("SELECT pg_backend_pid()"))
            connection = await asyncpg.connect(dsn(url))
            await connection.execute("SELECT pg_terminate_backend($1)", pid)
            await connection.close()

    await say(log, *numbers(10))
    async with running(make_loop(be_cut_off)) as supervisor:
        await settled()

    assert supervisor.restarts("consumer-0") == 0
    assert await applied(sessions) == numbers(10)
    async with sessions() as session:
        assert await session.scalar(text("SELECT count(*) FROM parked")) == 0


async def test_does_a_transaction_again_that_met_another(
    make_loop: MakeLoop, log: EmbeddedLog, sessions: Sessions, settled: Settled
) -> None:
    codes = iter(["40001", "40P01"])

    async def collide(tx: Transaction, records: Sequence[Record]) -> None:
        await keep(tx, records)
        if code := next(codes, None):
            await tx.session.execute(
                text(f"DO $$ BEGIN RAISE EXCEPTION 'met' USING ERRCODE = '{code}'; END $$")
            )

    await say(log, *numbers(10))
    async with running(make_loop(collide)) as supervisor:
        await settled()

    assert supervisor.restarts("consumer-0") == 0
    assert await applied(sessions) == numbers(10)


async def test_a_stored_offset_outside_the_log_stops_it_and_is_never_reset(
    make_loop: MakeLoop, sessions: Sessions, tables: Tables, clock: ManualClock, log: EmbeddedLog
) -> None:
    await say(log, *numbers(3))
    async with transaction(sessions, tables, clock=clock) as tx:
        await tx.offsets.begin_at({TopicPartition("plan", 0): 7})

    with pytest.raises(OutsideLogError):
        await make_loop().run()

    async with sessions() as session:
        stored = await Offsets(session=session, tables=tables).stored()
    assert stored[TopicPartition("plan", 0)] == 7
    assert await applied(sessions) == []


async def test_a_new_partition_begins_where_the_log_does(
    make_loop: MakeLoop,
    log: EmbeddedLog,
    sessions: Sessions,
    settled: Settled,
    database: object,
) -> None:
    await say(log, *numbers(5), topic="plan")
    async with log._connection() as connection:
        await connection.execute("DELETE FROM log_record WHERE position < 2")
        await connection.execute(
            "UPDATE log_partition SET start_offset = 2 WHERE topic LIKE '%plan'"
        )

    async with running(make_loop()):
        await settled()

    assert await applied(sessions) == numbers(3, 2)


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
    await say(log, *numbers(10))

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


async def test_supervise_says_what_is_down_and_stops_in_time() -> None:
    ends = asyncio.Event()

    async def steady() -> None:
        await asyncio.Event().wait()

    async def brief() -> None:
        await ends.wait()

    async def stubborn() -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                await asyncio.sleep(0.05)
                raise

    async with supervise({"steady": steady, "brief": brief, "stubborn": stubborn}) as supervisor:
        await asyncio.sleep(0.05)
        before = supervisor.health()
        ends.set()
        await asyncio.sleep(0.05)
        after = supervisor.health()

    assert before == {"steady": True, "brief": True, "stubborn": True}
    assert after == {"steady": True, "brief": False, "stubborn": True}
    assert not supervisor.healthy
