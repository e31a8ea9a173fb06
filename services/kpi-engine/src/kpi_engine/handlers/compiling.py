"""From a plan snapshot to definitions: codes become keys, conditions become sets."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from hashlib import blake2b

from kpi_engine.domain.conditions import Condition, read_bound
from kpi_engine.domain.definitions import (
    AnyMeasure,
    AttendedMeasure,
    CountMeasure,
    Definition,
    DistinctMeasure,
    IntervalMeasure,
    LatestSumMeasure,
    MilestonesMeasure,
    Plan,
    PlanVersion,
    Tolerance,
)
from kpi_engine.domain.paths import Path
from kpi_engine.ports import MeasureKey
from shared_kit.events import definitions as wire

_KEYED_FIELDS = frozenset({"objectives", "priorities"})


def measure_keys(snapshots: Sequence[wire.PlanSnapshot]) -> list[MeasureKey]:
    """All measures of the versions of plans, and one for each plan itself."""
    found: dict[MeasureKey, None] = {}
    for snapshot in snapshots:
        found[_plan_key(snapshot)] = None
        for indicator in snapshot.indicators:
            if indicator.measure is not None:
                found[_key(snapshot, indicator)] = None
    return list(found)


def compile_plans(
    snapshots: Sequence[wire.PlanSnapshot], *, ids: Mapping[MeasureKey, int]
) -> dict[str, Plan]:
    """Compile the versions of plans; of each plan in the order in which they come into force."""
    by_plan: dict[str, list[wire.PlanSnapshot]] = {}
    for snapshot in snapshots:
        by_plan.setdefault(snapshot.plan, []).append(snapshot)
    plans = {}
    for code, found in by_plan.items():
        found.sort(key=lambda one: (one.effective_on, one.version))
        plans[code] = Plan(
            code=code,
            measure_id=ids[_plan_key(found[-1])],
            versions=tuple(_compile_version(one, ids) for one in found),
        )
    return plans


def _plan_key(snapshot: wire.PlanSnapshot) -> MeasureKey:
    return MeasureKey(snapshot.plan, "", measure_content(None, snapshot.cycle))


def _key(snapshot: wire.PlanSnapshot, indicator: wire.Indicator) -> MeasureKey:
    content = measure_content(indicator.measure, snapshot.cycle)
    return MeasureKey(snapshot.plan, f"{snapshot.plan}:{indicator.code}", content)


def _compile_version(snapshot: wire.PlanSnapshot, ids: Mapping[MeasureKey, int]) -> PlanVersion:
    definitions: dict[str, Definition] = {}
    for indicator in snapshot.indicators:
        key = f"{snapshot.plan}:{indicator.code}"
        measure = indicator.measure
        definitions[key] = Definition(
            plan=snapshot.plan,
            key=key,
            code=indicator.code,
            version=snapshot.version,
            digest=_digest(indicator),
            kind=indicator.kind,
            measure=None if measure is None else compile_measure(measure, plan=snapshot.plan),
            measure_id=None if measure is None else ids[_key(snapshot, indicator)],
            owner=indicator.owner,
            tolerance=Tolerance(
                on_track=Fraction(indicator.tolerance.on_track),
                at_risk=Fraction(indicator.tolerance.at_risk),
            ),
            grace_days=indicator.grace_days,
            service_days=indicator.service_days,
            silence_is_no_data=indicator.silence_is_no_data,
            initially_estimated=_initially_estimated(measure),
            visibility=indicator.visibility,
            title=indicator.title.en,
            title_fr=indicator.title.fr,
            report_every_days=indicator.report_every_days,
            path=None if indicator.path is None else _path(indicator.path),
        )
    return PlanVersion(
        version=snapshot.version,
        effective_on=snapshot.effective_on,
        calendar=snapshot.calendar(),
        indicators=definitions,
    )


_JUDGED_BY = {
    "kind",
    "measure",
    "tolerance",
    "grace_days",
    "service_days",
    "silence_is_no_data",
}


def _path(path: wire.DeclaredPath) -> Path:
    def exact(value: Decimal | None) -> Fraction | None:
        return None if value is None else Fraction(value)

    baseline = path.baseline
    return Path(
        direction=path.direction,
        baseline=None if baseline is None else (baseline.on, Fraction(baseline.value)),
        points=tuple(sorted({one.on: Fraction(one.value) for one in path.points}.items())),
        linear=path.between == "linear",
        low=exact(path.low),
        high=exact(path.high),
        margin=exact(path.margin),
    )


def _digest(indicator: wire.Indicator) -> str:
    content = _said(indicator.model_dump_json(include=_JUDGED_BY))
    if indicator.path is not None:
        # Apart, so that an indicator without a path keeps the digest that it always had.
        content += indicator.path.model_dump_json()
    return blake2b(content.encode(), digest_size=16).hexdigest()


def _initially_estimated(measure: wire.Measure | None) -> bool:
    """Whether the first figure stays the denominator; of tools implemented always."""
    if isinstance(measure, wire.Count):
        return measure.initially_estimated
    return isinstance(measure, wire.Distinct)


# Fields that came later: a condition that says nothing of them keeps its content, and its measure
# what it has counted. Inside a text a quotation mark is escaped, so this is never part of one.
_UNSAID = ',"present":null,"at_least":null,"at_most":null'


def _said(content: str) -> str:
    return content.replace(_UNSAID, "")


# What says how to judge or to show, and moves no contribution.
_NOT_COUNTING = {"split_by", "initially_estimated"}


def measure_content(measure: wire.Measure | None, cycle: wire.Cycle) -> bytes:
    """16 bytes of all that contributions depend on: the measure and the plan's years."""
    said = "" if measure is None else _said(measure.model_dump_json(exclude=_NOT_COUNTING))
    return blake2b(f"{cycle.year_start_month}|{said}".encode(), digest_size=16).digest()


