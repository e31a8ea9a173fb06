"""Facts of the right kind that a result leaves out, each with the rule that excluded it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from kpi_engine.domain.conditions import Condition, broken_way, first_broken
from kpi_engine.domain.definitions import (
    AttendedMeasure,
    CountMeasure,
    DistinctMeasure,
    IntervalMeasure,
)
from kpi_engine.handlers.fanout import FanOut
from kpi_engine.handlers.fields import FieldSets, effective_date
from kpi_engine.handlers.judge import Case
from kpi_engine.handlers.measure_index import implied_topics
from kpi_engine.handlers.showing import Shown, shown
from kpi_engine.ports import Detail, History
from shared_kit.events import activity, work
from shared_kit.events.base import Event


@dataclass(frozen=True, slots=True)
class Rule:
    """Why a fact is left out."""

    en: str
    fr: str


RETRACTED = Rule("It was retracted.", "Ce fait a été retiré.")
DRAFT = Rule("A draft counts nowhere.", "Un projet ne compte nulle part.")
BEFORE_CYCLE = Rule(
    "It is dated before the cycle: background only.",
    "Ce fait est antérieur au cycle : contexte seulement.",
)
OTHER_PERIOD = Rule("It is dated in another period.", "Ce fait est daté d’une autre période.")
NOT_YET = Rule("Nothing counts before its own date.", "Rien ne compte avant sa propre date.")
COUNTED_BEFORE = Rule(
    "The item counts once, at its earliest release.",
    "L’élément compte une seule fois, à sa première publication.",
)
NOT_FIRST = Rule(
    "Not the first time for this tool and Member.",
    "Ce n’est pas la première fois pour cet outil et ce Membre.",
)
OTHER_TOPIC = Rule("It concerns other topics.", "Ce fait porte sur d’autres thèmes.")
NOT_OPEN = Rule(
    "The request was not open in the period.", "La demande n’était pas ouverte dans la période."
)
ANSWERS_NOTHING = Rule(
    "It answers no request that was open.", "Cette mission ne répond à aucune demande ouverte."
)
CALLED_OFF = Rule(
    "Withdrawn by the organizer, or a later invitation to the event counts.",
    "Retirée par l’organisateur, ou une invitation plus récente compte.",
)
SUPERSEDED = Rule(
    "A later figure or a higher revision counts.",
    "Un chiffre plus récent ou une révision supérieure compte.",
)

_SHOWN_FOR = {
    CountMeasure: ("deliverable.released",),
    IntervalMeasure: ("support.requested", "support.provided"),
    AttendedMeasure: ("invitation.received",),
}


async def excluded(
    history: History,
    case: Case,
    detail: Detail,
    *,
    fan_out: FanOut,
    candidates: int,
    most: int,
) -> list[Mapping[str, object]]:
    """The newest facts that were left out, and by which rule.

    At most `candidates` of the newest facts are looked at, and `most` shown.
    """
    names = _names(case)
    counted = {row.fact for row in (*detail.numerator, *detail.denominator)}
    records = [
        record
        for record in await history.candidates(names=names, limit=candidates)
        if record.seq not in counted
    ]
    lines: list[Mapping[str, object]] = []
    for one in (await shown(history, records)).values():
        rule = _rule(one, case, fan_out)
        if rule is not None:
            lines.append(
                {
                    "item": one.record.subject,
                    "title": one.title,
                    "title_fr": one.french_title,
                    "rule": rule.en,
                    "rule_fr": rule.fr,
                    "fact": one.reference,
                }
            )
        if len(lines) == most:
            break
    return lines


def _names(case: Case) -> tuple[str, ...]:
    measure = case.definition.measure
    facts = getattr(measure, "facts", None)
    if isinstance(facts, tuple):
        return facts
    return _SHOWN_FOR.get(type(measure), ())


def _rule(one: Shown, case: Case, fan_out: FanOut) -> Rule | None:
    event = one.effective.event
    if event is None:
        return RETRACTED
    if not fan_out.concerns(event, plan=case.plan.code):
        return None
    return _broken(event, case) or _dated(event, case) or _other(event, case)


def _broken(event: Event, case: Case) -> Rule | None:
    """The condition of the measure that the fact does not meet."""
    measure = case.definition.measure
    fields = FieldSets(event)
    broken: Condition | None = None
    match measure:
        case CountMeasure():
            if isinstance(event, work.DeliverableReleased) and not event.stage.counts:
                return DRAFT
            broken = broken_way(ways=measure.ways, fields=fields) or first_broken(
                conditions=measure.released, fields=fields
            )
        case DistinctMeasure() | AttendedMeasure():
            broken = broken_way(ways=measure.ways, fields=fields)
        case IntervalMeasure():
            topics = event.topics if isinstance(event, _TOPICAL) else ()
            if measure.topics.isdisjoint(implied_topics(topics)):
                return OTHER_TOPIC
    return None if broken is None else Rule(broken.why, broken.why_fr)


_TOPICAL = (activity.SupportRequested, activity.SupportProvided)


def _dated(event: Event, case: Case) -> Rule | None:
    on: date | None = effective_date(event)
    if on is None or isinstance(case.definition.measure, IntervalMeasure):
        return None
    if on < case.plan.calendar.cycle_start:
        return BEFORE_CYCLE
    if on not in case.period:
        return OTHER_PERIOD
    return NOT_YET if on > case.question.as_of else None


def _other(event: Event, case: Case) -> Rule:
    match case.definition.measure:
        case CountMeasure():
            return COUNTED_BEFORE
        case DistinctMeasure():
            return NOT_FIRST
        case IntervalMeasure():
            asked = isinstance(event, activity.SupportRequested)
            return NOT_OPEN if asked else ANSWERS_NOTHING
        case AttendedMeasure():
            return CALLED_OFF
        case _:
            return SUPERSEDED
