"""The relay: all that was committed arrives, in order, and never two relays at once."""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_kit.clock import ManualClock
from shared_kit.delivery.progress import progress
from shared_kit.delivery.relay import Relay
from shared_kit.delivery.rows import Tables
from shared_kit.delivery.supervise import supervise
from shared_kit.delivery.transaction import transaction
from shared_kit.events.activity import SupportDeclined
from shared_kit.messaging.dsn import dsn
from shared_kit.messaging.embedded import EmbeddedLog
from shared_kit.messaging.errors import LogUnavailableError
from shared_kit.messaging.log import EventLog, Message, Record
from shared_kit.telemetry.metrics import Metrics

Sessions = async_sessionmaker[AsyncSession]
SHORT = timedelta(milliseconds=300)


def a_request_declined(request: str) -> SupportDeclined:
    return SupportDeclined(request=request, on=date(2020, 1, 31))


class Watched:
    """The log, with a look at every publish and a way to make it fail or wait."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self.published: list[str] = []
        self.under_way = 0
        self.most_at_once = 0
        self.before: Callable[[], Any] = lambda: asyncio.sleep(0)
        self.after: Callable[[], Any] = lambda: asyncio.sleep(0)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    async def publish(self, messages: Sequence[Message]) -> None:
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        try:
            await self.before()
            await self._log.publish(messages)
            self.published.extend(message.key or "" for message in messages)
            await self.after()
        finally:
            self.under_way -= 1


@pytest.fixture
def watched(log: EmbeddedLog) -> Any:
    return Watched(log)


def a_relay(sessions: Sessions, tables: Tables, log: Any, **more: Any) -> Relay:
    return Relay(sessions=sessions, tables=tables, log=log, sweep=SHORT, **more)


@asynccontextmanager
async def running(*relays: Relay) -> AsyncIterator[None]:
    async with supervise({f"relay-{n}": relay.run for n, relay in enumerate(relays)}):
        yield


async def say(sessions: Sessions, tables: Tables, clock: ManualClock, *requests: str) -> None:
    async with transaction(sessions, tables, clock=clock) as tx:
        for request in requests:
            tx.outbox.add(a_request_declined(request))


async def sent(sessions: Sessions, tables: Tables, log: Any) -> None:
    """Wait until the outbox is empty."""

    async def empty() -> bool:
        return (await progress(sessions, tables, log, [])).outbox == 0

    await until(empty)


async def until(fulfilled: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await fulfilled():
            await asyncio.sleep(0.02)


async def everything(log: EmbeddedLog) -> list[Record]:
    consumer = log.consumer(group="look", topics=["activity"])
    await consumer.start()
    await consumer.seek(dict.fromkeys((await consumer.assignment()).partitions, 0))
    found: list[Record] = []
    while batches := await consumer.fetch(max_records=5000, timeout=timedelta(0)):
        for batch in batches:
            found.extend(batch.records)
    await consumer.stop()
    return found


async def test_sends_what_was_committed_as_soon_as_it_was(
    sessions: Sessions, tables: Tables, clock: ManualClock, watched: Watched
) -> None:
    loop = asyncio.get_running_loop()
    relay = Relay(sessions=sessions, tables=tables, log=watched, sweep=timedelta(seconds=30))
    async with running(relay):
        await say(sessions, tables, clock, "REQ-0")
        await sent(sessions, tables, watched)
        began = loop.time()
        await say(sessions, tables, clock, "REQ-1", "REQ-2")
        await sent(sessions, tables, watched)
        took = loop.time() - began

    assert watched.published == ["REQ-0", "REQ-1", "REQ-2"]
    assert took < 1


async def test_hears_of_a_commit_in_another_process(
    sessions: Sessions, tables: Tables, clock: ManualClock, watched: Watched
) -> None:
    """Another process has Tables, and so a signal, of its own: NOTIFY has to do it."""
    other = Tables(
        outbox=tables.outbox,
        offsets=tables.offsets,
        parked=tables.parked,
        audit=tables.audit,
        source="/other",
    )
    relay = Relay(sessions=sessions, tables=tables, log=watched, sweep=timedelta(seconds=30))
    async with running(relay):
        await say(sessions, tables, clock, "REQ-0")
        await sent(sessions, tables, watched)
        await say(sessions, other, clock, "REQ-1")
        async with asyncio.timeout(2):
            await sent(sessions, tables, watched)

    assert watched.published == ["REQ-0", "REQ-1"]


async def _write_slowly(
    sessions: Sessions, tables: Tables, clock: ManualClock, writer: int, count: int
) -> None:
    """Take a number early, commit late: the gaps in which rows get lost."""
    dice = random.Random(writer)
    for n in range(count):
        async with transaction(sessions, tables, clock=clock) as tx:
            tx.outbox.add(a_request_declined(f"{writer}-{n}"))
            await tx.outbox.flush(tx.session)
            await asyncio.sleep(dice.uniform(0, 0.006))


async def test_loses_nothing_in_the_gaps_of_the_sequence(
    sessions: Sessions, tables: Tables, clock: ManualClock, watched: Watched, url: str
) -> None:
    """Eight writers whose numbers become visible out of order, and beside it the naive reader."""
    naive = asyncio.create_task(_read_greater_than_last(url))
    async with running(a_relay(sessions, tables, watched)):
        await asyncio.gather(
            *(_write_slowly(sessions, tables, clock, writer, 40) for writer in range(8))
        )
        await sent(sessions, tables, watched)
    naive_saw = await naive

    of_writer = defaultdict(list)
    for request in watched.published:
        of_writer[request.partition("-")[0]].append(int(request.partition("-")[2]))
    assert of_writer == {f"{writer}": list(range(40)) for writer in range(8)}
    assert naive_saw < 8 * 40  # the negative control: `seq > last` loses rows


async def _read_greater_than_last(url: str) -> int:
    connection = await asyncpg.connect(dsn(url))
    last, seen, idle = 0, 0, 0
    while idle < 100:
        rows = await connection.fetch("SELECT seq FROM outbox WHERE seq > $1 ORDER BY seq", last)
        idle = 0 if rows else idle + 1
        seen += len(rows)
        last = rows[-1][0] if rows else last
        await asyncio.sleep(0.005 if idle else 0)
    await connection.close()
    return seen


async def test_an_open_transaction_delays_nobody_elses_events(
    sessions: Sessions, tables: Tables, clock: ManualClock, watched: Watched
) -> None:
    async with running(a_relay(sessions, tables, watched)):
        async with transaction(sessions, tables, clock=clock) as slow:
            slow.outbox.add(a_request_declined("slow"))
            await slow.outbox.flush(slow.session)
            await say(sessions, tables, clock, "quick")
            await sent(sessions, tables, watched)
            sent_first = list(watched.published)
        await sent(sessions, tables, watched)

    assert sent_first == ["quick"]
    assert watched.published == ["quick", "slow"]


async def test_a_log_that_is_away_loses_nothing_and_order_is_kept(
    sessions: Sessions, tables: Tables, clock: ManualClock, watched: Watched, log: EmbeddedLog
) -> None:
    """It fails before or after the append: then the chunk goes out again, as a whole."""
    failures = iter([True, False, True, False])

    async def fail() -> None:
        if next(failures, False):
            raise LogUnavailableError("away")

    watched.before = watched.after = fail
    async with running(a_relay(sessions, tables, watched, chunk=10)):
        await say(sessions, tables, clock, *(f"REQ-{n}" for n in range(25)))
        await sent(sessions, tables, watched)

    firsts = list(dict.fromkeys(watched.published))
    assert firsts == [f"REQ-{n}" for n in range(25)]
    assert len({record.key for record in await everything(log)}) == 25


async def test_two_relays_never_send_at_once_and_the_second_takes_over(
    sessions: Sessions, tables: Tables, clock: ManualClock, watched: Watched, url: str
) -> None:
    relays = [
        a_relay(sessions, tables, watched, chunk=5, idle_limit=timedelta(seconds=1))
        for _ in range(2)
    ]
    watched.before = lambda: asyncio.sleep(0.01)
    async with running(*relays):
        for cut in range(5):
            await say(sessions, tables, clock, *(f"REQ-{cut}-{n}" for n in range(20)))
            await asyncio.sleep(0.02)
            await _end_connection_of_the_leader(url)
        await sent(sessions, tables, watched)

    assert watched.most_at_once == 1
    assert list(dict.fromkeys(watched.published)) == [
        f"REQ-{cut}-{n}" for cut in range(5) for n in range(20)
    ]


async def _end_connection_of_the_leader(url: str) -> None:
    connection = await asyncpg.connect(dsn(url))
    await connection.execute(
        "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d"
        " ON d.oid = l.database AND d.datname = current_database() WHERE locktype = 'advisory'"
    )
    await connection.close()


async def test_a_relay_whose_connection_ends_while_it_sends_stops_at_once(
    sessions: Sessions, tables: Tables, clock: ManualClock, watched: Watched, url: str
) -> None:
    """The log hangs, the lock is lost: somebody else may be sending already."""
    began = asyncio.Event()

    async def hang() -> None:
        began.set()
        await asyncio.Event().wait()

    watched.before = hang
    relay = a_relay(sessions, tables, watched, idle_limit=timedelta(seconds=1))
    await say(sessions, tables, clock, "REQ-1")
    run = asyncio.create_task(relay.run())
    await began.wait()

    await _end_connection_of_the_leader(url)
    await asyncio.wait({run}, timeout=5)

    assert run.done()
    assert run.exception() is not None
    assert watched.under_way == 0
    assert watched.published == []


async def test_postgresql_ends_the_session_of_a_leader_that_stands_still(
    sessions: Sessions, tables: Tables, clock: ManualClock, watched: Watched
) -> None:
    """As after SIGSTOP: its connection lives, nothing moves, and yet another takes over."""
    frozen = a_relay(sessions, tables, watched, idle_limit=timedelta(milliseconds=500))
    still = await asyncpg.connect(
        dsn(str(sessions.kw["bind"].url.render_as_string(hide_password=False))),
        server_settings={"idle_session_timeout": "500"},
    )
    await frozen._acquire(still)
    await say(sessions, tables, clock, "REQ-1")

    async with running(a_relay(sessions, tables, watched, idle_limit=timedelta(seconds=1))):
        async with asyncio.timeout(5):
            await sent(sessions, tables, watched)

    assert watched.published == ["REQ-1"]
    assert still.is_closed()


async def test_reads_a_chunk_that_fits_in_memory_and_always_one(
    sessions: Sessions, tables: Tables, clock: ManualClock, watched: Watched
) -> None:
    chunks: list[int] = []
    publish = watched.publish

    async def count(messages: Sequence[Message]) -> None:
        chunks.append(len(messages))
        await publish(messages)

    watched.publish = count  # type: ignore[method-assign]
    await say(sessions, tables, clock, *(f"REQ-{n}" for n in range(6)))

    async with running(a_relay(sessions, tables, watched, chunk=4, chunk_bytes=1)):
        await sent(sessions, tables, watched)

    assert chunks == [1] * 6


async def test_tells_the_age_of_the_oldest_event_that_waits(
    sessions: Sessions, tables: Tables, clock: ManualClock, watched: Watched
) -> None:
    metrics = Metrics(service="test")
    await say(sessions, tables, clock, "REQ-1")
    async with sessions() as session:
        await session.execute(text("UPDATE outbox SET created_at = now() - interval '60 s'"))
        await session.commit()

    ages: list[float] = []

    async def look() -> None:
        ages.append(metrics.value("outbox_oldest_unpublished_seconds"))
        if len(ages) < 2:
            raise LogUnavailableError("away")

    watched.before = look
    async with running(a_relay(sessions, tables, watched, metrics=metrics)):
        await sent(sessions, tables, watched)
        await asyncio.sleep(0.4)

    assert ages[0] >= 60
    assert metrics.value("outbox_oldest_unpublished_seconds") == 0
    assert metrics.value("outbox_unpublished") == 0


async def test_forgets_what_was_sent_long_ago(
    sessions: Sessions, tables: Tables, clock: ManualClock, watched: Watched
) -> None:
    await say(sessions, tables, clock, "REQ-0", "REQ-1")
    async with running(a_relay(sessions, tables, watched)):
        await sent(sessions, tables, watched)
    async with sessions() as session:
        await session.execute(
            text("UPDATE outbox SET published_at = now() - interval '8 days' WHERE key = 'REQ-0'")
        )
        await session.commit()

    async def only_the_young_one() -> bool:
        async with sessions() as session:
            return list(await session.scalars(text("SELECT key FROM outbox"))) == ["REQ-1"]

    async with running(a_relay(sessions, tables, watched, keep=timedelta(days=7))):
        await until(only_the_young_one)
