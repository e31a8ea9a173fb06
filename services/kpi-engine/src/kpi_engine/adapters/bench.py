"""Measures indicators: a handful of set-based queries for all that is asked at once."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from kpi_engine.adapters import measures_sql as sql
from kpi_engine.adapters.listings import fates_of, listing, statements_from
from kpi_engine.domain.definitions import (
    AttendedMeasure,
    CountMeasure,
    DistinctMeasure,
    IntervalMeasure,
    LatestSumMeasure,
    MilestonesMeasure,
)
from kpi_engine.domain.figures import Listing, Measured, Pair, Statements
from kpi_engine.domain.forecast import LOOK_BACK
from kpi_engine.ports import Question
from shared_kit.calendar import PeriodKind

Rows = Sequence[Any]


@dataclass(slots=True)
class _Asked:
    """The questions of one day and one kind, by number."""

    as_of: date
    questions: dict[int, Question] = field(default_factory=dict)

    def parameters(self) -> dict[str, object]:
        asked = self.questions
        return {
            "no": list(asked),
            "measure": [q.measure_id for q in asked.values()],
            "released": [released_in(q) for q in asked.values()],
            "start_on": [q.period.start for q in asked.values()],
            "until_on": [q.until for q in asked.values()],
            "end_on": [q.period.end for q in asked.values()],
            "mature_on": [q.until - timedelta(days=q.service_days) for q in asked.values()],
            "as_of": self.as_of,
            "recent_on": self.as_of - LOOK_BACK,
        }


def released_in(question: Question) -> int | None:
    """Where all releases of an item stand; other facts are compared among themselves."""
    measure = question.measure
    if isinstance(measure, CountMeasure) and measure.facts != ("deliverable.released",):
        return question.measure_id
    return question.plan.measure_id


class SqlBench:
    """Meets the port `Bench` on the live contributions, or on a copy made to explain."""

    def __init__(self, session: AsyncSession, *, table: str = "contribution") -> None:
        self._session = session
        self._table = table

    async def measure(self, questions: Sequence[Question]) -> Sequence[tuple[Measured, Statements]]:
        found: dict[int, Measured] = dict.fromkeys(range(len(questions)), Measured())
        said: dict[int, Statements] = {}
        days: dict[date, dict[int, Question]] = defaultdict(dict)
        for number, question in enumerate(questions):
            days[question.as_of][number] = question
        for as_of, asked in days.items():
            said |= await self._statements(as_of, asked)
            await self._nested_loops(allowed=False)
            found |= await self._answers(self._aggregates(), as_of, asked)
            await self._nested_loops(allowed=True)
            found |= await self._answers(self._small_aggregates(), as_of, asked)
            found |= await self._with_plans(as_of, asked, found)
        return [(found[number], said[number]) for number in range(len(questions))]

    async def _nested_loops(self, *, allowed: bool) -> None:
        # Statistics lag behind a load: a plan for ten requests took minutes for fifty thousand.
        # All joins of the aggregates have equal keys, so hashing is never far from the best.
        await self._session.execute(
            text(f"SET LOCAL enable_nestloop = {'on' if allowed else 'off'}")
        )

    def _aggregates(self) -> dict[type, Callable[[_Asked], Any]]:
        return {
            CountMeasure: self._counts,
            DistinctMeasure: self._distincts,
            IntervalMeasure: self._intervals,
        }

    def _small_aggregates(self) -> dict[type, Callable[[_Asked], Any]]:
        """Their rows are joined with the ledger by number: by hash, all of it would be read."""
        return {AttendedMeasure: self._invitations, LatestSumMeasure: self._sums}

    async def _answers(
        self,
        aggregates: dict[type, Callable[[_Asked], Any]],
        as_of: date,
        asked: dict[int, Question],
    ) -> dict[int, Measured]:
        found: dict[int, Measured] = {}
        for kind, count in aggregates.items():
            chosen = {n: q for n, q in asked.items() if isinstance(q.measure, kind)}
            if chosen:
                found |= await count(_Asked(as_of, chosen))
        return found

    async def rows(self, query: str, parameters: dict[str, object]) -> Rows:
        """Run one of the queries on this bench's table, with what of the parameters it takes."""
        taken = {name: value for name, value in parameters.items() if f":{name}" in query}
        result = await self._session.execute(text(query.format(t=self._table)), taken)
        return result.all()

    async def _statements(self, as_of: date, asked: dict[int, Question]) -> dict[int, Statements]:
        rows = await self.rows(
            sql.STATEMENTS,
            {
                "plans": sorted({q.plan.measure_id for q in asked.values()}),
                "keys": sorted({q.indicator for q in asked.values()}),
            },
        )
        by_key: dict[str, list[Any]] = defaultdict(list)
        for row in rows:
            by_key[row.item].append(row)
        read = {key: statements_from(found, as_of=as_of) for key, found in by_key.items()}
        return {n: read.get(q.indicator, Statements()) for n, q in asked.items()}

    async def _with_plans(
        self, as_of: date, asked: dict[int, Question], found: dict[int, Measured]
    ) -> dict[int, Measured]:
        """Add the adopted items, with what became of each, to what is planned."""
        planned = {
            n: q
            for n, q in asked.items()
            if q.measure is None
            or isinstance(q.measure, CountMeasure | MilestonesMeasure | DistinctMeasure)
        }
        if not planned:
            return {}
        plans = {q.plan.measure_id: q.plan for q in planned.values()}
        parameters = {
            "plans": sorted(plans),
            "measures": sorted({q.measure_id for q in planned.values() if q.measure_id}),
            "as_of": as_of,
        }
        adopted: dict[int, dict[str, int]] = defaultdict(dict)
        for measure, period, fact in await self.rows(sql.ADOPTED, parameters):
            adopted[measure][period] = fact
        listed = await self.rows(sql.LISTED, parameters)
        items = sorted({row.item for row in listed})
        fates = (
            fates_of(
                await self.rows(sql.FATES, {**parameters, "items": items}),
                as_of=as_of,
                begins={plan.code: plan.calendar.cycle.start for plan in plans.values()},
            )
            if items
            else {}
        )
        by_measure: dict[int, dict[tuple[str, str], Any]] = defaultdict(dict)
        for row in listed:
            by_measure[row.measure].setdefault((row.period, row.item), row)
        answers = {}
        for number, question in planned.items():
            weighted = isinstance(question.measure, MilestonesMeasure)
            firsts = adopted[question.plan.measure_id]
            chosen: list[Listing] = []
            if not isinstance(question.measure, DistinctMeasure) and question.measure_id:
                chosen = [
                    listing(
                        row,
                        fates.get(row.item),
                        weighted=weighted,
                        initial=row.fact == firsts.get(row.period),
                    )
                    for row in by_measure[question.measure_id].values()
                    if question.period.kind is PeriodKind.CYCLE
                    or row.period == question.period.code
                ]
            answers[number] = replace(
                found[number],
                listings=tuple(chosen),
                adopted=frozenset(firsts),
            )
        return answers

    async def _counts(self, asked: _Asked) -> dict[int, Measured]:
        rows = await self.rows(sql.COUNT, asked.parameters())
        nothing = Measured(numerator=Fraction(0), unplanned=0, recent=Fraction(0))
        answers = dict.fromkeys(asked.questions, nothing)
        for number, count, unplanned, last, recent in rows:
            answers[number] = Measured(
                numerator=Fraction(count),
                unplanned=unplanned,
                recent=Fraction(recent),
                facts=count,
                last_fact_at=last,
            )
        return answers

    async def _distincts(self, asked: _Asked) -> dict[int, Measured]:
        parameters = asked.parameters()
        nothing = Measured(numerator=Fraction(0), recent=Fraction(0))
        answers = dict.fromkeys(asked.questions, nothing)
        for number, count, last in await self.rows(sql.FACTS, parameters):
            answers[number] = replace(answers[number], facts=count, last_fact_at=last)
        for number, things, before in await self.rows(sql.DISTINCT, parameters):
            answers[number] = replace(
                answers[number], numerator=Fraction(things), recent=Fraction(things - before)
            )
        return answers

    async def _intervals(self, asked: _Asked) -> dict[int, Measured]:
        answers = {}
        for number, members, served, judged, last in await self.rows(
            sql.INTERVAL, asked.parameters()
        ):
            numerator = Fraction(served)
            answers[number] = Measured(
                facts=members,
                pair=Pair(numerator=numerator, denominator=Fraction(members)),
                judged=Pair(numerator=numerator, denominator=Fraction(judged)),
                last_fact_at=last,
            )
        return answers

    async def _invitations(self, asked: _Asked) -> dict[int, Measured]:
        rows = await self.rows(sql.ATTENDED, asked.parameters())
        return {
            number: Measured(
                facts=facts,
                pair=Pair(numerator=Fraction(attended), denominator=Fraction(invited)),
                last_fact_at=last,
            )
            for number, facts, invited, attended, last in rows
        }

    async def _sums(self, asked: _Asked) -> dict[int, Measured]:
        answers: dict[int, Measured] = {}
        by_question: dict[int, list[Any]] = defaultdict(list)
        for row in await self.rows(sql.SUM, asked.parameters()):
            by_question[row[0]].append(row)
        for number, rows in by_question.items():
            chosen = own_or_years(rows, asked.questions[number], period=lambda row: row[1])
            if chosen:
                answers[number] = Measured(
                    facts=sum(row[2] for row in chosen),
                    pair=Pair(
                        numerator=sum((Fraction(row[3]) for row in chosen), Fraction(0)),
                        denominator=sum((Fraction(row[4]) for row in chosen), Fraction(0)),
                    ),
                    last_fact_at=max(row[5] for row in chosen),
                )
        return answers


def own_or_years(
    rows: Rows, question: Question, *, period: Callable[[Any], str | None]
) -> list[Any]:
    """Amounts of a cycle: those stated for the cycle itself, else the sum of its years."""
    cycle = question.plan.calendar.cycle_code
    own = [row for row in rows if period(row) == cycle]
    if question.period.kind is PeriodKind.CYCLE and own:
        return own
    return [row for row in rows if period(row) != cycle]
