"""From figures to a status: how an indicator is judged (`domain.md`). Pure, exact, total."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from kpi_engine.domain.basis import Basis, BasisKind, bound_of
from kpi_engine.domain.definitions import Definition, DistinctMeasure, Tolerance
from kpi_engine.domain.due import DueItems, due_items
from kpi_engine.domain.figures import (
    Measured,
    Pair,
    StatedFigure,
    Statements,
    Target,
)
from kpi_engine.domain.forecast import (
    LOOK_BACK,
    Forecast,
    NoForecast,
    Pace,
    forecast_of,
    not_counted,
    pace_of,
)
from kpi_engine.domain.paths import Path, target_of, with_targets
from kpi_engine.domain.planned import ZERO, PeriodPlan, plan_of_figure, plan_of_period
from shared_kit.calendar import Period, PlanCalendar

ONE = Fraction(1)


class Status(StrEnum):
    ON_TRACK = "on-track"
    AT_RISK = "at-risk"
    OFF_TRACK = "off-track"
    NOT_JUDGED = "not-judged"


class Reason(StrEnum):
    """Why an indicator is not judged, in this precedence."""

    NOT_APPLICABLE = "not-applicable"
    NO_DATA = "no-data"
    NO_TARGET = "no-target"
    NOT_STARTED = "not-started"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A judgement's figures; what is unknown is None."""

    status: Status
    reason: Reason | None = None
    numerator: Fraction | None = None
    denominator: Fraction | None = None
    estimate: Fraction | None = None
    first_estimate: Fraction | None = None
    unplanned: int | None = None
    judged: Pair | None = None
    target: Target | None = None
    expected: Fraction | None = None
    expected_lagged: Fraction | None = None
    attainment: Fraction | None = None
    basis: Basis | None = None
    items: DueItems | None = None
    stated: bool = False
    stated_at: datetime | None = None
    pace: Pace | None = None
    forecast: Forecast | NoForecast = NoForecast.NOT_COUNTED

    @property
    def ratio(self) -> Fraction | None:
        if self.numerator is None or not self.denominator:
            return None
        return self.numerator / self.denominator


def judge(
    *,
    definition: Definition,
    period: Period,
    calendar: PlanCalendar,
    as_of: date,
    measured: Measured,
    statements: Statements,
) -> Outcome:
    """Judge an indicator for a period on a day. Never raises for what the plan lacks."""
    found = _judged(
        definition=definition,
        period=period,
        calendar=calendar,
        as_of=as_of,
        measured=measured,
        statements=statements,
    )
    if found.forecast is not NoForecast.NOT_COUNTED:
        return found
    reason = not_counted(
        kind=definition.kind,
        stated=found.stated,
        level=definition.path is not None,
        over=as_of >= period.end,
    )
    return replace(found, forecast=reason)


def _judged(
    *,
    definition: Definition,
    period: Period,
    calendar: PlanCalendar,
    as_of: date,
    measured: Measured,
    statements: Statements,
) -> Outcome:
    figure = statements.figures.get(period.code)
    target = statements.targets.get(period.code)
    confirmed_until = statements.confirmed_until.get(period.code)
    confirmed = confirmed_until is not None and min(as_of, period.end) <= confirmed_until
    if definition.path is not None and definition.kind in ("observed", "stated"):
        path = with_targets(
            definition.path, targets=statements.targets, period=period, calendar=calendar
        )
        return _on_path(definition, path, period, calendar, as_of, measured, statements, confirmed)
    if definition.kind in ("planned", "milestones") or (
        definition.kind == "stated" and target is None and period.code in statements.estimates
    ):
        return _planned(definition, period, calendar, as_of, measured, statements, confirmed)
    if figure is not None:
        return _stated_ratio(definition, figure, target)
    return _observed(definition, measured, target, confirmed)


def status_of(*, attainment: Fraction, tolerance: Tolerance) -> Status:
    """Bounds are inclusive: exactly 0.90 is on track."""
    if attainment >= tolerance.on_track:
        return Status.ON_TRACK
    if attainment >= tolerance.at_risk:
        return Status.AT_RISK
    return Status.OFF_TRACK


def range_attainment(*, ratio: Fraction, target: Target) -> Fraction:
    """Below an approved range ratio / low, inside 1, above high / ratio. Never pro-rated."""
    if target.low is not None and ratio < target.low:
        # Below a level of 0 and less nothing says how far off it is: missed is missed.
        return ratio / target.low if target.low > 0 else ZERO
    if target.high is not None and ratio > target.high:
        return target.high / ratio if ratio > 0 else ZERO
    return ONE


