"""Which indicators a planned Deliverable counts in, and what keeps it out of others.

The rules are the measures of the plan, as data; the engine counts by the same ones.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from plan_api.implementation.model import MILESTONE, DeliverablePlan
from plan_api.implementation.service.needs import FLAGS, needs
from plan_api.plans.model import Estimate
from shared_kit.calendar import Period
from shared_kit.events.definitions import Condition, Count, Indicator, Milestones, PlanSnapshot
from shared_kit.web.language import Bilingual

Values = frozenset[str]

_MOST_NEAR: Final = 5
_OFTEN_NONE: Final = "packages"
"""Much of the work belongs to no Package: asked about only while an estimate is not served."""
_CHOSEN: Final = frozenset({"objectives", "priorities"})
"""What work serves is a choice of its own, and said of all that serves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How a Deliverable stands to an indicator: `missing` are the conditions that it fails."""

    indicator: Indicator
    counts: bool
    missing: tuple[Condition, ...] = ()
    is_near: bool = False
    """One field alone, in which nothing is given, keeps it out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """An indicator whose estimate for a year no listed Deliverable serves, or that some miss."""

    indicator: Indicator
    period: str
    said: Bilingual
    near: tuple[DeliverablePlan, ...]
    """Those that one field keeps out."""


def reaches(planned: DeliverablePlan, *, plan: PlanSnapshot) -> Sequence[Reach]:
    """How a Deliverable stands to each indicator that counts such things."""
    fields = _fields_of(planned)
    found = []
    for indicator in plan.indicators:
        ways = _ways(indicator)
        if ways is not None:
            found.append(_reach(indicator, ways, fields))
    return found


def indicators_of(planned: DeliverablePlan, *, plan: PlanSnapshot) -> Sequence[Indicator]:
    """The indicators that count a Deliverable once it is done."""
    return [one.indicator for one in reaches(planned, plan=plan) if one.counts]


def shortfalls(
    listed: Iterable[DeliverablePlan],
    *,
    plan: PlanSnapshot,
    period: Period,
    estimates: Mapping[str, Estimate],
) -> Sequence[Shortfall]:
    """What a year's adoption would show as never to be reached; `estimates` by indicator's key.

    An estimate above what is listed is usual, for unlisted work is expected too. One that nothing
    listed serves is a doubt; so is what one field keeps out, and what is listed beyond it.
    """
    counted: Counter[str] = Counter()
    near: dict[str, list[tuple[Condition, DeliverablePlan]]] = {}
    for one in listed:
        for reach in reaches(one, plan=plan):
            if reach.counts:
                counted[reach.indicator.code] += 1
            elif reach.is_near:
                near.setdefault(reach.indicator.code, []).append((reach.missing[0], one))
    found = []
    for indicator in plan.indicators:
        if not isinstance(indicator.measure, Count):
            continue
        estimate = estimates.get(f"{plan.plan}:{indicator.code}")
        is_open = estimate is not None and counted[indicator.code] < estimate.value
        kept_out = [
            one
            for missing, one in near.get(indicator.code, ())
            if is_open or missing.field != _OFTEN_NONE
        ]
        said = _said(
            indicator,
            estimated=None if estimate is None else estimate.value,
            counted=counted[indicator.code],
            near=len(kept_out),
            label=plan.calendar().label(period),
        )
        if said is not None:
            found.append(
                Shortfall(
                    indicator=indicator,
                    period=period.code,
                    said=said,
                    near=tuple(kept_out[:_MOST_NEAR]),
                )
            )
    return found


