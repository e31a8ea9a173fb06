"""When is a result worth telling? One rule with two levels; its numbers are data.

Warning asks the period to date, critical a recent window, because a late collapse is diluted in a
cumulative ratio. Both need a line and evidence: for a hundred items and more the line decides,
for fewer than fifty the evidence. With fewer than eight items due the items themselves speak.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from notifier.domain.evidence import chance
from notifier.domain.sample import Kind, OverdueItem, Sample, Status


class Level(StrEnum):
    WARNING = "warning"
    CRITICAL = "critical"

    def above(self, other: "Level | None") -> bool:
        return other is None or (self is Level.CRITICAL and other is Level.WARNING)


class Basis(StrEnum):
    """What made the assessment, so that the message can say it."""

    TO_DATE = "to-date"
    WINDOW = "window"
    ITEMS = "items"
    STATUS = "status"
    LEDGER = "ledger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """How long a breach must last before anybody is told."""

    days: int
    samples: int


RECONCILIATION = "reconciliation"
"""Not a rule over samples: kpi-engine's check of its figures against the ledger."""

AT_ONCE = Hold(days=0, samples=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningLevel:
    """Due items of the period to date; `clear` is the line above which it can recover."""

    line: Fraction
    alpha: Fraction
    clear: Fraction
    hold: Hold


@dataclass(frozen=True, slots=True, kw_only=True)
class CriticalLevel:
    """Due items of the recent window (the engine counts them), or attainment to date."""

    window_line: Fraction
    window_clear: Fraction
    to_date_line: Fraction
    to_date_clear: Fraction
    alpha: Fraction
    hold: Hold


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLevel:
    """Few items due: so many beyond the grace, or one beyond so many graces; a warning."""

    several: int
    graces_of_one: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    id: str
    version: int
    healthy: Fraction
    min_due: int
    warning: WarningLevel
    critical: CriticalLevel
    items: ItemLevel
    recover_days: int


DEVIATION = Rule(
    id="deviation",
    version=1,
    healthy=Fraction(95, 100),
    min_due=8,
    warning=WarningLevel(
        line=Fraction(90, 100),
        alpha=Fraction(5, 100),
        clear=Fraction(93, 100),
        hold=Hold(days=14, samples=2),
    ),
    critical=CriticalLevel(
        window_line=Fraction(80, 100),
        window_clear=Fraction(83, 100),
        to_date_line=Fraction(75, 100),
        to_date_clear=Fraction(78, 100),
        alpha=Fraction(1, 100),
        hold=AT_ONCE,
    ),
    items=ItemLevel(several=2, graces_of_one=2),
    recover_days=14,
)
"""The values that a new installation starts with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What one sample says by the rule.

    `breach` is the level whose lines are crossed; `holds` are the levels whose clear lines are
    not reached again, which an open episode keeps: between the two lies the hysteresis. A sample
    that was not judged says nothing: neither breach nor recovery.
    """

    judged: bool
    breach: Level | None = None
    holds: frozenset[Level] = frozenset()
    basis: Basis | None = None
    chance: Fraction | None = None
    hold: Hold = AT_ONCE

    def standing(self, level: Level) -> Level | None:
        """What is left of an alert of that level."""
        if level is Level.CRITICAL and Level.CRITICAL in self.holds:
            return Level.CRITICAL
        return Level.WARNING if self.holds else None


SAYS_NOTHING = Assessment(judged=False)


def assess(*, sample: Sample, rule: Rule, grace_days: int) -> Assessment:
    """Hold a sample against the rule. Lines are exclusive: exactly 0.90 is no breach."""
    if sample.status is Status.NOT_JUDGED:
        return SAYS_NOTHING
    if sample.kind is Kind.MILESTONES:
        # Their due figures are sums of weights, not a number of trials.
        return _by_items(sample, rule, grace_days)
    if sample.kind is not Kind.PLANNED or sample.due is None or sample.due_done is None:
        return _by_status(sample, rule)
    if sample.due < rule.min_due:
        found = _by_items(sample, rule, grace_days)
    else:
        found = _by_evidence(sample, rule, int(sample.due), int(sample.due_done))
    if not found.holds and sample.more_than_listed:
        # What has no date of its own cannot be overdue; only the engine's status sees it missing.
        return _by_status(sample, rule)
    return found


def beyond_grace(*, overdue: tuple[OverdueItem, ...], grace_days: int) -> int:
    return sum(1 for item in overdue if item.days > grace_days)


def _by_items(sample: Sample, rule: Rule, grace_days: int) -> Assessment:
    several = beyond_grace(overdue=sample.overdue, grace_days=grace_days) >= rule.items.several
    far = rule.items.graces_of_one * grace_days
    one = any(item.days > far for item in sample.overdue)
    level = Level.WARNING if several or one else None
    return Assessment(
        judged=True,
        breach=level,
        holds=frozenset({level} if level else ()),
        basis=Basis.ITEMS,
    )


def _by_status(sample: Sample, rule: Rule) -> Assessment:
    # Observed ratios have no trials behind them that we could call independent: the tolerance
    # decided, the hold keeps single readings from being told, and the level stays a warning.
    breach = Level.WARNING if sample.status in (Status.AT_RISK, Status.OFF_TRACK) else None
    below = sample.attainment is not None and _exact(sample.attainment) < rule.warning.clear
    return Assessment(
        judged=True,
        breach=breach,
        holds=frozenset({Level.WARNING} if breach or below else ()),
        basis=Basis.STATUS,
        hold=rule.warning.hold,
    )


def _by_evidence(sample: Sample, rule: Rule, due: int, done: int) -> Assessment:
    ratio = Fraction(done, due)
    odds = chance(due=due, done=done, healthy=rule.healthy)
    attainment = ratio if sample.attainment is None else _exact(sample.attainment)
    window, window_odds = _window(sample, rule)
    critical, warning = rule.critical, rule.warning

    collapsed = window < critical.window_line and window_odds < critical.alpha
    lost = attainment < critical.to_date_line and odds < critical.alpha
    warned = ratio < warning.line and odds < warning.alpha
    holds = set()
    if collapsed or lost or window < critical.window_clear or attainment < critical.to_date_clear:
        holds.add(Level.CRITICAL)
    if collapsed or lost or ratio < warning.clear:
        holds.add(Level.WARNING)
    if collapsed or lost:
        breach: Level | None = Level.CRITICAL
    else:
        breach = Level.WARNING if warned else None
    return Assessment(
        judged=True,
        breach=breach,
        holds=frozenset(holds),
        basis=Basis.WINDOW if collapsed else Basis.TO_DATE,
        chance=window_odds if collapsed else odds,
        hold=critical.hold if collapsed or lost else warning.hold,
    )


def _window(sample: Sample, rule: Rule) -> tuple[Fraction, Fraction]:
    """The recent window's ratio and its chance; too few items speak neither for nor against."""
    if sample.window_due is None or sample.window_due_done is None:
        return Fraction(1), Fraction(1)
    due, done = int(sample.window_due), int(sample.window_due_done)
    if due < rule.min_due:
        return Fraction(1), Fraction(1)
    return Fraction(done, due), chance(due=due, done=done, healthy=rule.healthy)


def _exact(value: Decimal) -> Fraction:
    return Fraction(value)
