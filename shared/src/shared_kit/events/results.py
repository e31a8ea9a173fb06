"""Topic `results`: what kpi-engine says."""

from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from shared_kit.events.base import (
    BusinessDate,
    Code,
    Count,
    DecimalString,
    Event,
    Key,
    Line,
    Part,
    Revision,
)


class Status(StrEnum):
    ON_TRACK = "on-track"
    AT_RISK = "at-risk"
    OFF_TRACK = "off-track"
    NOT_JUDGED = "not-judged"


class StatusReason(StrEnum):
    """Why an indicator is not judged, in this precedence."""

    NOT_APPLICABLE = "not-applicable"
    NO_DATA = "no-data"
    NO_TARGET = "no-target"
    NOT_STARTED = "not-started"


class OverdueItem(Part):
    """A Deliverable past its date and unreleased; days late on the day of judging."""

    key: Key
    title: Line
    title_fr: Line | None = None
    due: BusinessDate
    days: Count


class JudgedPair(Part):
    """What is judged where that is not the whole (SP7, SP8)."""

    numerator: DecimalString
    denominator: DecimalString


class TargetRange(Part):
    """At least `low`, at most `high`; one of them may be missing."""

    low: DecimalString | None = None
    high: DecimalString | None = None


class Forecast(Part):
    """Where a count may stand at period end: indicative, an 80 % band widened by half.

    `plan`: what is done and what is still to come, at the rate of what fell due lately; what is
    later than the grace is taken as not coming. `run-rate`: no dated item was known.
    """

    low: Count
    likely: Count
    high: Count
    method: Literal["plan", "run-rate"]


class NoForecast(StrEnum):
    """Why no forecast is given: the method counts planned items of equal weight.

    `milestones` weigh differently and are few; of what is `observed` nobody knows what will come
    in; a `level` says nothing of its pace; of a `stated` figure the parts are not known.
    `not-counted` stood for the first three once.
    """

    NOT_COUNTED = "not-counted"
    MILESTONES = "milestones"
    OBSERVED = "observed"
    LEVEL = "level"
    STATED = "stated"
    NOT_JUDGED = "not-judged"
    PERIOD_OVER = "period-over"
    TOO_EARLY = "too-early"
    TOO_FEW = "too-few"


class Pace(Part):
    """What is missing of the whole, and how much in 30 days reaches it by period end."""

    missing: DecimalString
    days_left: Count
    needed: DecimalString = Field(description="In 30 days, from now on.")
    recent: DecimalString | None = Field(
        default=None, description="In 30 days, over the last `recent_days`."
    )
    recent_days: Count = Field(description="90, or fewer where the period is younger.")


class IndicatorJudged(Event):
    """An indicator was judged: something changed, or a business day began (`daily`).

    The status is final. Whether anybody is told is the notifier's affair. Ratios have 6 places,
    half-even; thresholds were compared as exact fractions.
    """

    name: ClassVar[str] = "indicator.judged"
    topic: ClassVar[str] = "results"

    key: Key
    plan: Code
    owner_unit: Code | None = None
    period: Code
    judged_on: BusinessDate
    judged_at: AwareDatetime
    revision: Revision
    daily: bool
    restated: bool = Field(
        default=False,
        description="Figures known before changed: a fact was retracted or replaced.",
    )
    definition_version: Count
    definition_digest: Line | None = Field(
        default=None,
        description="Of what the definition measures and judges by; a new title leaves it.",
    )
    kind: Literal["planned", "observed", "milestones", "stated"]
    numerator: DecimalString | None = None
    denominator: DecimalString | None = None
    estimate: DecimalString | None = None
    first_estimate: DecimalString | None = None
    unplanned: Count | None = None
    judged: JudgedPair | None = None
    ratio: DecimalString | None = None
    target: TargetRange | None = None
    expected: DecimalString | None = None
    expected_lagged: DecimalString | None = None
    attainment: DecimalString | None = None
    due: DecimalString | None = None
    due_done: DecimalString | None = None
    window_due: DecimalString | None = None
    window_due_done: DecimalString | None = None
    due_by: BusinessDate | None = None
    overdue: tuple[OverdueItem, ...] = ()
    status: Status
    reason: StatusReason | None = None
    forecast: Forecast | None = None
    no_forecast: NoForecast | None = None
    pace: Pace | None = None
    last_fact_at: AwareDatetime | None = None
    next_fact_by: BusinessDate | None = Field(
        default=None,
        description="Where the definition says how often a fact is expected: the last one, or the"
        " period's first day, and so many days; null once that lies beyond the period.",
    )
    visibility: Literal["secretariat", "members", "public"] = "members"
    period_end: BusinessDate
    closes_on: BusinessDate

    @property
    def subject(self) -> str:
        return self.key


class ShownFigure(Part):
    """A figure as far as a check compares it; null where there is none."""

    numerator: DecimalString | None = None
    denominator: DecimalString | None = None
    judged: JudgedPair | None = None
    due: DecimalString | None = None
    due_done: DecimalString | None = None


class DifferingRow(Part):
    """What a fact contributes by only one of the two: the ledger, or the rows that are kept."""

    lost: bool = Field(description="The ledger says it and it was not kept; else it is surplus.")
    side: Code
    item: Line
    member: Line | None = None
    effective: BusinessDate | None = None
    source: Line | None = None
    id: Line | None = Field(default=None, description="Of the fact; null where none is known.")


class ReconciliationFailed(Event):
    """Made again from the ledger, a figure or what it is counted from is not what is kept.

    Said at every check that finds it. `shown` was judged last, `live` is what the rows that are
    kept say, `rebuilt` what the ledger says; all three as of the day of that judgement. Where
    only rows differ, the three are equal: the next fact or day may move them apart.
    """

    name: ClassVar[str] = "reconciliation.failed"
    topic: ClassVar[str] = "results"

    key: Key
    plan: Code
    period: Code
    check: Count = Field(description="Number of the check; kpi-engine lists it by that.")
    checked_on: BusinessDate
    checked_at: AwareDatetime
    judged_on: BusinessDate
    revision: Revision = Field(description="Of the judgement that was held against the ledger.")
    shown: ShownFigure
    live: ShownFigure
    rebuilt: ShownFigure
    lost: Count = Field(description="Rows of the indicator that were not kept.")
    surplus: Count = Field(description="Rows of the indicator that no fact accounts for.")
    rows: tuple[DifferingRow, ...] = Field(default=(), description="The first ten.")

    @property
    def subject(self) -> str:
        return self.key


class ReconciliationPassed(Event):
    """What a check before found to differ agrees with the ledger again."""

    name: ClassVar[str] = "reconciliation.passed"
    topic: ClassVar[str] = "results"

    key: Key
    plan: Code
    period: Code
    check: Count
    checked_on: BusinessDate
    checked_at: AwareDatetime

    @property
    def subject(self) -> str:
        return self.key
