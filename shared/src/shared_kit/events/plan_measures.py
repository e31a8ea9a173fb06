"""Whether the measures of a plan file can be fed: by events that exist, from fields they carry."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from shared_kit.events import activity, work
from shared_kit.events.base import DecimalString, Event
from shared_kit.events.definitions import (
    Attended,
    Count,
    Distinct,
    DistinctOverInterval,
    LatestSum,
    Measure,
    Milestones,
    PlanSnapshot,
)
from shared_kit.events.plan_conditions import (
    choices_of,
    condition_findings,
    field_findings,
    nothing_at,
    single_findings,
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
            yield from condition_findings(
                measure.where, facts=facts, plan=plan, place=place / "where"
            )
            for name, field in (("item", measure.item), ("pair", measure.pair)):
                yield from single_findings(field, facts=facts, place=place / name)
        case DistinctOverInterval():
            yield from _topics(measure.topics, place / "topics")
        case Attended():
            yield from condition_findings(
                measure.where,
                facts=[activity.InvitationReceived],
                plan=plan,
                place=place / "where",
            )
        case LatestSum():
            yield from _latest_sum(measure, place)
        case Milestones():
            yield from condition_findings(
                measure.where,
                facts=[work.MilestoneReached],
                plan=plan,
                place=place / "where",
                planned=True,
            )


def _count(measure: Count, plan: PlanSnapshot, place: Place) -> Iterator[Finding]:
    facts = yield from _facts(measure.facts, place / "facts", dated=True)
    planned = "deliverable.released" in measure.facts
    for name in ("where", "also_where", "released"):
        yield from condition_findings(
            getattr(measure, name),
            facts=facts,
            plan=plan,
            place=place / name,
            planned=planned and name != "released",
        )
    if measure.split_by is not None:
        yield from field_findings(measure.split_by, facts=facts, place=place / "split_by")


def _latest_sum(measure: LatestSum, place: Place) -> Iterator[Finding]:
    facts = yield from _facts(measure.facts, place / "facts", dated=False)
    for number, field in enumerate(measure.per):
        yield from single_findings(field, facts=facts, place=place / "per" / number)
    if measure.latest_by is not None:
        yield from single_findings(measure.latest_by, facts=facts, place=place / "latest_by")
    for name, paths in (("numerator", measure.numerator), ("denominator", measure.denominator)):
        if not paths:
            yield nothing_at(place / name)
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
        yield nothing_at(place)
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


def _topics(topics: Sequence[str], place: Place) -> Iterator[Finding]:
    known = get_args(activity.Topic)
    if not topics:
        yield nothing_at(place)
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
        choices = choices_of(key)
        return (choices is None or steps[0] in choices) and _is_amount(value, steps[1:])
    if isinstance(model, type) and issubclass(model, BaseModel):
        field = model.model_fields.get(steps[0])
        return field is not None and _is_amount(field.annotation, steps[1:])
    return False


def _names(facts: Sequence[type[Event]]) -> str:
    return ", ".join(event.name for event in facts)
