"""Reads a plan file and says what is wrong with it: where, why, in both languages.

The shape is `PlanSnapshot`; beyond it, what a plan names must exist in it, what its measures read
must be something that an event carries, and its periods and tolerances must make sense.
"""

import codecs
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from shared_kit.events.definitions import Indicator, PlanSnapshot
from shared_kit.events.plan_measures import measure_findings
from shared_kit.events.plan_paths import path_findings
from shared_kit.events.plan_places import Finding, Place

YEARS_MAX = 12
_KIND_OF_MEASURE: Mapping[str, tuple[str, ...]] = {
    "planned": ("count", "distinct"),
    "observed": ("distinct-over-interval", "attended", "latest-sum"),
    "milestones": ("milestones",),
    "stated": (),
}
_CODED = (
    "perspectives",
    "groups",
    "objectives",
    "priorities",
    "packages",
    "indicators",
)


@dataclass(frozen=True, slots=True)
class PlanFileError(Exception):
    """The text is no plan. `cause` says what the shape lacks; None where it is not JSON at all.

    `line` and `column`, from 1, are where reading stopped, where that is known.
    """

    cause: ValidationError | None
    reason: str = ""
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFile:
    """A plan as it was read, and what is wrong with it."""

    snapshot: PlanSnapshot
    findings: Sequence[Finding]


def read_plan_file(text: bytes) -> PlanFile:
    """Read a plan file and look it through.

    Raises:
        PlanFileError: it has not the shape of a plan.
    """
    # Some editors put a byte order mark first; it says nothing about the plan.
    text = text.removeprefix(codecs.BOM_UTF8)
    try:
        raw = json.loads(text)
        snapshot = PlanSnapshot.model_validate_json(text)
    except ValidationError as error:
        raise PlanFileError(error) from error
    except json.JSONDecodeError as error:
        raise PlanFileError(None, str(error), error.lineno, error.colno) from error
    except (ValueError, RecursionError) as error:
        raise PlanFileError(None, str(error)) from error
    unknown = _unknown_fields(raw, snapshot.model_dump(mode="json"), Place(""))
    return PlanFile(snapshot=snapshot, findings=[*unknown, *lint(snapshot)])


def lint(plan: PlanSnapshot) -> list[Finding]:
    """Everything that is wrong with a plan of the right shape."""
    return [*_codes(plan), *_periods(plan), *_references(plan), *_indicators(plan)]


def _unknown_fields(raw: Any, known: Any, place: Place) -> Iterator[Finding]:
    # The contracts ignore unknown fields, so that a later version can be read; in a file that
    # somebody writes by hand such a field is a misspelling.
    if isinstance(raw, dict) and isinstance(known, dict):
        for name, value in raw.items():
            if name in known:
                yield from _unknown_fields(value, known[name], place / name)
            else:
                yield (place / name).finding(
                    "unknown-field", "this field is not known", "ce champ n’est pas connu"
                )
    elif isinstance(raw, list) and isinstance(known, list):
        for number, (one, its) in enumerate(zip(raw, known, strict=False)):
            yield from _unknown_fields(one, its, place / number)


def _codes(plan: PlanSnapshot) -> Iterator[Finding]:
    for name in _CODED:
        codes = [one.code for one in getattr(plan, name)]
        yield from _twice(codes, Place(f"/{name}"), last="code")
    yield from _twice(plan.deliverable_kinds, Place("/deliverable_kinds"))


def _twice(codes: Sequence[str], place: Place, *, last: str = "") -> Iterator[Finding]:
    first: dict[str, int] = {}
    for number, code in enumerate(codes):
        if code in first:
            here = place / number / last if last else place / number
            yield here.finding(
                "duplicate-code",
                f"{code} is there already, at {place}/{first[code]}",
                f"{code} existe déjà, à {place}/{first[code]}",
            )
        first.setdefault(code, number)


