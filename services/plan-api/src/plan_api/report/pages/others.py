"""The smaller pages: an objective, the priorities, an alert, and what is said when all fails."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from plan_api.implementation.model import Deliverable
from plan_api.report.model import Alert, Scorecard
from plan_api.report.pages.frame import Frame
from plan_api.report.pages.overview import row_of
from plan_api.report.pages.work import WorkCount, by_priority, count, split
from shared_kit.calendar import Period
from shared_kit.events.definitions import Indicator, Objective, PlanSnapshot, Priority

_MOST_OVERDUE = 40
"""On an alert's page; the list that it leads to has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrioritySection:
    priority: Priority
    work: WorkCount
    deliverables: Sequence[Deliverable]
    before: Sequence[Deliverable] = ()


def objective_page(
    *,
    frame: Frame,
    plan: PlanSnapshot,
    objective: Objective,
    period: Period,
    scorecard: Scorecard | None,
    deliverables: Sequence[Deliverable],
) -> dict[str, object]:
    key = f"{plan.plan}:{objective.code}"
    mine, _ = split(deliverables, begins=plan.calendar().cycle.start)
    serving = [one for one in mine if key in one.planned.objectives]
    around = {objective.code, objective.group, objective.perspective}
    return frame.context(
        key=key,
        objective=objective,
        period=period,
        calendar=plan.calendar(),
        perspective=next(one for one in plan.perspectives if one.code == objective.perspective),
        group=next((one for one in plan.groups if one.code == objective.group), None),
        links=[one for one in plan.links if around & {*one.causes, *one.effects}],
        figures_known=scorecard is not None,
        rows=[
            row_of(one, plan=plan, scorecard=scorecard, words=frame.words)
            for one in plan.indicators
            if one.objective == objective.code
        ],
        work=count(serving, until=period.end),
        deliverables=serving,
    )


def priorities_page(
    *, frame: Frame, plan: PlanSnapshot, period: Period, deliverables: Sequence[Deliverable]
) -> dict[str, object]:
    mine, before = split(deliverables, begins=plan.calendar().cycle.start)
    serving, background = by_priority(mine), by_priority(before)
    sections = [
        PrioritySection(
            priority=one,
            work=count(serving.get(f"{plan.plan}:{one.code}", ()), until=period.end),
            deliverables=serving.get(f"{plan.plan}:{one.code}", ()),
            before=background.get(f"{plan.plan}:{one.code}", ()),
        )
        for one in plan.priorities
    ]
    source = plan.priorities[0].title.source if plan.priorities else None
    return frame.context(
        period=period,
        calendar=plan.calendar(),
        priorities=sections,
        source=(source or frame.words.said(plan.title)).partition(", bullet")[0],
    )


def alert_page(
    *,
    frame: Frame,
    plan: PlanSnapshot,
    alert: Alert,
    indicator: Indicator | None,
    units: Mapping[str, str],
) -> dict[str, object]:
    owner = alert.owner_unit or (indicator.owner if indicator else "")
    until = alert.closed_at.astimezone(frame.format.zone).date() if alert.closed_at else None
    return frame.context(
        moved_until=until or frame.format.today,
        most=_MOST_OVERDUE,
        alert=alert,
        calendar=plan.calendar(),
        indicator=indicator,
        heading=frame.words.alert_heading(alert),
        owner=units.get(owner, owner),
    )


def message_page(
    *, frame: Frame, heading: str, lines: Sequence[str], onward: tuple[str, str] | None = None
) -> dict[str, object]:
    """What is said instead of a page, and where to go: a path and its name."""
    _ = frame.format.texts.gettext
    return frame.context(
        heading=heading, lines=lines, onward=onward or ("/", _("Back to the overview"))
    )


def start_page(*, frame: Frame) -> dict[str, object]:
    """How to begin; a link and a command stand inside sentences."""

    def link(path: str, text: str) -> Markup:
        return Markup('<a href="{}">{}</a>').format(frame.visit.href(path), text)

    return frame.context(link=link, code=Markup("<code>{}</code>").format)
