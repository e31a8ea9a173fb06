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
    low: DecimalString
    high: DecimalString | None = None


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
    forecast: DecimalString | None = None
    last_fact_at: AwareDatetime | None = None
    visibility: Literal["secretariat", "members", "public"] = "members"
    period_end: BusinessDate
    closes_on: BusinessDate

    @property
    def subject(self) -> str:
        return self.key