def _periods(plan: PlanSnapshot) -> Iterator[Finding]:
    place, cycle = Place("/cycle"), plan.cycle
    try:
        ZoneInfo(cycle.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield (place / "timezone").finding(
            "unknown-timezone",
            "a time zone such as Europe/Brussels is expected",
            "un fuseau tel que Europe/Brussels est attendu",
        )
    if cycle.end <= cycle.start:
        yield (place / "end").finding(
            "period-order", "a day after `start` is expected", "un jour après `start` est attendu"
        )
        return
    if cycle.end.year - cycle.start.year > YEARS_MAX:
        yield (place / "end").finding(
            "period-length",
            f"a cycle of at most {YEARS_MAX} years is expected",
            f"un cycle d’au plus {YEARS_MAX} ans est attendu",
        )
        return
    if plan.effective_on > cycle.end:
        yield Place("/effective_on").finding(
            "period-order",
            "a day up to the end of the cycle is expected",
            "un jour jusqu’à la fin du cycle est attendu",
        )
    # Neither the zone nor the holidays are looked at for this.
    years = {year.code for year in plan.calendar().years}
    if cycle.code in years:
        yield (place / "code").finding(
            "duplicate-code",
            f"{cycle.code} is the code of one of its years",
            f"{cycle.code} est le code d’un de ses exercices",
        )
    yield from _twice([day.isoformat() for day in cycle.holidays], place / "holidays")


def _references(plan: PlanSnapshot) -> Iterator[Finding]:
    perspectives = {one.code for one in plan.perspectives}
    groups = {one.code for one in plan.groups}
    parents = {one.code: one.parent for one in plan.objectives}
    for number, objective in enumerate(plan.objectives):
        place = Place("/objectives") / number
        if objective.perspective not in perspectives:
            yield _unknown(place / "perspective", objective.perspective, "perspective")
        if objective.group is not None and objective.group not in groups:
            yield _unknown(place / "group", objective.group, "group")
        if objective.parent is not None and objective.parent not in parents:
            yield _unknown(place / "parent", objective.parent, "objective")
        elif _is_circle(objective.code, parents):
            yield (place / "parent").finding(
                "circle",
                f"{objective.code} lies below itself",
                f"{objective.code} est sous lui-même",
            )
    elements = perspectives | groups | parents.keys()
    for number, link in enumerate(plan.links):
        for name, codes in (("causes", link.causes), ("effects", link.effects)):
            for nth, code in enumerate(codes):
                if code not in elements:
                    yield _unknown(Place("/links") / number / name / nth, code, "element")


def _is_circle(code: str, parents: Mapping[str, str | None]) -> bool:
    seen: set[str] = set()
    above = parents.get(code)
    while above is not None and above not in seen:
        if above == code:
            return True
        seen.add(above)
        above = parents.get(above)
    return False


def _indicators(plan: PlanSnapshot) -> Iterator[Finding]:
    objectives = {one.code for one in plan.objectives}
    for number, indicator in enumerate(plan.indicators):
        place = Place("/indicators") / number
        if indicator.objective not in objectives:
            yield _unknown(place / "objective", indicator.objective, "objective")
        yield from _tolerance(indicator, place / "tolerance")
        yield from _kind(indicator, place)
        yield from path_findings(indicator, plan=plan, place=place)
        if indicator.measure is not None:
            yield from measure_findings(indicator.measure, plan=plan, place=place / "measure")


def _tolerance(indicator: Indicator, place: Place) -> Iterator[Finding]:
    found = indicator.tolerance
    if not 0 < found.at_risk <= 1:
        yield (place / "at_risk").finding(
            "tolerance-range",
            "more than 0 and at most 1 is expected",
            "plus que 0 et au plus 1 est attendu",
        )
    if not 0 < found.on_track <= 1:
        yield (place / "on_track").finding(
            "tolerance-range",
            "more than 0 and at most 1 is expected",
            "plus que 0 et au plus 1 est attendu",
        )
    if found.at_risk > found.on_track:
        yield (place / "at_risk").finding(
            "tolerance-order",
            f"at most `on_track`, {found.on_track}, is expected",
            f"au plus `on_track`, {found.on_track}, est attendu",
        )


def _kind(indicator: Indicator, place: Place) -> Iterator[Finding]:
    fitting = _KIND_OF_MEASURE[indicator.kind]
    measure = indicator.measure
    if measure is None and fitting:
        yield (place / "measure").finding(
            "no-measure",
            f"a {indicator.kind} indicator needs a measure: {', '.join(fitting)}",
            f"un indicateur de genre {indicator.kind} exige une mesure : {', '.join(fitting)}",
        )
    elif measure is not None and not fitting:
        yield (place / "measure").finding(
            "wrong-measure",
            "a stated indicator has no measure: its figures are stated",
            "un indicateur déclaré n’a pas de mesure : ses chiffres sont déclarés",
        )
    elif measure is not None and measure.aggregate not in fitting:
        yield (place / "measure" / "aggregate").finding(
            "wrong-measure",
            f"a {indicator.kind} indicator is measured by {', '.join(fitting)}",
            f"un indicateur de genre {indicator.kind} se mesure par {', '.join(fitting)}",
        )


def _unknown(place: Place, code: str, what: str) -> Finding:
    return place.finding(
        "unknown-code",
        f"the plan has no {what} {code}",
        f"le plan n’a pas d’élément {code}",
    )
