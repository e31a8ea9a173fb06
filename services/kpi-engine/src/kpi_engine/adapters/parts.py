"""Measures in parts: the rows that a figure counts, each with its value, in one grouped query."""
# ruff: noqa: S608 - put together from constants of this module; no input is in them

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from kpi_engine.adapters import measures_sql as sql
from kpi_engine.adapters.bench import SqlBench, own_or_years, released_in
from kpi_engine.domain.definitions import (
    CountMeasure,
    DistinctMeasure,
    IntervalMeasure,
    LatestSumMeasure,
)
from kpi_engine.domain.parts import Cell
from kpi_engine.ports import Question
from kpi_engine.ports.parts import Place

# A pair counts by the fact of its first time ever; the same order as in an explanation.
_FIRST_PAIRS = """
    SELECT * FROM (
        SELECT DISTINCT ON (c.item, c.member) c.item, c.member, c.effective, c.fact
        FROM {t} c JOIN fact f ON f.seq = c.fact
        WHERE c.measure = :one AND c.side = 1
        ORDER BY c.item, c.member, c.effective, c.stated, f.source COLLATE "C",
                 f.event_id COLLATE "C"
    ) AS pair
    WHERE effective BETWEEN :period_start AND :period_until
"""
# The text type `json` keeps what a fact says to the letter; a list has each of its values once.
_BY_FIELD = """
    SELECT s.*, v.value FROM ({rows}) AS s JOIN fact f ON f.seq = s.fact
    LEFT JOIN unnest(CAST(:seqs AS bigint[]), CAST(:said AS text[])) AS k(seq, said)
           ON k.seq = s.fact
    CROSS JOIN LATERAL (
        SELECT COALESCE(k.said, convert_from(f.payload, 'UTF8'))::json -> :field AS said
    ) AS x
    LEFT JOIN LATERAL (
        SELECT DISTINCT e.value FROM json_array_elements_text(
            CASE json_typeof(x.said) WHEN 'array' THEN x.said
                 WHEN 'string' THEN json_build_array(x.said) ELSE json_build_array() END
        ) AS e(value)
    ) AS v ON true
"""
_BY_COLUMN = "SELECT s.*, s.{column} AS value FROM ({rows}) AS s"
_TO_REGIONS = """
    SELECT m.*, r.region AS part FROM ({valued}) AS m
    LEFT JOIN unnest(CAST(:members AS text[]), CAST(:regions AS text[])) AS r(member, region)
           ON r.member = m.value
"""
_ONLY = """
    SELECT m.*, CASE WHEN m.value = ANY(CAST(:known AS text[])) THEN m.value END AS part
    FROM ({valued}) AS m
"""
_PLAIN = "SELECT m.*, m.value AS part FROM ({valued}) AS m"

_PAYLOADS = """
    SELECT f.seq, f.payload FROM fact f WHERE f.seq IN (SELECT fact FROM {t} WHERE measure = :one)
"""
_NOT_JSON = "22P02"

_ROWS: Mapping[type, str] = {
    CountMeasure: sql.COUNTED,
    DistinctMeasure: _FIRST_PAIRS,
    IntervalMeasure: sql.REQUESTS,
    LatestSumMeasure: sql.AMOUNTS,
}
_FIGURES: Mapping[type, str] = {
    CountMeasure: "count(DISTINCT item), count(DISTINCT item) FILTER (WHERE NOT listed)",
    DistinctMeasure: "count(DISTINCT item), count(*), count(DISTINCT member)",
    IntervalMeasure: "count(DISTINCT member), count(DISTINCT member) FILTER (WHERE served)",
    LatestSumMeasure: "period, sum(amount), sum(whole)",
}


