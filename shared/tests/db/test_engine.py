"""Connections and instants as every service gets them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Integer, text
from sqlalchemy.exc import StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared_kit.db.base import metadata
from shared_kit.db.engine import create_engine, sessions
from shared_kit.db.types import UtcDateTime
from shared_kit.testing.plugin import MakeDatabase


class Base(DeclarativeBase):
    metadata = metadata()


class MomentRow(Base):
    __tablename__ = "moment"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime | None] = mapped_column(UtcDateTime, unique=True)


@pytest.fixture
async def engine(database: MakeDatabase) -> AsyncIterator[AsyncEngine]:
    made = create_engine(
        database("engine"),
        application_name="a service",
        pool_size=1,
        pool_timeout=timedelta(milliseconds=100),
    )
    async with made.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield made
    await made.dispose()


async def test_gives_instants_back_in_utc(engine: AsyncEngine) -> None:
    brussels = timezone(timedelta(hours=1))
    async with sessions(engine)() as session:
        session.add(MomentRow(id=1, at=datetime(2020, 2, 3, 9, 0, tzinfo=brussels)))
        session.add(MomentRow(id=2, at=None))
        await session.commit()

    async with sessions(engine)() as session:
        found = await session.get_one(MomentRow, 1)
        none = await session.get_one(MomentRow, 2)

    assert found.at == datetime(2020, 2, 3, 8, 0, tzinfo=UTC)
    assert found.at.tzinfo is UTC
    assert none.at is None


async def test_refuses_an_instant_without_an_offset(engine: AsyncEngine) -> None:
    async with sessions(engine)() as session:
        session.add(MomentRow(id=1, at=datetime(2020, 2, 3)))  # noqa: DTZ001 - the mistake itself
        with pytest.raises(StatementError, match="offset"):
            await session.flush()


async def test_names_its_connections_and_constraints(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        name = await connection.scalar(text("SELECT current_setting('application_name')"))
        constraints = await connection.scalars(
            text("SELECT conname FROM pg_constraint WHERE conrelid = 'moment'::regclass")
        )

        assert name == "a service"
        assert {"pk_moment", "uq_moment_at"} <= set(constraints)


async def test_a_second_connection_while_the_pool_is_empty_fails_soon(engine: AsyncEngine) -> None:
    async with engine.connect():
        with pytest.raises(PoolTimeoutError):
            await engine.connect()
