"""Notes on parked records."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


class SqlParkedBox:
    """Meets the port `ParkedBox` inside one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def replayed(self, id: int) -> None:
        await self._session.execute(
            text("UPDATE parked SET replayed_at = clock_timestamp() WHERE id = :id"), {"id": id}
        )
