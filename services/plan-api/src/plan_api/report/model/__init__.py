"""What the pages are told by the engine and the notifier: figures, alerts, explanations.

The names are those of the answers, so that reading them is one step. What a page does not show is
left out, and what may be absent is optional: an older or newer service must not blank a page.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from plan_api.report.model.doubt import Difference
from plan_api.report.model.provenance import Definition, Restatement, Silence, Stated
from plan_api.report.model.provenance import FactRef as FactRef

SMALL = 5
"""Below this denominator no percentage is shown (`domain.md`, decision 1)."""


class Status(StrEnum):
    """Where a figure stands."""

    ON_TRACK = "on-track"
    AT_RISK = "at-risk"
    OFF_TRACK = "off-track"
    NOT_JUDGED = "not-judged"


class StatusReason(StrEnum):
    """Why a figure is not judged."""

    NOT_APPLICABLE = "not-applicable"
    NO_DATA = "no-data"
    NO_TARGET = "no-target"
    NOT_STARTED = "not-started"


class Level(StrEnum):
    WARNING = "warning"
    CRITICAL = "critical"


STATUSES_BY_NEED = (Status.OFF_TRACK, Status.AT_RISK, Status.ON_TRACK, Status.NOT_JUDGED)
"""The order in which statuses are listed: what needs somebody first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateItem:
    """A Deliverable past its date and unreleased."""

    key: str
    title: str
    title_fr: str | None = None
    due: date
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    numerator: Decimal
    denominator: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Where a count may stand at period end; indicative. `method`: `plan` or `run-rate`."""

    low: int
    likely: int
    high: int
    method: str = "plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What is missing, how much in 30 days that needs, and what the last days gave."""

    missing: Decimal
    days_left: int
    needed: Decimal
    recent: Decimal | None = None
    recent_days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One judgement of one indicator in one period."""

    key: str
    period: str
    kind: str
    status: Status
    reason: StatusReason | None = None
    revision: int = 0
    definition_version: int = 0
    judged_on: date | None = None
    judged_at: datetime | None = None
    owner_unit: str | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    estimate: Decimal | None = None
    first_estimate: Decimal | None = None
    unplanned: int | None = None
    judged: Pair | None = None
    target: Range | None = None
    expected: Decimal | None = None
    expected_lagged: Decimal | None = None
    attainment: Decimal | None = None
    due: Decimal | None = None
    due_done: Decimal | None = None
    due_by: date | None = None
    overdue: tuple[LateItem, ...] = ()
    window_due: Decimal | None = None
    window_due_done: Decimal | None = None
    forecast: Forecast | None = None
    no_forecast: str | None = None
    pace: Pace | None = None
    last_fact_at: datetime | None = None
    next_fact_by: date | None = None
    period_end: date | None = None
    closes_on: date | None = None
    daily: bool = True
    """Made because a business day began; alerts go by these."""
    restated: bool = False
    """What was known before changed: a fact was retracted or replaced."""

    @property
    def needs_attention(self) -> bool:
        return self.status in (Status.AT_RISK, Status.OFF_TRACK)

    @property
    def is_judged(self) -> bool:
        return self.status is not Status.NOT_JUDGED

    @property
    def share(self) -> Fraction | None:
        """Numerator of denominator, exact; None where no percentage may be shown."""
        if self.numerator is None or not self.denominator or self.denominator < SMALL:
            return None
        return Fraction(self.numerator) / Fraction(self.denominator)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """All results of a plan in a period, as known at one moment."""

    plan: str
    period: str
    as_known_on: datetime | None = None
    judged_on: date | None = None
    last_fact_at: datetime | None = None
    items: tuple[Result, ...] = ()

    def result(self, key: str) -> Result | None:
        return next((result for result in self.items if result.key == key), None)

    @property
    def judged(self) -> tuple[Result, ...]:
        return tuple(result for result in self.items if result.is_judged)

    @property
    def attention(self) -> tuple[Result, ...]:
        """At risk or off track; the worse ones and the later ones first."""
        return tuple(
            sorted(
                (result for result in self.items if result.needs_attention),
                key=lambda result: (
                    STATUSES_BY_NEED.index(result.status),
                    result.attainment if result.attainment is not None else Decimal(0),
                    result.key,
                ),
            )
        )

    @property
    def overdue(self) -> tuple[LateItem, ...]:
        """Each Deliverable once, however many indicators it is late for; the latest first."""
        found = {item.key: item for result in self.items for item in result.overdue}
        return by_lateness(found.values())


def by_lateness(items: Iterable[LateItem]) -> tuple[LateItem, ...]:
    """The latest first; among equals in the order of their keys."""
    return tuple(sorted(items, key=lambda item: (-item.days, item.key)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A notice: to which unit, and whether a mail was written."""

    unit: str | None = None
    mail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertStep:
    """One thing that happened to an alert, and who was told of it."""

    kind: str
    at: datetime
    level: Level | None = None
    close_reason: str | None = None
    by: str | None = None
    comment: str | None = None
    reason: str = ""
    reason_fr: str = ""
    told: Told | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFigures:
    """How unlikely so few are, were work as usual: about once in so many."""

    once_in: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One episode: one rule, one indicator, one period, from raised to closed."""

    id: str
    indicator: str
    period: str
    level: Level
    condition: str = "open"
    handling: str = "new"
    rule: str = ""
    reason: str = ""
    reason_fr: str = ""
    owner_unit: str | None = None
    raised_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    comment: str | None = None
    closed_at: datetime | None = None
    close_reason: str | None = None
    figures: AlertFigures = AlertFigures()
    difference: Difference | None = None
    overdue: tuple[LateItem, ...] = ()
    on_track_on: date | None = None
    timeline: tuple[AlertStep, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.condition == "open"

    @property
    def is_doubt(self) -> bool:
        """Of its own kind: no deviation, but a figure that is not what the facts say."""
        return self.rule == "reconciliation"

    @property
    def is_acknowledged(self) -> bool:
        """Not so any more once it got worse: then it waits for an answer anew."""
        return self.handling == "acknowledged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a unit was told, in the reader's language: of an alert, or what comes due."""

    id: str
    at: datetime
    subject: str
    alert: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFact:
    """A fact as the ledger lists it."""

    source: str
    id: str
    type: str
    subject: str
    time: datetime
    recorded: datetime
    effective: date | None = None
    evidence: str | None = None
    synthetic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The latest facts; `more` says that there are earlier ones."""

    facts: tuple[LedgerFact, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedItem:
    """One thing in a numerator or a denominator."""

    item: str
    title: str | None = None
    title_fr: str | None = None
    effective: date | None = None
    amount: Decimal | None = None
    member: str | None = None
    unit: str | None = None
    synthetic: bool = False
    fact: FactRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueItem:
    """One listed item with its date, and when it was done."""

    item: str
    title: str | None = None
    title_fr: str | None = None
    due: date | None = None
    replanned: date | None = None
    cancelled_on: date | None = None
    done_on: date | None = None
    days_late: int | None = None
    amount: Decimal | None = None
    synthetic: bool = False
    fact: FactRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A fact that was looked at and not counted, with the rule that says why."""

    item: str
    title: str | None = None
    title_fr: str | None = None
    rule: str = ""
    rule_fr: str = ""
    fact: FactRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Its lines, how many there are in all, and what they come to."""

    items: tuple[CountedItem, ...] = ()
    total: int | None = None
    counted: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    items: tuple[DueItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """An estimate or a target, with its revision."""

    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    revision: int | None = None
    first: Decimal | None = None
    reason: str | None = None
    stated: bool | None = None
    basis: str | None = None
    effective_on: date | None = None
    versions: tuple[Stated, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion:
    """A figure told beside a ratio, never in it: what is unplanned, served in part, and so on."""

    code: str
    label: str
    value: Decimal
    of: Decimal | None = None
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything that one figure was made of."""

    result: Result
    numerator: Side = field(default_factory=Side)
    denominator: Side = field(default_factory=Side)
    planned: Planned = field(default_factory=Planned)
    companions: tuple[Companion, ...] = ()
    excluded: tuple[LeftOut, ...] = ()
    estimate: Version | None = None
    target: Version | None = None
    definition: Definition = field(default_factory=Definition)
    silence: Silence | None = None
    restatements: tuple[Restatement, ...] = ()
    arithmetic: str = ""
