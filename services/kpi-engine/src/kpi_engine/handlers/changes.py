"""Why a figure moved between two judgements: what each counted, compared item by item."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from kpi_engine.domain.changes import MILLION, Cause, Moved, effect_of, in_millionths
from kpi_engine.domain.corrections import Verdict, by_target, verdict_on
from kpi_engine.domain.definitions import DistinctMeasure, IntervalMeasure
from kpi_engine.domain.figures import Pair
from kpi_engine.handlers.change_words import sentence_of
from kpi_engine.handlers.explain import Recalled, counted_rows, recall
from kpi_engine.handlers.results import amount
from kpi_engine.handlers.showing import Shown, shown
from kpi_engine.handlers.turning import Turning
from kpi_engine.ports import (
    DefinitionStore,
    Detail,
    DetailRow,
    FactRecord,
    History,
    Offsets,
    StoredJudgement,
)
from shared_kit.calendar import PeriodKind
from shared_kit.events.results import IndicatorJudged

MOST_ITEMS = 200
_ZERO = Fraction(0)
_WHOLE = "*"
"""The key of a figure that is no sum of items: an estimate, a stated figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    """What one item adds to a side, and the first line that says so."""

    amount: Fraction
    row: DetailRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Then:
    """One of the two judgements, made again: its sides by item."""

    recalled: Recalled
    offsets: Offsets
    numerator: Mapping[str, _Unit]
    denominator: Mapping[str, _Unit]

    @property
    def result(self) -> IndicatorJudged:
        return self.recalled.result

    @property
    def pair(self) -> Pair:
        outcome = self.recalled.outcome
        return Pair(numerator=outcome.numerator or _ZERO, denominator=outcome.denominator or _ZERO)

    def knew(self, record: FactRecord) -> bool:
        """Whether the fact lay below the positions that it had read."""
        return record.offset < self.offsets.get(record.topic, {}).get(str(record.partition), 0)


@dataclass(slots=True, kw_only=True)
class _Part:
    """What came of one cause, with the items that show it."""

    cause: Cause
    numerator: Fraction = _ZERO
    denominator: Fraction = _ZERO
    items: list[Mapping[str, object]] = field(default_factory=list)

    @property
    def moved(self) -> Moved:
        return Moved(cause=self.cause, numerator=self.numerator, denominator=self.denominator)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerComparer:
    """Meets the port `Comparer`; two short-lived sessions, nothing is committed."""

    opening: Callable[
        [Offsets | None], AbstractAsyncContextManager[tuple[History, DefinitionStore]]
    ]

    async def compare(
        self,
        *,
        before: StoredJudgement,
        after: StoredJudgement,
        language: str,
        since: date | None = None,
    ) -> Mapping[str, object]:
        async with (
            self.opening(before.offsets) as (past, past_store),
            self.opening(after.offsets) as (present, present_store),
        ):
            old = await _then(before, past, past_store)
            new = await _then(after, present, present_store)
            facts = await _facts(present, old, new)
            corrected = await _corrected(past, present, facts)
            parts = _parts(old, new, facts, corrected)
        turning = Turning(old=old.recalled, new=new.recalled)
        return {
            **_told(old, new, parts, language),
            **turning.told(since=since, language=language),
        }


async def _then(judged: StoredJudgement, history: History, store: DefinitionStore) -> _Then:
    recalled = await recall(judged, history, store)
    detail = await history.detail(recalled.case.question)
    return _Then(
        recalled=recalled,
        offsets=judged.offsets,
        numerator=_numerator(recalled, detail),
        denominator=_denominator(recalled, detail),
    )


def _numerator(recalled: Recalled, detail: Detail) -> Mapping[str, _Unit]:
    return _adding_up(
        _units(counted_rows(recalled, detail), recalled), whole=recalled.outcome.numerator
    )


