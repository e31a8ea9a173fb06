"""The samples, each kept once."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from notifier.adapters.tables import SampleRow
from notifier.adapters.wire import kept_sample
from notifier.domain.sample import Sample, Status
from notifier.ports.stores import Judged, Outcome, Watched

_KEY = tuple_(SampleRow.indicator, SampleRow.period, SampleRow.revision)


class SqlSamples:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def last_revisions(self, keys: Collection[Watched]) -> Mapping[Watched, int]:
        if not keys:
            return {}
        rows = await self._session.execute(
            select(SampleRow.indicator, SampleRow.period, func.max(SampleRow.revision))
            .where(tuple_(SampleRow.indicator, SampleRow.period).in_(sorted(keys)))
            .group_by(SampleRow.indicator, SampleRow.period)
        )
        return {(indicator, period): revision for indicator, period, revision in rows}

    async def known(self, judged: Sequence[Judged]) -> Collection[tuple[str, str, int]]:
        if not judged:
            return frozenset()
        keys = sorted({(j.sample.indicator, j.sample.period, j.sample.revision) for j in judged})
        rows = await self._session.execute(
            select(SampleRow.indicator, SampleRow.period, SampleRow.revision).where(_KEY.in_(keys))
        )
        return frozenset((indicator, period, revision) for indicator, period, revision in rows)

    async def keep(self, judged: Sequence[tuple[Judged, Outcome]]) -> None:
        if judged:
            await self._session.execute(
                insert(SampleRow),
                [
                    {
                        "indicator": item.sample.indicator,
                        "plan": item.sample.plan,
                        "period": item.sample.period,
                        "revision": item.sample.revision,
                        "judged_on": item.sample.judged_on,
                        "daily": item.sample.daily,
                        "outcome": outcome.value,
                        "event_id": item.event_id,
                        "judged": json.loads(item.payload),
                    }
                    for item, outcome in judged
                ],
            )

    async def awaiting(self, plan: str) -> Sequence[Sample]:
        rows = await self._session.scalars(
            select(SampleRow.judged)
            .where(SampleRow.plan == plan, SampleRow.outcome == Outcome.AWAITING.value)
            .order_by(SampleRow.indicator, SampleRow.period, SampleRow.revision)
        )
        return [kept_sample(judged) for judged in rows]

    async def settle(self, samples: Sequence[Sample], outcome: Outcome) -> None:
        keys = sorted((s.indicator, s.period, s.revision) for s in samples)
        if keys:
            await self._session.execute(
                update(SampleRow).where(_KEY.in_(keys)).values(outcome=outcome.value)
            )

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
