"""Makes contributions and figures again from the facts, and compares them with what is kept.

Of a figure that is to be judged again only its rows are compared: it is known to be old.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from kpi_engine.domain.judging import judge
from kpi_engine.handlers.effective import resolve
from kpi_engine.handlers.ingest import contributions
from kpi_engine.handlers.judge import FAULTS, Case, case_on
from kpi_engine.handlers.known import Known, KnownPlans
from kpi_engine.handlers.results import amount
from kpi_engine.ports import Bench, Comparison, Figure, Finding, Loose, Snapshot
from shared_kit.calendar import PeriodKind
from shared_kit.events.results import IndicatorJudged

_SHOWN_ROWS = 10
# So many facts are made again at a time: a few milliseconds, then others have their turn.
_SLICE = 200
_NO_FIGURE = Figure(None, None)
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A judgement that stands, with what to measure to get its figure again."""

    result: IndicatorJudged
    case: Case
    marked: bool


async def compare(snapshot: Snapshot, *, rest: float = 0.0) -> Comparison:
    """Compare what is kept in a snapshot with what its facts say.

    `rest` is how long to pause for each second of work, so that others have the processor.
    """
    rows = snapshot.rows
    known = await KnownPlans().current(ledger=snapshot.ledger, store=snapshot.store)
    await rows.begin()
    facts = await _make_again(snapshot, known, rest=rest)
    await rows.complete()
    made, lost, surplus = await rows.differences(measures=tuple(known.fan_out.indicators))
    loose: Mapping[int, Loose] = {}
    listed: Mapping[str, Collection[int]] = {}
    if lost or surplus:
        loose = await rows.loose(measures=tuple(known.fan_out.indicators), shown=_SHOWN_ROWS)
        listed = await rows.counted_by({row.item for one in loose.values() for row in one.rows})
    shown = _with_cases(known, [(one.result, one.marked) for one in await rows.standing()])
    current = [one for one in shown if not one.marked]
    rebuilt = await _measured(snapshot.bench(rebuilt=True), current)
    suspects = _suspects(known, shown, loose, rebuilt)
    live = await _measured(snapshot.bench(rebuilt=False), suspects)
    again = await _measured(snapshot.bench(rebuilt=True), suspects)
    return Comparison(
        facts=facts,
        rows=made,
        lost=lost,
        surplus=surplus,
        figures=len(current),
        waiting=len(shown) - len(current),
        findings=tuple(_findings(known, loose, suspects, live, again, listed)),
    )


async def _make_again(snapshot: Snapshot, known: Known, *, rest: float) -> int:
    loop = asyncio.get_running_loop()
    facts = 0
    async for chunk in snapshot.ledger.scan(known.fan_out.names):
        for start in range(0, len(chunk), _SLICE):
            began = loop.time()
            part = chunk[start : start + _SLICE]
            effective = await resolve(snapshot.ledger, part)
            await snapshot.rows.add(contributions(effective, fan_out=known.fan_out, marks=None))
            facts += len(part)
            await asyncio.sleep(rest * (loop.time() - began))
    return facts


def _with_cases(known: Known, standing: Iterable[tuple[str, bool]]) -> list[_Shown]:
    found = []
    for text, marked in standing:
        result = IndicatorJudged.model_validate_json(text)
        plan = known.plans.get(result.plan)
        case = None if plan is None else case_on(plan, result.key, result.period, result.judged_on)
        # What no version in force defines any more is shown as it was judged last.
        if case is not None:
            found.append(_Shown(result=result, case=case, marked=marked))
    return found


async def _measured(bench: Bench, shown: Sequence[_Shown]) -> dict[tuple[str, str], Figure]:
    """The figures by one set of contributions, each as of the day of its judgement."""
    answers = await bench.measure([one.case.question for one in shown])
    found = {}
    for one, (measured, statements) in zip(shown, answers, strict=True):
        try:
            outcome = judge(
                definition=one.case.definition,
                period=one.case.period,
                calendar=one.case.plan.calendar,
                as_of=one.case.question.as_of,
                measured=measured,
                statements=statements,
            )
        except FAULTS:
            continue  # what cannot be judged has its own mark and metric
        pair, items = outcome.judged, outcome.items
        found[_place(one)] = Figure(
            numerator=amount(outcome.numerator),
            denominator=amount(outcome.denominator),
            judged=None
            if pair is None
            else (amount(pair.numerator) or _ZERO, amount(pair.denominator) or _ZERO),
            due=None if items is None else amount(items.due),
            due_done=None if items is None else amount(items.done),
        )
    return found


def _place(one: _Shown) -> tuple[str, str]:
    return one.result.key, one.result.period


