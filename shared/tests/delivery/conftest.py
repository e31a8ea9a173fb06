"""A small service with the tables of delivery, on a real PostgreSQL and the embedded log."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import BigInteger, Column, Integer, Table, Text, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase

from shared_kit.clock import ManualClock
from shared_kit.db.base import metadata
from shared_kit.db.engine import create_engine
from shared_kit.db.engine import sessions as sessions_of
from shared_kit.delivery.consumer import ConsumerLoop, Handle
from shared_kit.delivery.progress import progress
from shared_kit.delivery.rows import (
    AuditColumns,
    OffsetColumns,
    OutboxColumns,
    ParkedColumns,
    Tables,
)
from shared_kit.delivery.transaction import Transaction
from shared_kit.events.topics import TOPICS
from shared_kit.messaging.embedded import EmbeddedLog
from shared_kit.messaging.log import Record
from shared_kit.testing.plugin import MakeDatabase

Sessions = async_sessionmaker[AsyncSession]
READ = ("plan", "work")


class Base(DeclarativeBase):
    metadata = metadata()


class OutboxRow(OutboxColumns, Base):
    __tablename__ = "outbox"


class OffsetRow(OffsetColumns, Base):
    __tablename__ = "consumer_offset"


class ParkedRow(ParkedColumns, Base):
    __tablename__ = "parked"


class AuditRow(AuditColumns, Base):
    __tablename__ = "audit"


# What the test's handlers leave behind. No unique key: what is applied twice is there twice.
Table(
    "applied",
    Base.metadata,
    Column("topic", Text),
    Column("partition", Integer),
    Column("position", BigInteger),
    Column("value", Text),
)


async def _create(url: str) -> None:
    engine = create_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()


@pytest.fixture
def url(database: MakeDatabase) -> str:
    return database("delivery", migrate=_create)


@pytest.fixture
async def engine(url: str) -> AsyncIterator[AsyncEngine]:
    made = create_engine(url, application_name="delivery tests")
    yield made
    await made.dispose()


@pytest.fixture
def sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    return sessions_of(engine)


@pytest.fixture
def tables() -> Tables:
    return Tables(
        outbox=OutboxRow,
        offsets=OffsetRow,
        parked=ParkedRow,
        audit=AuditRow,
        source="/test/service",
    )


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2020, 2, 3, 8, 0, tzinfo=UTC))


@pytest.fixture
async def log(database: MakeDatabase, topic_prefix: str) -> AsyncIterator[EmbeddedLog]:
    made = EmbeddedLog(database("event-log"), topic_prefix)
    await made.start()
    await made.create_topics([TOPICS["plan"], TOPICS["work"], TOPICS["activity"]])
    yield made
    await made.stop()


_KEEP = text(
    "INSERT INTO applied SELECT * FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS int[]),"
    " CAST(:positions AS bigint[]), CAST(:values AS text[]))"
)


async def _keep(tx: Transaction, records: Sequence[Record]) -> None:
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
def keep() -> Handle:
    return _keep


@pytest.fixture
def make_loop(
    log: EmbeddedLog, sessions: Sessions, tables: Tables, clock: ManualClock
) -> Callable[..., ConsumerLoop]:
    """A consumer loop that keeps what it reads, quick to give up and to try again."""

    def make(handle: Handle = _keep, **more: Any) -> ConsumerLoop:
        defaults: dict[str, Any] = {
            "log": log,
            "group": "test",
            "topics": READ,
            "sessions": sessions,
            "tables": tables,
            "handle": handle,
            "clock": clock,
            "fetch_timeout": timedelta(milliseconds=300),
            "first_pause": timedelta(milliseconds=20),
            "longest_pause": timedelta(milliseconds=40),
        }
        return ConsumerLoop(**(defaults | more))

    return make


async def _until(fulfilled: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await fulfilled():
            await asyncio.sleep(0.02)


@pytest.fixture
def settled(sessions: Sessions, tables: Tables, log: EmbeddedLog) -> Callable[[], Awaitable[None]]:
    """Wait until the loops have applied all that is in the log."""

    async def no_lag() -> bool:
        return (await progress(sessions, tables, log, READ)).settled

    return lambda: _until(no_lag)
