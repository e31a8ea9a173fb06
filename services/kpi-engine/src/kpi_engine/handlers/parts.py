"""Divides a judgement's figure by Member, region, unit, package or priority.

The judgement is made again from the facts below its positions, as an explanation does; the same
rows that its figure counts are then counted by part. The total is measured by itself: it is never
the sum of the parts, which may overlap.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from kpi_engine.domain.definitions import (
    CountMeasure,
    DistinctMeasure,
    IntervalMeasure,
    LatestSumMeasure,
    MilestonesMeasure,
)
from kpi_engine.domain.figures import Listing
from kpi_engine.domain.parts import ZERO, Cell, overlap_of, suppressed
from kpi_engine.domain.planned import plan_of_period
from kpi_engine.handlers import parts_words as words
from kpi_engine.handlers.effective import CONTRACTS, apply_corrections
from kpi_engine.handlers.explain import Opening, Recalled, recall
from kpi_engine.handlers.fields import FieldSets
from kpi_engine.handlers.results import amount, ratio
from kpi_engine.handlers.showing import Shown, shown
from kpi_engine.ports import History, StoredJudgement
from kpi_engine.ports.parts import Beyond, By, Divided, Named, PartRow, Place
from shared_kit.events.definitions import PlanSnapshot
from shared_kit.events.plans import (
    ImplementationPlanAdopted,
    MemberRegistered,
    UnitRegistered,
)
from shared_kit.events.work import PlannedFields

_MOST_DIRECTORY = 5000
_FIELD: Mapping[By, str] = {
    By.MEMBER: "member",
    By.REGION: "member",
    By.UNIT: "unit",
    By.PACKAGE: "packages",
    By.PRIORITY: "priorities",
}
_OF_MEMBERS = (By.MEMBER, By.REGION)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerDivider:
    """Meets the port `Divider`; one short-lived session an answer, nothing is committed."""

    opening: Opening

    async def parts(
        self, *, judged: StoredJudgement, by: Sequence[By], language: str
    ) -> Sequence[Divided]:
        async with self.opening(judged.offsets) as (history, store):
            recalled = await recall(judged, history, store)
            places = {one: _place(recalled, one) for one in by}
            grounds = await _grounds(recalled, places.values(), history)
            return [
                await _one(grounds, one, place, history, language) for one, place in places.items()
            ]


async def _one(
    grounds: "_Grounds", by: By, place: Place | None, history: History, language: str
) -> Divided:
    recalled = grounds.recalled
    divided = _whole(recalled, by)
    if place is None or _undivided(recalled) is not None:
        said = _undivided(recalled) or words.not_divided(by)
        return replace(divided, reason=words.in_language(said, language))
    if by is By.REGION:
        place = place._replace(regions=grounds.directory.regions)
    cells = await _cells(grounds, by, place, history)
    return _divided(divided, recalled, cells, grounds.directory, language)


def _undivided(recalled: Recalled) -> words.Said | None:
    """Why a figure has no parts of any kind; None where it may have some."""
    if recalled.outcome.stated:
        return words.STATED
    return words.UNMEASURED if recalled.case.definition.measure is None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Directory:
    """Units and Members as last registered, by code: the directory's own order."""

    units: Mapping[str, UnitRegistered]
    members: Mapping[str, MemberRegistered]

    @property
    def regions(self) -> Mapping[str, str]:
        return {code: member.region for code, member in self.members.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grounds:
    """What all dimensions of a judgement are read from, read once.

    `said` is what the corrected facts say after all: their own bytes do not. `items` are the
    adopted items that are the denominator of a planned figure, each with the fact that lists it.
    """

    recalled: Recalled
    directory: _Directory
    said: Mapping[int, str]
    items: Sequence[tuple[Listing, Shown]]


async def _grounds(
    recalled: Recalled, places: Collection[Place | None], history: History
) -> _Grounds:
    directory = _Directory(units={}, members={})
    said: Mapping[int, str] = {}
    items: Sequence[tuple[Listing, Shown]] = ()
    told = [] if _undivided(recalled) else [one for one in places if one is not None]
    if told:
        directory = await _directory(history)
    if any(one.column is None for one in told):
        said = await _said_now(recalled, history)
    if told and isinstance(recalled.case.definition.measure, CountMeasure | MilestonesMeasure):
        items = await _listed(recalled, history)
    return _Grounds(recalled=recalled, directory=directory, said=said, items=items)


def _whole(recalled: Recalled, by: By) -> Divided:
    result = recalled.result
    return Divided(
        key=result.key,
        plan=result.plan,
        period=result.period,
        judged_on=result.judged_on,
        revision=result.revision,
        by=by,
        total=_row(_total(recalled)),
        of_members=by is By.MEMBER,
    )


def _total(recalled: Recalled) -> Cell:
    outcome = recalled.outcome
    return Cell(
        code=None,
        numerator=outcome.numerator,
        denominator=outcome.denominator,
        unplanned=outcome.unplanned,
    )


def _row(cell: Cell) -> PartRow:
    return PartRow(
        code=cell.code,
        numerator=amount(cell.numerator),
        denominator=amount(cell.denominator),
        ratio=ratio(cell.ratio),
        unplanned=cell.unplanned,
        pairs=cell.pairs,
    )


def _place(recalled: Recalled, by: By) -> Place | None:
    """Where the values of a dimension stand for a measure; None where it has none."""
    measure = recalled.case.definition.measure
    field = _FIELD[by]
    match measure:
        case IntervalMeasure():
            packages = {one.code for one in recalled.snapshot.packages} & measure.topics
            if by is By.PACKAGE and packages:
                return Place(column="counted", only=packages)
            return Place(column="member") if by in _OF_MEMBERS else None
        case DistinctMeasure() if by in _OF_MEMBERS:
            return Place(column="member") if measure.pair == "member" else None
        case CountMeasure() | DistinctMeasure() | LatestSumMeasure():
            carried = any(field in CONTRACTS[name].model_fields for name in measure.facts)
            return Place(field=field) if carried else None
        case MilestonesMeasure():
            return Place(field=field) if field in PlannedFields.model_fields else None
        case _:
            return None


async def _cells(grounds: _Grounds, by: By, place: Place, history: History) -> Sequence[Cell]:
    question = grounds.recalled.case.question
    if isinstance(question.measure, MilestonesMeasure):
        return _planned_cells(grounds, by, {})
    said = grounds.said if place.column is None else {}
    cells = await history.parts().parts(question, place, said=said)
    if isinstance(question.measure, CountMeasure) and by not in _OF_MEMBERS:
        return _planned_cells(grounds, by, {c.code: c for c in cells})
    return cells


async def _said_now(recalled: Recalled, history: History) -> Mapping[int, str]:
    names = recalled.fan_out.names
    facts, below = await history.corrected(names=names)
    return {
        one.fact.seq: one.event.model_dump_json()
        for one in apply_corrections(facts, below)
        if one.event is not None
    }


async def _listed(recalled: Recalled, history: History) -> Sequence[tuple[Listing, Shown]]:
    items = _items(recalled)
    if not items:
        return ()
    listed = await history.parts().listed(recalled.case.question)
    facts = await shown(history, list((await history.records(set(listed.values()))).values()))
    return [(item, facts[listed[item.year, item.item]]) for item in items]


def _planned_cells(grounds: _Grounds, by: By, counted: Mapping[str | None, Cell]) -> Sequence[Cell]:
    """Add what is planned: the listed items by what the adoption that lists them says of each."""
    case = grounds.recalled.case
    weighted = isinstance(case.definition.measure, MilestonesMeasure)
    planned: dict[str | None, tuple[Fraction, Fraction]] = {}
    for item, fact in grounds.items:
        done = item.weight * item.share(by=case.question.until) if weighted else ZERO
        for value in _values(fact, item.item, by):
            before = planned.get(value, (ZERO, ZERO))
            planned[value] = (before[0] + done, before[1] + item.weight)
    if not grounds.items:
        return list(counted.values())
    found = []
    nothing = Cell(code=None, numerator=ZERO, unplanned=None if weighted else 0)
    for value in {*counted, *planned}:
        cell = counted.get(value, replace(nothing, code=value))
        done, whole = planned.get(value, (ZERO, ZERO))
        if weighted:
            cell = replace(cell, numerator=done)
        found.append(replace(cell, denominator=whole))
    return found


def _items(recalled: Recalled) -> Sequence[Listing]:
    """The adopted items that are the denominator of a planned figure."""
    case = recalled.case
    initially = case.definition.initially_estimated
    plan = plan_of_period(
        period=case.period,
        calendar=case.plan.calendar,
        measured=recalled.measured,
        statements=recalled.statements,
        initially_estimated=initially,
    )
    if plan is None:
        return ()
    return [item for item in plan.items if item.initial or not initially]


def _values(fact: Shown, item: str, by: By) -> Collection[str | None]:
    event = fact.effective.event
    if not isinstance(event, ImplementationPlanAdopted):
        return (None,)
    fields = next(one for one in event.deliverables if one.deliverable == item)
    return FieldSets(fields)[_FIELD[by]] or (None,)


async def _directory(history: History) -> _Directory:
    names = (UnitRegistered.name, MemberRegistered.name)
    records = await history.candidates(names=names, limit=_MOST_DIRECTORY)
    facts = await shown(history, sorted(records, key=lambda one: one.seq))
    units: dict[str, UnitRegistered] = {}
    members: dict[str, MemberRegistered] = {}
    for one in facts.values():
        event = one.effective.event
        if isinstance(event, UnitRegistered):
            if event.code not in units or event.revision >= units[event.code].revision:
                units[event.code] = event
        elif isinstance(event, MemberRegistered) and (
            event.code not in members or event.revision >= members[event.code].revision
        ):
            members[event.code] = event
    return _Directory(units=dict(sorted(units.items())), members=dict(sorted(members.items())))


def _divided(
    divided: Divided,
    recalled: Recalled,
    cells: Sequence[Cell],
    directory: _Directory,
    language: str,
) -> Divided:
    by, measure = divided.by, recalled.case.definition.measure
    names = _names(by, recalled.snapshot, directory)
    places = {code: place for place, code in enumerate(names)}
    # The directory's or the plan's own order, never one by size; what is not given comes last.
    ordered = sorted(
        cells,
        key=lambda cell: (cell.code is None, places.get(cell.code or "", len(places)), cell.code),
    )
    total = _total(recalled)
    planned = [cell.denominator for cell in ordered if cell.denominator is not None]
    beside = None
    reason = None
    if isinstance(measure, CountMeasure | MilestonesMeasure) and planned:
        items = sum((item.weight for item in _items(recalled)), ZERO)
        beside = max((total.denominator or ZERO) - items, ZERO)
    elif planned:
        beside = ZERO
    elif total.denominator is not None and cells:
        reason = words.in_language(words.WHOLE_ESTIMATE, language)
    additive = _adds_up(recalled, by)
    overlap = overlap_of(ordered, total, beside=beside)
    of_members = isinstance(measure, IntervalMeasure) or by in _OF_MEMBERS
    return replace(
        divided,
        parts=[_row(cell) for cell in ordered],
        names=names,
        denominator_reason=reason,
        additive=additive,
        overlap=Beyond(amount(overlap.numerator) or Decimal(0), amount(overlap.denominator)),
        beside=amount(beside),
        small=suppressed(ordered) if of_members and by is not By.MEMBER else frozenset(),
        statement=words.in_language(
            words.statement(by, additive=additive, overlap=overlap), language
        ),
    )


def _adds_up(recalled: Recalled, by: By) -> bool:
    """Whether each thing that is counted has one value: one unit, one Member, one region."""
    if isinstance(recalled.case.definition.measure, DistinctMeasure):
        return False
    return by not in (By.PACKAGE, By.PRIORITY)


def _names(by: By, snapshot: PlanSnapshot, directory: _Directory) -> Mapping[str, Named]:
    match by:
        case By.MEMBER:
            return {code: Named(one.title, None) for code, one in directory.members.items()}
        case By.REGION:
            return {region: Named(None, None) for region in sorted({*directory.regions.values()})}
        case By.UNIT:
            return {
                code: Named(one.title.en, one.title.fr) for code, one in directory.units.items()
            }
        case By.PACKAGE:
            return {one.code: Named(one.title.en, one.title.fr) for one in snapshot.packages}
        case By.PRIORITY:
            return {
                f"{snapshot.plan}:{one.code}": Named(one.title.en, one.title.fr)
                for one in snapshot.priorities
            }