def _denominator(recalled: Recalled, detail: Detail) -> Mapping[str, _Unit]:
    """What is planned: the items that are listed, where no estimate says another number."""
    outcome = recalled.outcome
    if detail.denominator:
        return _adding_up(_units(detail.denominator, recalled), whole=outcome.denominator)
    listed = {
        item.item: _Unit(
            amount=item.weight,
            row=DetailRow(
                item.item,
                item.due,
                detail.listed_by.get(item.item, 0),
                title=item.title,
                title_fr=item.title_fr,
            ),
        )
        for item in recalled.measured.listings
        if recalled.case.period.kind is PeriodKind.CYCLE or item.year == recalled.case.period.code
    }
    return _adding_up(listed, whole=outcome.denominator)


def _units(rows: Sequence[DetailRow], recalled: Recalled) -> Mapping[str, _Unit]:
    """The rows by what is counted once: an item, a tool, a Member."""
    measure = None if recalled.outcome.stated else recalled.case.definition.measure
    found: dict[str, _Unit] = {}
    for row in rows:
        once = isinstance(measure, IntervalMeasure | DistinctMeasure) or row.amount is None
        by_member = isinstance(measure, IntervalMeasure) and row.member is not None
        key = _WHOLE if recalled.outcome.stated else str(row.member if by_member else row.item)
        adds = Fraction(1) if once else Fraction(row.amount or 0)
        if key not in found:
            found[key] = _Unit(amount=adds, row=row)
        elif not once:
            found[key] = _Unit(amount=found[key].amount + adds, row=row)
    return found


def _adding_up(units: Mapping[str, _Unit], *, whole: Fraction | None) -> Mapping[str, _Unit]:
    """The items where they are the figure; else the figure alone, as it was estimated or said."""
    if whole is None:
        return {}
    if sum((unit.amount for unit in units.values()), _ZERO) == whole:
        return units
    return {_WHOLE: _Unit(amount=whole)}


async def _facts(present: History, old: _Then, new: _Then) -> Mapping[int, Shown]:
    """The facts behind what differs, as they stand at the later of the two."""
    seqs = {
        unit.row.fact
        for before, after in (
            (old.numerator, new.numerator),
            (old.denominator, new.denominator),
        )
        for key in before.keys() | after.keys()
        if _amount(before, key) != _amount(after, key)
        for unit in (before.get(key), after.get(key))
        if unit is not None and unit.row is not None
    }
    return await shown(present, list((await present.records(seqs)).values()))


async def _corrected(past: History, present: History, facts: Mapping[int, Shown]) -> frozenset[int]:
    """Those of which something else stands now than then."""
    digests = {one.record.digest: seq for seq, one in facts.items()}

    async def verdicts(history: History) -> Mapping[bytes, Verdict]:
        below = await history.corrections(list(digests))
        index = by_target(one.correction for one in below)
        return {digest: verdict_on(fact=digest, corrections=index) for digest in digests}

    then, now = await verdicts(past), await verdicts(present)
    return frozenset(
        seq
        for digest, seq in digests.items()
        if (then[digest].retraction, then[digest].replacement)
        != (now[digest].retraction, now[digest].replacement)
    )


def _amount(side: Mapping[str, _Unit], key: str) -> Fraction:
    unit = side.get(key)
    return _ZERO if unit is None else unit.amount


def _parts(
    old: _Then, new: _Then, facts: Mapping[int, Shown], corrected: frozenset[int]
) -> list[_Part]:
    parts = {cause: _Part(cause=cause) for cause in Cause}
    stated = old.recalled.outcome.stated or new.recalled.outcome.stated
    scope = new.recalled.outcome.estimate is not None or old.recalled.outcome.estimate is not None
    for side, before, after in (
        (Cause.NUMERATOR, old.numerator, new.numerator),
        (Cause.DENOMINATOR, old.denominator, new.denominator),
    ):
        otherwise = Cause.SCOPE if scope and side is Cause.DENOMINATOR else side
        if _WHOLE in before or _WHOLE in after:
            before, after = _as_a_whole(before), _as_a_whole(after)
        for key in sorted(before.keys() | after.keys()):
            change = _amount(after, key) - _amount(before, key)
            if not change:
                continue
            unit = after.get(key) or before[key]
            fact = None if unit.row is None else facts.get(unit.row.fact)
            cause = (
                Cause.STATED
                if stated
                else _cause(fact, unit, old, new, corrected=corrected, otherwise=otherwise)
            )
            part = parts[cause]
            if side is Cause.NUMERATOR:
                part.numerator += change
            else:
                part.denominator += change
            if unit.row is not None:
                part.items.append(_item(unit.row, change, fact, side=side, old=old))
    for part in parts.values():
        part.items.sort(key=lambda item: (str(item["effective"] or ""), str(item["item"])))
    return [part for part in parts.values() if part.items or part.numerator or part.denominator]


