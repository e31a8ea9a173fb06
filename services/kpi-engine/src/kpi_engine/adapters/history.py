"""The ledger below log positions: what a judgement had read, and nothing that came later.

Its session sees one snapshot, or the contributions that are kept could run ahead of the positions.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from kpi_engine.adapters import measures_sql as sql
from kpi_engine.adapters.bench import SqlBench, own_or_years, released_in
from kpi_engine.adapters.beyond import moved_since
from kpi_engine.adapters.ledger import add_contributions, correction_from
from kpi_engine.adapters.listings import fates_of
from kpi_engine.adapters.parts import SqlParts
from kpi_engine.adapters.reads import FACT_COLUMNS
from kpi_engine.domain.definitions import (
    AttendedMeasure,
    CountMeasure,
    DistinctMeasure,
    IntervalMeasure,
    LatestSumMeasure,
    MilestonesMeasure,
)
from kpi_engine.ports import (
    Contribution,
    Detail,
    DetailRow,
    FactRecord,
    Offsets,
    Question,
    Restated,
    SaidRow,
    Side,
    StoredCorrection,
    StoredFact,
    StoredJudgement,
)

_LIVE = "contribution"
_TABLE = "explained"
_STORED = "f.seq, f.digest, f.name, f.source, f.event_id, f.stated, f.recorded, f.payload"
_BELOW = """
    JOIN unnest(CAST(:topics AS text[]), CAST(:partitions AS int[]), CAST(:nexts AS bigint[]))
         AS b(topic, partition, next)
      ON b.topic = f.topic AND b.partition = f.partition AND f."offset" < b.next
"""
_PAIR_FACTS = """
    SELECT DISTINCT ON (c.item, c.member) c.item, c.member, c.effective, c.fact
    FROM {t} c JOIN fact f ON f.seq = c.fact
    WHERE c.measure = :measure AND c.side = 1
    ORDER BY c.item, c.member, c.effective, c.stated, f.source COLLATE "C", f.event_id COLLATE "C"
"""
_SAID = """
    SELECT item, counted, member, effective, fact FROM {t}
    WHERE measure = :measure AND side = :side ORDER BY effective, stated, fact
"""
_FIGURES = """
    SELECT c.period, c.item, c.effective, c.amount, c.whole, c.fact
    FROM {t} c JOIN fact f ON f.seq = c.fact
    WHERE c.measure = :measure AND c.side = 17 AND c.item = :item
      AND c.period = ANY(CAST(:periods AS text[])) AND c.effective <= :as_of
    ORDER BY c.stated DESC, f.source COLLATE "C" DESC, f.event_id COLLATE "C" DESC
"""


_SAID_OF_IT = """
    SELECT c.side, c.period, c.place, c.amount, c.whole, c.until, c.fact
    FROM {t} c JOIN fact f ON f.seq = c.fact
    WHERE c.measure = :measure
      AND (c.side = 3 AND c.until <= :as_of OR c.side IN (15, 16, 18) AND c.item = :item)
    ORDER BY c.period, c.place, c.stated, f.source COLLATE "C", f.event_id COLLATE "C"
"""


_RESTATED = """
    WITH said AS (
        SELECT j.revision, j.judged_on, j.judged_at, (CAST(j.result AS jsonb)) AS r
        FROM judgement j JOIN judgement k USING (indicator, period)
        WHERE k.id = :id AND j.revision <= k.revision
    ), figures AS (
        SELECT revision, judged_on, judged_at,
               COALESCE(CAST(r->>'restated' AS boolean), false) AS corrected,
               CAST(r->>'numerator' AS numeric) AS n, CAST(r->>'denominator' AS numeric) AS d,
               lag(CAST(r->>'numerator' AS numeric)) OVER w AS n_before,
               lag(CAST(r->>'denominator' AS numeric)) OVER w AS d_before,
               lag(judged_at) OVER w AS before_at,
               judged_on > CAST(r->>'period_end' AS date)
                   AND lag(judged_on) OVER w > CAST(r->>'period_end' AS date) AS over
        FROM said WINDOW w AS (ORDER BY revision)
    )
    SELECT revision, judged_on, judged_at, corrected, n, d, n_before, d_before, before_at
    FROM figures
    WHERE before_at IS NOT NULL AND (corrected OR over)
      AND (n IS DISTINCT FROM n_before OR d IS DISTINCT FROM d_before)
    ORDER BY revision
