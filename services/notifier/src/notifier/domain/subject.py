"""What an alert is about, by its names: titles stand beside codes in every message."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from shared_kit.calendar import Period, PeriodKind, PlanCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """A text in English and French."""

    en: str
    fr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An indicator as its plan defines it.

    `name` heads a message ("Leadership, guidance and support"), `title` is its objective's, to
    the letter, `counted` says what is counted ("planned initiatives carried out"). `unit` is the
    organization's own, `direction` that of a declared path.
    """

    indicator: str
    plan: str
    code: str
    name: Both
    title: Both
    counted: Both
    grace_days: int
    calendar: PlanCalendar
    unit: Both | None = None
    direction: Literal["increase", "decrease", "keep"] | None = None

    def period(self, code: str) -> Period:
        """Find a period of the plan.

        Raises:
            UnknownPeriodError
        """
        return self.calendar.period(code)

    def repeats_its_year(self, *, period: str, on: date) -> bool:
        """In its first year a cycle has the year's own figures: they are told once, as the year's.

        From the second year on the cycle also holds what the years before left behind.
        """
        first = self.calendar.years[0]
        found = self.period(period)
        return found.kind is PeriodKind.CYCLE and found != first and on <= first.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Who is told: an organizational unit, its language and its mailbox."""

    code: str
    title: Both
    language: str
    mailbox: str | None
