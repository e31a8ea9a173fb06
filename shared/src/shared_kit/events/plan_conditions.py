"""Whether a condition of a measure can be met: by a field that its facts carry, of its type."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from shared_kit.events import work
from shared_kit.events.base import Event
from shared_kit.events.definitions import DELIVERABLE_KINDS, Condition, PlanSnapshot
from shared_kit.events.plan_places import Finding, Place

_SETS = ("any_of", "none_of", "not_only")
_ORDERED = (date, Decimal, int)
_PLANNED = work.PlannedFields.model_fields.keys()


def condition_findings(
    conditions: Sequence[Condition],
    *,
    facts: Sequence[type[Event]],
    plan: PlanSnapshot,
    place: Place,
    planned: bool = False,
) -> Iterator[Finding]:
    """Say which conditions can never be met, or say nothing.

    `planned`: they choose listed items too, so that they may look only at what an item is.
    """
    for number, condition in enumerate(conditions):
        here = place / number
        unknown = list(field_findings(condition.field, facts=facts, place=here / "field"))
        yield from unknown
        if planned and not unknown and condition.field not in _PLANNED:
            yield (here / "field").finding(
                "not-planned",
                f"{condition.field} is known of a release alone: such a condition belongs into"
                " `released`, or nothing is ever planned",
                f"{condition.field} n’est connu que d’une diffusion : une telle condition a sa"
                " place dans `released`, sinon rien n’est jamais prévu",
            )
        if not _says_something(condition):
            yield nothing_at(here)
        yield from _contradictions(condition, here)
        for event in facts[:1]:
            if not unknown:
                yield from _values_fit(condition, event, plan, here)
                yield from _ranges_fit(condition, event, here)
                yield from _presence_fits(condition, event, here)


def field_findings(name: str, *, facts: Sequence[type[Event]], place: Place) -> Iterator[Finding]:
    """Say which of the event types has no such field."""
    missing = [event.name for event in facts if name not in event.model_fields]
    if missing:
        yield place.finding(
            "unknown-field",
            f"{', '.join(missing)} has no field {name}",
            f"{', '.join(missing)} n’a pas de champ {name}",
        )


def single_findings(name: str, *, facts: Sequence[type[Event]], place: Place) -> Iterator[Finding]:
    """Say where a field is unknown or holds several values, which name no one thing."""
    yield from field_findings(name, facts=facts, place=place)
    several = [
        event.name
        for event in facts
        if name in event.model_fields and _is_many(event.model_fields[name].annotation)
    ]
    if several:
        yield place.finding(
            "wrong-type",
            f"{name} of {', '.join(several)} holds several values; one is expected",
            f"{name} de {', '.join(several)} porte plusieurs valeurs ; une seule est attendue",
        )


def nothing_at(place: Place) -> Finding:
    """Something is expected at a place where nothing stands."""
    return place.finding(
        "empty", "at least one is expected here", "au moins un élément est attendu ici"
    )


def _says_something(condition: Condition) -> bool:
    sets = condition.any_of or condition.none_of or condition.not_only
    bounds = (condition.present, condition.at_least, condition.at_most)
    return bool(sets) or any(one is not None for one in bounds)


def _contradictions(condition: Condition, here: Place) -> Iterator[Finding]:
    for number, value in enumerate(condition.none_of):
        if value in condition.any_of:
            yield (here / "none_of" / number).finding(
                "contradiction",
                f"{value} is asked for by `any_of`",
                f"{value} est demandé par `any_of`",
            )
    if condition.present is False and (
        condition.any_of or condition.at_least is not None or condition.at_most is not None
    ):
        yield (here / "present").finding(
            "contradiction",
            "what is not given has no value to compare",
            "ce qui n’est pas donné n’a pas de valeur à comparer",
        )


def _values_fit(
    condition: Condition, event: type[Event], plan: PlanSnapshot, here: Place
) -> Iterator[Finding]:
    if _plain_type(event, condition.field) is Decimal:
        for name in _SETS:
            if getattr(condition, name):
                yield (here / name).finding(
                    "wrong-type",
                    f"{condition.field} is a number: `at_least` and `at_most` compare it",
                    f"{condition.field} est un nombre : `at_least` et `at_most` le comparent",
                )
        return
    known = _values(condition.field, event, plan)
    for name in _SETS:
        for nth, value in enumerate(getattr(condition, name)):
            if known is not None and value not in known:
                yield (here / name / nth).finding(
                    "unknown-code",
                    f"{condition.field} is never {value}",
                    f"{condition.field} ne vaut jamais {value}",
                )


def _ranges_fit(condition: Condition, event: type[Event], here: Place) -> Iterator[Finding]:
    ends = {"at_least": condition.at_least, "at_most": condition.at_most}
    given = {name: end for name, end in ends.items() if end is not None}
    kind = _plain_type(event, condition.field)
    for name, end in given.items():
        if kind not in _ORDERED:
            yield (here / name).finding(
                "wrong-type",
                f"{condition.field} is neither a date nor a number",
                f"{condition.field} n’est ni une date ni un nombre",
            )
        elif (kind is date) != _is_date(end):
            yield (here / name).finding(
                "wrong-type",
                "a date such as 2020-06-30 is expected"
                if kind is date
                else "a number such as 0.5 is expected",
                "une date telle que 2020-06-30 est attendue"
                if kind is date
                else "un nombre tel que 0.5 est attendu",
            )
    low, high = condition.at_least, condition.at_most
    if low is not None and high is not None and _is_date(low) == _is_date(high):
        reversed_ = high < low if _is_date(low) else Decimal(high) < Decimal(low)
        if reversed_:
            yield (here / "at_most").finding(
                "range-order",
                f"at least `at_least`, {low}, is expected",
                f"au moins `at_least`, {low}, est attendu",
            )


def _presence_fits(condition: Condition, event: type[Event], here: Place) -> Iterator[Finding]:
    if condition.present is None:
        return
    field = event.model_fields[condition.field]
    always = field.is_required() or field.annotation is bool
    if always and not _is_many(field.annotation):
        yield (here / "present").finding(
            "always-given",
            f"{event.name} always gives {condition.field}",
            f"{event.name} donne toujours {condition.field}",
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
    return choices_of(event.model_fields[field].annotation)


def choices_of(annotation: Any) -> frozenset[str] | None:
    """The texts that a field of that type can hold; None where it can hold anything."""
    origin = get_origin(annotation)
    if origin is Literal:
        return frozenset(map(str, get_args(annotation)))
    if origin is Annotated:
        return choices_of(get_args(annotation)[0])
    if origin in (Union, UnionType):
        found = [choices_of(one) for one in get_args(annotation) if one is not type(None)]
        return found[0] if len(found) == 1 else None
    if origin is tuple:
        return choices_of(get_args(annotation)[0])
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return frozenset(str(one.value) for one in annotation)
    return frozenset({"true", "false"}) if annotation is bool else None


def _plain_type(event: type[Event], field: str) -> Any:
    """The type of a field's value, without what may surround it."""
    annotation: Any = event.model_fields[field].annotation
    while get_origin(annotation) in (Annotated, Union, UnionType):
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        else:
            some = [one for one in get_args(annotation) if one is not type(None)]
            if len(some) != 1:
                return None
            annotation = some[0]
    return annotation


def _is_many(annotation: Any) -> bool:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _is_many(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return any(_is_many(one) for one in get_args(annotation))
    return origin in (tuple, list, dict)


def _is_date(text: str) -> bool:
    return text.count("-") == 2 and not text.startswith("-")
