"""How much is still under way: for /progress, for `settle`, for metrics."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_kit.delivery.offsets import Offsets
from shared_kit.delivery.rows import Tables
from shared_kit.messaging.log import Ends, EventLog, TopicPartition

NOTHING_ELSE: Mapping[str, str] = MappingProxyType({})
_UNDER_WAY = """
    SELECT (SELECT count(*) FROM {outbox} WHERE published_at IS NULL) AS outbox,
           (SELECT coalesce(array_agg(topic ORDER BY topic, partition), '{{}}')
              FROM {offsets}) AS topics,
           (SELECT coalesce(array_agg(partition ORDER BY topic, partition), '{{}}')
              FROM {offsets}) AS partitions,
           (SELECT coalesce(array_agg(next_offset ORDER BY topic, partition), '{{}}')
              FROM {offsets}) AS offsets
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Events not published yet and records not applied yet; both 0 is settled.

    `also` is what a service asked beside them, of the same moment.
    """

    outbox: int
    lag: int
    also: Mapping[str, Any] = field(default_factory=dict)

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
    *,
    ends: Ends | None = None,
    also: Mapping[str, str] = NOTHING_ELSE,
) -> Progress:
    """Count what is under way, against `ends` of the log or those that it has now.

    The ends are asked first, and all that lies in the database is read by one statement: of one
    moment, so that nothing falls between what was looked at earlier and later. `also` names more
    to read with it: scalar subqueries, texts of ours.
    """
    if ends is None:
        ends = await log.end_offsets(topics) if topics else {}
    more = "".join(f", ({query}) AS {name}" for name, query in also.items())
    async with looking(sessions) as session:
        # All partitions together are at most a few dozen rows.
        found = await session.execute(text(_UNDER_WAY.format(**_names(tables)) + more))
        row = dict(found.mappings().one())
    places = map(TopicPartition, row.pop("topics"), row.pop("partitions"))
    stored = dict(zip(places, row.pop("offsets"), strict=True))
    lag = await _lag(
        log,
        topics,
        ends={place: end for place, end in ends.items() if place.topic in topics},
        stored=stored,
    )
    return Progress(outbox=row.pop("outbox"), lag=sum(lag.values()), also=row)


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
    ends: Ends,
    stored: Mapping[TopicPartition, int],
) -> dict[str, int]:
    lag = dict.fromkeys(topics, 0)
    # Where a partition begins matters only until something of it was applied.
    starts = {} if ends.keys() <= stored.keys() else await log.start_offsets(topics)
    for place, end in ends.items():
        begin = stored[place] if place in stored else starts[place]
        lag[place.topic] += max(0, end - begin)
    return lag


def _names(tables: Tables) -> dict[str, str]:
    return {
        "outbox": tables.outbox.__tablename__,  # type: ignore[attr-defined]  # the row class has it
        "offsets": tables.offsets.__tablename__,  # type: ignore[attr-defined]  # the same
    }
