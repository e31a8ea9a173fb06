"""Whether the measures of a plan file can be fed: by events that exist, from fields they carry."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import date
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from shared_kit.events import activity, work
from shared_kit.events.base import DecimalString, Event
from shared_kit.events.definitions import (
    DELIVERABLE_KINDS,
    Attended,
    Condition,
    Count,
    Distinct,
    DistinctOverInterval,
    LatestSum,
    Measure,
    Milestones,
    PlanSnapshot,
)
from shared_kit.events.plan_places import Finding, Place
from shared_kit.events.registry import EVENTS

_FACTS: Mapping[str, type[Event]] = {
    event.name: event for event in EVENTS.values() if event.topic in ("work", "activity")
}
_NOT_COUNTED = frozenset({"figure.stated", "reporting.confirmed"})
"""They have a meaning of their own, whatever a measure says."""

_DECIMAL = get_args(DecimalString)[0]


def measure_findings(measure: Measure, *, plan: PlanSnapshot, place: Place) -> Iterator[Finding]:
    """Say what keeps a measure from ever counting anything."""
    match measure:
        case Count():
            yield from _count(measure, plan, place)
        case Distinct():
            facts = yield from _facts(measure.facts, place / "facts", dated=True)
            yield from _conditions(measure.where, facts, plan, place / "where")
            for name, field in (("item", measure.item), ("pair", measure.pair)):
                yield from _field(field, facts, place / name)
        case DistinctOverInterval():
            yield from _topics(measure.topics, place / "topics")
        case Attended():
            received = [activity.InvitationReceived]
            yield from _conditions(measure.where, received, plan, place / "where")
        case LatestSum():
            yield from _latest_sum(measure, place)
        case Milestones():
            yield from _conditions(measure.where, [work.MilestoneReached], plan, place / "where")


def _count(measure: Count, plan: PlanSnapshot, place: Place) -> Iterator[Finding]:
    facts = yield from _facts(measure.facts, place / "facts", dated=True)
    yield from _conditions(measure.where, facts, plan, place / "where")
    yield from _conditions(measure.also_where, facts, plan, place / "also_where")
    yield from _conditions(measure.released, facts, plan, place / "released")
    if measure.split_by is not None:
        yield from _field(measure.split_by, facts, place / "split_by")


def _latest_sum(measure: LatestSum, place: Place) -> Iterator[Finding]:
    facts = yield from _facts(measure.facts, place / "facts", dated=False)
    for number, field in enumerate(measure.per):
        yield from _field(field, facts, place / "per" / number)
    if measure.latest_by is not None:
        yield from _field(measure.latest_by, facts, place / "latest_by")
    for name, paths in (("numerator", measure.numerator), ("denominator", measure.denominator)):
        if not paths:
            yield _nothing(place / name)
        for number, path in enumerate(paths):
            if not all(_is_amount(event, path.split(".")) for event in facts):
                yield (place / name / number).finding(
                    "unknown-field",
                    f"no amount lies at {path} of {_names(facts)}",
                    f"aucun montant à {path} de {_names(facts)}",
                )


def _facts(
    names: Sequence[str], place: Place, *, dated: bool
) -> Generator[Finding, None, Sequence[type[Event]]]:
    """Find the event types; what it yields is what is wrong with them."""
    found = []
    if not names:
        yield _nothing(place)
    for number, name in enumerate(names):
        event = _FACTS.get(name)
        if event is None or name in _NOT_COUNTED:
            yield (place / number).finding(
                "unknown-event",
                f"no event type that can be counted is called {name}",
                f"aucun type d’événement dénombrable ne s’appelle {name}",
            )
        elif not _has_date(event, quarters=not dated):
            yield (place / number).finding(
                "no-date",
                f"{name} carries no date of its own, so no period counts it",
                f"{name} ne porte pas de date : aucune période ne le compte",
            )
        else:
            found.append(event)
    return found


def _has_date(event: type[Event], *, quarters: bool) -> bool:
    fields = event.model_fields
    if quarters and ("quarter" in fields or "period" in fields):
        return True
    return any(field.annotation is date and field.is_required() for field in fields.values())


def _field(name: str, facts: Sequence[type[Event]], place: Place) -> Iterator[Finding]:
    missing = [event.name for event in facts if name not in event.model_fields]
    if missing:
        yield place.finding(
            "unknown-field",
            f"{', '.join(missing)} has no field {name}",
            f"{', '.join(missing)} n’a pas de champ {name}",
        )


def _conditions(
    conditions: Sequence[Condition], facts: Sequence[type[Event]], plan: PlanSnapshot, place: Place
) -> Iterator[Finding]:
    for number, condition in enumerate(conditions):
        here = place / number
        yield from _field(condition.field, facts, here / "field")
        if not (condition.any_of or condition.none_of or condition.not_only):
            yield _nothing(here)
        for event in facts[:1]:
            known = _values(condition.field, event, plan)
            for name in ("any_of", "none_of", "not_only"):
                for nth, value in enumerate(getattr(condition, name)):
                    if known is not None and value not in known:
                        yield (here / name / nth).finding(
                            "unknown-code",
                            f"{condition.field} is never {value}",
                            f"{condition.field} ne vaut jamais {value}",
                        )


def _values(field: str, event: type[Event], plan: PlanSnapshot) -> frozenset[str] | None:
    """What a field can hold; None where it can hold anything."""
    of_plan: Mapping[str, Sequence[str]] = {
        "objectives": [one.code for one in plan.objectives],
        "priorities": [one.code for one in plan.priorities],
        "packages": [one.code for one in plan.packages],
        "kind": [*DELIVERABLE_KINDS, *plan.deliverable_kinds],
    }
    if field in of_plan:
        return frozenset(of_plan[field])
    described = event.model_fields.get(field)
    return None if described is None else _choices(described.annotation)


def _choices(annotation: Any) -> frozenset[str] | None:
    origin = get_origin(annotation)
    if origin is Literal:
        return frozenset(map(str, get_args(annotation)))
    if origin is Annotated:
        return _choices(get_args(annotation)[0])
    if origin in (Union, UnionType):
        found = [_choices(one) for one in get_args(annotation) if one is not type(None)]
        return found[0] if len(found) == 1 else None
    if origin is tuple:
        return _choices(get_args(annotation)[0])
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return frozenset(str(one.value) for one in annotation)
    return frozenset({"true", "false"}) if annotation is bool else None


def _topics(topics: Sequence[str], place: Place) -> Iterator[Finding]:
    known = get_args(activity.Topic)
    if not topics:
        yield _nothing(place)
    for number, topic in enumerate(topics):
        if topic not in known:
            yield (place / number).finding(
                "unknown-code",
                f"no request is on {topic}; topics are {', '.join(known)}",
                f"aucune demande ne porte sur {topic} ; les thèmes sont {', '.join(known)}",
            )


def _is_amount(model: Any, steps: Sequence[str]) -> bool:
    """Whether a path such as `by_source.wco-budget.total` leads to a decimal."""
    origin = get_origin(model)
    if origin is Annotated:
        return _is_amount(get_args(model)[0], steps)
    if not steps:
        return model is _DECIMAL
    if origin is dict:
        key, value = get_args(model)
        choices = _choices(key)
        return (choices is None or steps[0] in choices) and _is_amount(value, steps[1:])
    if isinstance(model, type) and issubclass(model, BaseModel):
        field = model.model_fields.get(steps[0])
        return field is not None and _is_amount(field.annotation, steps[1:])
    return False


def _nothing(place: Place) -> Finding:
    return place.finding(
        "empty", "at least one is expected here", "au moins un élément est attendu ici"
    )


def _names(facts: Sequence[type[Event]]) -> str:
    return ", ".join(event.name for event in facts)
