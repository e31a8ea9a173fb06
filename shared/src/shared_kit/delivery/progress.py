"""How much is still under way: for /progress, for `settle`, for metrics."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_kit.delivery.offsets import Offsets
from shared_kit.delivery.rows import Tables
from shared_kit.messaging.log import EventLog, TopicPartition


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Events not published yet and records not applied yet; both 0 is settled."""

    outbox: int
    lag: int

    @property
    def settled(self) -> bool:
        return self.outbox == 0 and self.lag == 0


@asynccontextmanager
async def looking(sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[AsyncSession]:
    """A session for a look: each statement by itself, without a transaction around it.

    Who waits for quiet looks often; the begin and the end of a transaction would be most of it.
    """
    async with sessions() as session:
        await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        yield session


async def progress(
    sessions: async_sessionmaker[AsyncSession],
    tables: Tables,
    log: EventLog,
    topics: Sequence[str],
) -> Progress:
    """Count what is under way. The ends of the log are asked first, so nothing falls between."""
    ends = await log.end_offsets(topics) if topics else {}
    async with looking(sessions) as session:
        stored = await Offsets(session=session, tables=tables).stored() if topics else {}
        outbox = await unpublished(session, tables)
    lag = await _lag(log, topics, ends=ends, stored=stored)
    return Progress(outbox=outbox, lag=sum(lag.values()))


async def lag_by_topic(
    sessions: async_sessionmaker[AsyncSession],
    tables: Tables,
    log: EventLog,
    topics: Sequence[str],
) -> dict[str, int]:
    """Records of each topic that are in the log and not applied yet."""
    if not topics:
        return {}
    ends = await log.end_offsets(topics)
    async with looking(sessions) as session:
        stored = await Offsets(session=session, tables=tables).stored()
    return await _lag(log, topics, ends=ends, stored=stored)


async def _lag(
    log: EventLog,
    topics: Sequence[str],
    *,
    ends: Mapping[TopicPartition, int],
    stored: Mapping[TopicPartition, int],
) -> dict[str, int]:
    lag = dict.fromkeys(topics, 0)
    # Where a partition begins matters only until something of it was applied.
    starts = {} if ends.keys() <= stored.keys() else await log.start_offsets(topics)
    for place, end in ends.items():
        begin = stored[place] if place in stored else starts[place]
        lag[place.topic] += max(0, end - begin)
    return lag


async def unpublished(session: AsyncSession, tables: Tables) -> int:
    """How many events wait in the outbox."""
    table = tables.outbox.__tablename__  # type: ignore[attr-defined]  # the row class has it
    found = await session.scalar(
        text(f"SELECT count(*) FROM {table} WHERE published_at IS NULL")  # noqa: S608 - the name of a table of ours
    )
    return int(found or 0)
