"""The table of news: written in the transaction of what it tells of, read by all streams."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from notifier.adapters.tables import StreamRow
from notifier.ports.stream import Item, NewItem, NewsKind, Wanted

CHANNEL = "wcoplan_stream"
_LOCK_SPACE, _LOCK = 0x776F, 0x7374  # beside the relay's, in the same space


class SqlNews:
    """Meets the port `News` inside one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def tell(self, items: Sequence[NewItem]) -> None:
        """Number the items under a lock that the commit ends.

        Without it a reader that has seen number 8 would never see number 7, which is drawn
        earlier and committed later.
        """
        if not items:
            return
        await self._session.execute(
            text("SELECT pg_advisory_xact_lock(:space, :lock)"),
            {"space": _LOCK_SPACE, "lock": _LOCK},
        )
        await self._session.execute(
            insert(StreamRow),
            [
                {
                    "kind": item.kind,
                    "plan": item.news.plan,
                    "indicator": item.news.indicator,
                    "secretariat": item.secretariat,
                    "data": item.news.model_dump_json(),
                }
                for item in items
            ],
        )
        await self._session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})


async def first_kept(session: AsyncSession) -> int:
    """The oldest number that is still kept; 0 where there is none."""
    return await session.scalar(select(func.min(StreamRow.seq))) or 0


async def last_told(session: AsyncSession) -> int:
    """The newest number; 0 where there is none."""
    return await session.scalar(select(func.max(StreamRow.seq))) or 0


async def last_before(session: AsyncSession, instant: datetime) -> int | None:
    """The newest number that was told before an instant; None where nothing was."""
    return await session.scalar(select(func.max(StreamRow.seq)).where(StreamRow.at < instant))


async def told_after(
    session: AsyncSession, seq: int, *, limit: int, wanted: Wanted | None = None
) -> list[Item]:
    """What was told after a number, oldest first."""
    statement = select(StreamRow).where(StreamRow.seq > seq).order_by(StreamRow.seq).limit(limit)
    if wanted is not None and wanted.plan is not None:
        statement = statement.where(StreamRow.plan == wanted.plan)
    if wanted is not None and wanted.indicator is not None:
        statement = statement.where(StreamRow.indicator == wanted.indicator)
    return [
        Item(
            seq=row.seq,
            kind=cast(NewsKind, row.kind),
            plan=row.plan,
            indicator=row.indicator,
            secretariat=row.secretariat,
            data=row.data,
        )
        for row in await session.scalars(statement)
    ]


async def forget(session: AsyncSession, *, older_than: timedelta) -> None:
    """Delete what is old, never the newest: its number is what a reader begins after."""
    newest = select(func.max(StreamRow.seq)).scalar_subquery()
    await session.execute(
        delete(StreamRow)
        .where(StreamRow.at < func.clock_timestamp() - older_than, StreamRow.seq < newest)
        .execution_options(synchronize_session=False)
    )
