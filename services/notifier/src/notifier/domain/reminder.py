"""Which dates a unit is reminded of, and on which business day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from notifier.domain.deliverable import Deliverable
from notifier.domain.subject import Both
from shared_kit.calendar import PlanCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDays:
    """A plan's business days, and how many days before its date a unit is reminded of a thing."""

    plan: str
    calendar: PlanCalendar
    reminder_days: int

    def due(self, *, now: datetime, opened: date) -> date | None:
        """Today, where it is a business day whose reminders were not looked through yet."""
        today = self.calendar.today(now)
        return today if today > opened and self.calendar.is_business_day(today) else None

    def window(self, today: date) -> tuple[date, date] | None:
        """The dates to remind of: from today on, so that nothing past is; None for never.

        A date whose day falls on a weekend or a holiday is still in it on the next business day.
        """
        if self.reminder_days == 0:
            return None
        return today, today + timedelta(days=self.reminder_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """A Deliverable with the date that its unit is reminded of."""

    key: str
    title: str
    title_fr: str | None
    due: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """One message to one unit: all that comes due, the earliest first."""

    unit: str
    unit_title: Both
    items: tuple[Reminded, ...]
    days: int
    on: date
    at: datetime
    calendar: PlanCalendar
    synthetic: bool = False
    """Invented work is among that of the plan."""


def by_unit(deliverables: Iterable[Deliverable]) -> Mapping[str, Sequence[Reminded]]:
    """What each unit is reminded of; units in order of their codes."""
    found: dict[str, list[Reminded]] = {}
    for one in deliverables:
        if one.current_due is not None and one.is_open:
            found.setdefault(one.unit, []).append(
                Reminded(key=one.key, title=one.title, title_fr=one.title_fr, due=one.current_due)
            )
    return {
        unit: sorted(items, key=lambda item: (item.due, item.key))
        for unit, items in sorted(found.items())
    }
