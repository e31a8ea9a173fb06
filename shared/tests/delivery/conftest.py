"""A small service with the tables of delivery, on a real PostgreSQL and the embedded log."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import BigInteger, Column, Integer, Table, Text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase

from shared_kit.clock import ManualClock
from shared_kit.db.base import metadata
from shared_kit.db.engine import create_engine
from shared_kit.db.engine import sessions as sessions_of
from shared_kit.delivery.rows import (
    AuditColumns,
    OffsetColumns,
    OutboxColumns,
    ParkedColumns,
    Tables,
)
from shared_kit.events.topics import TOPICS
from shared_kit.messaging.embedded import EmbeddedLog
from shared_kit.testing.plugin import MakeDatabase


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