def _planned(
    definition: Definition,
    period: Period,
    calendar: PlanCalendar,
    as_of: date,
    measured: Measured,
    statements: Statements,
    confirmed: bool,  # noqa: FBT001 - the rule's own word
) -> Outcome:
    figure = statements.figures.get(period.code)
    distinct = isinstance(definition.measure, DistinctMeasure)
    plan = plan_of_period(
        period=period,
        calendar=calendar,
        measured=measured,
        statements=statements,
        initially_estimated=definition.initially_estimated,
        stated_only=distinct,
    )
    numerator, recent = measured.numerator, measured.recent
    if definition.kind == "milestones" and plan is not None:
        numerator = _reached(plan, by=min(as_of, period.end))
        recent = numerator - _reached(plan, by=as_of - LOOK_BACK)
    silent = definition.silence_is_no_data and measured.facts == 0 and not confirmed
    estimated = plan
    if figure is not None:
        numerator, silent = figure.numerator, False
        plan = plan_of_figure(figure, estimated, period=period)
    denominator = None if plan is None else plan.denominator
    shown = Outcome(
        status=Status.NOT_JUDGED,
        numerator=None if silent else numerator,
        denominator=denominator,
        estimate=None if estimated is None else estimated.denominator,
        first_estimate=None if estimated is None else estimated.first_denominator,
        unplanned=measured.unplanned if figure is None else None,
        stated=figure is not None,
        stated_at=None if figure is None else figure.recorded,
        forecast=_forecast_before(definition, stated=figure is not None),
    )
    if plan is None or silent or numerator is None or denominator is None:
        known_zero = denominator == 0
        reason = Reason.NOT_APPLICABLE if known_zero else Reason.NO_DATA
        return replace(shown, reason=reason)
    if figure is None:
        shown = replace(
            shown,
            pace=pace_of(
                numerator=numerator,
                denominator=denominator,
                recent=recent,
                period=period,
                as_of=as_of,
            ),
        )
    return _against_plan(shown, definition, plan, as_of, numerator, denominator)


def _reached(plan: PeriodPlan, *, by: date) -> Fraction:
    return sum((item.weight * item.share(by=by) for item in plan.items), ZERO)


def _forecast_before(definition: Definition, *, stated: bool) -> NoForecast:
    """Why there is none, as long as nothing is judged."""
    if definition.kind != "planned":
        return NoForecast.NOT_COUNTED
    return NoForecast.STATED if stated else NoForecast.NOT_JUDGED


def _against_plan(
    shown: Outcome,
    definition: Definition,
    plan: PeriodPlan,
    as_of: date,
    numerator: Fraction,
    denominator: Fraction,
) -> Outcome:
    grace = timedelta(days=definition.grace_days)
    # A stated figure says nothing of single items: it is held against what was expected.
    listed = () if shown.stated else plan.items
    items = due_items(
        items=listed, period=plan.period, as_of=as_of, grace_days=definition.grace_days
    )
    lagged = plan.expected(by=as_of - grace)
    shown = replace(
        shown,
        expected=plan.expected(by=as_of),
        expected_lagged=lagged,
        items=items if listed else None,
    )
    if denominator == 0:
        return replace(shown, reason=Reason.NOT_APPLICABLE)
    if shown.forecast is NoForecast.NOT_JUDGED:
        shown = replace(
            shown,
            forecast=forecast_of(
                plan=plan,
                numerator=numerator,
                unplanned=shown.unplanned or 0,
                expected=lagged,
                as_of=as_of,
                grace_days=definition.grace_days,
            ),
        )
    whole = Basis(kind=BasisKind.WHOLE, figure=numerator, against=denominator)
    share = numerator / denominator
    if as_of > plan.period.end + grace:
        return _decided(shown, definition, share, whole)
    matched = bool(listed) and plan.matched
    due, done = (items.due, items.done) if matched else (lagged, numerator)
    if due == 0:
        if numerator == 0:
            return replace(shown, reason=Reason.NOT_STARTED)
        ahead = Basis(kind=BasisKind.AHEAD, figure=numerator, against=ZERO)
        return _decided(shown, definition, max(ONE, share), whole if share > 1 else ahead)
    by_now = Basis(kind=BasisKind.DUE if matched else BasisKind.EXPECTED, figure=done, against=due)
    return _decided(
        shown, definition, max(done / due, share), whole if share > done / due else by_now
    )


