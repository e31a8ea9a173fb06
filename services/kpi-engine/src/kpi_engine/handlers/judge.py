"""Judging: marked indicators are measured together and judged one by one.

A judgement is kept and announced when it says something new, or once a business day. Its event id
is derived, so that the same judgement is always the same event.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from kpi_engine.domain.definitions import Definition, Plan
from kpi_engine.domain.figures import Measured, Statements
from kpi_engine.domain.judging import judge
from kpi_engine.handlers.known import KnownPlans
from kpi_engine.handlers.results import result_of, said_in
from kpi_engine.ports import (
    Bench,
    Claim,
    DefinitionStore,
    Judgements,
    Kept,
    Ledger,
    Question,
)
from shared_kit.calendar import Period, PeriodKind
from shared_kit.clock import Clock
from shared_kit.delivery import crashpoints
from shared_kit.delivery.transaction import Transaction
from shared_kit.events.base import plan_of, type_of
from shared_kit.events.results import IndicatorJudged
from shared_kit.telemetry.metrics import Metrics

logger = logging.getLogger(__name__)

# What the pure part of judging can raise on figures that nobody thought of.
FAULTS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
_FIRST_PAUSE = 60.0
_LONGEST_PAUSE = 3600.0

_JUDGED = UUID("6f1d7c9e-3b52-5f0a-9a54-0d7a3e5c8b21")
_TYPE = type_of(IndicatorJudged)


@dataclass(slots=True)
class Aside:
    """Marks whose judging failed: tried again later, each time later, or with a new mark at once.

    Kept in memory: after a restart they are tried once more.
    """

    _failed: dict[tuple[str, str], tuple[frozenset[int], int, float]] = field(default_factory=dict)

    def marks(self) -> Sequence[int]:
        """The marks that are not to be tried now."""
        now = asyncio.get_running_loop().time()
        return [mark for marks, _, until in self._failed.values() if until > now for mark in marks]

    def put(self, claim: Claim, error: Exception) -> None:
        """Set a claim's marks aside; the first time the log tells of it."""
        key = (claim.indicator, claim.period)
        failures = self._failed[key][1] + 1 if key in self._failed else 1
        if failures == 1:
            # Not the error's text: it quotes figures.
            logger.error(
                "an indicator cannot be judged",
                extra={"key": claim.indicator, "period": claim.period, "error": repr(type(error))},
                exc_info=error,
            )
        pause = min(_FIRST_PAUSE * 2 ** min(failures - 1, 10), _LONGEST_PAUSE)
        until = asyncio.get_running_loop().time() + pause
        self._failed[key] = (frozenset(claim.marks), failures, until)

    def drop(self, claim: Claim) -> None:
        """The claim was judged."""
        self._failed.pop((claim.indicator, claim.period), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """Makes the ports for each transaction and judges once."""

    ledger: Callable[[Transaction], Ledger]
    store: Callable[[Transaction], DefinitionStore]
    judgements: Callable[[Transaction], Judgements]
    bench: Callable[[Transaction], Bench]
    known: KnownPlans
    business: Clock
    limit: int = 500
    metrics: Metrics | None = None
    aside: Aside = field(default_factory=Aside)

    async def __call__(self, tx: Transaction) -> int:
        return await judge_next(
            tx,
            ledger=self.ledger(tx),
            store=self.store(tx),
            judgements=self.judgements(tx),
            bench=self.bench(tx),
            known=self.known,
            business=self.business,
            limit=self.limit,
            metrics=self.metrics,
            aside=self.aside,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An indicator and period with the definition that is in force for it."""

    plan: Plan
    definition: Definition
    period: Period
    question: Question


async def judge_next(
    tx: Transaction,
    *,
    ledger: Ledger,
    store: DefinitionStore,
    judgements: Judgements,
    bench: Bench,
    known: KnownPlans,
    business: Clock,
    limit: int = 500,
    metrics: Metrics | None = None,
    aside: Aside,
) -> int:
    """Judge up to `limit` marked indicators; return how many marks were dealt with.

    One that cannot be judged does not hold up the others: its marks are set aside.
    """
    claims = await judgements.claim(limit=limit, aside=aside.marks())
    if not claims:
        return 0
    plans = (await known.current(ledger=ledger, store=store)).plans
    now = business.now()
    # A mark of an indicator that no version in force defines any more has nothing to judge.
    cases = [
        (claim, case_of(plans.get(plan_of(claim.indicator)), claim.indicator, claim.period, now))
        for claim in claims
    ]
    pairs = [(claim, case) for claim, case in cases if case is not None]
    # One snapshot: the facts behind every mark just read are seen.
    answers = await bench.measure([case.question for _, case in pairs])
    kept: list[Kept] = []
    failed: set[Claim] = set()
    restated = 0
    for (claim, case), (measured, statements) in zip(pairs, answers, strict=True):
        try:
            result = _judged(claim, case, measured, statements, now)
        except FAULTS as error:
            failed.add(claim)
            aside.put(claim, error)
            continue
        aside.drop(claim)
        said = said_in(result)
        if claim.daily or said != claim.last:
            kept.append(_announce(tx, result, said))
            if _restates(result, claim):
                restated += 1
                tx.audit.add(
                    actor="kpi-engine",
                    action="result.restated",
                    key=f"{result.key}:{result.period}",
                    detail={"revision": result.revision, "numerator": result.numerator},
                )
    crashpoints.reach("engine-after-judge")
    await judgements.keep(kept, offsets=await judgements.offsets())
    marks = [number for claim in claims for number in claim.marks]
    await judgements.forget(
        [number for claim in claims if claim not in failed for number in claim.marks]
    )
    if metrics is not None:
        metrics.count("restated_total", by=restated)
        metrics.count("judge_failed_total", by=len(failed))
        for one in kept:
            metrics.count("judged_total", labels={"cause": "daily" if one.daily else "fact"})
    return len(marks)


def _judged(
    claim: Claim, case: Case, measured: Measured, statements: Statements, now: datetime
) -> IndicatorJudged:
    outcome = judge(
        definition=case.definition,
        period=case.period,
        calendar=case.plan.calendar,
        as_of=case.question.as_of,
        measured=measured,
        statements=statements,
    )
    return result_of(
        case.definition,
        case.period,
        outcome,
        measured,
        judged_on=case.question.as_of,
        judged_at=now,
        revision=claim.revision + 1,
        daily=claim.daily,
        restated=claim.restated,
        zone=case.plan.calendar.zone,
    )


def case_of(plan: Plan | None, indicator: str, period_code: str, now: datetime) -> Case | None:
    """What to measure for an indicator and period now; None where nothing is defined."""
    return None if plan is None else case_on(plan, indicator, period_code, plan.calendar.today(now))


def case_on(plan: Plan, indicator: str, period_code: str, today: date) -> Case | None:
    """The same as of the end of a day."""
    period = next((p for p in plan.calendar.periods() if p.code == period_code), None)
    if period is None:
        return None
    definition = plan.definition(key=indicator, day=min(today, period.end))
    if definition is None:
        return None
    return Case(
        plan=plan,
        definition=definition,
        period=period,
        question=Question(
            indicator=indicator,
            plan=plan,
            measure_id=definition.measure_id,
            measure=definition.measure,
            period=period,
            as_of=today,
            service_days=definition.service_days,
            carries=definition.path is not None and period.kind is PeriodKind.CYCLE,
        ),
    )


def closes_on(definition: Definition, period: Period) -> date:
    """The last day of the grace after period end."""
    return period.end + timedelta(days=definition.grace_days)


def _restates(result: IndicatorJudged, claim: Claim) -> bool:
    """Whether a late fact changed the actual of a period that was over already."""
    if claim.last is None or result.judged_on <= result.period_end:
        return False
    before: str | None = json.loads(claim.last)["numerator"]
    return (None if before is None else Decimal(before)) != result.numerator


def _announce(tx: Transaction, result: IndicatorJudged, said: str) -> Kept:
    name = f"{_TYPE}|{result.key}|{result.period}|{result.judged_on}|{result.revision}"
    tx.outbox.add(result, id=uuid5(_JUDGED, name), time=result.judged_at)
    return Kept(
        indicator=result.key,
        plan=result.plan,
        period=result.period,
        revision=result.revision,
        judged_on=result.judged_on,
        judged_at=result.judged_at,
        daily=result.daily,
        result=result.model_dump_json(),
        said=said,
    )


def daily_cases(plan: Plan, *, today: date, opened: date | None) -> Sequence[tuple[str, str]]:
    """What is judged each business day: begun periods until the grace after their end is over.

    A period whose grace has run out since the last opened day is judged once more: then its
    attainment is its ratio.
    """
    found = []
    for key in plan.indicator_keys():
        for period in plan.calendar.periods():
            definition = plan.definition(key=key, day=min(today, period.end))
            if definition is None or period.start > today:
                continue
            last = closes_on(definition, period)
            if today <= last or (opened is not None and opened <= last):
                found.append((key, period.code))
    return found
