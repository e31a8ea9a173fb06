"""The records that could not be used: as the API shows them, and to be sent again."""

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from notifier.adapters.tables import ParkedRow
from notifier.ports.stores import ParkedRecord
from shared_kit.web.paging import Page, Paging
from shared_kit.web.parked import ParkedRead, base64_of, headers_of


class SqlParkedBox:
    """Meets the port `ParkedBox` inside one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def record(self, id: int) -> ParkedRecord | None:
        row = await self._session.scalar(select(ParkedRow).where(ParkedRow.id == id))
        if row is None:
            return None
        return ParkedRecord(topic=row.topic, key=row.key, value=row.value, headers=row.headers)

    async def replayed(self, id: int) -> None:
        await self._session.execute(
            update(ParkedRow)
            .where(ParkedRow.id == id)
            .values(replayed_at=func.clock_timestamp())
            .execution_options(synchronize_session=False)
        )


class SqlParkedReads:
    """Meets the port `ParkedReads`; each query opens and closes its own session."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions

    async def parked(self, paging: Paging, *, code: str | None) -> Page[ParkedRead]:
        """Oldest first."""
        statement = select(ParkedRow)
        if code is not None:
            statement = statement.where(ParkedRow.code == code)
        async with self._sessions() as session:
            rows = await session.scalars(paging.apply(statement, (ParkedRow.id,)))
            shown = [_parked(row) for row in rows]
        return paging.page(shown, key=lambda one: (one.id,))

    async def parked_record(self, id: int) -> ParkedRead | None:
        async with self._sessions() as session:
            row = await session.get(ParkedRow, id)
            return None if row is None else _parked(row)


def _parked(row: ParkedRow) -> ParkedRead:
    return ParkedRead(
        id=row.id,
        topic=row.topic,
        partition=row.partition,
        offset=row.offset,
        code=row.code,
        reason=row.reason,
        key=base64_of(row.key),
        value=base64_of(row.value),
        headers=headers_of(row.headers),
        recorded_at=row.recorded_at,
        parked_at=row.parked_at,
        attempts=row.attempts,
        replayed_at=row.replayed_at,
    )
