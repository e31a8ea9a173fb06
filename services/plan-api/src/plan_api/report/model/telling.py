"""When an alert will be sent for what has none yet, by the numbers of the notifier's rule.

Whether to tell is the notifier's alone. Here is only said beforehand what its published rule comes
to if nothing changes; `tests/contract/test_alert_dates.py` holds both against each other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto
from fractions import Fraction

from plan_api.report.model import LateItem, Result
from shared_kit.calendar import PlanCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """The numbers of the rule that decide when somebody is told; lines are exact fractions."""

    min_due: int
    line: Fraction
    clear: Fraction
    hold_days: int
    hold_samples: int
    window_clear: Fraction
    to_date_clear: Fraction
    several_items: int
    graces_of_one: int


class _Basis(Enum):
    STATUS = auto()
    ITEMS = auto()
    EVIDENCE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """The day on which an alert is sent if nothing changes, and what it then names.

    Without a day it depends on whether so few may be chance, which only the notifier weighs.
    """

    rule: AlertRule
    on: date | None = None
    missing: tuple[LateItem, ...] = ()


def telling_of(
    series: Sequence[Result], *, rule: AlertRule, grace_days: int, calendar: PlanCalendar
) -> Telling | None:
    """What the rule comes to for the last of all judgements so far, which has no open alert.

    None where nothing is to be told, or only after the period has had its last judgement.
    """
    last = max(series, key=lambda one: one.revision, default=None)
    if last is None or last.judged_on is None or not last.needs_attention:
        return None
    if _bases(last, rule)[-1] is _Basis.EVIDENCE:
        return Telling(rule=rule)
    found = list(_by_items(last, rule, grace_days, calendar))
    if _bases(last, rule)[-1] is _Basis.STATUS:
        since = _since(series, rule)
        if since is None:
            return Telling(rule=rule)
        held = since + timedelta(days=rule.hold_days)
        enough = calendar.business_days_after(since, rule.hold_samples - 1)
        found.append(Telling(rule=rule, on=_judged(max(held, enough), calendar)))
    told = min(found, key=lambda one: one.on or date.max, default=None)
    if told is None or told.on is None or told.on <= last.judged_on:
        return None
    return None if last.closes_on and told.on > last.closes_on else told


def _bases(result: Result, rule: AlertRule) -> tuple[_Basis, ...]:
    """By what the rule judges a result: the last that applies is what speaks now."""
    if result.kind == "milestones":
        return (_Basis.ITEMS,)
    if result.kind != "planned" or result.due is None or result.due_done is None:
        return (_Basis.STATUS,)
    few = result.due < rule.min_due
    first = _Basis.ITEMS if few else _Basis.EVIDENCE
    more = result.expected_lagged is not None and result.expected_lagged > result.due
    if more and (few or not _is_missing_by_dates(result, rule)):
        return (first, _Basis.STATUS)
    return (first,)


def _is_missing_by_dates(result: Result, rule: AlertRule) -> bool:
    """Whether the dated items alone are below one of the lines above which all is well."""
    done = Fraction(result.due_done or 0) / Fraction(result.due or 1)
    attained = done if result.attainment is None else Fraction(result.attainment)
    window = Fraction(1)
    if result.window_due is not None and result.window_due >= rule.min_due:
        window = Fraction(result.window_due_done or 0) / Fraction(result.window_due)
    return done < rule.clear or attained < rule.to_date_clear or window < rule.window_clear


def _by_items(
    last: Result, rule: AlertRule, grace_days: int, calendar: PlanCalendar
) -> Iterator[Telling]:
    """One item so many graces late, or several beyond one grace."""
    if _Basis.ITEMS not in _bases(last, rule):
        return
    late = sorted(last.overdue, key=lambda one: (one.due, one.key))
    for count, days in ((1, rule.graces_of_one * grace_days), (rule.several_items, grace_days)):
        if len(late) >= count:
            over = late[count - 1].due + timedelta(days=days + 1)
            yield Telling(rule=rule, on=_judged(over, calendar), missing=tuple(late[:count]))


def _since(series: Sequence[Result], rule: AlertRule) -> date | None:
    """Since when it has been so without a break, by the judgements that open and end a deviation.

    None where it was weighed by chance before: only the notifier knows what came of that.
    """
    since = None
    for one in sorted(series, key=lambda one: one.revision, reverse=True):
        if not one.is_judged:
            continue
        basis = _bases(one, rule)[-1]
        if not one.daily and not (one.restated and not one.needs_attention):
            continue
        if basis is _Basis.EVIDENCE and _is_missing_by_dates(one, rule):
            return None
        if not one.needs_attention:
            break
        if basis is not _Basis.STATUS:
            break
        since = one.judged_on
    return since


def _judged(day: date, calendar: PlanCalendar) -> date:
    """The first day from then on that is judged."""
    return day if calendar.is_business_day(day) else calendar.business_days_after(day, 1)
