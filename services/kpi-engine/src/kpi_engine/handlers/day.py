"""Opening a business day: every open indicator and period is judged again, once.

Time alone can cause a deviation. After downtime only today is opened.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from kpi_engine.domain.definitions import Plan
from kpi_engine.handlers.judge import daily_cases
from kpi_engine.handlers.known import Known, KnownPlans
from kpi_engine.ports import Days, DefinitionStore, Ledger, Mark
from shared_kit.clock import Clock
from shared_kit.delivery.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOpening:
    """Says which plans have a day to open, and opens them in a transaction."""

    ledger: Callable[[Transaction], Ledger]
    store: Callable[[Transaction], DefinitionStore]
    days: Callable[[Transaction], Days]
    known: KnownPlans
    business: Clock

    async def due(self, tx: Transaction) -> Mapping[str, date]:
        """The plans whose business day has come and is not opened, with that day."""
        opened = await self.days(tx).opened()
        known = await self.definitions(tx)
        return days_due(known.plans, opened=opened, business=self.business)

    async def definitions(self, tx: Transaction) -> Known:
        """What is defined now, by which it is told whether a day is due."""
        return await self.known.current(ledger=self.ledger(tx), store=self.store(tx))

    async def __call__(self, tx: Transaction) -> int:
        """Open what is due; return how many plans. Safe to repeat: a day opens once."""
        return await open_day(
            tx,
            ledger=self.ledger(tx),
            store=self.store(tx),
            days=self.days(tx),
            known=self.known,
            business=self.business,
        )


async def open_day(
    tx: Transaction,
    *,
    ledger: Ledger,
    store: DefinitionStore,
    days: Days,
    known: KnownPlans,
    business: Clock,
) -> int:
    """Mark every open indicator and period of the plans whose business day has come.

    The caller has waited until the consumer had caught up, so that releases which lie in the log
    already are seen before their due dates are held against anybody.
    """
    opened = await days.opened(lock=True)
    plans = (await known.current(ledger=ledger, store=store)).plans
    due = days_due(plans, opened=opened, business=business)
    for code, today in due.items():
        cases = daily_cases(plans[code], today=today, opened=opened[code])
        await ledger.mark([Mark(key, period, daily=True) for key, period in cases])
        await days.open(plan=code, day=today)
        tx.audit.add(actor="kpi-engine", action="day.open", key=f"{code}:{today.isoformat()}")
    return len(due)


def days_due(
    plans: Mapping[str, Plan], *, opened: Mapping[str, date], business: Clock
) -> dict[str, date]:
    """The plans whose today is a business day later than the last one opened."""
    now = business.now()
    found = {}
    for code, plan in plans.items():
        today = plan.calendar.today(now)
        last = opened.get(code)
        if last is not None and today > last and plan.calendar.is_business_day(today):
            found[code] = today
    return found
