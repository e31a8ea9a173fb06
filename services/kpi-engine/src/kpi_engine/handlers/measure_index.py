"""The measures of all plans and versions, compiled for one look at each fact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

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
from shared_kit.calendar import PlanCalendar

# The Plan places people development in the ODP: who asks for the one asks for the other.
IMPLIED_TOPICS: Mapping[str, tuple[str, ...]] = {"people": ("ODP",)}

M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class Known(Generic[M]):
    """A measure with the number under which its contributions are kept."""

    id: int
    measure: M


@dataclass(slots=True)
class PlanMeasures:
    """The measures of one plan, by what they count."""

    code: str
    id: int
    calendar: PlanCalendar
    counts: dict[str, list[Known[CountMeasure]]] = field(default_factory=dict)
    distincts: dict[str, list[Known[DistinctMeasure]]] = field(default_factory=dict)
    sums: dict[str, list[Known[LatestSumMeasure]]] = field(default_factory=dict)
    milestones: list[Known[MilestonesMeasure]] = field(default_factory=list)
    intervals: list[Known[IntervalMeasure]] = field(default_factory=list)
    attended: list[Known[AttendedMeasure]] = field(default_factory=list)


class MeasureIndex:
    """Which measures there are, and whose; a measure of several versions is here once."""

    def __init__(self, known: Mapping[str, Plan]) -> None:
        self.plans: dict[str, PlanMeasures] = {}
        self.indicators: dict[int, str] = {}
        self.plan_of_measure: dict[int, Plan] = {}
        self._topics: dict[str, tuple[int, ...]] = {}
        for plan in known.values():
            self._compile(plan)

    def on_topic(self, topic: str) -> tuple[int, ...]:
        """The measures of any plan that take requests and missions on a topic."""
        found = self._topics.get(topic)
        if found is None:
            found = tuple(
                known.id
                for plan in self.plans.values()
                for known in plan.intervals
                if topic in known.measure.topics
            )
            self._topics[topic] = found
        return found

    def with_requests(self) -> tuple[int, ...]:
        """The measures of any plan that take requests."""
        return tuple(known.id for plan in self.plans.values() for known in plan.intervals)

    def with_invitations(self) -> tuple[int, ...]:
        """The measures of any plan that take invitations."""
        return tuple(known.id for plan in self.plans.values() for known in plan.attended)

    def _compile(self, plan: Plan) -> None:
        found = PlanMeasures(code=plan.code, id=plan.measure_id, calendar=plan.calendar)
        self.plans[plan.code] = found
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


def _place(found: PlanMeasures, number: int, measure: AnyMeasure) -> None:
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