def compile_measure(measure: wire.Measure, *, plan: str) -> AnyMeasure:
    """Compile a measure; values of `objectives` and `priorities` become keys of the plan."""

    def conditions(found: tuple[wire.Condition, ...]) -> tuple[Condition, ...]:
        return tuple(_condition(one, plan=plan) for one in found)

    match measure:
        case wire.Count():
            return CountMeasure(
                facts=measure.facts,
                ways=(conditions(measure.where),)
                + ((conditions(measure.also_where),) if measure.also_where else ()),
                released=conditions(measure.released),
            )
        case wire.Distinct():
            return DistinctMeasure(
                facts=measure.facts,
                ways=(conditions(measure.where),),
                item=measure.item,
                pair=measure.pair,
            )
        case wire.DistinctOverInterval():
            return IntervalMeasure(topics=frozenset(measure.topics))
        case wire.Attended():
            return AttendedMeasure(ways=(conditions(measure.where),))
        case wire.LatestSum():
            return LatestSumMeasure(
                facts=measure.facts,
                per=measure.per,
                latest_by=measure.latest_by,
                numerator=measure.numerator,
                denominator=measure.denominator,
            )
        case wire.Milestones():
            return MilestonesMeasure(ways=(conditions(measure.where),))


def _condition(condition: wire.Condition, *, plan: str) -> Condition:
    prefix = f"{plan}:" if condition.field in _KEYED_FIELDS else ""

    def values(said: tuple[str, ...]) -> frozenset[str]:
        return frozenset(prefix + value for value in said)

    return Condition(
        field=condition.field,
        any_of=values(condition.any_of),
        none_of=values(condition.none_of),
        not_only=values(condition.not_only),
        present=condition.present,
        at_least=None if condition.at_least is None else read_bound(condition.at_least),
        at_most=None if condition.at_most is None else read_bound(condition.at_most),
        why=condition.why.en,
        why_fr=condition.why.fr,
    )
