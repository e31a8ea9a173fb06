"""Reminds units of what comes due: once a business day, one message a unit, one reminder a date."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from notifier.domain.reminder import PlanDays, Reminded, Reminder, by_unit
from notifier.domain.subject import Both
from notifier.ports.stores import OpenStores, Stores, Writer
from shared_kit.clock import Clock
from shared_kit.delivery import crashpoints
from shared_kit.delivery.errors import PASSING_TYPES, is_transient
from shared_kit.delivery.transaction import Transaction
from shared_kit.telemetry.metrics import Metrics

logger = logging.getLogger(__name__)

_ACTOR = "service:notifier"
_LONGEST_PAUSE = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminding:
    """Says which plans have a day to look through, and does it in a transaction."""

    open_stores: OpenStores
    writer: Writer
    business: Clock
    metrics: Metrics

    async def due(self, session: AsyncSession) -> Mapping[str, date]:
        """The plans whose business day has come, with that day."""
        stores = self.open_stores(session)
        return {plan.plan: today for plan, today in await self._due(stores, lock=False)}

    async def __call__(self, tx: Transaction) -> int:
        """Remind of all that is due; return how many days were looked through.

        Safe to repeat: the day, the reminders, the inbox and the mails are one transaction, and
        a day is looked through once.
        """
        stores = self.open_stores(tx.session)
        due = await self._due(stores, lock=True)
        for plan, today in due:
            window = plan.window(today)
            if window is not None:
                await self._remind(tx, stores, plan, today=today, window=window)
            await stores.days.open(plan=plan.plan, day=today)
        if due:
            crashpoints.reach("notifier-after-evaluate")
        return len(due)

    async def _due(self, stores: Stores, *, lock: bool) -> Sequence[tuple[PlanDays, date]]:
        opened = await stores.days.opened(lock=lock)
        return days_due(await stores.definitions.days(), opened=opened, now=self.business.now())

    async def _remind(
        self,
        tx: Transaction,
        stores: Stores,
        plan: PlanDays,
        *,
        today: date,
        window: tuple[date, date],
    ) -> None:
        soon = await stores.deliverables.due_between(plan.plan, first=window[0], last=window[1])
        grouped = by_unit(soon)
        units = await stores.definitions.units(list(grouped))
        at = self.business.now()
        synthetic = bool(grouped) and await stores.deliverables.any_synthetic(plan.plan)
        for code, items in grouped.items():
            unit = units.get(code)
            reminder = Reminder(
                unit=code,
                unit_title=Both(en=code, fr=code) if unit is None else unit.title,
                items=tuple(items),
                days=plan.reminder_days,
                on=today,
                at=at,
                calendar=plan.calendar,
                synthetic=synthetic,
            )
            item = await stores.notices.remind(
                plan=plan.plan, reminder=reminder, written=self.writer.remind(reminder), unit=unit
            )
            await stores.deliverables.note_reminded(items, item=item)
            self.metrics.count("notices_total", labels={"channel": "inbox", "outcome": "written"})
            tx.audit.add(
                actor=_ACTOR, action="unit.reminded", key=code, detail=_detail(plan.plan, items)
            )


def days_due(
    plans: Sequence[PlanDays], *, opened: Mapping[str, date], now: datetime
) -> Sequence[tuple[PlanDays, date]]:
    """The plans whose business day has come and was not looked through, with that day."""
    found = []
    for plan in plans:
        last = opened.get(plan.plan)
        today = None if last is None else plan.due(now=now, opened=last)
        if today is not None:
            found.append((plan, today))
    return found


def _detail(plan: str, items: Sequence[Reminded]) -> dict[str, object]:
    return {"plan": plan, "deliverables": [item.key for item in items]}


class Transact(Protocol):
    """Opens a transaction of the notifier."""

    def __call__(self) -> AbstractAsyncContextManager[Transaction]: ...


@dataclass(slots=True, kw_only=True)
class RemindLoop:
    """Looks whether a business day has begun; reminds once the events of the work are known."""

    transact: Transact
    due: Callable[[], Awaitable[Mapping[str, date]]]
    reminding: Reminding
    caught_up: Callable[[], Awaitable[bool]]
    after: Callable[[], None]
    sweep: timedelta = timedelta(seconds=1)
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Run until something fails for good; its supervisor starts it again."""
        failures = 0
        while True:
            try:
                await self._round()
                failures = 0
            except PASSING_TYPES as error:
                if not is_transient(error):
                    raise
                failures += 1
                logger.warning("reminders wait", extra={"reason": str(error)})
                await asyncio.sleep(min(0.05 * 2**failures, _LONGEST_PAUSE))

    async def _round(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.sweep.total_seconds()):
                await self.wake.wait()
        self.wake.clear()
        if await self.due() and await self.caught_up():
            async with self.transact() as tx:
                await self.reminding(tx)
            self.after()
