"""What a judgement of kpi-engine tells the rules: one sample of one indicator in one period."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

_ROUNDED = Fraction(1, 100_000)


class Kind(StrEnum):
    PLANNED = "planned"
    OBSERVED = "observed"
    MILESTONES = "milestones"
    STATED = "stated"


class Status(StrEnum):
    """The engine's word on an indicator; the level of an alert is ours."""

    ON_TRACK = "on-track"
    AT_RISK = "at-risk"
    OFF_TRACK = "off-track"
    NOT_JUDGED = "not-judged"


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueItem:
    """A Deliverable past its date and unreleased; `days` late on the day of judging."""

    key: str
    title: str
    title_fr: str | None = None
    due: date
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an indicator was judged by; other terms may end a deviation without any work done.

    `definition` is a digest of what is measured and judged by: new words in a title leave it.
    """

    definition_version: int
    definition: str | None = None
    target_low: Decimal | None = None
    target_high: Decimal | None = None
    estimate: Decimal | None = None
    due: Decimal | None = None
    """What is judged: the items due by now, or what was asked for."""
    done: Decimal | None = None

    def eased(self, former: "Terms") -> bool:
        """Whether a deviation by the former terms may be none by these, with no work done.

        An estimate eases only where it is lowered: raised by more items, it hides nothing.
        """
        return self.redefined(former) or self.retargeted(former) or self.estimate_lowered(former)

    def replanned(self, former: "Terms") -> bool:
        """Whether less is due than before and no more is done: time only adds to what is due."""
        if self.due is None or former.due is None or self.done is None or former.done is None:
            return False
        return self.due < former.due and self.done <= former.done

    def redefined(self, former: "Terms") -> bool:
        known = self.definition is not None and former.definition is not None
        return known and self.definition != former.definition

    def retargeted(self, former: "Terms") -> bool:
        return (self.target_low, self.target_high) != (former.target_low, former.target_high)

    def estimate_lowered(self, former: "Terms") -> bool:
        if self.estimate is None or former.estimate is None:
            return False
        return self.estimate < former.estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A judgement; figures that the engine does not know are None."""

    indicator: str
    plan: str
    period: str
    revision: int
    judged_on: date
    judged_at: datetime
    daily: bool
    restated: bool = False
    kind: Kind
    status: Status
    terms: Terms
    closes_on: date
    owner_unit: str | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    attainment: Decimal | None = None
    expected_lagged: Decimal | None = None
    due: Decimal | None = None
    due_done: Decimal | None = None
    window_due: Decimal | None = None
    window_due_done: Decimal | None = None
    due_by: date | None = None
    overdue: tuple[OverdueItem, ...] = ()
    synthetic: bool = False

    @property
    def last_of_period(self) -> bool:
        """The grace after the period's end is over: this judgement is its verdict."""
        return self.judged_on > self.closes_on

    @property
    def more_than_listed(self) -> bool:
        """More was expected by now than the dated items that are due."""
        if self.expected_lagged is None or self.due is None:
            return False
        return self.expected_lagged > self.due

    @property
    def by_expected(self) -> bool:
        """Whether its status comes from all that was expected by then, not from what has a date."""
        if self.kind is not Kind.PLANNED or self.attainment is None or self.last_of_period:
            return False
        return not self._attains(self.due_done, self.due) and self._attains(
            self.numerator, self.expected_lagged
        )

    def _attains(self, done: Decimal | None, of: Decimal | None) -> bool:
        """Whether this pair is what the attainment was rounded from."""
        if done is None or not of or self.attainment is None:
            return False
        return abs(Fraction(done) / Fraction(of) - Fraction(self.attainment)) < _ROUNDED

    @property
    def undated_missing(self) -> bool:
        """All that has a date is released and still fewer are done than were expected by now."""
        return (
            self.kind is Kind.PLANNED
            and self.more_than_listed
            and bool(self.due)
            and self.due == self.due_done
            and self.numerator is not None
            and self.expected_lagged is not None
            and self.numerator < self.expected_lagged
        )
