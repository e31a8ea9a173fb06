"""Then and now: each indicator on two days, what changed first, said in a few words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum

from plan_api.report.model import Result, Scorecard
from plan_api.report.pages.frame import Frame
from plan_api.report.pages.overview import Row, row_of
from plan_api.report.pages.words import Words
from shared_kit.calendar import Period
from shared_kit.events.definitions import Indicator, PlanSnapshot


class Moved(IntEnum):
    """How much changed, the most first."""

    STATUS = 0
    FIGURES = 1
    NOTHING = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One indicator on both days."""

    indicator: Indicator
    key: str
    then: Row
    now: Row
    moved: Moved
    said: str


def comparison_page(
    *,
    frame: Frame,
    plan: PlanSnapshot,
    period: Period,
    since: date,
    until: date,
    cards: tuple[Scorecard, Scorecard] | None,
) -> dict[str, object]:
    """Gather what changed and what did not."""
    rows = [] if cards is None else compared(plan, *cards, words=frame.words)
    return frame.context(
        period=period,
        calendar=plan.calendar(),
        since=since,
        until=until,
        figures_known=cards is not None,
        changed=[one for one in rows if one.moved is not Moved.NOTHING],
        unchanged=[one for one in rows if one.moved is Moved.NOTHING],
    )


def compared(
    plan: PlanSnapshot, then: Scorecard, now: Scorecard, *, words: Words
) -> Sequence[Compared]:
    """All indicators, those whose status changed first, then those whose figures did."""
    rows = [_compared(one, plan, then, now, words) for one in plan.indicators]
    return sorted(rows, key=lambda one: one.moved)


def _compared(
    indicator: Indicator, plan: PlanSnapshot, then: Scorecard, now: Scorecard, words: Words
) -> Compared:
    key = f"{plan.plan}:{indicator.code}"
    before, after = then.result(key), now.result(key)
    rows = [row_of(indicator, plan=plan, scorecard=one, words=words) for one in (then, now)]
    moved = how_moved(before, after)
    return Compared(
        indicator=indicator,
        key=key,
        then=rows[0],
        now=rows[1],
        moved=moved,
        said="" if moved is Moved.NOTHING else _said(before, after, indicator, words),
    )


def how_moved(before: Result | None, after: Result | None) -> Moved:
    """Whether two judgements differ, and in what."""
    if _standing(before) != _standing(after):
        return Moved.STATUS
    return Moved.NOTHING if _figures(before) == _figures(after) else Moved.FIGURES


def _standing(result: Result | None) -> tuple[object, ...]:
    return ("none",) if result is None else (result.status, result.reason)


def _figures(result: Result | None) -> tuple[object, ...]:
    if result is None:
        return ()
    target = result.target
    return (
        result.numerator or 0,
        result.denominator or 0,
        result.due or 0,
        result.due_done or 0,
        result.definition_version,
        None if target is None else (target.low, target.high),
    )


def _said(before: Result | None, after: Result | None, indicator: Indicator, words: Words) -> str:
    _ = words.texts.gettext
    if after is None:
        return _("no longer judged")
    if before is None:
        return _("judged for the first time since")
    return "; ".join(_parts(before, after, indicator, words))


def _parts(before: Result, after: Result, indicator: Indicator, words: Words) -> Iterator[str]:
    _ = words.texts.gettext
    if before.status is not after.status:
        yield _("%(before)s before, now %(after)s") % {
            "before": words.status(before.status),
            "after": words.status(after.status).lower(),
        }
    for said, old, new in (
        (_("%(change)s so far"), before.numerator, after.numerator),
        (_("%(change)s in the whole"), before.denominator, after.denominator),
        (_("%(change)s due"), before.due, after.due),
        (_("%(change)s done of what is due"), before.due_done, after.due_done),
    ):
        change = (new or Decimal(0)) - (old or Decimal(0))
        if change:
            number = words.part(change, after, indicator)
            yield said % {"change": f"+{number}" if change > 0 else number}
    if before.target != after.target:
        yield _("another target")
    if before.definition_version != after.definition_version:
        yield _("measured by another version of the plan")
