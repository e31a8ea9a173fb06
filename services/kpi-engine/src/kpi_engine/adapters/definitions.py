"""Numbers of measures, the revision of the definitions, and the opened days, on PostgreSQL."""

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from kpi_engine.ports import MeasureKey


class SqlDefinitionStore:
    """Meets the port `DefinitionStore` inside one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def revision(self) -> int:
        found = await self._session.scalar(text("SELECT definitions FROM engine_state"))
        return int(found or 0)

    async def changed(self) -> int:
        found = await self._session.scalar(
            text(
                "INSERT INTO engine_state (id, definitions) VALUES (1, 1)"
                " ON CONFLICT (id) DO UPDATE SET definitions = engine_state.definitions + 1"
                " RETURNING definitions"
            )
        )
        return int(found or 0)

    async def measure_ids(
        self, measures: Collection[MeasureKey]
    ) -> tuple[Mapping[MeasureKey, int], frozenset[int]]:
        if not measures:
            return {}, frozenset()
        columns = {
            "plans": [measure.plan for measure in measures],
            "indicators": [measure.indicator for measure in measures],
            "digests": [measure.content for measure in measures],
        }
        wanted = (
            "unnest(CAST(:plans AS text[]), CAST(:indicators AS text[]), CAST(:digests AS bytea[]))"
            " AS w(plan, indicator, digest)"
        )
        known = await self._read(wanted, columns)
        if len(known) < len(set(measures)):
            await self._session.execute(
                text(
                    "INSERT INTO measure (plan, indicator, digest, active)"  # noqa: S608 - our own names
                    f" SELECT w.*, false FROM {wanted} ON CONFLICT DO NOTHING"
                ),
                columns,
            )
            known = await self._read(wanted, columns)
        ids = {key: number for key, (number, _) in known.items()}
        return ids, frozenset(number for number, active in known.values() if not active)

    async def _read(
        self, wanted: str, columns: dict[str, object]
    ) -> dict[MeasureKey, tuple[int, bool]]:
        rows = await self._session.execute(
            text(
                "SELECT m.plan, m.indicator, m.digest, m.id, m.active FROM measure m"  # noqa: S608 - our own names
                f" JOIN {wanted} USING (plan, indicator, digest)"
            ),
            columns,
        )
        return {
            MeasureKey(plan, indicator, bytes(digest)): (int(number), active)
            for plan, indicator, digest, number, active in rows
        }

    async def activate(self, measures: Collection[int]) -> None:
        await self._session.execute(
            text(
                "UPDATE measure SET active = (id = ANY(CAST(:ids AS int[])))"
                " WHERE active <> (id = ANY(CAST(:ids AS int[])))"
            ),
            {"ids": list(measures)},
        )

    async def begin_day(self, *, plan: str, today: date) -> None:
        await self._session.execute(
            text(
                "INSERT INTO plan_state (plan, opened) VALUES (:plan, :today)"
                " ON CONFLICT (plan) DO NOTHING"
            ),
            {"plan": plan, "today": today},
        )


class SqlDays:
    """Meets the port `Days`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def opened(self, *, lock: bool = False) -> Mapping[str, date]:
        tail = " FOR UPDATE" if lock else ""
        rows = await self._session.execute(
            text(f"SELECT plan, opened FROM plan_state ORDER BY plan{tail}")  # noqa: S608 - no input
        )
        return {row[0]: row[1] for row in rows}

    async def open(self, *, plan: str, day: date) -> None:
        await self._session.execute(
            text("UPDATE plan_state SET opened = :day WHERE plan = :plan"),
            {"plan": plan, "day": day},
        )
