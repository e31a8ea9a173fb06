"""The page of an indicator: its figure, what is due, and the proof down to each fact."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from markupsafe import Markup

from plan_api.report.model import Alert, Explanation, Result, Scorecard
from plan_api.report.model.parts import Parted
from plan_api.report.model.telling import Telling
from plan_api.report.pages.division import divisions
from plan_api.report.pages.due import due_rows
from plan_api.report.pages.frame import Frame
from plan_api.report.pages.levels import level_in
from plan_api.report.pages.outlook import outlook
from plan_api.report.pages.overview import row_of
from plan_api.report.pages.trend import Labels, Point, points_of, trend
from shared_kit.calendar import Period
from shared_kit.events.definitions import Indicator, PlanSnapshot

MOST_ROWS: Final = 40
"""Rows of one table; a page stays readable and small, the API has them all."""


def indicator_page(
    *,
    frame: Frame,
    plan: PlanSnapshot,
    indicator: Indicator,
    period: Period,
    result: Result | None,
    explanation: Explanation | None,
    figures_known: bool,
    parted: Sequence[Parted],
    alerts: Sequence[Alert],
    to_come: Telling | None,
    series: Sequence[Result],
    units: Mapping[str, str],
    members: Mapping[str, str],
) -> dict[str, object]:
    """Gather all that is known of one indicator in one period."""
    points = points_of(series if indicator.path is None else [as_level(one) for one in series])
    owner = (result.owner_unit if result else None) or indicator.owner
    return frame.context(
        indicator=indicator,
        objective=next(one for one in plan.objectives if one.code == indicator.objective),
        key=f"{plan.plan}:{indicator.code}",
        most=MOST_ROWS,
        period=period,
        calendar=plan.calendar(),
        row=row_of(
            indicator,
            plan=plan,
            scorecard=_as_scorecard(plan, period, result) if figures_known else None,
            words=frame.words,
        ),
        result=result,
        explanation=explanation,
        figures_known=figures_known,
        due_rows=due_rows(explanation.planned.items, today=frame.format.today)
        if explanation
        else (),
        divisions=divisions(parted, words=frame.words),
        changes=_changes(frame, key=f"{plan.plan}:{indicator.code}", period=period),
        outlook=outlook(result, indicator, words=frame.words, href=frame.visit.href),
        alerts=alerts,
        to_come=None if to_come is None else frame.words.alert_to_come(to_come),
        points=points,
        picture=_picture(frame, indicator, result, points),
        series=tuple(sorted(series, key=lambda one: one.revision, reverse=True)),
        owner=units.get(owner, owner),
        members=members,
    )


def _changes(frame: Frame, *, key: str, period: Period) -> str:
    """Where it is told why the figure moved: since the day that is shown, until today."""
    since = frame.visit.as_of.isoformat() if frame.visit.as_of else None
    today = replace(frame.visit, as_of=None)
    return today.href(f"/indicators/{key}/changes", period=period.code, **{"from": since})


def as_level(result: Result) -> Result:
    """A result whose figure is its level, so that it can be drawn beside its path."""
    if result.numerator is None:
        return result
    # Rounded as every ratio: a place in a picture, and a label of two places.
    level = Decimal(round(level_in(result) * 10**6)).scaleb(-6)
    return replace(result, numerator=level, denominator=None)


def _as_scorecard(plan: PlanSnapshot, period: Period, result: Result | None) -> Scorecard:
    """A scorecard of this one result, so that a line here and in the table are made alike."""
    return Scorecard(plan=plan.plan, period=period.code, items=(result,) if result else ())


def _picture(
    frame: Frame, indicator: Indicator, result: Result | None, points: Sequence[Point]
) -> Markup:
    if (
        not points
        or result is None
        or any(value < 0 for point in points for value in (point.actual, point.expected or 0))
    ):
        return Markup("")  # the picture begins at zero; the table has what lies below
    _ = frame.words.texts.gettext
    last = points[-1]
    level = _("estimated %(count)s") if indicator.kind == "planned" else _("whole %(count)s")
    so_far, expected, whole = (
        frame.words.part(value, result, indicator)
        for value in (last.actual, last.expected, last.whole)
    )
    return trend(
        points,
        labels=Labels(
            actual=_("so far %(count)s") % {"count": so_far},
            expected=_("expected %(count)s") % {"count": expected},
            whole=level % {"count": whole},
            first=frame.format.day(points[0].on),
            last=frame.format.day(last.on),
            picture=_("%(what)s, from %(first)s to %(last)s; the table below has the numbers")
            % {
                "what": frame.words.short(indicator),
                "first": frame.format.long_day(points[0].on),
                "last": frame.format.long_day(last.on),
            },
        ),
    )
