"""Relay and consumers on a real Kafka: members come and go, the broker dies, all counts once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_kit.clock import ManualClock
from shared_kit.delivery.consumer import ConsumerLoop
from shared_kit.delivery.progress import progress
from shared_kit.delivery.relay import Relay
from shared_kit.delivery.rows import Tables
from shared_kit.delivery.supervise import Supervisor
from shared_kit.delivery.transaction import Transaction, transaction
from shared_kit.events.activity import SupportDeclined
from shared_kit.events.topics import TOPICS
from shared_kit.messaging.errors import LogUnavailableError
from shared_kit.messaging.kafka import KafkaLog
from shared_kit.messaging.log import Record
from shared_kit.testing.kafka import KafkaNode

Sessions = async_sessionmaker[AsyncSession]
READ = ["activity"]


def a_log(bootstrap: str, prefix: str) -> KafkaLog:
    return KafkaLog(
        bootstrap,
        prefix,
        session_timeout=timedelta(milliseconds=1500),
        publish_within=timedelta(seconds=2),
        stop_within=timedelta(seconds=1),
        fetch_wait=timedelta(milliseconds=50),
    )


async def keep(tx: Transaction, records: Sequence[Record]) -> None:
    await tx.session.execute(
        text("INSERT INTO applied VALUES ('', :partition, :position, :value)"),
        [
            {
                "partition": record.partition,
                "position": record.offset,
                "value": dict(record.headers)["ce_id"].decode(),
            }
            for record in records
        ],
    )


class Service:
    """The loops of a service, to be run as often as wanted on one database."""

    def __init__(
        self, *, log: KafkaLog, group: str, sessions: Sessions, tables: Tables, clock: ManualClock
    ) -> None:
        self._clock = clock
        self.log = log
        self._group = group
        self._sessions = sessions
        self._tables = tables

    def consumer(self) -> ConsumerLoop:
        return ConsumerLoop(
            log=self.log,
            group=self._group,
            topics=READ,
            sessions=self._sessions,
            tables=self._tables,
            handle=keep,
            clock=self._clock,
            max_records=20,
            fetch_timeout=timedelta(milliseconds=200),
            longest_pause=timedelta(milliseconds=500),
            stalls_after=timedelta(seconds=3),
        )

    @asynccontextmanager
    async def running(self, *, relay: bool = False) -> AsyncIterator[None]:
        loops: dict[str, Callable[[], Awaitable[None]]] = {"consumer": self.consumer().run}
        if relay:
            loops["relay"] = Relay(
                sessions=self._sessions, tables=self._tables, log=self.log, chunk=20
            ).run
        supervisor = Supervisor(loops, longest_pause=timedelta(seconds=1))
        supervisor.start()
        try:
            yield
        finally:
            await supervisor.stop()

    async def say(self, begin: int, count: int) -> None:
        async with transaction(self._sessions, self._tables, clock=self._clock) as tx:
            for n in range(begin, begin + count):
                event = SupportDeclined(request=f"REQ-{n % 40}", on=date(2020, 1, 31))
                tx.outbox.add(event, id=f"{n}")

    async def settle(self) -> None:
        async with asyncio.timeout(60):
            while not await self._settled():
                await asyncio.sleep(0.1)

    async def _settled(self) -> bool:
        try:
            return (await progress(self._sessions, self._tables, self.log, READ)).settled
        except LogUnavailableError:
            return False

    async def applied(self) -> tuple[set[int], int]:
        """The ids that counted, and how many (partition, offset) counted more than once."""
        async with self._sessions() as session:
            rows = (
                await session.execute(text("SELECT partition, position, value FROM applied"))
            ).all()
        return {int(row[2]) for row in rows}, len(rows) - len({(row[0], row[1]) for row in rows})


async def test_members_come_and_go_and_every_record_counts_once(
    kafka: str, topic_prefix: str, sessions: Sessions, tables: Tables, clock: ManualClock
) -> None:
    log = a_log(kafka, topic_prefix)
    await log.start()
    await log.create_topics([TOPICS["activity"]])
    service = Service(log=log, group=topic_prefix, sessions=sessions, tables=tables, clock=clock)

    async with service.running(relay=True):
        for begin in range(0, 900, 300):
            await service.say(begin, 150)
            async with service.running():
                await service.say(begin + 150, 150)
                await asyncio.sleep(0.7)
        await service.settle()
    await log.stop()

    assert await service.applied() == (set(range(900)), 0)


async def test_a_broker_that_is_killed_loses_nothing_and_doubles_nothing(
    own_kafka: Callable[[], KafkaNode],
    topic_prefix: str,
    sessions: Sessions,
    tables: Tables,
    clock: ManualClock,
) -> None:
    node = own_kafka()
    log = a_log(node.bootstrap, topic_prefix)
    await log.start()
    await log.create_topics([TOPICS["activity"]])
    service = Service(log=log, group=topic_prefix, sessions=sessions, tables=tables, clock=clock)

    async with service.running(relay=True):
        for begin in range(0, 400, 200):
            await service.say(begin, 100)
            await asyncio.sleep(0.1)
            if begin:
                node.kill()
            await service.say(begin + 100, 100)
            if begin:
                await asyncio.to_thread(node.restart)
        await service.settle()
    await log.stop()

    assert await service.applied() == (set(range(400)), 0)