def _observed(
    definition: Definition,
    measured: Measured,
    target: Target | None,
    confirmed: bool,  # noqa: FBT001 - the rule's own word
) -> Outcome:
    shown, level = _level_of_facts(measured, target, confirmed)
    return _in_range(shown, definition, level, target)


def _in_range(
    shown: Outcome, definition: Definition, level: Fraction | None, target: Target | None
) -> Outcome:
    if level is None or target is None:
        return shown
    attainment = range_attainment(ratio=level, target=target)
    return _decided(shown, definition, attainment, bound_of(BasisKind.TARGET, level, target))


def _level_of_facts(
    measured: Measured,
    target: Target | None,
    confirmed: bool,  # noqa: FBT001 - the rule's own word
) -> tuple[Outcome, Fraction | None]:
    """What is observed and the level that is judged; where there is none, why not."""
    shown = Outcome(status=Status.NOT_JUDGED, judged=measured.judged, target=target)
    if measured.pair is None or measured.facts == 0:
        if confirmed:
            known = replace(shown, numerator=ZERO, denominator=ZERO)
            return replace(known, reason=Reason.NOT_APPLICABLE), None
        return replace(shown, reason=Reason.NO_DATA), None
    shown = replace(shown, numerator=measured.pair.numerator, denominator=measured.pair.denominator)
    if measured.pair.denominator == 0:
        return replace(shown, reason=Reason.NOT_APPLICABLE), None
    if target is None:
        return replace(shown, reason=Reason.NO_TARGET), None
    judged = measured.pair if measured.judged is None else measured.judged
    if judged.denominator == 0:
        return replace(shown, reason=Reason.NOT_STARTED), None
    return shown, judged.numerator / judged.denominator


def _stated_ratio(definition: Definition, figure: StatedFigure, target: Target | None) -> Outcome:
    shown, level = _level_stated(figure, target)
    return _in_range(shown, definition, level, target)


def _level_stated(figure: StatedFigure, target: Target | None) -> tuple[Outcome, Fraction | None]:
    shown = Outcome(
        status=Status.NOT_JUDGED,
        numerator=figure.numerator,
        denominator=figure.denominator,
        target=target,
        stated=True,
        stated_at=figure.recorded,
    )
    if figure.denominator is not None and figure.denominator == 0:
        return replace(shown, reason=Reason.NOT_APPLICABLE), None
    if target is None:
        return replace(shown, reason=Reason.NO_TARGET), None
    return shown, figure.numerator / (figure.denominator or ONE)


def _on_path(
    definition: Definition,
    path: Path,
    period: Period,
    calendar: PlanCalendar,
    as_of: date,
    measured: Measured,
    statements: Statements,
    confirmed: bool,  # noqa: FBT001 - the rule's own word
) -> Outcome:
    """Hold a level against the declared path, as it stood the grace ago, at most at period end."""
    target = target_of(path, period=period)
    figure = _figure_of(period, calendar, statements)
    if figure is not None:
        shown, level = _level_stated(figure, target)
    else:
        shown, level = _level_of_facts(measured, target, confirmed)
    if target is not None and path.direction != "keep":
        by = min(as_of - timedelta(days=definition.grace_days), period.end)
        shown = replace(
            shown,
            expected=path.expected(by=min(as_of, period.end)),
            expected_lagged=path.expected(by=by),
        )
    else:
        by = period.end
    if level is None:
        return shown
    attainment = path.attainment(level=level, by=by)
    if attainment is None:
        return replace(shown, reason=Reason.NOT_STARTED)
    if path.direction == "keep":
        return _decided(shown, definition, attainment, bound_of(BasisKind.TARGET, level, target))
    basis = Basis(kind=BasisKind.PATH, figure=level, against=path.expected(by=by))
    return _decided(shown, definition, attainment, basis)


def _figure_of(
    period: Period, calendar: PlanCalendar, statements: Statements
) -> StatedFigure | None:
    """The figure of a period; of a cycle without its own, the latest of its years: a level lasts.

    A level is never added up over years.
    """
    own = statements.figures.get(period.code)
    if own is not None or period != calendar.cycle:
        return own
    found = [
        (figure.as_on or year.end, number, figure)
        for number, year in enumerate(calendar.years)
        if (figure := statements.figures.get(year.code)) is not None
    ]
    return max(found, key=lambda one: one[:2])[2] if found else None


def _decided(shown: Outcome, definition: Definition, attainment: Fraction, basis: Basis) -> Outcome:
    return replace(
        shown,
        attainment=attainment,
        basis=basis,
        status=status_of(attainment=attainment, tolerance=definition.tolerance),
    )
