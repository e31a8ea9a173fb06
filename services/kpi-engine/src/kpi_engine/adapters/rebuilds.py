"""Contributions made again beside the live ones."""

from collections.abc import Collection, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from kpi_engine.adapters.ledger import add_contributions
from kpi_engine.ports import Contribution

_TABLE = "rebuilt"


class SqlRebuilds:
    """Meets the port `Rebuilds` inside one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def begin(self) -> None:
        await self._session.execute(
            text(f"CREATE TEMPORARY TABLE {_TABLE} (LIKE contribution) ON COMMIT DROP")
        )

    async def add(self, rows: Sequence[Contribution]) -> None:
        await add_contributions(self._session, rows, table=_TABLE)

    async def differences(self, *, measures: Collection[int]) -> tuple[int, int, int]:
        live = "SELECT * FROM contribution WHERE measure = ANY(CAST(:measures AS int[]))"
        row = (
            await self._session.execute(
                text(
                    f"""
                    SELECT (SELECT count(*) FROM {_TABLE}),
                           (SELECT count(*) FROM (SELECT * FROM {_TABLE} EXCEPT ALL {live}) a),
                           (SELECT count(*) FROM ({live} EXCEPT ALL SELECT * FROM {_TABLE}) b)
                    """  # noqa: S608 - constants of ours
                ),
                {"measures": list(measures)},
            )
        ).one()
        return int(row[0]), int(row[1]), int(row[2])

    async def take_over(self) -> None:
        await self._session.execute(text("DELETE FROM contribution"))
        await self._session.execute(text(f"INSERT INTO contribution SELECT * FROM {_TABLE}"))  # noqa: S608 - a constant of ours
