"""What is under way in the notifier beside its outbox and its offsets, for one look."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from notifier.adapters.definitions import plan_days
from notifier.adapters.notices import PENDING
from notifier.adapters.tables import DeliveryRow, PlanRow, ReminderDayRow
from notifier.domain.reminder import PlanDays

_BEGUN = f"FROM {PlanRow.__tablename__} p JOIN {ReminderDayRow.__tablename__} d ON d.plan = p.code"

# Mails that wait for another attempt are among the undelivered.
UNDER_WAY = {
    "undelivered": f"SELECT count(*) FROM {DeliveryRow.__tablename__} WHERE status = '{PENDING}'",  # noqa: S608 - our own names
    "codes": f"SELECT coalesce(array_agg(p.code ORDER BY p.code), '{{}}') {_BEGUN}",
    "days": f"SELECT coalesce(array_agg(d.day ORDER BY p.code), '{{}}') {_BEGUN}",
    "cycles": f"SELECT coalesce(array_agg((p.snapshot -> 'cycle')::text ORDER BY p.code), '{{}}')"
    f" {_BEGUN}",
    "reminders": "SELECT coalesce(array_agg((p.snapshot ->> 'reminder_days')::int ORDER BY p.code),"
    f" '{{}}') {_BEGUN}",
}
"""What a look reads; `days_in` says which days that makes."""


def days_in(found: Mapping[str, Any]) -> tuple[Mapping[str, date], Sequence[PlanDays]]:
    """The days looked through last, and the plans' business days."""
    codes = found["codes"]
    plans = map(plan_days, codes, found["cycles"], found["reminders"])
    return dict(zip(codes, found["days"], strict=True)), list(plans)
