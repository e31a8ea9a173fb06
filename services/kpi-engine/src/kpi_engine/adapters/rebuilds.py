"""Contributions made again beside the live ones."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from kpi_engine.adapters.ledger import add_contributions
from kpi_engine.ports import Contribution, Loose, LooseRow, Side, Standing

REBUILT = "rebuilt"
_LIVE = "SELECT * FROM contribution WHERE measure = ANY(CAST(:measures AS int[]))"
_FIRST = f"""
    SELECT l.measure, l.lost, l.side, l.item, l.member, l.effective, f.source, f.event_id
    FROM (
        SELECT *, row_number() OVER (PARTITION BY measure ORDER BY lost DESC, fact, item, side) AS n
        FROM (
            SELECT true AS lost, a.* FROM (SELECT * FROM {REBUILT} EXCEPT ALL {_LIVE}) a
            UNION ALL
            SELECT false, b.* FROM ({_LIVE} EXCEPT ALL SELECT * FROM {REBUILT}) b
        ) AS either
    ) AS l LEFT JOIN fact f ON f.seq = l.fact
    WHERE l.n <= :shown ORDER BY l.measure, l.n
"""  # noqa: S608 - constants of ours
_COUNTS = f"""
    SELECT measure, count(*) FILTER (WHERE lost), count(*) FILTER (WHERE NOT lost)
    FROM (
        SELECT true AS lost, a.measure FROM (SELECT * FROM {REBUILT} EXCEPT ALL {_LIVE}) a
        UNION ALL
        SELECT false, b.measure FROM ({_LIVE} EXCEPT ALL SELECT * FROM {REBUILT}) b
    ) AS either GROUP BY measure
"""  # noqa: S608 - constants of ours
_STANDING = """
    SELECT j.result, EXISTS (
        SELECT FROM mark m WHERE m.indicator = s.indicator AND m.period = s.period
    )
    FROM indicator_state s JOIN judgement j
      ON j.indicator = s.indicator AND j.period = s.period AND j.revision = s.revision
    ORDER BY s.indicator, s.period
"""


class SqlRebuilds:
    """Meets the ports `Rebuilds` and `CheckRows` inside one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def begin(self) -> None:
        await self._session.execute(
            text(f"CREATE TEMPORARY TABLE {REBUILT} (LIKE contribution) ON COMMIT DROP")
        )

    async def add(self, rows: Sequence[Contribution]) -> None:
        await add_contributions(self._session, rows, table=REBUILT)

    async def differences(self, *, measures: Collection[int]) -> tuple[int, int, int]:
        made = await self._session.scalar(text(f"SELECT count(*) FROM {REBUILT}"))  # noqa: S608 - a constant of ours
        rows = await self._session.execute(text(_COUNTS), {"measures": list(measures)})
        lost = surplus = 0
        for _, more, less in rows:
            lost, surplus = lost + int(more), surplus + int(less)
        return int(made or 0), lost, surplus

    async def take_over(self) -> None:
        await self._session.execute(text("DELETE FROM contribution"))
        await self._session.execute(text(f"INSERT INTO contribution SELECT * FROM {REBUILT}"))  # noqa: S608 - a constant of ours

    async def complete(self) -> None:
        await self._session.execute(text(f"CREATE INDEX ON {REBUILT} (measure, item)"))
        # A new table has no statistics: without them its joins may be planned for ten rows.
        await self._session.execute(text(f"ANALYZE {REBUILT}"))

    async def loose(self, *, measures: Collection[int], shown: int) -> Mapping[int, Loose]:
        asked = {"measures": list(measures)}
        counts = {
            measure: (int(lost), int(surplus))
            for measure, lost, surplus in await self._session.execute(text(_COUNTS), asked)
        }
        if not counts:
            return {}
        first: dict[int, list[LooseRow]] = defaultdict(list)
        for row in await self._session.execute(text(_FIRST), {**asked, "shown": shown}):
            measure, lost, side, *rest = row
            first[measure].append(LooseRow(measure, lost, Side(side), *rest))
        return {
            measure: Loose(lost, surplus, tuple(first[measure]))
            for measure, (lost, surplus) in counts.items()
        }

    async def counted_by(self, items: Collection[str]) -> Mapping[str, Collection[int]]:
        found: dict[str, set[int]] = defaultdict(set)
        rows = await self._session.execute(
            text(
                f"SELECT DISTINCT item, measure FROM {REBUILT}"  # noqa: S608 - a constant of ours
                " WHERE item = ANY(CAST(:items AS text[]))"
            ),
            {"items": list(items)},
        )
        for item, measure in rows:
            found[item].add(measure)
        return found

    async def standing(self) -> Sequence[Standing]:
        return [Standing(*row) for row in await self._session.execute(text(_STANDING))]
