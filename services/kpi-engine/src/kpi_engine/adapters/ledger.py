"""The ledger and its contributions on PostgreSQL: a few set-based statements a batch."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from kpi_engine.domain.corrections import Correction, CorrectionKind
from kpi_engine.ports import Contribution, Draft, Fact, Mark, Side, StoredCorrection, StoredFact

_LOCK = 0x776B65  # "wke": the definitions, shared or exclusive, for one transaction
_CHUNK = 5000

# Columns of a contribution beside its measures, with the type of the array they are sent in.
_REQUIRED = {"side": "smallint", "item": "text"}
_OPTIONAL = {
    "counted": "text",
    "member": "text",
    "amount": "numeric",
    "whole": "numeric",
    "listed": "boolean",
    "period": "text",
    "effective": "date",
    "until": "date",
    "place": "int",
    "title": "text",
    "title_fr": "text",
}
_OF_FACT = {"fact": "bigint", "stated": "timestamptz", "recorded": "timestamptz"}

_STORED = "seq, digest, name, source, event_id, stated, recorded, payload"


class SqlLedger:
    """Meets the port `Ledger` inside one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock_definitions(self, *, exclusive: bool) -> None:
        function = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
        await self._session.execute(text(f"SELECT {function}(:key)"), {"key": _LOCK})

    async def append(self, facts: Sequence[Fact]) -> Mapping[bytes, int]:
        if not facts:
            return {}
        # Sorted, so that two transactions with the same facts meet in the same order.
        columns = zip(*sorted(facts, key=lambda fact: fact.digest), strict=True)
        rows = await self._session.execute(
            text(
                """
                INSERT INTO fact (digest, content, source, event_id, name, stated, recorded, topic,
                                  partition, "offset", subject, effective, target, payload,
                                  actor)
                SELECT * FROM unnest(
                    CAST(:digest AS bytea[]), CAST(:content AS bytea[]), CAST(:source AS text[]),
                    CAST(:id AS text[]), CAST(:name AS text[]), CAST(:time AS timestamptz[]),
                    CAST(:recorded AS timestamptz[]), CAST(:topic AS text[]),
                    CAST(:partition AS int[]), CAST(:offset AS bigint[]), CAST(:subject AS text[]),
                    CAST(:effective AS date[]), CAST(:target AS bytea[]), CAST(:payload AS bytea[]),
                    CAST(:actor AS text[]))
                ON CONFLICT (digest) DO NOTHING
                RETURNING digest, seq
                """
            ),
            {name: list(column) for name, column in zip(Fact._fields, columns, strict=True)},
        )
        return {bytes(digest): int(seq) for digest, seq in rows}

    async def contents(self, digests: Collection[bytes]) -> Mapping[bytes, tuple[bytes, str]]:
        if not digests:
            return {}
        rows = await self._session.execute(
            text("SELECT digest, content, name FROM fact WHERE digest = ANY(CAST(:d AS bytea[]))"),
            {"d": list(digests)},
        )
        return {bytes(row[0]): (bytes(row[1]), row[2]) for row in rows}

    async def corrections_below(self, digests: Collection[bytes]) -> Sequence[StoredCorrection]:
        found: list[StoredCorrection] = []
        waiting = list(digests)
        while waiting:
            rows = await self._session.execute(
                text(
                    f"SELECT {_STORED}, target FROM fact"  # noqa: S608 - our own column names
                    " WHERE target IS NOT NULL AND target = ANY(CAST(:targets AS bytea[]))"
                ),
                {"targets": waiting},
            )
            level = [correction_from(StoredFact(*row[:8]), bytes(row[8])) for row in rows]
            found.extend(level)
            # A circle of corrections is reached from no fact, so this ends.
            waiting = [one.correction.digest for one in level]
        return found

    async def corrected_by(self, digests: Collection[bytes]) -> Sequence[StoredFact]:
        if not digests:
            return []
        rows = await self._session.execute(
            text(
                f"""
                WITH RECURSIVE up AS (
                    SELECT target FROM fact WHERE digest = ANY(CAST(:digests AS bytea[]))
                    UNION
                    SELECT f.target FROM up JOIN fact f ON f.digest = up.target
                    WHERE f.target IS NOT NULL
                )
                SELECT {_STORED} FROM fact JOIN up ON fact.digest = up.target
                WHERE fact.target IS NULL ORDER BY seq
                """  # noqa: S608 - our own column names
            ),
            {"digests": list(digests)},
        )
        return [StoredFact(*row) for row in rows]

    async def add_contributions(self, rows: Sequence[Contribution]) -> None:
        await add_contributions(self._session, rows, table="contribution")

    async def drop_contributions(self, facts: Collection[int]) -> Sequence[Draft]:
        if not facts:
            return []
        rows = await self._session.execute(
            text(
                "DELETE FROM contribution WHERE fact = ANY(CAST(:facts AS bigint[]))"
                " RETURNING measure, side, item, period, effective"
            ),
            {"facts": list(facts)},
        )
        return [
            Draft((measure,), Side(side), item, period=period, effective=effective)
            for measure, side, item, period, effective in rows
        ]

    async def drop_measures(self, measures: Collection[int]) -> None:
        await self._session.execute(
            text("DELETE FROM contribution WHERE measure = ANY(CAST(:measures AS int[]))"),
            {"measures": list(measures)},
        )

    async def measures_listing(self, items: Collection[str]) -> Sequence[int]:
        if not items:
            return []
        rows = await self._session.execute(
            text(
                "SELECT DISTINCT measure FROM contribution"
                " WHERE side = 2 AND item = ANY(CAST(:items AS text[]))"  # 2: Side.PLANNED
            ),
            {"items": list(items)},
        )
        return [int(row[0]) for row in rows]

    async def measures_releasing(
        self, items: Collection[str], *, plans: Collection[int], counts: Collection[int], least: int
    ) -> Sequence[int]:
        if not items or not counts:
            return []
        rows = await self._session.execute(
            text(
                """
                WITH found AS MATERIALIZED (
                    SELECT item FROM contribution
                    WHERE measure = ANY(CAST(:plans AS int[])) AND side = 1
                      AND item = ANY(CAST(:items AS text[]))
                    GROUP BY item HAVING count(*) >= :least
                )
                SELECT DISTINCT c.measure
                FROM found JOIN contribution c ON c.item = found.item
                 AND c.measure = ANY(CAST(:counts AS int[])) AND c.side = 1
                """
            ),
            {"plans": list(plans), "items": list(items), "counts": list(counts), "least": least},
        )
        return [int(row[0]) for row in rows]

    async def scan(self, names: Collection[str]) -> AsyncIterator[Sequence[StoredFact]]:
        after = 0
        while True:
            rows = await self._session.execute(
                text(
                    f"SELECT {_STORED} FROM fact WHERE seq > :after"  # noqa: S608 - our own column names
                    " AND name = ANY(CAST(:names AS text[])) ORDER BY seq LIMIT :chunk"
                ),
                {"after": after, "names": list(names), "chunk": _CHUNK},
            )
            chunk = [StoredFact(*row) for row in rows]
            if not chunk:
                return
            yield chunk
            after = chunk[-1].seq

    async def mark(self, marks: Collection[Mark]) -> None:
        if not marks:
            return
        ordered = sorted(set(marks))
        await self._session.execute(
            text(
                """
                INSERT INTO mark (indicator, period, daily, restates)
                SELECT * FROM unnest(CAST(:indicators AS text[]), CAST(:periods AS text[]),
                                     CAST(:daily AS boolean[]), CAST(:restates AS boolean[]))
                """
            ),
            {
                "indicators": [mark.indicator for mark in ordered],
                "periods": [mark.period for mark in ordered],
                "daily": [mark.daily for mark in ordered],
                "restates": [mark.restates for mark in ordered],
            },
        )


