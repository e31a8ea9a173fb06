"""Marks, state rows and judgements on PostgreSQL."""

import json
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from kpi_engine.ports import Claim, Kept, Offsets


class SqlJudgements:
    """Meets the port `Judgements` inside one transaction at REPEATABLE READ.

    All of the transaction sees one snapshot: a mark that it reads, the facts behind it, and the
    offsets that are kept with the judgement belong together, so that it can be explained exactly.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def claim(self, *, limit: int, aside: Sequence[int] = ()) -> Sequence[Claim]:
        await self._session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        marked = await self._session.execute(
            text(
                "SELECT indicator, period FROM mark"
                " WHERE NOT id = ANY(CAST(:aside AS bigint[])) GROUP BY indicator, period"
                " ORDER BY min(id) LIMIT :limit"
            ),
            {"limit": limit, "aside": list(aside)},
        )
        pairs = sorted((row[0], row[1]) for row in marked)
        if not pairs:
            return []
        columns = {"i": [pair[0] for pair in pairs], "p": [pair[1] for pair in pairs]}
        wanted = "unnest(CAST(:i AS text[]), CAST(:p AS text[])) AS w(indicator, period)"
        await self._session.execute(
            text(
                "INSERT INTO indicator_state (indicator, period, revision)"  # noqa: S608 - our own names
                f" SELECT w.indicator, w.period, 0 FROM {wanted} ON CONFLICT DO NOTHING"
            ),
            columns,
        )
        rows = await self._session.execute(
            text(
                "SELECT s.indicator, s.period, s.revision, s.said FROM indicator_state s"  # noqa: S608 - our own names
                f" JOIN {wanted} USING (indicator, period)"
                " ORDER BY s.indicator, s.period FOR UPDATE OF s SKIP LOCKED"
            ),
            columns,
        )
        states = {(row[0], row[1]): (int(row[2]), row[3]) for row in rows}
        found = await self._session.execute(
            text(
                "SELECT m.id, m.indicator, m.period, m.daily, m.restates FROM mark m"  # noqa: S608 - our own names
                f" JOIN {wanted} USING (indicator, period)"
            ),
            columns,
        )
        marks: dict[tuple[str, str], list[tuple[int, bool, bool]]] = defaultdict(list)
        for number, indicator, period, daily, restates in found:
            marks[indicator, period].append((number, daily, restates))
        return [
            Claim(
                indicator=pair[0],
                period=pair[1],
                revision=revision,
                last=last,
                daily=any(daily for _, daily, _ in marks[pair]),
                restated=any(restates for _, _, restates in marks[pair]),
                marks=tuple(number for number, _, _ in marks[pair]),
            )
            for pair, (revision, last) in states.items()
        ]

    async def offsets(self) -> Offsets:
        rows = await self._session.execute(
            text("SELECT topic, partition, next_offset FROM consumer_offset ORDER BY 1, 2")
        )
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for topic, partition, offset in rows:
            found[topic][str(partition)] = int(offset)
        return dict(found)

    async def keep(self, kept: Sequence[Kept], *, offsets: Offsets) -> None:
        if not kept:
            return
        columns = {
            "indicator": [one.indicator for one in kept],
            "plan": [one.plan for one in kept],
            "period": [one.period for one in kept],
            "revision": [one.revision for one in kept],
            "judged_on": [one.judged_on for one in kept],
            "judged_at": [one.judged_at for one in kept],
            "daily": [one.daily for one in kept],
            "result": [one.result for one in kept],
        }
        await self._session.execute(
            text(
                """
                INSERT INTO judgement (indicator, plan, period, revision, judged_on, judged_at,
                                       daily, result, offsets)
                SELECT j.*, CAST(:offsets AS jsonb) FROM unnest(
                    CAST(:indicator AS text[]), CAST(:plan AS text[]), CAST(:period AS text[]),
                    CAST(:revision AS int[]), CAST(:judged_on AS date[]),
                    CAST(:judged_at AS timestamptz[]), CAST(:daily AS boolean[]),
                    CAST(:result AS text[])) AS j
                """
            ),
            {**columns, "offsets": json.dumps(offsets)},
        )
        await self._session.execute(
            text(
                """
                UPDATE indicator_state AS s SET revision = j.revision, said = j.said
                FROM unnest(CAST(:indicator AS text[]), CAST(:period AS text[]),
                            CAST(:revision AS int[]), CAST(:said AS text[]))
                     AS j(indicator, period, revision, said)
                WHERE s.indicator = j.indicator AND s.period = j.period
                """
            ),
            {
                "indicator": columns["indicator"],
                "period": columns["period"],
                "revision": columns["revision"],
                "said": [one.said for one in kept],
            },
        )

    async def forget(self, marks: Sequence[int]) -> None:
        await self._session.execute(
            text("DELETE FROM mark WHERE id = ANY(CAST(:ids AS bigint[]))"), {"ids": list(marks)}
        )
