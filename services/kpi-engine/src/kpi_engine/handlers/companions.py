"""Figures that stand beside a result: parts, pairs, what was unplanned, partly served, unasked."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from kpi_engine.domain.definitions import AnyMeasure, CountMeasure, DistinctMeasure, IntervalMeasure
from kpi_engine.domain.figures import Listing
from kpi_engine.domain.judging import Outcome
from kpi_engine.handlers.fields import FieldSets
from kpi_engine.handlers.showing import Shown, shown
from kpi_engine.ports import Detail, History
from shared_kit.events.base import Part
from shared_kit.events.plans import ImplementationPlanAdopted

_LABELS: Mapping[str, tuple[str, str]] = {
    "unplanned": ("Unplanned, counted as well", "Non planifiés, comptés aussi"),
    "pairs": ("Pairs of a tool and a Member", "Couples d’un outil et d’un Membre"),
    "partly-served": ("Members served in part", "Membres servis en partie"),
    "supported-without-request": (
        "Members supported without a request",
        "Membres soutenus sans demande",
    ),
    "contested": ("Contested facts, counted", "Faits contestés, comptés"),
}
_PARTS: Mapping[str, tuple[str, str]] = {
    "instrument": ("Tools and instruments", "Outils et instruments"),
    "compendium": ("Compendiums", "Recueils"),
    "advice-or-decision": ("Advices and decisions", "Avis et décisions"),
}


def companions(
    measure: AnyMeasure | None,
    outcome: Outcome,
    detail: Detail,
    facts: Mapping[int, Shown],
    *,
    language: str,
) -> list[Mapping[str, object]]:
    """What the measure shows beside its ratio; a stated figure has no facts to tell apart."""
    if outcome.stated:
        return []
    found: list[Mapping[str, object]] = []
    match measure:
        case CountMeasure():
            unplanned = [
                row.item
                for row in detail.numerator
                if row.fact in facts and facts[row.fact].field("listed") is False
            ]
            found.append(_one("unplanned", outcome.unplanned or 0, unplanned, language))
        case DistinctMeasure():
            found.append(_one("pairs", len(detail.numerator), (), language))
        case IntervalMeasure():
            found.append(_one("partly-served", len(detail.partly), detail.partly, language))
            found.append(
                _one("supported-without-request", len(detail.unasked), detail.unasked, language)
            )
    contested = sorted(
        {
            row.item
            for row in (*detail.numerator, *detail.denominator)
            if row.fact in facts and facts[row.fact].effective.verdict.contested
        }
    )
    if contested:
        found.append(_one("contested", len(contested), contested, language))
    return found


async def parts(
    history: History, detail: Detail, listings: Sequence[Listing], *, split_by: str, language: str
) -> list[Mapping[str, object]]:
    """The parts of a count by a field: what is done of each, and what is listed."""
    done = await _shown(history, (row.fact for row in detail.numerator))
    counted = Counter(
        _part_of(done[row.fact].effective.event, split_by)
        for row in detail.numerator
        if row.fact in done
    )
    items = {item.item for item in listings}
    adoptions = await _shown(
        history, (fact for item, fact in detail.listed_by.items() if item in items)
    )
    planned: Counter[str] = Counter()
    for item in items:
        event = adoptions[detail.listed_by[item]].effective.event
        if isinstance(event, ImplementationPlanAdopted):
            fields = next(one for one in event.deliverables if one.deliverable == item)
            planned[_part_of(fields, split_by)] += 1
    return [
        {
            "code": f"part:{value}",
            "label": _said(_PARTS.get(value, (value, value)), language),
            "value": counted[value],
            "of": planned[value],
            "items": [],
        }
        for value in sorted({*counted, *planned})
    ]


async def _shown(history: History, seqs: Iterable[int]) -> Mapping[int, Shown]:
    return await shown(history, list((await history.records(set(seqs))).values()))


def _part_of(payload: Part | None, field: str) -> str:
    values = frozenset[str]() if payload is None else FieldSets(payload)[field]
    return " / ".join(sorted(values))


def _one(code: str, value: int, items: Sequence[str], language: str) -> Mapping[str, object]:
    label = _said(_LABELS[code], language)
    return {"code": code, "label": label, "value": value, "of": None, "items": list(items)}


def _said(label: tuple[str, str], language: str) -> str:
    return label[1] if language == "fr" else label[0]