"""


class SqlHistory:
    """Meets the port `History`. A copy, if one is needed, is a table that ends with the session."""

    def __init__(self, session: AsyncSession, *, offsets: Offsets | None) -> None:
        """See the ledger below some positions, or (None) all of it."""
        self._session = session
        self._table = _LIVE
        self._join = "" if offsets is None else _BELOW
        places = [
            (topic, int(partition), offset)
            for topic, partitions in (offsets or {}).items()
            for partition, offset in partitions.items()
        ]
        self._positions: dict[str, object] = {
            "topics": [place[0] for place in places],
            "partitions": [place[1] for place in places],
            "nexts": [place[2] for place in places],
        }

    async def published(self) -> tuple[Sequence[StoredFact], Sequence[StoredCorrection]]:
        rows = await self._below(
            f"SELECT {_STORED} FROM fact f {self._join} WHERE f.name = 'plan.published'"  # noqa: S608 - constants of ours
            " ORDER BY f.seq"
        )
        facts = [StoredFact(*row) for row in rows]
        return facts, await self.corrections([fact.digest for fact in facts])

    async def prepare(
        self, *, measures: Collection[int], names: Collection[str]
    ) -> tuple[Sequence[StoredFact], Sequence[StoredCorrection]]:
        if not await moved_since(self._session, self._positions, measures):
            return (), ()
        self._table = _TABLE
        await self._session.execute(
            text(f"CREATE TEMPORARY TABLE {_TABLE} (LIKE contribution) ON COMMIT DROP")
        )
        await self._below(
            f"""
            INSERT INTO {_TABLE} SELECT c.* FROM contribution c JOIN fact f ON f.seq = c.fact
            {self._join}
            WHERE c.measure = ANY(CAST(:measures AS int[]))
              AND NOT EXISTS (SELECT FROM fact k WHERE k.target IS NOT NULL
                              AND k.target = f.digest)
            RETURNING NULL
            """,  # noqa: S608 - constants of ours
            measures=list(measures),
        )
        return await self.corrected(names=names)

    async def corrected(
        self, *, names: Collection[str]
    ) -> tuple[Sequence[StoredFact], Sequence[StoredCorrection]]:
        rows = await self._below(
            f"SELECT {_STORED} FROM fact f {self._join}"  # noqa: S608 - constants of ours
            " WHERE f.name = ANY(CAST(:names AS text[]))"
            " AND EXISTS (SELECT FROM fact k WHERE k.target IS NOT NULL AND k.target = f.digest)",
            names=list(names),
        )
        facts = [StoredFact(*row) for row in rows]
        return facts, await self.corrections([fact.digest for fact in facts])

    async def corrections(self, digests: Collection[bytes]) -> Sequence[StoredCorrection]:
        found: list[StoredCorrection] = []
        waiting = list(digests)
        while waiting:
            rows = await self._below(
                f"SELECT {_STORED}, f.target FROM fact f {self._join}"  # noqa: S608 - constants of ours
                " WHERE f.target IS NOT NULL AND f.target = ANY(CAST(:targets AS bytea[]))",
                targets=waiting,
            )
            level = [correction_from(StoredFact(*row[:8]), bytes(row[8])) for row in rows]
            found.extend(level)
            waiting = [one.correction.digest for one in level]
        return found

    async def add(self, rows: Sequence[Contribution]) -> None:
        if self._table == _LIVE:
            return  # nothing was laid out: what is kept is what was known then
        await add_contributions(self._session, rows, table=_TABLE)
        # A new table has no statistics: without them its joins may be planned for ten rows.
        await self._session.execute(text(f"ANALYZE {_TABLE}"))

    def bench(self) -> SqlBench:
        return SqlBench(self._session, table=self._table)

    def parts(self) -> SqlParts:
        return SqlParts(self._session, self.bench())

    async def records(self, seqs: Collection[int]) -> Mapping[int, FactRecord]:
        rows = await self._session.execute(
            text(f"SELECT {FACT_COLUMNS} FROM fact f WHERE seq = ANY(CAST(:seqs AS bigint[]))"),  # noqa: S608 - constants of ours
            {"seqs": list(seqs)},
        )
        return {row[0]: FactRecord(*row) for row in rows}

    async def candidates(self, *, names: Collection[str], limit: int) -> Sequence[FactRecord]:
        rows = await self._below(
            f"SELECT {FACT_COLUMNS} FROM fact f {self._join}"  # noqa: S608 - constants of ours
            " WHERE f.name = ANY(CAST(:names AS text[])) ORDER BY f.seq DESC LIMIT :limit",
            names=list(names),
            limit=limit,
        )
        return [FactRecord(*row) for row in rows]

    async def detail(self, question: Question) -> Detail:
        """The lines behind a measure; those of a stated figure are the figure itself."""
        calendar = question.plan.calendar
        figures = await self._run(
            _FIGURES,
            measure=question.plan.measure_id,
            item=question.indicator,
            periods=[
                question.period.code,
                *([year.code for year in calendar.years] if question.carries else ()),
            ],
            as_of=question.as_of,
        )
        if figures:
            _, item, effective, amount, whole, fact = _standing_figure(figures, question)
            return Detail(
                numerator=[DetailRow(item, effective, fact, amount)],
                denominator=[] if whole is None else [DetailRow(item, effective, fact, whole)],
            )
        match question.measure:
            case CountMeasure():
                return await self._counted(question)
            case DistinctMeasure():
                return await self._paired(question)
            case IntervalMeasure():
                return await self._requests(question)
            case AttendedMeasure():
                return await self._invitations(question)
            case LatestSumMeasure():
                return await self._amounts(question)
            case MilestonesMeasure():
                listed = await self._listed(question)
                return Detail(
                    done_by=await self._done_by(question, listed, Side.REACHED),
                    added=_added(listed, weighted=True),
                )
            case None:
                return Detail()

    async def said(self, question: Question) -> Sequence[SaidRow]:
        rows = await self._run(
            _SAID_OF_IT,
            measure=question.plan.measure_id,
            item=question.indicator,
            as_of=question.as_of,
        )
        return [SaidRow(Side(row.side), *row[1:]) for row in rows]

    async def restated(self, judged: StoredJudgement) -> Sequence[Restated]:
        rows = await self._session.execute(text(_RESTATED), {"id": judged.id})
        return [Restated(*row) for row in rows]

    async def _counted(self, question: Question) -> Detail:
        rows = await self._run(f"{sql.COUNTED} ORDER BY c.effective, c.item", **_asked(question))
        listed = await self._listed(question)
        return Detail(
            numerator=[DetailRow(row.item, row.effective, row.fact) for row in rows],
            done_by=await self._done_by(question, listed, Side.NUMERATOR),
            listed_by={row.item: row.fact for row in listed},
            added=_added(listed, weighted=False),
        )

    async def _listed(self, question: Question) -> Sequence[Any]:
        return await self._run(
            sql.LISTED,
            plans=[question.plan.measure_id],
            measures=[question.measure_id],
            as_of=question.as_of,
        )

    async def _done_by(
        self, question: Question, listed: Sequence[Any], side: Side
    ) -> dict[str, int]:
        plan = question.plan
        fates = fates_of(
            await self._run(
                sql.FATES, plans=[plan.measure_id], items=sorted({row.item for row in listed})
            ),
            as_of=question.as_of,
            begins={plan.code: plan.calendar.cycle.start},
        )
        return {item: fate.facts[side] for item, fate in fates.items() if side in fate.facts}

    async def _paired(self, question: Question) -> Detail:
        rows = await self._run(_PAIR_FACTS, measure=question.measure_id)
        return Detail(
            numerator=[
                DetailRow(row.item, row.effective, row.fact, member=row.member)
                for row in rows
                if question.period.start <= row.effective <= question.until
            ]
        )

    async def _requests(self, question: Question) -> Detail:
        rows = await self._run(f"{sql.REQUESTS} ORDER BY r.received_on, r.item", **_asked(question))
        missions: dict[tuple[Any, ...], int] = {}
        supported: set[str] = set()
        for row in await self._run(_SAID, measure=question.measure_id, side=int(Side.MISSION)):
            missions.setdefault((row.item, row.counted, row.member, row.effective), row.fact)
            if question.period.start <= row.effective <= question.until:
                supported.add(row.member)
        waiting = {row.member for row in rows if not row.served}
        open_rows = {row.fact: row for row in rows}
        served = {}
        for row in rows:
            if row.served:
                fact = missions[row.item, row.counted, row.member, row.completed_on]
                served[row.item, fact] = DetailRow(
                    row.item, row.completed_on, fact, member=row.member
                )
        return Detail(
            numerator=list(served.values()),
            denominator=[
                DetailRow(row.item, row.received_on, row.fact, member=row.member)
                for row in open_rows.values()
            ],
            partly=sorted(waiting & {row.member for row in rows if row.served}),
            unasked=sorted(supported - {row.member for row in rows}),
        )

    async def _invitations(self, question: Question) -> Detail:
        said = await self._run(
            f"{sql.INVITATIONS} ORDER BY i.effective, i.item", **_asked(question)
        )
        rows = [row for row in said if not row.called_off]
        attended: dict[str, int] = {}
        for row in await self._run(_SAID, measure=question.measure_id, side=int(Side.ATTENDED)):
            attended.setdefault(row.item, row.fact)
        return Detail(
            numerator=[
                DetailRow(row.item, row.effective, attended[row.item], title=row.title)
                for row in rows
                if row.attended
            ],
            denominator=[
                DetailRow(row.item, row.effective, row.fact, title=row.title) for row in rows
            ],
        )

    async def _amounts(self, question: Question) -> Detail:
        rows = await self._run(f"{sql.AMOUNTS} ORDER BY l.effective, l.item", **_asked(question))
        chosen = own_or_years(rows, question, period=lambda row: row.period)
        return Detail(
            numerator=[DetailRow(r.item, r.effective, r.fact, r.amount) for r in chosen],
            denominator=[DetailRow(r.item, r.effective, r.fact, r.whole) for r in chosen],
        )

    async def _run(self, query: str, **parameters: object) -> Sequence[Any]:
        return await self.bench().rows(query, parameters)

    async def _below(self, query: str, **parameters: object) -> Sequence[Any]:
        positions = self._positions if self._join else {}
        result = await self._session.execute(text(query), {**positions, **parameters})
        return result.all()


def _added(listed: Sequence[Any], *, weighted: bool) -> dict[int, Decimal]:
    """How many items, or how much weight, each adoption lists first."""
    found: dict[int, Decimal] = defaultdict(Decimal)
    for row in listed:
        found[row.fact] += Decimal(row.amount or 0) if weighted else Decimal(1)
    return dict(found)


def _standing_figure(rows: Sequence[Any], question: Question) -> Any:
    """The period's own figure, else the latest level of its years: the latest stated of each."""
    latest = {row.period: row for row in reversed(rows)}
    if question.period.code in latest:
        return latest[question.period.code]
    order = [year.code for year in question.plan.calendar.years]
    return max(latest.values(), key=lambda row: (row.effective, order.index(row.period)))


def _asked(question: Question) -> dict[str, object]:
    return {
        "no": [0],
        "measure": [question.measure_id],
        "released": [released_in(question)],
        "start_on": [question.period.start],
        "until_on": [question.until],
        "end_on": [question.period.end],
        "mature_on": [question.until - timedelta(days=question.service_days)],
        "as_of": question.as_of,
    }