def _as_a_whole(side: Mapping[str, _Unit]) -> Mapping[str, _Unit]:
    """One figure, because the other judgement's is no sum of items."""
    if _WHOLE in side or not side:
        return side
    return {_WHOLE: _Unit(amount=sum((unit.amount for unit in side.values()), _ZERO))}


def _cause(
    fact: Shown | None,
    unit: _Unit,
    old: _Then,
    new: _Then,
    *,
    corrected: frozenset[int],
    otherwise: Cause,
) -> Cause:
    if fact is None or unit.row is None:
        return otherwise
    if old.knew(fact.record):
        if unit.row.fact in corrected:
            return Cause.CORRECTION
        day = unit.row.effective
        came = otherwise is not Cause.SCOPE and day is not None and day > old.result.judged_on
        redefined = old.recalled.case.definition.digest != new.recalled.case.definition.digest
        if redefined and not came:
            return Cause.DEFINITION
    return otherwise


def _item(
    row: DetailRow, change: Fraction, fact: Shown | None, *, side: Cause, old: _Then
) -> Mapping[str, object]:
    title = row.title or (None if fact is None else fact.field("title"))
    return {
        "item": row.item,
        "side": side.value,
        "title": title if isinstance(title, str) else None,
        "title_fr": row.title_fr or (None if fact is None else fact.french_title),
        "member": row.member,
        "change": amount(change),
        "effective": row.effective,
        "late": _late(row.effective, fact, old) if side is Cause.NUMERATOR else False,
        "fact": None if fact is None else fact.reference,
    }


def _late(day: date | None, fact: Shown | None, old: _Then) -> bool:
    """Told after the earlier judgement of what had happened by then."""
    told_later = fact is not None and not old.knew(fact.record)
    return told_later and day is not None and day <= old.result.judged_on


def _told(old: _Then, new: _Then, parts: Sequence[_Part], language: str) -> Mapping[str, object]:
    before, after = old.pair, new.pair
    exact = [effect_of(part.moved, before=before, after=after) for part in parts]
    known = [effect for effect in exact if effect is not None]
    total = _shown_change(old.result.ratio, new.result.ratio)
    rounded: list[int | None] = [None] * len(parts)
    if total is not None and len(known) == len(parts):
        rounded = [*in_millionths(known, total=total)]
    return {
        "key": new.result.key,
        "period": new.result.period,
        "from": old.result.model_dump(),
        "to": new.result.model_dump(),
        "numerator_change": amount(after.numerator - before.numerator),
        "denominator_change": amount(after.denominator - before.denominator),
        "ratio_change": None if total is None else Decimal(total) / MILLION,
        "parts": [
            {
                "cause": part.cause.value,
                "numerator": amount(part.numerator),
                "denominator": amount(part.denominator),
                "ratio": None if share is None else Decimal(share) / MILLION,
                "exact": None if effect is None else str(effect),
                "sentence": sentence_of(
                    part.moved,
                    items=part.items,
                    late=sum(1 for item in part.items if item["late"]),
                    version=new.result.definition_version,
                    language=language,
                ),
                "total": len(part.items),
                "items": part.items[:MOST_ITEMS],
            }
            for part, effect, share in zip(parts, exact, rounded, strict=True)
        ],
    }


def _shown_change(before: Decimal | None, after: Decimal | None) -> int | None:
    """Between the two ratios as they are shown, in millionths."""
    if before is None or after is None:
        return None
    return int((after - before) * MILLION)
