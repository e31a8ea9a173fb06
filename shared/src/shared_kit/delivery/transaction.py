"""The only place in the repository that commits: one request or one fetch is one transaction."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_kit.clock import Clock
from shared_kit.delivery import crashpoints
from shared_kit.delivery.audit import Audit
from shared_kit.delivery.offsets import Offsets
from shared_kit.delivery.outbox import Outbox
from shared_kit.delivery.parked import Parked
from shared_kit.delivery.rows import Tables

Edge = Literal["plan-api", "consumer", "engine-judge", "notifier"]
_AROUND_COMMIT: Mapping[Edge, tuple[crashpoints.CrashPoint, crashpoints.CrashPoint]] = {
    "plan-api": ("plan-api-before-commit", "plan-api-after-commit"),
    "consumer": ("consumer-before-commit", "consumer-after-commit"),
    "engine-judge": ("engine-judge-before-commit", "engine-judge-after-commit"),
    "notifier": ("notifier-before-commit", "notifier-after-commit"),
}
OUTBOX_CHANNEL = "wcoplan_outbox"
_BUSINESS_TIME = "business-time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """The session and what else goes with it: events, audit rows, parked records, offsets."""

    session: AsyncSession
    outbox: Outbox
    audit: Audit
    parked: Parked
    offsets: Offsets


@asynccontextmanager
async def transaction(
    sessions: async_sessionmaker[AsyncSession],
    tables: Tables,
    *,
    clock: Clock,
    edge: Edge | None = None,
    stamp: Mapping[str, str] | None = None,
) -> AsyncIterator[Transaction]:
    """Commit all that the block did, or nothing of it.

    When the block is left without an error, all is durable; a commit that fails is raised here.
    `clock` is the business clock: it stamps events, audit rows and parked records. `edge` names
    the crash points around the commit; `stamp` is on every event that is announced, as who caused
    it. Nothing is retried.
    """
    with tables.signal.at_work():
        async with _transaction(sessions, tables, now=clock.now(), edge=edge, stamp=stamp) as tx:
            yield tx


@asynccontextmanager
async def _transaction(
    sessions: async_sessionmaker[AsyncSession],
    tables: Tables,
    *,
    now: datetime,
    edge: Edge | None,
    stamp: Mapping[str, str] | None,
) -> AsyncIterator[Transaction]:
    async with sessions() as session:
        session.info[_BUSINESS_TIME] = now
        tx = Transaction(
            session=session,
            outbox=Outbox(tables=tables, now=now, stamp=stamp),
            audit=Audit(tables=tables, now=now),
            parked=Parked(tables=tables, now=now),
            offsets=Offsets(session=session, tables=tables),
        )
        yield tx
        announces = await _flush(tx, tables)
        if edge is not None:
            crashpoints.reach(_AROUND_COMMIT[edge][0])
        await session.commit()
    if edge is not None:
        crashpoints.reach(_AROUND_COMMIT[edge][1])
    if announces:
        tables.signal.fire()


def business_time(session: AsyncSession) -> datetime | None:
    """When the transaction of a session began by the business clock; None outside one of ours."""
    found = session.info.get(_BUSINESS_TIME)
    return found if isinstance(found, datetime) else None


async def _flush(tx: Transaction, tables: Tables) -> bool:
    """Write what was collected; say whether the relay has something to do.

    The rows of the session go first: they take the locks of their aggregates, so of two
    transactions on one aggregate the later draws the later number in the outbox.
    """
    await tx.session.flush()
    await tx.audit.flush(tx.session)
    await tx.parked.flush(tx.session)
    announces = len(tx.outbox) > 0
    await tx.outbox.flush(tx.session)
    if announces and not tables.signal.relay_is_here:
        # NOTIFY takes a lock over the whole server at commit: only where another process sends.
        await tx.session.execute(
            text("SELECT pg_notify(:channel, '')"), {"channel": OUTBOX_CHANNEL}
        )
    return announces
