"""What the API reads: judgements, facts, parked records."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from kpi_engine.ports import FactRecord, ParkedRecord, StoredJudgement, Window

FACT_COLUMNS = (
    "f.seq, f.digest, f.name, f.source, f.event_id, f.stated, f.recorded, f.payload, f.topic,"
    ' f.partition, f."offset", f.subject, f.effective, f.target, f.actor'
)
_PARKED = (
    'id, topic, partition, "offset", recorded_at, key, value, headers, code, reason, parked_at,'
    " attempts, replayed_at"
)
# By the state row, so that no more than one judgement an indicator is read.
_LAST = """
    SELECT j.id, j.result, j.offsets FROM indicator_state s CROSS JOIN LATERAL (
        SELECT id, result, offsets, plan FROM judgement
        WHERE indicator = s.indicator AND period = s.period
          AND judged_at <= COALESCE(CAST(:as_of AS timestamptz), 'infinity')
        ORDER BY judged_at DESC, revision DESC LIMIT 1
    ) AS j
"""

# Backwards from a judgement, as long as the status and its reason are the same.
_SINCE = """
    SELECT min(judged_on) FROM (
        SELECT j.judged_on, bool_and(
                   j.result::json ->> 'status' = a.result::json ->> 'status'
                   AND j.result::json ->> 'reason' IS NOT DISTINCT FROM a.result::json ->> 'reason'
               ) OVER (ORDER BY j.judged_at DESC, j.revision DESC) AS stands
        FROM judgement a JOIN judgement j
          ON j.indicator = a.indicator AND j.period = a.period
         AND (j.judged_at, j.revision) <= (a.judged_at, a.revision)
        WHERE a.id = :judgement
    ) AS run WHERE stands
"""


class SqlReads:
    """Meets the port `Reads`."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions

    async def last_judgements(
        self, *, plan: str, period: str, as_of: datetime | None
    ) -> Sequence[StoredJudgement]:
        rows = await self._rows(
            f"{_LAST} WHERE s.period = :period AND j.plan = :plan ORDER BY s.indicator",
            plan=plan,
            period=period,
            as_of=as_of,
        )
        return [StoredJudgement(*row) for row in rows]

    async def last_judgement(
        self, *, indicator: str, period: str, as_of: datetime | None
    ) -> StoredJudgement | None:
        rows = await self._rows(
            f"{_LAST} WHERE s.indicator = :indicator AND s.period = :period",
            indicator=indicator,
            period=period,
            as_of=as_of,
        )
        return StoredJudgement(*rows[0]) if rows else None

    async def status_since(self, *, judgement: int) -> date:
        [row] = await self._rows(_SINCE, judgement=judgement)
        since: date = row[0]
        return since

    async def series(
        self, *, indicator: str, period: str, as_of: datetime | None, window: Window
    ) -> Sequence[StoredJudgement]:
        rows = await self._window(
            "SELECT id, result, offsets FROM judgement"
            " WHERE indicator = :indicator AND period = :period"
            " AND judged_at <= COALESCE(CAST(:as_of AS timestamptz), 'infinity')",
            "id",
            window,
            indicator=indicator,
            period=period,
            as_of=as_of,
        )
        return [StoredJudgement(*row) for row in rows]

    async def facts(
        self,
        *,
        subject: str | None,
        name: str | None,
        topic: str | None,
        as_of: datetime | None,
        window: Window,
    ) -> Sequence[FactRecord]:
        rows = await self._window(
            f"SELECT {FACT_COLUMNS} FROM fact f"  # noqa: S608 - constants of ours
            " WHERE (CAST(:subject AS text) IS NULL OR subject = :subject)"
            " AND (CAST(:name AS text) IS NULL OR name = :name)"
            " AND (CAST(:topic AS text) IS NULL OR topic = :topic)"
            " AND (CAST(:as_of AS timestamptz) IS NULL OR recorded <= :as_of)",
            "seq",
            window,
            subject=subject,
            name=name,
            topic=topic,
            as_of=as_of,
        )
        return [FactRecord(*row) for row in rows]

    async def fact(self, *, digest: bytes) -> FactRecord | None:
        rows = await self._rows(
            f"SELECT {FACT_COLUMNS} FROM fact f WHERE digest = :digest",  # noqa: S608 - constants of ours
            digest=digest,
        )
        return FactRecord(*rows[0]) if rows else None

    async def last_fact(self) -> int:
        [row] = await self._rows("SELECT COALESCE(max(seq), 0) FROM fact")
        return int(row[0])

    async def corrections_of(self, *, digest: bytes) -> Sequence[FactRecord]:
        rows = await self._rows(
            f"SELECT {FACT_COLUMNS} FROM fact f"  # noqa: S608 - constants of ours
            " WHERE target IS NOT NULL AND target = :digest ORDER BY seq",
            digest=digest,
        )
        return [FactRecord(*row) for row in rows]

    async def counts_in(self, *, seq: int) -> Sequence[str]:
        rows = await self._rows(
            "SELECT DISTINCT m.indicator FROM contribution c JOIN measure m ON m.id = c.measure"
            " WHERE c.fact = :fact AND m.active AND m.indicator <> '' ORDER BY m.indicator",
            fact=seq,
        )
        return [row[0] for row in rows]

    async def parked(self, *, code: str | None, window: Window) -> Sequence[ParkedRecord]:
        rows = await self._window(
            f"SELECT {_PARKED} FROM parked"  # noqa: S608 - constants of ours
            " WHERE (CAST(:code AS text) IS NULL OR code = :code)",
            "id",
            window,
            code=code,
        )
        return [ParkedRecord(*row) for row in rows]

    async def parked_record(self, *, id: int) -> ParkedRecord | None:
        rows = await self._rows(f"SELECT {_PARKED} FROM parked WHERE id = :id", id=id)  # noqa: S608 - constants of ours
        return ParkedRecord(*rows[0]) if rows else None

    async def _window(
        self, query: str, column: str, window: Window, **parameters: object
    ) -> list[Any]:
        compare, order = ("<", "DESC") if window.backward else (">", "ASC")
        beyond = "" if window.after is None else f" AND {column} {compare} :after"
        return await self._rows(
            f"{query}{beyond} ORDER BY {column} {order} LIMIT :limit",
            **parameters,
            limit=window.limit,
            **({} if window.after is None else {"after": window.after}),
        )

    async def _rows(self, query: str, **parameters: object) -> list[Any]:
        async with self._sessions() as session:
            return list((await session.execute(text(query), parameters)).all())
