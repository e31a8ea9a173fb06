"""From one fact to its contributions: which measures it moves, and what it says to each.

Pure: the same event and definitions always give the same drafts. The hot path of ingest; measures
are indexed by event type, and a fact's fields become sets once, when a condition asks for them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Generic, TypeVar

from kpi_engine.domain.conditions import broken_way, first_broken
from kpi_engine.domain.days import financial_year_end, quarter_start
from kpi_engine.domain.definitions import (
    AnyMeasure,
    AttendedMeasure,
    CountMeasure,
    DistinctMeasure,
    IntervalMeasure,
    LatestSumMeasure,
    MilestonesMeasure,
    Plan,
)
from kpi_engine.handlers.fields import FieldSets, amount_at, effective_date
from kpi_engine.ports import Draft, Side
from shared_kit.calendar import PlanCalendar
from shared_kit.events import activity, plans, work
from shared_kit.events.base import Event, plan_of

# The Plan places people development in the ODP: who asks for the one asks for the other.
IMPLIED_TOPICS: Mapping[str, tuple[str, ...]] = {"people": ("ODP",)}

M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class Known(Generic[M]):
    """A measure with the number under which its contributions are kept."""

    id: int
    measure: M


@dataclass(slots=True)
class _PlanMeasures:
    code: str
    id: int
    calendar: PlanCalendar
    counts: dict[str, list[Known[CountMeasure]]] = field(default_factory=dict)
    distincts: dict[str, list[Known[DistinctMeasure]]] = field(default_factory=dict)
    sums: dict[str, list[Known[LatestSumMeasure]]] = field(default_factory=dict)
    milestones: list[Known[MilestonesMeasure]] = field(default_factory=list)
    intervals: list[Known[IntervalMeasure]] = field(default_factory=list)
    attended: list[Known[AttendedMeasure]] = field(default_factory=list)


class FanOut:
    """The measures of all plans and versions, compiled for one look at each fact."""

    def __init__(self, known: Mapping[str, Plan], *, only: frozenset[int] | None = None) -> None:
        """Fan out to all measures, or to `only` those."""
        self._plans: dict[str, _PlanMeasures] = {}
        self._only = only
        self.indicators: dict[int, str] = {}
        self.plan_of_measure: dict[int, Plan] = {}
        for plan in known.values():
            self._compile(plan)
        self._topics: dict[str, tuple[int, ...]] = {}
        self._handlers: dict[str, Callable[[Any], list[Draft]]] = {
            "deliverable.rescheduled": self._rescheduled,
            "deliverable.cancelled": self._cancelled,
            "milestone.reached": self._reached,
            "support.requested": self._requested,
            "support.provided": self._provided,
            "support.declined": self._declined,
            "support.withdrawn": self._withdrawn,
            "invitation.received": self._received,
            "invitation.attended": self._attended,
            "invitation.withdrawn": self._called_off,
            "figure.stated": self._figure,
            "reporting.confirmed": self._confirmed,
            "implementation-plan.adopted": self._adopted,
            "estimate.stated": self._estimate,
            "target.set": self._target,
        }
        self._generic = {
            name
            for plan in self._plans.values()
            for name in (*plan.counts, *plan.distincts, *plan.sums)
        } | {"deliverable.released"}

    @property
    def names(self) -> frozenset[str]:
        """The event names that can make a contribution."""
        return frozenset(self._handlers) | self._generic

    def drafts(self, event: Event) -> list[Draft]:
        """What an event contributes, and to which measures."""
        name = event.name
        handler = self._handlers.get(name)
        drafts = [] if handler is None else handler(event)
        if name in self._generic:
            drafts.extend(self._generic_drafts(event))
        only = self._only
        if only is None:
            return drafts
        kept = [(tuple(m for m in draft.measures if m in only), draft) for draft in drafts]
        return [draft._replace(measures=measures) for measures, draft in kept if measures]

    def concerns(self, event: Event, *, plan: str) -> bool:
        """Whether an event can belong to a plan: it names that one, or none."""
        return _plan_named_by(event) in (None, plan)

    def _compile(self, plan: Plan) -> None:
        found = _PlanMeasures(code=plan.code, id=plan.measure_id, calendar=plan.calendar)
        self._plans[plan.code] = found
        self.indicators[plan.measure_id] = ""
        self.plan_of_measure[plan.measure_id] = plan
        seen: set[int] = set()
        for version in plan.versions:
            for definition in version.indicators.values():
                number, measure = definition.measure_id, definition.measure
                if number is None or measure is None or number in seen:
                    continue
                seen.add(number)
                self.indicators[number] = definition.key
                self.plan_of_measure[number] = plan
                _place(found, number, measure)

    def _plan(self, code: str) -> _PlanMeasures | None:
        return self._plans.get(code)

    def _generic_drafts(self, event: Event) -> Iterable[Draft]:
        """Counts, distincts and sums: their event types are data."""
        fields = FieldSets(event)
        code = _plan_named_by(event)
        for plan in self._plans.values():
            if code is None or code == plan.code:
                yield from self._counted(event, fields, plan)
                yield from self._paired(event, fields, plan)
                yield from self._summed(event, plan)

    def _counted(self, event: Event, fields: FieldSets, plan: _PlanMeasures) -> Iterable[Draft]:
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

    def _paired(self, event: Event, fields: FieldSets, plan: _PlanMeasures) -> Iterable[Draft]:
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

    def _summed(self, event: Event, plan: _PlanMeasures) -> Iterable[Draft]:
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

    def _adopted(self, event: plans.ImplementationPlanAdopted) -> list[Draft]:
        plan = self._plan(event.plan)
        if plan is None:
            return []
        place: dict[str, Any] = {
            "period": event.period,
            "until": event.adopted_on,
            "place": event.revision,
        }
        drafts = [Draft((plan.id,), Side.ADOPTED, event.period, **place)]
        released = plan.counts.get("deliverable.released", ())
        for item in event.deliverables:
            if not item.listed:
                continue
            fields = FieldSets(item)
            listing: list[Known[CountMeasure] | Known[MilestonesMeasure]] = [
                *released,
                *plan.milestones,
            ]
            measures = [
                known.id
                for known in listing
                if broken_way(ways=known.measure.ways, fields=fields) is None
            ]
            drafts.append(
                Draft(
                    (plan.id, *measures),
                    Side.PLANNED,
                    item.deliverable,
                    amount=item.weight,
                    effective=item.due,
                    title=item.title,
                    **place,
                )
            )
        return drafts

    def _item(self, key: str, side: Side, **rest: Any) -> list[Draft]:
        plan = self._plan(plan_of(key))
        return [] if plan is None else [Draft((plan.id,), side, key, **rest)]

    def _rescheduled(self, event: work.DeliverableRescheduled) -> list[Draft]:
        return self._item(
            event.deliverable,
            Side.RESCHEDULED,
            effective=event.due,
            listed=event.approved_by is not None,
            period=event.period,
        )

    def _cancelled(self, event: work.DeliverableCancelled) -> list[Draft]:
        return self._item(event.deliverable, Side.CANCELLED, effective=event.cancelled_on)

    def _reached(self, event: work.MilestoneReached) -> list[Draft]:
        return self._item(
            event.deliverable,
            Side.REACHED,
            amount=event.share,
            effective=event.reached_on,
            listed=event.listed,
        )

    def _estimate(self, event: plans.EstimateStated) -> list[Draft]:
        points = "".join(f"{p.on.isoformat()}={p.value};" for p in event.points or ())
        return self._item(
            event.indicator,
            Side.ESTIMATE,
            amount=Decimal(event.value),
            counted=points or None,
            period=event.period,
            place=event.revision,
        )

    def _target(self, event: plans.TargetSet) -> list[Draft]:
        return self._item(
            event.indicator,
            Side.TARGET,
            amount=event.low,
            whole=event.high,
            period=event.period,
            place=event.revision,
        )

    def _figure(self, event: activity.FigureStated) -> list[Draft]:
        return self._item(
            event.indicator,
            Side.FIGURE,
            amount=event.numerator,
            whole=event.denominator,
            period=event.period,
            effective=event.as_on,
        )

    def _confirmed(self, event: activity.ReportingConfirmed) -> list[Draft]:
        return self._item(event.indicator, Side.CONFIRMED, period=event.period, until=event.until)

    def _on_topic(self, topic: str) -> tuple[int, ...]:
        found = self._topics.get(topic)
        if found is None:
            found = tuple(
                known.id
                for plan in self._plans.values()
                for known in plan.intervals
                if topic in known.measure.topics
            )
            self._topics[topic] = found
        return found

    def _requested(self, event: activity.SupportRequested) -> list[Draft]:
        return [
            Draft(
                measures,
                Side.REQUEST,
                event.request,
                counted=topic,
                member=event.member,
                effective=event.received_on,
            )
            for topic in implied_topics(event.topics)
            if (measures := self._on_topic(topic))
        ]

    def _provided(self, event: activity.SupportProvided) -> list[Draft]:
        return [
            Draft(
                measures,
                Side.MISSION,
                request,
                counted=topic,
                member=event.member,
                effective=event.completed_on,
                title=event.deliverable,
            )
            for topic in implied_topics(event.topics)
            if (measures := self._on_topic(topic))
            for request in dict.fromkeys(event.requests)
        ]

    def _declined(self, event: activity.SupportDeclined) -> list[Draft]:
        return [
            Draft(
                tuple(known.id for known in plan.intervals),
                Side.DECLINED,
                event.request,
                effective=event.on,
                until=financial_year_end(calendar=plan.calendar, day=event.on),
            )
            for plan in self._plans.values()
            if plan.intervals
        ]

    def _withdrawn(self, event: activity.SupportWithdrawn) -> list[Draft]:
        measures = tuple(k.id for plan in self._plans.values() for k in plan.intervals)
        if not measures:
            return []
        return [Draft(measures, Side.WITHDRAWN, event.request, effective=event.on)]

    def _received(self, event: activity.InvitationReceived) -> list[Draft]:
        fields = FieldSets(event)
        measures = tuple(
            known.id
            for plan in self._plans.values()
            for known in plan.attended
            if broken_way(ways=known.measure.ways, fields=fields) is None
        )
        # Also where no measure takes it: another invitation to the event may be the latest.
        others = tuple(
            known.id
            for plan in self._plans.values()
            for known in plan.attended
            if known.id not in measures
        )
        return [
            Draft(
                group,
                Side.INVITED,
                event.event,
                effective=event.event_on,
                title=event.title,
                listed=passes,
            )
            for group, passes in ((measures, True), (others, False))
            if group
        ]

    def _to_events(self, item: str, side: Side) -> list[Draft]:
        measures = tuple(k.id for plan in self._plans.values() for k in plan.attended)
        return [Draft(measures, side, item)] if measures else []

    def _attended(self, event: activity.InvitationAttended) -> list[Draft]:
        return self._to_events(event.event, Side.ATTENDED)

    def _called_off(self, event: activity.InvitationWithdrawn) -> list[Draft]:
        return self._to_events(event.event, Side.CALLED_OFF)


def _place(found: _PlanMeasures, number: int, measure: AnyMeasure) -> None:
    match measure:
        case CountMeasure():
            for name in measure.facts:
                found.counts.setdefault(name, []).append(Known(number, measure))
        case DistinctMeasure():
            for name in measure.facts:
                found.distincts.setdefault(name, []).append(Known(number, measure))
        case LatestSumMeasure():
            for name in measure.facts:
                found.sums.setdefault(name, []).append(Known(number, measure))
        case MilestonesMeasure():
            found.milestones.append(Known(number, measure))
        case IntervalMeasure():
            found.intervals.append(Known(number, measure))
        case AttendedMeasure():
            found.attended.append(Known(number, measure))


def implied_topics(topics: Sequence[str]) -> tuple[str, ...]:
    """The topics of a request or mission with those that they imply."""
    implied = [more for topic in topics for more in IMPLIED_TOPICS.get(topic, ())]
    return tuple(dict.fromkeys((*topics, *implied)))


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
