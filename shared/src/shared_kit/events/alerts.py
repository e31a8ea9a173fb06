"""Topic `alerts`: what notifier says."""

from enum import StrEnum
from typing import ClassVar

from pydantic import AwareDatetime

from shared_kit.events.base import BusinessDate, Code, Count, DecimalString, Event, Key, Line, Text
from shared_kit.events.results import OverdueItem, Status


class Level(StrEnum):
    WARNING = "warning"
    CRITICAL = "critical"


class CloseReason(StrEnum):
    """Why an episode ended; only `recovered` may be told as recovered."""

    RECOVERED = "recovered"
    CORRECTED = "corrected"
    PERIOD_CLOSED = "period_closed"
    TARGET_AMENDED = "target_amended"
    RULE_CHANGED = "rule_changed"
    SUBJECT_RETIRED = "subject_retired"
    AGREES_AGAIN = "agrees_again"


class AlertEvent(Event):
    """An episode's life: one open episode per rule, indicator and period."""

    topic: ClassVar[str] = "alerts"

    episode: Line
    indicator: Key
    period: Code
    rule: Code
    level: Level
    reason: Text
    reason_fr: Text
    owner_unit: Code | None = None
    status: Status
    revision: Count
    judged_on: BusinessDate
    numerator: DecimalString | None = None
    denominator: DecimalString | None = None
    due: DecimalString | None = None
    due_done: DecimalString | None = None
    attainment: DecimalString | None = None
    evidence_p: DecimalString | None = None
    overdue: tuple[OverdueItem, ...] = ()
    at: AwareDatetime

    @property
    def subject(self) -> str:
        return self.indicator


class AlertRaised(AlertEvent):
    name: ClassVar[str] = "alert.raised"


class AlertLevelChanged(AlertEvent):
    name: ClassVar[str] = "alert.level-changed"
    previous_level: Level


class AlertAcknowledged(AlertEvent):
    name: ClassVar[str] = "alert.acknowledged"
    by: Line
    comment: Text | None = None


class AlertClosed(AlertEvent):
    name: ClassVar[str] = "alert.closed"
    close_reason: CloseReason
