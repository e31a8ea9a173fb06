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
    return _("; ").join(_parts(before, after, indicator, words))


def _parts(before: Result, after: Result, indicator: Indicator, words: Words) -> Iterator[str]:
    _ = words.texts.gettext
    if before.status is not after.status:
        yield _("%(before)s before, now %(after)s") % {
            "before": words.status(before.status),
            "after": words.status(after.status).lower(),
        }
    figures = [words.of_total(one, indicator) for one in (before, after)]
    if indicator.path is not None or indicator.unit is not None:
        if figures[0] != figures[1] and all(figures):
            yield _("from %(before)s to %(after)s") % {"before": figures[0], "after": figures[1]}
    else:
        yield from _amounts(before, after, indicator, words)
    if before.target != after.target:
        yield _("another target")
    if before.definition_version != after.definition_version:
        yield _("measured by another version of the plan")


def _amounts(before: Result, after: Result, indicator: Indicator, words: Words) -> Iterator[str]:
    """How many more or fewer of each amount of a count."""
    done, of = _named(indicator, words)
    _ = words.texts.gettext
    due = (_("%(n)s more due"), _("%(n)s fewer due"))
    due_done = (_("%(n)s more done of what is due"), _("%(n)s fewer done of what is due"))
    counted = _change(before.numerator, after.numerator)
    among = _change(before.due_done, after.due_done)
    for (more, fewer), change in (
        (done, counted),
        (of, _change(before.denominator, after.denominator)),
        (due, _change(before.due, after.due)),
        # Where they are the ones that are counted more, once is enough.
        (due_done, Decimal(0) if among == counted else among),
    ):
        if change:
            said = more if change > 0 else fewer
            yield said % {"n": words.part(abs(change), after, indicator)}


def _named(indicator: Indicator, words: Words) -> tuple[tuple[str, str], tuple[str, str]]:
    """What is counted and of what, as more and as fewer."""
    _ = words.texts.gettext
    asked = (
        (_("%(n)s more supported"), _("%(n)s fewer supported")),
        (_("%(n)s more asked"), _("%(n)s fewer asked")),
    )
    return {
        "distinct-over-interval": asked,
        "attended": (
            (_("%(n)s more attended"), _("%(n)s fewer attended")),
            (_("%(n)s more invitations"), _("%(n)s fewer invitations")),
        ),
        "milestones": (
            (_("%(n)s more reached, by weight"), _("%(n)s less reached, by weight")),
            (_("%(n)s more planned, by weight"), _("%(n)s less planned, by weight")),
        ),
        "latest-sum": (
            (_("%(n)s more counted"), _("%(n)s less counted")),
            (_("%(n)s more in total"), _("%(n)s less in total")),
        ),
    }.get(
        indicator.measure.aggregate if indicator.measure else "",
        (
            (_("%(n)s more done"), _("%(n)s fewer done")),
            (_("%(n)s more estimated"), _("%(n)s fewer estimated")),
        ),
    )


def _change(before: Decimal | None, after: Decimal | None) -> Decimal:
    return (after or Decimal(0)) - (before or Decimal(0))