class SqlParts:
    """Meets the port `PartsBench`, over the copy that an explanation works on."""

    def __init__(self, session: AsyncSession, bench: SqlBench) -> None:
        self._session = session
        self._bench = bench

    async def parts(
        self, question: Question, place: Place, *, said: Mapping[int, str]
    ) -> Sequence[Cell]:
        kind = type(question.measure)
        by_period = ", period" if kind is LatestSumMeasure else ""
        query = (
            f"SELECT part, {_FIGURES[kind]} FROM ({_placed(_ROWS[kind], place)}) AS placed"
            f" GROUP BY part{by_period}"
        )
        rows = await self._grouped(query, question, place, said)
        if kind is LatestSumMeasure:
            return _summed(rows, question)
        return [_cell(kind, row) for row in rows]

    async def _grouped(
        self, query: str, question: Question, place: Place, said: Mapping[int, str]
    ) -> Sequence[Any]:
        try:
            async with self._session.begin_nested():
                return await self._bench.rows(query, _parameters(question, place, said))
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != _NOT_JSON:
                raise
        # Some fact says NaN in a field that no contract knows: Python's JSON has it, SQL's has not.
        read = {**await self._read_here(question, place.field or ""), **said}
        return await self._bench.rows(query, _parameters(question, place, read))

    async def _read_here(self, question: Question, name: str) -> Mapping[int, str]:
        rows = await self._bench.rows(_PAYLOADS, {"one": question.measure_id})
        return {row.seq: json.dumps({name: json.loads(row.payload).get(name)}) for row in rows}

    async def listed(self, question: Question) -> Mapping[tuple[str, str], int]:
        rows = await self._bench.rows(
            sql.LISTED,
            {
                "plans": [question.plan.measure_id],
                "measures": [question.measure_id],
                "as_of": question.as_of,
            },
        )
        found: dict[tuple[str, str], int] = {}
        for row in rows:
            found.setdefault((row.period, row.item), row.fact)
        return found


def _placed(rows: str, place: Place) -> str:
    """The rows with the part that each belongs to."""
    if place.column is None:
        valued = _BY_FIELD.replace("{rows}", rows)
    else:
        valued = _BY_COLUMN.replace("{rows}", rows).replace("{column}", place.column)
    if place.regions is not None:
        return _TO_REGIONS.replace("{valued}", valued)
    return (_PLAIN if place.only is None else _ONLY).replace("{valued}", valued)


def _parameters(question: Question, place: Place, said: Mapping[int, str]) -> dict[str, object]:
    regions = place.regions or {}
    return {
        "no": [0],
        "measure": [question.measure_id],
        "one": question.measure_id,
        "released": [released_in(question)],
        "start_on": [question.period.start],
        "until_on": [question.until],
        "end_on": [question.period.end],
        "mature_on": [question.until - timedelta(days=question.service_days)],
        "period_start": question.period.start,
        "period_until": question.until,
        "as_of": question.as_of,
        "field": place.field,
        "seqs": list(said),
        "said": list(said.values()),
        "members": list(regions),
        "regions": list(regions.values()),
        "known": list(place.only or ()),
    }


def _cell(kind: type, row: Any) -> Cell:
    if kind is CountMeasure:
        return Cell(code=row[0], numerator=Fraction(row[1]), unplanned=row[2])
    if kind is DistinctMeasure:
        return Cell(code=row[0], numerator=Fraction(row[1]), pairs=row[2], members=row[3])
    return Cell(
        code=row[0],
        numerator=Fraction(row[2]),
        denominator=Fraction(row[1]),
        members=row[1],
        served=row[2],
    )


def _summed(rows: Sequence[Any], question: Question) -> list[Cell]:
    chosen = own_or_years(rows, question, period=lambda row: row.period)
    sums: dict[str | None, tuple[Fraction, Fraction]] = {}
    for part, _, amount, whole in chosen:
        before = sums.get(part, (Fraction(0), Fraction(0)))
        sums[part] = (before[0] + Fraction(amount or 0), before[1] + Fraction(whole or 0))
    return [
        Cell(code=part, numerator=amount, denominator=whole)
        for part, (amount, whole) in sums.items()
    ]
