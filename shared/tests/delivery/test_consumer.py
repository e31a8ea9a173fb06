"""The consumer loop: every record counts once, bad ones are parked, nothing is skipped."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg
import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_kit.clock import ManualClock
from shared_kit.delivery.consumer import ConsumerLoop, Handle
from shared_kit.delivery.errors import TooManyParkedError
from shared_kit.delivery.offsets import Offsets
from shared_kit.delivery.rows import Tables
from shared_kit.delivery.supervise import Supervisor
from shared_kit.delivery.transaction import Transaction, transaction
from shared_kit.messaging.dsn import dsn
from shared_kit.messaging.embedded import EmbeddedLog
from shared_kit.messaging.errors import OutsideLogError
from shared_kit.messaging.log import Message, Record, TopicPartition
from shared_kit.telemetry.metrics import Metrics

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
    make_loop: MakeLoop, keep: Handle, log: EmbeddedLog, sessions: Sessions, settled: Settled
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
    make_loop: MakeLoop,
    keep: Handle,
    log: EmbeddedLog,
    sessions: Sessions,
    settled: Settled,
    url: str,
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
    make_loop: MakeLoop, keep: Handle, log: EmbeddedLog, sessions: Sessions, settled: Settled
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
