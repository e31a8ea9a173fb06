"""The first page: what needs attention, the map, the table, the priorities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from plan_api.implementation.model import Deliverable
from plan_api.report.model import (
    STATUSES_BY_NEED,
    Alert,
    LateItem,
    Level,
    Result,
    Scorecard,
    Status,
)
from plan_api.report.model.telling import Telling
from plan_api.report.pages.bullet import bullet
from plan_api.report.pages.deciding import Decided, counted_to, decided_by
from plan_api.report.pages.frame import Frame
from plan_api.report.pages.strategic_map import lay_out
from plan_api.report.pages.words import SHOWN_TITLES, Words
from plan_api.report.pages.work import (
    NO_WORK,
    WorkCount,
    by_priority,
    count,
    moved_beyond,
    overdue,
    soon,
)
from shared_kit.calendar import Period, PeriodKind
from shared_kit.events.definitions import Indicator, Perspective, PlanSnapshot, Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing that needs somebody: an indicator at risk or off track, or with an open alert."""

    indicator: Indicator
    key: str
    result: Result
    headline: str
    late: Markup
    rest: tuple[LateItem, ...]
    owner: str
    alerts: tuple[Alert, ...]

    @property
    def urgency(self) -> int:
        if self.unanswered is None:
            return 2
        return 0 if self.unanswered.level is Level.CRITICAL else 1

    @property
    def unanswered(self) -> Alert | None:
        return next((alert for alert in self.alerts if not alert.is_acknowledged), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table of indicators."""

    indicator: Indicator
    key: str
    result: Result | None
    figure: str | None
    percent: str | None
    basis: str
    unit: str
    picture: Markup
    status: Status | None
    status_word: str
    reason: str | None
    basis_of_status: str | None = None


MOST_TO_DO = 8
"""Deliverables named in one list of the first page; the list of all is one link away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityRow:
    priority: Priority
    key: str
    work: WorkCount


def overview(
    *,
    frame: Frame,
    plan: PlanSnapshot,
    period: Period,
    scorecard: Scorecard | None,
    alerts: Sequence[Alert],
    units: Mapping[str, str],
    deliverables: Sequence[Deliverable],
    alerts_known: bool,
    to_come: Mapping[str, Telling],
    adopted: bool,
) -> dict[str, object]:
    """Gather all that the first page shows."""
    words = frame.words
    rows = [row_of(one, plan=plan, scorecard=scorecard, words=words) for one in plan.indicators]
    work = {key: count(found, until=period.end) for key, found in by_priority(deliverables).items()}
    today = frame.format.today
    needy = needs(plan=plan, scorecard=scorecard, alerts=alerts, units=units, frame=frame)
    return frame.context(
        period=period,
        calendar=plan.calendar(),
        scorecard=scorecard,
        alerts_known=alerts_known,
        needs=[one for one in needy if one.result.needs_attention],
        settling=[one for one in needy if not one.result.needs_attention],
        to_come={key: words.alert_to_come(one) for key, one in to_come.items()},
        grace=_grace(needy, words),
        in_doubt=[one for one in alerts if one.is_open and one.is_doubt],
        indicators={f"{plan.plan}:{one.code}": one for one in plan.indicators},
        adopted=adopted,
        # Of a year of which nothing is known yet another line says where to begin.
        unadopted=not adopted
        and period.kind is PeriodKind.YEAR
        and bool(deliverables or (scorecard and scorecard.judged)),
        late=overdue(deliverables, today=today),
        soon=soon(deliverables, today=today),
        moved=moved_beyond(deliverables, period=period, today=today),
        units=units,
        most=MOST_TO_DO,
        rows=rows,
        bands=_rows_by_perspective(plan, rows),
        map=lay_out(plan),
        counts=counts_by_objective(plan, rows),
        stands=counts(rows),
        priorities=[
            PriorityRow(
                priority=one,
                key=f"{plan.plan}:{one.code}",
                work=work.get(f"{plan.plan}:{one.code}", NO_WORK),
            )
            for one in plan.priorities
        ],
    )


def needs(
    *,
    plan: PlanSnapshot,
    scorecard: Scorecard | None,
    alerts: Sequence[Alert],
    units: Mapping[str, str],
    frame: Frame,
) -> tuple[Need, ...]:
    """What needs somebody; an open alert does also when its figure has recovered meanwhile."""
    if scorecard is None:
        return ()
    by_indicator = {f"{plan.plan}:{one.code}": one for one in plan.indicators}
    deviations = [one for one in alerts if one.is_open and not one.is_doubt]
    open_for = {alert.indicator for alert in deviations}
    needy = list(scorecard.attention)
    needy += [
        result
        for result in scorecard.items
        if result.key in open_for and not result.needs_attention
    ]
    found = [
        need_of(
            result,
            indicator=by_indicator[result.key],
            alerts=tuple(
                one
                for one in deviations
                if one.indicator == result.key and one.period == result.period
            ),
            units=units,
            frame=frame,
        )
        for result in needy
        if result.key in by_indicator
    ]
    # What nobody has answered yet comes first, a critical alert before a warning.
    return tuple(sorted(found, key=lambda need: need.urgency))


def _grace(needy: Sequence[Need], words: Words) -> str | None:
    """What a date's grace is and how far that reaches today, where it is one for all of these."""
    found = {
        (one.indicator.grace_days, counted_to(one.result, one.indicator))
        for one in needy
        if decided_by(one.result) in (Decided.ITEMS, Decided.EXPECTED)
    }
    days, day = found.pop() if len(found) == 1 else (0, None)
    return words.grace(days=days, day=day) if day and days else None


def need_of(
    result: Result,
    *,
    indicator: Indicator,
    alerts: tuple[Alert, ...],
    units: Mapping[str, str],
    frame: Frame,
) -> Need:
    words = frame.words
    owner = result.owner_unit or indicator.owner
    late = tuple(sorted(result.overdue, key=lambda item: (-item.days, item.key)))
    return Need(
        indicator=indicator,
        key=result.key,
        result=result,
        headline=words.headline(result, indicator),
        late=words.late_titles(late, href=frame.visit.href),
        rest=late[SHOWN_TITLES:],
        owner=units.get(owner, owner),
        alerts=alerts,
    )


def row_of(
    indicator: Indicator, *, plan: PlanSnapshot, scorecard: Scorecard | None, words: Words
) -> Row:
    """One indicator as a line; without figures it says so."""
    key = f"{plan.plan}:{indicator.code}"
    result = scorecard.result(key) if scorecard else None
    if result is None:
        missing = (
            words.texts.gettext("figures unavailable")
            if scorecard is None
            else words.texts.gettext("nothing reported yet")
        )
        return Row(
            indicator=indicator,
            key=key,
            result=None,
            figure=None,
            percent=None,
            basis="",
            unit="",
            picture=Markup(""),
            status=Status.NOT_JUDGED if scorecard else None,
            status_word=words.status(Status.NOT_JUDGED) if scorecard else "",
            reason=missing,
        )
    return Row(
        indicator=indicator,
        key=key,
        result=result,
        figure=words.of_total(result, indicator),
        percent=words.percent(result),
        basis=words.basis(result, indicator),
        unit=words.unit(result, indicator),
        # A path is told in levels: it has no place on a line of counts.
        picture=Markup("")
        if indicator.path is not None
        else bullet(result, label=words.picture(result, indicator)),
        status=result.status,
        status_word=words.status(result.status),
        reason=None if result.is_judged else words.why_not(result, indicator),
        basis_of_status=words.judged_by(result, indicator) if result.is_judged else None,
    )


def counts(rows: Sequence[Row]) -> tuple[tuple[Status, int], ...]:
    """How many stand where, what needs somebody first; statuses that nobody has are left out."""
    found = [row.status for row in rows if row.status]
    return tuple((status, found.count(status)) for status in STATUSES_BY_NEED if status in found)


def counts_by_objective(
    plan: PlanSnapshot, rows: Sequence[Row]
) -> Mapping[str, tuple[tuple[Status, int], ...]]:
    return {
        objective.code: counts([row for row in rows if row.indicator.objective == objective.code])
        for objective in plan.objectives
    }


def _rows_by_perspective(
    plan: PlanSnapshot, rows: Sequence[Row]
) -> list[tuple[Perspective, list[Row]]]:
    home = {objective.code: objective.perspective for objective in plan.objectives}
    return [
        (
            perspective,
            [row for row in rows if home.get(row.indicator.objective) == perspective.code],
        )
        for perspective in sorted(plan.perspectives, key=lambda one: one.position)
    ]
