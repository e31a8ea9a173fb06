"""When alerts will be sent for what has none yet: asked of both services, said on the pages."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from plan_api.report.model import Alert, Result, Scorecard
from plan_api.report.model.telling import AlertRule, Telling, telling_of
from plan_api.report.reads import Figures, FiguresUnavailableError, NothingKnownError
from shared_kit.events.definitions import Indicator, PlanSnapshot

MOST: Final = 4
"""Indicators of one page whose judgements are read for it; its own page says it of each."""


async def alerts_to_come(
    figures: Figures, plan: PlanSnapshot, card: Scorecard | None, alerts: Sequence[Alert] | None
) -> Mapping[str, Telling]:
    """What is said of those that need attention without an alert, by key of the indicator.

    Empty where the figures or the alerts cannot be read just now.
    """
    if card is None or alerts is None:
        return {}
    told = {alert.indicator for alert in alerts if _tells(alert)}
    waiting = [one for one in card.attention if one.key not in told][:MOST]
    rule = await _rule(figures) if waiting else None
    if rule is None:
        return {}
    by_key = {f"{plan.plan}:{one.code}": one for one in plan.indicators}
    asked = [(one, by_key[one.key]) for one in waiting if one.key in by_key]
    every = await asyncio.gather(*(_series(figures, one) for one, _ in asked))
    found = {
        one.key: _telling(series, indicator, plan, rule)
        for (one, indicator), series in zip(asked, every, strict=True)
    }
    return {key: telling for key, telling in found.items() if telling}


async def alert_to_come(
    figures: Figures,
    plan: PlanSnapshot,
    indicator: Indicator,
    series: Sequence[Result],
    alerts: Sequence[Alert] | None,
) -> Telling | None:
    """The same of one indicator, whose judgements of the period were read already."""
    last = max(series, key=lambda one: one.revision, default=None)
    if last is None or not last.needs_attention or alerts is None:
        return None
    if any(_tells(one) and one.indicator == last.key for one in alerts):
        return None
    rule = await _rule(figures)
    return _telling(series, indicator, plan, rule) if rule else None


def _tells(alert: Alert) -> bool:
    """Whether it tells of the deviation, and not of a doubt about the figure."""
    return alert.is_open and not alert.is_doubt


def _telling(
    series: Sequence[Result], indicator: Indicator, plan: PlanSnapshot, rule: AlertRule
) -> Telling | None:
    calendar = plan.calendar()
    return telling_of(series, rule=rule, grace_days=indicator.grace_days, calendar=calendar)


async def _rule(figures: Figures) -> AlertRule | None:
    try:
        return await figures.alert_rule()
    except (FiguresUnavailableError, NothingKnownError):
        return None


async def _series(figures: Figures, result: Result) -> Sequence[Result]:
    try:
        return await figures.series(indicator=result.key, period=result.period)
    except (FiguresUnavailableError, NothingKnownError):
        return ()
