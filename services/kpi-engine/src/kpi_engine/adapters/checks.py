"""Checks of what is kept against the ledger: their snapshot, and their rows."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from kpi_engine.adapters.bench import SqlBench
from kpi_engine.adapters.definitions import SqlDefinitionStore
from kpi_engine.adapters.ledger import SqlLedger
from kpi_engine.adapters.rebuilds import REBUILT, SqlRebuilds
from kpi_engine.ports import CheckOutcome, Comparison, StoredCheck, Window

_LOCK = 0x776B66  # one process keeps a check at a time
_COLUMNS = (
    "id, day, began_at, ended_at, outcome, facts, rows, lost, surplus, figures, waiting,"
    " CAST(findings AS text)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlSnapshot:
    """Meets the port `Snapshot`: one transaction at REPEATABLE READ that is never committed.

    It takes no lock of ingest's: a batch writes its facts and their contributions together.
    """

    session: AsyncSession

    @property
    def ledger(self) -> SqlLedger:
        return SqlLedger(self.session)

    @property
    def store(self) -> SqlDefinitionStore:
        return SqlDefinitionStore(self.session)

    @property
    def rows(self) -> SqlRebuilds:
        return SqlRebuilds(self.session)

    def bench(self, *, rebuilt: bool) -> SqlBench:
        return SqlBench(self.session, table=REBUILT if rebuilt else "contribution")

    async def hold(self) -> bool:
        lock = text("SELECT pg_try_advisory_xact_lock(:key)")
        return bool(await self.session.scalar(lock, {"key": _LOCK}))

    async def last_day(self) -> date | None:
        return await _last_day(self.session)


@dataclass(frozen=True, slots=True)
class OpenSqlSnapshot:
    """Meets the port `OpenSnapshot`."""

    sessions: async_sessionmaker[AsyncSession]

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[SqlSnapshot]:
        async with self.sessions() as session:
            await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield SqlSnapshot(session=session)


class SqlChecks:
    """Meets the port `Checks`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def last_day(self) -> date | None:
        return await _last_day(self._session)

    async def standing_findings(self) -> Sequence[tuple[str, str]]:
        rows = await self._session.execute(
            text(
                "SELECT f ->> 'key', f ->> 'period' FROM ("
                "  SELECT findings FROM reconciliation WHERE outcome <> 'unfinished'"
                "  ORDER BY id DESC LIMIT 1"
                ") AS last, jsonb_array_elements(last.findings) AS f ORDER BY 1, 2"
            )
        )
        return [(row[0], row[1]) for row in rows]

    async def keep(
        self,
        *,
        day: date,
        began_at: datetime,
        ended_at: datetime,
        outcome: CheckOutcome,
        found: Comparison,
        findings: str,
    ) -> int:
        number = await self._session.scalar(
            text(
                "INSERT INTO reconciliation (day, began_at, ended_at, outcome, facts, rows, lost,"
                " surplus, figures, waiting, findings) VALUES (:day, :began_at, :ended_at,"
                " :outcome, :facts, :rows, :lost, :surplus, :figures, :waiting,"
                " CAST(:findings AS jsonb)) RETURNING id"
            ),
            {
                "day": day,
                "began_at": began_at,
                "ended_at": ended_at,
                "outcome": outcome.value,
                "facts": found.facts,
                "rows": found.rows,
                "lost": found.lost,
                "surplus": found.surplus,
                "figures": found.figures,
                "waiting": found.waiting,
                "findings": findings,
            },
        )
        return int(number or 0)


class SqlCheckReads:
    """Meets the port `CheckReads`."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions

    async def checks(self, *, window: Window) -> Sequence[StoredCheck]:
        comparison, order = (">", "ASC") if window.backward else ("<", "DESC")
        async with self._sessions() as session:
            rows = await session.execute(
                text(
                    f"SELECT {_COLUMNS} FROM reconciliation"  # noqa: S608 - our own names
                    f" WHERE CAST(:after AS bigint) IS NULL OR id {comparison} :after"
                    f" ORDER BY id {order} LIMIT :limit"
                ),
                {"after": window.after, "limit": window.limit},
            )
            return [StoredCheck(*row) for row in rows]

    async def check(self, *, id: int) -> StoredCheck | None:
        async with self._sessions() as session:
            rows = await session.execute(
                text(f"SELECT {_COLUMNS} FROM reconciliation WHERE id = :id"),  # noqa: S608 - our own names
                {"id": id},
            )
            row = rows.one_or_none()
        return None if row is None else StoredCheck(*row)


async def _last_day(session: AsyncSession) -> date | None:
    found: date | None = await session.scalar(text("SELECT max(day) FROM reconciliation"))
    return found
