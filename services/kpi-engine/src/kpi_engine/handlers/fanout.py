"""From one fact to its contributions: which measures it moves, and what it says to each.

Pure: the same event and definitions always give the same drafts. The hot path of ingest; measures
are indexed by event type, and a fact's fields become sets once, when a condition asks for them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from kpi_engine.domain.conditions import broken_way, first_broken
from kpi_engine.domain.days import quarter_start
from kpi_engine.domain.definitions import Plan
from kpi_engine.handlers.fields import FieldSets, amount_at, effective_date
from kpi_engine.handlers.measure_index import MeasureIndex, PlanMeasures
from kpi_engine.handlers.named_events import NamedEvents
from kpi_engine.ports import Draft, Side
from shared_kit.calendar import PlanCalendar
from shared_kit.events import work
from shared_kit.events.base import Event, plan_of


class FanOut:
    """Hands a fact to the measures of all plans and versions."""

    def __init__(self, known: Mapping[str, Plan], *, only: frozenset[int] | None = None) -> None:
        """Fan out to all measures, or to `only` those."""
        self._index = MeasureIndex(known)
        self._named = NamedEvents(self._index)
        self._only = only
        self.indicators: Mapping[int, str] = self._index.indicators
        self.plan_of_measure: Mapping[int, Plan] = self._index.plan_of_measure
        self._generic = {
            name
            for plan in self._index.plans.values()
            for name in (*plan.counts, *plan.distincts, *plan.sums)
        } | {"deliverable.released"}

    @property
    def releases(self) -> tuple[Sequence[int], Sequence[int]]:
        """The measures that keep every release, one a plan, and those that count some."""
        plans = self._index.plans.values()
        counts = [
            known.id for plan in plans for known in plan.counts.get("deliverable.released", ())
        ]
        return [plan.id for plan in plans], counts

    @property
    def names(self) -> frozenset[str]:
        """The event names that can make a contribution."""
        return self._named.names | self._generic

    def drafts(self, event: Event) -> list[Draft]:
        """What an event contributes, and to which measures."""
        drafts = self._named.drafts(event)
        if event.name in self._generic:
            drafts.extend(self._generic_drafts(event))
        only = self._only
        if only is None:
            return drafts
        kept = [(tuple(m for m in draft.measures if m in only), draft) for draft in drafts]
        return [draft._replace(measures=measures) for measures, draft in kept if measures]

    def concerns(self, event: Event, *, plan: str) -> bool:
        """Whether an event can belong to a plan: it names that one, or none."""
        return _plan_named_by(event) in (None, plan)

    def _generic_drafts(self, event: Event) -> Iterable[Draft]:
        """Counts, distincts and sums: their event types are data."""
        fields = FieldSets(event)
        code = _plan_named_by(event)
        for plan in self._index.plans.values():
            if code is None or code == plan.code:
                yield from self._counted(event, fields, plan)
                yield from self._paired(event, fields, plan)
                yield from self._summed(event, plan)

    def _counted(self, event: Event, fields: FieldSets, plan: PlanMeasures) -> Iterable[Draft]:
        released = isinstance(event, work.DeliverableReleased)
        if isinstance(event, work.DeliverableReleased) and not event.stage.counts:
            return  # a draft counts nowhere, whatever a definition says
        measures = [
            known.id
            for known in plan.counts.get(event.name, ())
            if first_broken(conditions=known.measure.released, fields=fields) is None
            and broken_way(ways=known.measure.ways, fields=fields) is None
        ]
        if released:
            measures.append(plan.id)
        if measures:
            yield Draft(
                tuple(measures),
                Side.NUMERATOR,
                getattr(event, "deliverable", None) or event.subject,
                listed=bool(getattr(event, "listed", True)),
                effective=effective_date(event),
            )

    def _paired(self, event: Event, fields: FieldSets, plan: PlanMeasures) -> Iterable[Draft]:
        by_pair: dict[tuple[str, str], list[int]] = {}
        for known in plan.distincts.get(event.name, ()):
            measure = known.measure
            if broken_way(ways=measure.ways, fields=fields) is None:
                item = str(getattr(event, measure.item, None) or event.subject)
                pair = str(getattr(event, measure.pair, ""))
                by_pair.setdefault((item, pair), []).append(known.id)
        for (item, pair), measures in by_pair.items():
            yield Draft(
                tuple(measures),
                Side.NUMERATOR,
                item,
                member=pair,
                effective=effective_date(event),
            )

    def _summed(self, event: Event, plan: PlanMeasures) -> Iterable[Draft]:
        for known in plan.sums.get(event.name, ()):
            measure = known.measure
            group = tuple(str(getattr(event, name, "")) for name in measure.per)
            effective, period = _dated(event, plan.calendar)
            yield Draft(
                (known.id,),
                Side.AMOUNT,
                " / ".join(group),
                amount=_sum_at(event, measure.numerator),
                whole=_sum_at(event, measure.denominator),
                period=period,
                effective=effective,
                place=None if measure.latest_by is None else getattr(event, measure.latest_by, 0),
            )


def _plan_named_by(event: Event) -> str | None:
    """The plan that an event belongs to; None where it may concern any."""
    code = getattr(event, "plan", None)
    if isinstance(code, str):
        return code
    for name in ("deliverable", "action", "indicator"):
        key = getattr(event, name, None)
        if isinstance(key, str):
            return plan_of(key)
    return None


def _dated(event: Event, calendar: PlanCalendar) -> tuple[date | None, str | None]:
    """The date of a fact that may name a quarter or a period instead."""
    quarter = getattr(event, "quarter", None)
    if isinstance(quarter, str):
        return quarter_start(calendar=calendar, quarter=quarter), None
    code = getattr(event, "period", None)
    if isinstance(code, str):
        starts = {period.code: period.start for period in calendar.periods()}
        return starts.get(code), code
    return effective_date(event), None


def _sum_at(event: Event, paths: Sequence[str]) -> Decimal:
    return sum((amount_at(event, path) for path in paths), Decimal(0))
