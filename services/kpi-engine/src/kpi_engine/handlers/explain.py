"""Explains a judgement: made again from the ledger as it stood, with every fact on both sides.

The same queries measure and the same rules judge; only the contributions are made for the
occasion, from the facts below the log positions that the judgement had read.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from kpi_engine.domain.corrections import CorrectionKind
from kpi_engine.domain.definitions import MilestonesMeasure
from kpi_engine.domain.figures import Measured, Statements
from kpi_engine.domain.judging import Outcome, judge
from kpi_engine.domain.planned import in_force
from kpi_engine.handlers.arithmetic import arithmetic
from kpi_engine.handlers.companions import companions, parts
from kpi_engine.handlers.compiling import measure_keys
from kpi_engine.handlers.effective import EffectiveFact, apply_corrections
from kpi_engine.handlers.exclusions import excluded
from kpi_engine.handlers.fanout import FanOut
from kpi_engine.handlers.ingest import contributions
from kpi_engine.handlers.judge import Case, case_of
from kpi_engine.handlers.known import compiled, standing_snapshots
from kpi_engine.handlers.results import amount, result_of, says_the_same
from kpi_engine.handlers.showing import Shown, line, shown_facts
from kpi_engine.handlers.versions import Versions, shown_restatement, versions_of
from kpi_engine.ports import (
    DefinitionStore,
    Detail,
    DetailRow,
    FactRecord,
    History,
    Offsets,
    StoredJudgement,
)
from shared_kit.events.base import plan_of
from shared_kit.events.definitions import Count, Indicator, PlanSnapshot
from shared_kit.events.results import IndicatorJudged

MOST_LINES = 1000
MOST_CANDIDATES = 5000
MOST_EXCLUDED = 200


Opening = Callable[[Offsets | None], AbstractAsyncContextManager[tuple[History, DefinitionStore]]]
"""Opens a session on the ledger below some positions, or (None) on all of it."""


class NotExplainableError(Exception):
    """The ledger below the judgement's positions no longer defines its indicator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """A judgement made again: the case, what was measured and said, the outcome."""

    result: IndicatorJudged
    again: IndicatorJudged
    case: Case
    snapshot: PlanSnapshot
    fan_out: FanOut
    measured: Measured
    statements: Statements
    outcome: Outcome
    published: Sequence[EffectiveFact] = ()

    @property
    def indicator(self) -> Indicator:
        code = self.case.definition.code
        return next(one for one in self.snapshot.indicators if one.code == code)

    @property
    def split_by(self) -> str | None:
        measure = self.indicator.measure
        return measure.split_by if isinstance(measure, Count) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerExplainer:
    """Meets the port `Explainer`; one short-lived session an explanation, nothing is committed."""

    opening: Callable[
        [Offsets | None], AbstractAsyncContextManager[tuple[History, DefinitionStore]]
    ]

    async def explain(
        self, *, judged: StoredJudgement, language: str, by_now: bool = False
    ) -> Mapping[str, object]:
        if by_now:
            async with self.opening(None) as (history, store):
                recalled = await recall(judged, history, store)
                if says_the_same(recalled.again, kept=recalled.result):
                    return await _told(history, recalled, judged, language)
        async with self.opening(judged.offsets) as (history, store):
            recalled = await recall(judged, history, store)
            return await _told(history, recalled, judged, language)

    async def reproduces(self, *, judged: StoredJudgement) -> bool:
        """Whether the ledger below its positions makes the same judgement again."""
        async with self.opening(judged.offsets) as (history, store):
            recalled = await recall(judged, history, store)
            return says_the_same(recalled.again, kept=recalled.result)

    async def state_of(self, *, fact: FactRecord, as_of: datetime | None = None) -> str:
        """What a fact is, or was: reported, validated, contested, replaced or retracted."""
        if fact.target is not None:
            return "correction"
        async with self.opening(None) as (history, _):
            below = await history.corrections([fact.digest])
        if as_of is not None:
            below = [one for one in below if one.fact.recorded <= as_of]
        [one] = apply_corrections([fact.stored()], below)
        if one.verdict.retraction is not None:
            return "retracted"
        if one.verdict.state is CorrectionKind.CONTESTED:
            return "contested"
        if one.verdict.replacement is not None:
            return "replaced"
        return "validated" if one.verdict.state is not None else "reported"


async def recall(judged: StoredJudgement, history: History, store: DefinitionStore) -> Recalled:
    """Make a judgement again from the facts below its positions.

    Raises:
        NotExplainableError: those facts define no such indicator.
    """
    result = IndicatorJudged.model_validate_json(judged.result)
    published = apply_corrections(*await history.published())
    snapshots = standing_snapshots(published)
    ids, _ = await store.measure_ids(measure_keys(snapshots))
    known = compiled(snapshots, ids=ids, revision=0)
    case = case_of(
        known.plans.get(plan_of(result.key)), result.key, result.period, result.judged_at
    )
    if case is None:
        raise NotExplainableError(f"{result.key} is not defined below these positions")
    question = case.question
    measures = {case.plan.measure_id}
    if question.measure_id is not None:
        measures.add(question.measure_id)
    fan_out = FanOut(known.plans, only=frozenset(measures))
    corrected, below = await history.prepare(measures=measures, names=fan_out.names)
    await history.add(
        contributions(apply_corrections(corrected, below), fan_out=fan_out, marks=None)
    )
    [(measured, statements)] = await history.bench().measure([question])
    outcome = judge(
        definition=case.definition,
        period=case.period,
        calendar=case.plan.calendar,
        as_of=question.as_of,
        measured=measured,
        statements=statements,
    )
    return Recalled(
        result=result,
        again=result_of(
            case.definition,
            case.period,
            outcome,
            measured,
            judged_on=question.as_of,
            judged_at=result.judged_at,
            revision=result.revision,
            daily=result.daily,
            restated=result.restated,
            zone=case.plan.calendar.zone,
        ),
        case=case,
        snapshot=next(
            one
            for one in snapshots
            if (one.plan, one.version) == (case.definition.plan, case.definition.version)
        ),
        fan_out=fan_out,
        measured=measured,
        statements=statements,
        outcome=outcome,
        published=published,
    )