def _said(result: IndicatorJudged) -> Figure:
    pair = result.judged
    return Figure(
        numerator=result.numerator,
        denominator=result.denominator,
        judged=None if pair is None else (pair.numerator, pair.denominator),
        due=result.due,
        due_done=result.due_done,
    )


def _suspects(
    known: Known,
    shown: Sequence[_Shown],
    loose: Mapping[int, Loose],
    rebuilt: Mapping[tuple[str, str], Figure],
) -> list[_Shown]:
    """What has to be looked at twice: another figure, or rows that differ."""
    indicators = {known.fan_out.indicators[measure] for measure in loose}
    # What is kept for a whole plan may move each of its indicators.
    plans = {
        known.fan_out.plan_of_measure[measure].code
        for measure in loose
        if not known.fan_out.indicators[measure]
    }
    return [
        one
        for one in shown
        if one.result.key in indicators
        or one.result.plan in plans
        or rebuilt.get(_place(one), _said(one.result)) != _said(one.result)
    ]


def _findings(
    known: Known,
    loose: Mapping[int, Loose],
    suspects: Sequence[_Shown],
    live: Mapping[tuple[str, str], Figure],
    rebuilt: Mapping[tuple[str, str], Figure],
    listed: Mapping[str, Collection[int]],
) -> list[Finding]:
    own, shared = _by_owner(known, loose, listed)
    found: list[Finding] = []
    for one in suspects:
        place = _place(one)
        again = rebuilt.get(place, _NO_FIGURE)
        moved = live.get(place, _NO_FIGURE) != again
        if moved or (not one.marked and _said(one.result) != again):
            rows = _joined(own.get(one.result.key), shared.get(one.result.plan))
            found.append(_finding(one, live.get(place, _NO_FIGURE), again, rows))
    # Rows that move no figure yet are told once: with their indicator, or the plan's first one.
    told = {one.indicator for one in found}
    for key, rows in own.items():
        if key not in told:
            found.extend(_quiet(suspects, partial(_concerns, key), live, rows))
    told_plans = {one.plan for one in found}
    for plan, rows in shared.items():
        if plan not in told_plans:
            found.extend(_quiet(suspects, partial(_belongs, plan), live, rows))
    return found


def _concerns(key: str, one: _Shown) -> bool:
    return one.result.key == key


def _belongs(plan: str, one: _Shown) -> bool:
    return one.result.plan == plan


def _by_owner(
    known: Known, loose: Mapping[int, Loose], listed: Mapping[str, Collection[int]]
) -> tuple[dict[str, Loose], dict[str, Loose]]:
    """Rows that differ, by indicator; and by plan those that no indicator can be named for."""
    own: dict[str, Loose] = {}
    shared: dict[str, Loose] = {}
    for measure, rows in sorted(loose.items()):
        key = known.fan_out.indicators[measure]
        if key:
            own[key] = _joined(own.get(key), rows)
            continue
        plan = known.fan_out.plan_of_measure[measure]
        lost, surplus, rest = rows.lost, rows.surplus, []
        for row in rows.rows:
            # What is kept for the whole plan is said of an indicator, or of an item that it counts.
            about = {known.fan_out.indicators[other] for other in listed.get(row.item, ())} - {""}
            if row.item in plan.indicator_keys():
                about = {row.item}
            for indicator in about:
                one = Loose(int(row.lost), int(not row.lost), (row,))
                own[indicator] = _joined(own.get(indicator), one)
            if not about:
                rest.append(row)
            else:
                lost, surplus = lost - int(row.lost), surplus - int(not row.lost)
        if lost or surplus:
            shared[plan.code] = Loose(lost, surplus, tuple(rest))
    return own, shared


def _joined(*several: Loose | None) -> Loose:
    found = [one for one in several if one is not None]
    return Loose(
        sum(one.lost for one in found),
        sum(one.surplus for one in found),
        tuple(row for one in found for row in one.rows)[:_SHOWN_ROWS],
    )


def _quiet(
    suspects: Sequence[_Shown],
    concerns: Callable[[_Shown], bool],
    live: Mapping[tuple[str, str], Figure],
    rows: Loose,
) -> list[Finding]:
    """One finding for rows without a figure: for the cycle, the widest period."""
    for one in sorted(suspects, key=lambda one: one.case.period.kind is not PeriodKind.CYCLE):
        if concerns(one):
            figure = live.get(_place(one), _NO_FIGURE)
            return [_finding(one, figure, figure, rows)]
    return []


def _finding(one: _Shown, live: Figure, rebuilt: Figure, rows: Loose) -> Finding:
    return Finding(
        indicator=one.result.key,
        plan=one.result.plan,
        period=one.result.period,
        revision=one.result.revision,
        judged_on=one.result.judged_on,
        shown=_said(one.result),
        live=live,
        rebuilt=rebuilt,
        lost=rows.lost,
        surplus=rows.surplus,
        rows=rows.rows,
    )
