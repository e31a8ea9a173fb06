"""From rows to listed items and statements: the latest by (time, source, id) where it is asked."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Row

from kpi_engine.domain.figures import Estimate, Listing, StatedFigure, Statements, Target
from kpi_engine.ports import Side

_ONE = Fraction(1)


@dataclass(slots=True)
class Fate:
    """What became of an item by the day of judging."""

    released: date | None = None
    cancelled: date | None = None
    replanned: date | None = None
    levels: tuple[tuple[date, Fraction], ...] = ()
    facts: dict[Side, int] = field(default_factory=dict)


def fates_of(
    rows: Iterable[Row[Any]], *, as_of: date, begins: Mapping[str, date]
) -> dict[str, Fate]:
    """What became of each item; `begins` says for each plan what is before its cycle."""
    by_item: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        by_item[row.item].append(row)
    return {
        item: _fate(found, as_of=as_of, begin=begins[item.partition(":")[0]])
        for item, found in by_item.items()
    }


def _fate(rows: Sequence[Row[Any]], *, as_of: date, begin: date) -> Fate:
    fate = Fate()
    levels: list[Row[Any]] = []
    latest_plan: Row[Any] | None = None
    for row in sorted(rows, key=_order):
        side = Side(row.side)
        if side is Side.RESCHEDULED:
            # Approved by the planning office; a proposal is shown elsewhere and counts nowhere.
            latest_plan = row if row.listed else latest_plan
        elif not begin <= row.effective <= as_of:
            continue
        elif side is Side.NUMERATOR:
            if fate.released is None or row.effective < fate.released:
                fate.released, fate.facts[side] = row.effective, row.fact
        elif side is Side.CANCELLED:
            fate.cancelled = row.effective
        else:
            levels.append(row)
    if latest_plan is not None:
        fate.replanned = latest_plan.effective
        fate.facts[Side.RESCHEDULED] = latest_plan.fact
    levels.sort(key=lambda row: (row.effective, *_order(row)))
    fate.levels = tuple((row.effective, Fraction(row.amount)) for row in levels)
    if levels:
        fate.facts[Side.REACHED] = levels[-1].fact
    return fate


def _order(row: Row[Any]) -> tuple[datetime, str, str]:
    return row.stated, row.source, row.event_id


def listing(row: Row[Any], fate: Fate | None, *, weighted: bool, initial: bool) -> Listing:
    """A listed item: counted by release, or a milestone by its weight and levels."""
    fate = fate or Fate()
    levels = fate.levels
    if not weighted:
        levels = () if fate.released is None else ((fate.released, _ONE),)
    return Listing(
        year=row.period,
        item=row.item,
        title=row.title or row.item,
        title_fr=row.title_fr,
        due=row.effective,
        weight=Fraction(row.amount or 0) if weighted else _ONE,
        initial=initial,
        replanned=fate.replanned,
        cancelled=fate.cancelled,
        levels=levels,
    )


def statements_from(rows: Iterable[Row[Any]], *, as_of: date) -> Statements:
    """What was said of one indicator, by period."""
    said = Statements()
    estimates: dict[str, list[Row[Any]]] = defaultdict(list)
    targets: dict[str, list[Row[Any]]] = defaultdict(list)
    figures: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        match Side(row.side):
            case Side.ESTIMATE:
                estimates[row.period].append(row)
            case Side.TARGET:
                targets[row.period].append(row)
            case Side.FIGURE if row.effective <= as_of:
                figures[row.period].append(row)
            case Side.CONFIRMED:
                known = said.confirmed_until.get(row.period, row.until)
                said.confirmed_until[row.period] = max(known, row.until)
            case _:
                continue
    for period, found in estimates.items():
        found.sort(key=lambda row: (row.place, *_order(row)))
        said.estimates[period] = Estimate(
            value=Fraction(found[-1].amount),
            first=Fraction(found[0].amount),
            points=_points(found[-1].counted),
        )
    for period, found in targets.items():
        last = max(found, key=lambda row: (row.place, *_order(row)))
        high = None if last.whole is None else Fraction(last.whole)
        said.targets[period] = Target(low=Fraction(last.amount), high=high)
    for period, found in figures.items():
        last = max(found, key=_order)
        whole = None if last.whole is None else Fraction(last.whole)
        said.figures[period] = StatedFigure(
            numerator=Fraction(last.amount),
            denominator=whole,
            as_on=last.effective,
            recorded=last.recorded,
        )
    return said


def _points(said: str | None) -> tuple[tuple[date, Fraction], ...]:
    pairs = [part.split("=") for part in (said or "").split(";") if part]
    return tuple(sorted((date.fromisoformat(on), Fraction(value)) for on, value in pairs))