async def _told(
    history: History, recalled: Recalled, judged: StoredJudgement, language: str
) -> Mapping[str, object]:
    """All that an explanation says, read in the session in which the judgement was recalled."""
    case = recalled.case
    detail = await history.detail(case.question)
    facts = await shown_facts(history, detail, most=MOST_LINES)
    left_out = await excluded(
        history,
        case,
        detail,
        fan_out=recalled.fan_out,
        candidates=MOST_CANDIDATES,
        most=MOST_EXCLUDED,
    )
    beside = companions(case.definition.measure, recalled.outcome, detail, facts, language=language)
    split_by = recalled.split_by
    if split_by is not None and not recalled.outcome.stated:
        beside += await parts(
            history, detail, recalled.measured.listings, split_by=split_by, language=language
        )
    said = await versions_of(
        history, case, detail, recalled.published, recalled.statements.estimates
    )
    return {
        **_explanation(recalled, detail, facts, left_out, judged.offsets, language),
        **_versions(recalled, said),
        "restatements": [shown_restatement(one) for one in await history.restated(judged)],
        "companions": beside,
    }


def _versions(recalled: Recalled, said: Versions) -> Mapping[str, object]:
    definition, indicator = recalled.case.definition, recalled.indicator
    return {
        "definition": {
            "version": definition.version,
            "title": definition.title,
            "title_fr": definition.title_fr,
            "measure": None
            if indicator.measure is None
            else indicator.measure.model_dump(mode="json"),
            **said.definition(),
        },
        "estimate": said.estimate(recalled.outcome),
        "target": said.target(recalled.outcome),
        "silence": said.silence(),
    }


def _explanation(
    recalled: Recalled,
    detail: Detail,
    facts: Mapping[int, Shown],
    left_out: Sequence[Mapping[str, object]],
    offsets: Offsets,
    language: str,
) -> Mapping[str, object]:
    case, outcome = recalled.case, recalled.outcome
    numerator = counted_rows(recalled, detail)
    return {
        "result": recalled.result.model_dump(),
        "numerator": _side(numerator, facts, counted=outcome.numerator),
        "denominator": _side(
            detail.denominator,
            facts,
            counted=outcome.denominator if detail.denominator else None,
        ),
        "planned": {"items": _planned(recalled, detail, facts)},
        "excluded": left_out,
        "arithmetic": arithmetic(outcome, case.definition, by=_due_by(case), language=language),
        "offsets": offsets,
        "reproduced": says_the_same(recalled.again, kept=recalled.result),
    }


def _due_by(case: Case) -> date:
    """The day by which things had to be done: the grace ago, at most the period's end."""
    return min(case.question.as_of - timedelta(days=case.definition.grace_days), case.period.end)


def _side(
    rows: Sequence[DetailRow], facts: Mapping[int, Shown], *, counted: Fraction | None
) -> Mapping[str, object]:
    return {
        "total": len(rows),
        "counted": amount(counted),
        "items": [line(row, facts[row.fact]) for row in rows[:MOST_LINES] if row.fact in facts],
    }


def counted_rows(recalled: Recalled, detail: Detail) -> Sequence[DetailRow]:
    """The lines of the numerator; of milestones, weight times the share reached."""
    if detail.numerator or not isinstance(recalled.case.definition.measure, MilestonesMeasure):
        return detail.numerator
    until = recalled.case.question.until
    rows = []
    for item in recalled.measured.listings:
        share = item.share(by=until)
        if share and item.item in detail.done_by:
            on = [day for day, _ in item.levels if day <= until][-1]
            rows.append(
                DetailRow(
                    item.item,
                    on,
                    detail.done_by[item.item],
                    amount(item.weight * share),
                    title=item.title,
                    title_fr=item.title_fr,
                )
            )
    return rows


def _planned(
    recalled: Recalled, detail: Detail, facts: Mapping[int, Shown]
) -> list[Mapping[str, object]]:
    case = recalled.case
    weighted = isinstance(case.definition.measure, MilestonesMeasure)
    years = {year.code: year for year in case.plan.calendar.years}
    found: list[Mapping[str, object]] = []
    # A cycle has what was carried over once, with its first date.
    by_year = sorted(recalled.measured.listings, key=lambda one: years[one.year].start)
    first = {one.item: one for one in reversed(by_year)}
    for listed in recalled.measured.listings:
        if first[listed.item] is not listed:
            continue
        item = in_force(listed, year=years[listed.year])
        done = [day for day, share in item.levels if share >= 1]
        done_on = done[0] if done else None
        late = None
        if item.due is not None:
            late = max(0, ((done_on or case.question.as_of) - item.due).days)
        fact = facts.get(detail.done_by.get(item.item, 0))
        found.append(
            {
                "item": item.item,
                "title": item.title,
                "title_fr": item.title_fr,
                "due": item.due,
                "amount": amount(item.weight) if weighted else None,
                "replanned": item.replanned,
                "cancelled_on": item.cancelled,
                "done_on": done_on,
                "days_late": late,
                "fact": None if fact is None else fact.reference,
            }
        )
    return found