async def add_contributions(
    session: AsyncSession, rows: Sequence[Contribution], *, table: str
) -> None:
    """Insert contributions into the live table, or into a copy of it to explain or compare.

    Those of one fact to several measures are sent once and spread by the server; a column in
    which all are null is not sent. Sending costs more than a fifth of the time of ingest.
    """
    if not rows:
        return
    drafts, facts, stated, recorded = zip(*rows, strict=True)
    columns = dict(zip(Draft._fields, zip(*drafts, strict=True), strict=True))
    optional = {
        name: kind for name, kind in _OPTIONAL.items() if columns[name].count(None) < len(rows)
    }
    kinds = _REQUIRED | optional | _OF_FACT
    names = ", ".join(kinds)
    arrays = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in kinds.items())
    joined = {measures: ",".join(map(str, measures)) for measures in set(columns["measures"])}
    await session.execute(
        text(
            f"""
            INSERT INTO {table} (measure, {names})
            SELECT CAST(m.measure AS int), {", ".join(f"d.{name}" for name in kinds)}
            FROM unnest(CAST(:measures AS text[]), {arrays}) AS d(measures, {names}),
                 unnest(string_to_array(d.measures, ',')) AS m(measure)
            """  # noqa: S608 - our own names
        ),
        {name: list(columns[name]) for name in _REQUIRED | optional}
        | {
            "measures": [joined[measures] for measures in columns["measures"]],
            "fact": list(facts),
            "stated": list(stated),
            "recorded": list(recorded),
        },
    )


def correction_from(fact: StoredFact, target: bytes) -> StoredCorrection:
    """A fact of the ledger as the correction that it is."""
    return StoredCorrection(
        Correction(
            digest=fact.digest,
            target=target,
            kind=CorrectionKind(fact.name),
            order=(fact.time, fact.source, fact.id),
        ),
        fact,
    )
