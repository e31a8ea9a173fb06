"""Which versions a result rests on: definition, estimate, target, each with its date and reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from kpi_engine.domain.figures import Estimate
from kpi_engine.domain.judging import Outcome
from kpi_engine.handlers.effective import EffectiveFact
from kpi_engine.handlers.judge import Case
from kpi_engine.handlers.results import amount
from kpi_engine.handlers.showing import Shown, shown
from kpi_engine.ports import Detail, History, Restated, SaidRow, Side
from shared_kit.calendar import PeriodKind
from shared_kit.events.plans import ImplementationPlanAdopted, PlanPublished


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """What was stated of an indicator below the positions, with the facts that say so."""

    case: Case
    rows: Sequence[SaidRow]
    facts: Mapping[int, Shown]
    added: Mapping[int, Decimal]
    definitions: Sequence[tuple[int, Shown]]
    stated: Mapping[str, Estimate]

    def definition(self) -> Mapping[str, object]:
        """The version that is measured with, from when until when, and those before and after."""
        case = self.case
        facts = dict(self.definitions)
        found = []
        last: str | None = None
        versions = [one for one in case.plan.versions if case.definition.key in one.indicators]
        for number, one in enumerate(versions):
            digest = one.indicators[case.definition.key].digest
            following = versions[number + 1] if number + 1 < len(versions) else None
            fact = facts.get(one.version)
            found.append(
                {
                    "version": one.version,
                    "effective_on": one.effective_on,
                    "next_on": None if following is None else following.effective_on,
                    "changed": last is not None and digest != last,
                    "in_force": one.version == case.definition.version,
                    "fact": None if fact is None else fact.reference,
                }
            )
            last = digest
        return {"versions": found}

    def estimate(self, outcome: Outcome) -> Mapping[str, object] | None:
        """The planned figure: stated, or what the adopted plan lists, or the sum of the years."""
        if outcome.estimate is None:
            return None
        period, calendar = self.case.period, self.case.plan.calendar
        if period.code in self.stated:
            basis, found = "stated", self._estimates(period.code)
        elif period.kind is PeriodKind.CYCLE:
            basis = "years"
            found = [
                one
                for year in calendar.years
                for one in self._estimates(year.code) or self._adoptions(year.code)
            ]
        else:
            basis, found = "adopted", self._adoptions(period.code)
        return {
            "value": amount(outcome.estimate),
            "first": amount(outcome.first_estimate),
            "stated": basis == "stated",
            "basis": basis,
            **_head(found, alone=basis != "years"),
            "versions": found,
        }

    def target(self, outcome: Outcome) -> Mapping[str, object] | None:
        """The approved level or range, and what was approved before."""
        if outcome.target is None:
            return None
        approved = [
            self._version(row, low=row.amount, high=row.whole)
            for row in self._of(Side.TARGET, self.case.period.code)
        ]
        found = _one_in_force(approved, first=False)
        return {
            "low": amount(outcome.target.low),
            "high": amount(outcome.target.high),
            **_head(found, alone=True),
            "versions": found,
        }

    def silence(self) -> Mapping[str, object] | None:
        """Until when somebody confirmed that nothing is missing; of several, the furthest."""
        rows = [row for row in self._of(Side.CONFIRMED, self.case.period.code) if row.until]
        last = max(rows, key=lambda row: (row.until, row.fact), default=None)
        if last is None:
            return None
        return {"until": last.until, "fact": self.facts[last.fact].reference}

    def _estimates(self, period: str) -> list[Mapping[str, object]]:
        rows = self._of(Side.ESTIMATE, period)
        found = [self._version(row, value=row.amount) for row in rows]
        return _one_in_force(found, first=self.case.definition.initially_estimated)

    def _adoptions(self, period: str) -> list[Mapping[str, object]]:
        total = Fraction(0)
        found: list[Mapping[str, object]] = []
        for row in self._of(Side.ADOPTED, period):
            more = self.added.get(row.fact)
            if more is None and found:
                continue  # that revision added nothing to this indicator
            total += Fraction(more or 0)
            found.append(self._version(row, value=amount(total), added=more or Decimal(0)))
        return _one_in_force(found, first=self.case.definition.initially_estimated)

    def _of(self, side: Side, period: str) -> list[SaidRow]:
        return [row for row in self.rows if row.side is side and row.period == period]

    def _version(self, row: SaidRow, **figures: object) -> dict[str, object]:
        fact = self.facts[row.fact]
        event = fact.effective.event
        day = (
            event.adopted_on
            if isinstance(event, ImplementationPlanAdopted)
            else self.case.plan.calendar.today(fact.record.time)
        )
        reason = fact.field("reason")
        return {
            "period": row.period,
            "revision": row.place,
            "effective_on": day,
            "reason": reason if isinstance(reason, str) else None,
            "fact": fact.reference,
            **figures,
        }


async def versions_of(
    history: History,
    case: Case,
    detail: Detail,
    published: Iterable[EffectiveFact],
    stated: Mapping[str, Estimate],
) -> Versions:
    """Read what was stated of an indicator, with the corrections of it."""
    rows = await history.said(case.question)
    plans = {
        one.event.snapshot.version: one.fact.seq
        for one in sorted(published, key=lambda one: (one.fact.time, one.fact.source, one.fact.id))
        if isinstance(one.event, PlanPublished) and one.event.snapshot.plan == case.plan.code
    }
    wanted = {row.fact for row in rows} | set(plans.values())
    facts = await shown(history, list((await history.records(wanted)).values()))
    return Versions(
        case=case,
        rows=rows,
        facts=facts,
        added=detail.added,
        definitions=[(version, facts[seq]) for version, seq in plans.items()],
        stated=stated,
    )


def shown_restatement(one: Restated) -> Mapping[str, object]:
    """When what was known of a period changed, from what to what, and by what kind of cause."""
    return {
        "revision": one.revision,
        "judged_on": one.judged_on,
        "judged_at": one.judged_at,
        "cause": "correction" if one.corrected else "late-facts",
        "since": one.before_at,
        "numerator": one.numerator,
        "denominator": one.denominator,
        "numerator_before": one.numerator_before,
        "denominator_before": one.denominator_before,
    }


def _one_in_force(
    found: Sequence[Mapping[str, object]],
    *,
    first: bool,
) -> list[Mapping[str, object]]:
    """The newest holds; where the first estimate stays the denominator, the first."""
    chosen = 0 if first else len(found) - 1
    return [{**one, "in_force": number == chosen} for number, one in enumerate(found)]


def _head(
    found: Sequence[Mapping[str, object]],
    *,
    alone: bool,
) -> Mapping[str, object]:
    """What the version in force says of itself; of several years nothing."""
    held = [one for one in found if one["in_force"]] if alone else []
    names = ("revision", "reason", "effective_on")
    return {name: held[0][name] if held else None for name in names}