def _said(
    indicator: Indicator, *, estimated: int | None, counted: int, near: int, label: str
) -> Bilingual | None:
    code, needed = indicator.code, needs((_ways(indicator) or ((),))[0])
    if estimated is not None and estimated > 0 and counted == 0:
        return Bilingual(
            en=f"{code}: the estimate for {label} says {estimated}, and no listed Deliverable "
            f"counts. One counts with {needed.en}.",
            fr=f"{code}\u00a0: l’estimation pour {label} est de {estimated}, et aucun livrable "
            f"inscrit ne compte. Il faut\u00a0: {needed.fr}.",
        )
    if estimated is not None and counted > estimated:
        return Bilingual(
            en=f"{code}: {counted} listed Deliverables count, more than the {estimated} that the "
            f"estimate for {label} says.",
            fr=f"{code}\u00a0: {counted} livrables inscrits comptent, plus que les {estimated} de "
            f"l’estimation pour {label}.",
        )
    if estimated is not None and near:
        return Bilingual(
            en=f"{code}: the estimate for {label} says {estimated}; listed and counted so far: "
            f"{counted}. One field is missing in {near} more. One counts with {needed.en}.",
            fr=f"{code}\u00a0: l’estimation pour {label} est de {estimated}\u202f; inscrits et "
            f"comptés à ce jour\u00a0: {counted}. Il manque un champ à {near} de plus. Il "
            f"faut\u00a0: {needed.fr}.",
        )
    return None


def _ways(indicator: Indicator) -> Sequence[Sequence[Condition]] | None:
    match indicator.measure:
        case Count() as measure:
            return (measure.where, measure.also_where) if measure.also_where else (measure.where,)
        case Milestones() as measure:
            return (measure.where,)
        case _:
            return None


def _reach(
    indicator: Indicator, ways: Sequence[Sequence[Condition]], fields: Mapping[str, Values]
) -> Reach:
    nothing: Values = frozenset()
    if isinstance(indicator.measure, Milestones) and MILESTONE not in fields["kind"]:
        return Reach(indicator=indicator, counts=False)
    tried = [
        tuple(one for one in way if not _holds(one, fields.get(one.field, nothing))) for way in ways
    ]
    least = min(range(len(tried)), key=lambda place: len(tried[place]))
    missing = tried[least]
    return Reach(
        indicator=indicator,
        counts=not missing,
        missing=missing,
        is_near=len(missing) == 1
        and len(ways[least]) > 1
        and missing[0].field not in _CHOSEN
        and not fields.get(missing[0].field, nothing),
    )


def _fields_of(planned: DeliverablePlan) -> Mapping[str, Values]:
    """As the facts say them; codes of the plan without it, as conditions name them."""
    prefix = f"{planned.plan}:"
    single = {
        "deliverable": planned.key,
        "action": planned.action,
        "period": planned.period,
        "kind": planned.kind,
        "unit": planned.unit,
        "purpose": planned.purpose,
        "instrument": planned.instrument,
        "due": planned.due,
        "weight": planned.weight,
    }
    return {
        **{
            name: frozenset() if value is None else frozenset({str(value)})
            for name, value in single.items()
        },
        "objectives": frozenset(one.removeprefix(prefix) for one in planned.objectives),
        "priorities": frozenset(one.removeprefix(prefix) for one in planned.priorities),
        "packages": frozenset(planned.packages),
        **{name: frozenset({str(getattr(planned, name)).lower()}) for name in FLAGS},
    }


def _holds(condition: Condition, values: Values) -> bool:
    if condition.present is not None and bool(values) is not condition.present:
        return False
    if condition.any_of and values.isdisjoint(condition.any_of):
        return False
    if condition.none_of and not values.isdisjoint(condition.none_of):
        return False
    if condition.not_only and values and values <= {*condition.not_only}:
        return False
    if condition.at_least is None and condition.at_most is None:
        return True
    return bool(values) and all(_is_within(one, condition) for one in values)


def _is_within(text: str, condition: Condition) -> bool:
    value = _measured(text)
    low, high = condition.at_least, condition.at_most
    return (low is None or _reaches(value, _measured(low))) and (
        high is None or _reaches(_measured(high), value)
    )


def _reaches(one: date | Fraction | None, other: date | Fraction | None) -> bool:
    """Whether one is at least the other; a date and a number are never compared."""
    if isinstance(one, date) and isinstance(other, date):
        return one >= other
    return isinstance(one, Fraction) and isinstance(other, Fraction) and one >= other


def _measured(text: str) -> date | Fraction | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        try:
            return Fraction(text)
        except ValueError:
            return None
