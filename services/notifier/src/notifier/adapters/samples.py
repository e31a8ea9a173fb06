"""The samples, each kept once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from notifier.adapters.tables import SampleRow
from notifier.adapters.wire import kept_sample
from notifier.domain.sample import Sample, Status
from notifier.ports.stores import Judged, Outcome, Watched

# Each business day brings all indicators at once: keys go as arrays, whose number changes no text.
_ASKED = """
    unnest(CAST(:indicators AS text[]), CAST(:periods AS text[]), CAST(:revisions AS bigint[]))
        AS asked(indicator, period, revision)
"""
# By the index, one row a key: the samples of a key grow with every day.
_LAST = text("""
    SELECT asked.indicator, asked.period, last.revision
    FROM unnest(CAST(:indicators AS text[]), CAST(:periods AS text[])) AS asked(indicator, period)
    CROSS JOIN LATERAL (
        SELECT s.revision FROM sample s
        WHERE s.indicator = asked.indicator AND s.period = asked.period
        ORDER BY s.revision DESC LIMIT 1
    ) AS last
""")
_KNOWN = text(
    f"SELECT indicator, period, revision FROM sample JOIN {_ASKED} USING (indicator, period, revision)"  # noqa: S608,E501 - our own names
)
_KEEP = text("""
    INSERT INTO sample (indicator, plan, period, revision, judged_on, daily, outcome, event_id,
                        judged)
    SELECT indicator, plan, period, revision, judged_on, daily, outcome, event_id,
           CAST(judged AS jsonb)
    FROM unnest(CAST(:indicators AS text[]), CAST(:plans AS text[]), CAST(:periods AS text[]),
                CAST(:revisions AS bigint[]), CAST(:days AS date[]), CAST(:daily AS boolean[]),
                CAST(:outcomes AS text[]), CAST(:ids AS text[]), CAST(:judged AS text[]))
         WITH ORDINALITY AS new(indicator, plan, period, revision, judged_on, daily, outcome,
                                event_id, judged, place)
    ORDER BY place
""")
_SETTLE = text(
    f"UPDATE sample AS s SET outcome = :outcome FROM {_ASKED}"  # noqa: S608 - our own names
    " WHERE s.indicator = asked.indicator AND s.period = asked.period"
    " AND s.revision = asked.revision"
)


class SqlSamples:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def last_revisions(self, keys: Collection[Watched]) -> Mapping[Watched, int]:
        if not keys:
            return {}
        indicators, periods = zip(*sorted(keys), strict=True)
        rows = await self._session.execute(
            _LAST, {"indicators": list(indicators), "periods": list(periods)}
        )
        return {(indicator, period): revision for indicator, period, revision in rows}

    async def known(self, judged: Sequence[Judged]) -> Collection[tuple[str, str, int]]:
        if not judged:
            return frozenset()
        rows = await self._session.execute(_KNOWN, _columns(item.sample for item in judged))
        return frozenset((indicator, period, revision) for indicator, period, revision in rows)

    async def keep(self, judged: Sequence[tuple[Judged, Outcome]]) -> None:
        if not judged:
            return
        samples = [item.sample for item, _ in judged]
        await self._session.execute(
            _KEEP,
            {
                "indicators": [sample.indicator for sample in samples],
                "plans": [sample.plan for sample in samples],
                "periods": [sample.period for sample in samples],
                "revisions": [sample.revision for sample in samples],
                "days": [sample.judged_on for sample in samples],
                "daily": [sample.daily for sample in samples],
                "outcomes": [outcome.value for _, outcome in judged],
                "ids": [item.event_id for item, _ in judged],
                "judged": [item.payload.decode() for item, _ in judged],
            },
        )

    async def awaiting(self, plan: str) -> Sequence[Sample]:
        rows = await self._session.scalars(
            select(SampleRow.judged)
            .where(SampleRow.plan == plan, SampleRow.outcome == Outcome.AWAITING.value)
            .order_by(SampleRow.indicator, SampleRow.period, SampleRow.revision)
        )
        return [kept_sample(judged) for judged in rows]

    async def settle(self, samples: Sequence[Sample], outcome: Outcome) -> None:
        if samples:
            await self._session.execute(_SETTLE, {"outcome": outcome.value, **_columns(samples)})

    async def before(self, sample: Sample) -> Sample | None:
        judged = await self._session.scalar(
            select(SampleRow.judged)
            .where(
                SampleRow.indicator == sample.indicator,
                SampleRow.period == sample.period,
                SampleRow.revision < sample.revision,
            )
            .order_by(SampleRow.revision.desc())
            .limit(1)
        )
        return None if judged is None else kept_sample(judged)

    async def last_on_track(self, *, indicator: str, period: str, before: date) -> date | None:
        return await last_on_track(self._session, indicator=indicator, period=period, before=before)

    async def latest(self, *, indicator: str, period: str, until: int) -> Sample | None:
        judged = await self._session.scalar(
            select(SampleRow.judged)
            .where(
                SampleRow.indicator == indicator,
                SampleRow.period == period,
                SampleRow.revision <= until,
            )
            .order_by(SampleRow.revision.desc())
            .limit(1)
        )
        return None if judged is None else kept_sample(judged)

    async def get(self, *, indicator: str, period: str, revision: int) -> Sample:
        judged = (
            await self._session.scalars(
                select(SampleRow.judged).where(
                    SampleRow.indicator == indicator,
                    SampleRow.period == period,
                    SampleRow.revision == revision,
                )
            )
        ).one()
        return kept_sample(judged)


async def last_on_track(
    session: AsyncSession, *, indicator: str, period: str, before: date
) -> date | None:
    """The last day before another that was judged to be on track."""
    found: date | None = await session.scalar(
        select(SampleRow.judged_on)
        .where(
            SampleRow.indicator == indicator,
            SampleRow.period == period,
            SampleRow.judged_on < before,
            SampleRow.judged["status"].astext == Status.ON_TRACK.value,
        )
        .order_by(SampleRow.revision.desc())
        .limit(1)
    )
    return found


def _columns(samples: Iterable[Sample]) -> dict[str, list[object]]:
    keys = sorted({(one.indicator, one.period, one.revision) for one in samples})
    names = ("indicators", "periods", "revisions")
    return {name: list(column) for name, column in zip(names, zip(*keys, strict=True), strict=True)}
