"""From an outcome to the contract that is published: fractions become decimal strings."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from kpi_engine.domain import forecast as domain
from kpi_engine.domain.days import next_fact_by
from kpi_engine.domain.definitions import Definition
from kpi_engine.domain.figures import Measured
from kpi_engine.domain.judging import Outcome
from shared_kit.calendar import Period
from shared_kit.events.results import (
    Forecast,
    IndicatorJudged,
    JudgedPair,
    NoForecast,
    OverdueItem,
    Pace,
    Status,
    StatusReason,
    TargetRange,
)

_PLACES = 6
# The largest that a decimal of the contracts can say, in millionths. A figure beyond it is shown
# as this: one absurd fact must not keep its indicator from being judged.
_LARGEST = 10**24 - 1
# What differs between two judgements that say the same.
_OCCASION = {"judged_on", "judged_at", "revision", "daily", "restated", "definition_digest"}


def amount(value: Fraction | None) -> Decimal | None:
    """A figure in at most 6 places, half-even, without zeros at its end."""
    if value is None:
        return None
    # round() of a Fraction is exact and half-even.
    scaled = Decimal(_millionths(value)).scaleb(-_PLACES).normalize()
    return scaled.quantize(Decimal(1)) if scaled == scaled.to_integral_value() else scaled


def ratio(value: Fraction | None) -> Decimal | None:
    """A ratio in 6 places, half-even."""
    return None if value is None else Decimal(_millionths(value)).scaleb(-_PLACES)


def _millionths(value: Fraction) -> int:
    scaled: int = round(value * 10**_PLACES)
    return max(-_LARGEST, min(_LARGEST, scaled))


def result_of(
    definition: Definition,
    period: Period,
    outcome: Outcome,
    measured: Measured,
    *,
    judged_on: date,
    judged_at: datetime,
    revision: int,
    daily: bool,
    restated: bool,
    zone: ZoneInfo,
) -> IndicatorJudged:
    """Everything that is needed to judge further, null where unknown."""
    items = outcome.items
    last = _latest(measured.last_fact_at, outcome.stated_at)
    return IndicatorJudged(
        key=definition.key,
        plan=definition.plan,
        owner_unit=definition.owner,
        period=period.code,
        judged_on=judged_on,
        judged_at=judged_at,
        revision=revision,
        daily=daily,
        restated=restated,
        definition_version=definition.version,
        definition_digest=definition.digest,
        kind=definition.kind,
        numerator=amount(outcome.numerator),
        denominator=amount(outcome.denominator),
        estimate=amount(outcome.estimate),
        first_estimate=amount(outcome.first_estimate),
        unplanned=outcome.unplanned,
        judged=None
        if outcome.judged is None
        else JudgedPair(
            numerator=amount(outcome.judged.numerator) or Decimal(0),
            denominator=amount(outcome.judged.denominator) or Decimal(0),
        ),
        ratio=ratio(outcome.ratio),
        target=None
        if outcome.target is None
        else TargetRange(low=amount(outcome.target.low), high=amount(outcome.target.high)),
        expected=amount(outcome.expected),
        expected_lagged=amount(outcome.expected_lagged),
        attainment=ratio(outcome.attainment),
        due=None if items is None else amount(items.due),
        due_done=None if items is None else amount(items.done),
        window_due=None if items is None else amount(items.window_due),
        window_due_done=None if items is None else amount(items.window_done),
        due_by=None if items is None else items.by,
        overdue=()
        if items is None
        else tuple(
            OverdueItem(
                key=one.item,
                title=one.title,
                title_fr=one.title_fr,
                due=one.due,
                days=one.days,
            )
            for one in items.overdue
        ),
        status=Status(outcome.status.value),
        reason=None if outcome.reason is None else StatusReason(outcome.reason.value),
        forecast=_forecast(outcome.forecast),
        no_forecast=NoForecast(outcome.forecast.value)
        if isinstance(outcome.forecast, domain.NoForecast)
        else None,
        pace=None if outcome.pace is None else _pace(outcome.pace),
        last_fact_at=last,
        next_fact_by=next_fact_by(
            every=definition.report_every_days,
            last=None if last is None else last.astimezone(zone).date(),
            period=period,
        ),
        visibility=definition.visibility,
        period_end=period.end,
        closes_on=period.end + timedelta(days=definition.grace_days),
    )


def _forecast(found: domain.Forecast | domain.NoForecast) -> Forecast | None:
    if isinstance(found, domain.NoForecast):
        return None
    return Forecast(
        low=found.low,
        likely=found.likely,
        high=found.high,
        method="plan" if found.by_plan else "run-rate",
    )


def _pace(pace: domain.Pace) -> Pace:
    return Pace(
        missing=amount(pace.missing) or Decimal(0),
        days_left=pace.days_left,
        needed=amount(pace.needed) or Decimal(0),
        recent=amount(pace.recent),
        recent_days=pace.recent_days,
    )


def _latest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)


def says_the_same(again: IndicatorJudged, *, kept: IndicatorJudged) -> bool:
    """Whether a judgement made again says what was kept, in the fields that there were then."""
    later = set(type(kept).model_fields) - kept.model_fields_set
    if "no_forecast" in later:
        later.add("forecast")  # it was always null then
    elif kept.no_forecast is NoForecast.NOT_COUNTED:
        later.add("no_forecast")  # one reason for all that is no count of planned items
    return again.model_dump(exclude=_OCCASION | later) == kept.model_dump(exclude=_OCCASION | later)


def said_in(result: IndicatorJudged) -> str:
    """What a judgement says, its occasion apart: equal texts say nothing new."""
    return result.model_dump_json(exclude=_OCCASION)
