"""When the figures are held against the ledger: once a business day, when its judging is done."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, timedelta

from kpi_engine.handlers.reconcile import Reconciliation
from kpi_engine.ports import Checks, Days
from shared_kit.delivery.errors import PASSING_TYPES, is_transient
from shared_kit.delivery.transaction import Transaction

logger = logging.getLogger(__name__)

_LONGEST_PAUSE = 60.0
# As long as it works it rests: half of a processor stays with ingest and reads.
_REST = 1.0


@dataclass(slots=True, kw_only=True)
class NightlyCheck:
    """Waits until a business day was opened and judged; then one process checks, once.

    `wait` is how long all must have been quiet; where facts never stop coming it is done all the
    same after `patience`. Somebody who asks for a check wakes it at once; `asked` stays set until
    that is done.
    """

    transact: Callable[[], AbstractAsyncContextManager[Transaction]]
    checks: Callable[[Transaction], Checks]
    days: Callable[[Transaction], Days]
    settled: Callable[[], Awaitable[bool]]
    reconciliation: Reconciliation
    wait: timedelta
    patience: timedelta = timedelta(hours=1)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    _due: date | None = field(default=None, init=False)
    _since: float = field(default=0.0, init=False)
    _quiet: float | None = field(default=None, init=False)

    async def run(self) -> None:
        """Run until something fails for good; its supervisor starts it again."""
        failures = 0
        while True:
            try:
                await self.round()
                failures = 0
            except PASSING_TYPES as error:
                if not is_transient(error):
                    raise
                failures += 1
                logger.warning("the check against the ledger waits", extra={"reason": str(error)})
                await asyncio.sleep(min(2.0**failures, _LONGEST_PAUSE))

    async def round(self) -> None:
        """Look once whether it is time, a third of the wait later at most."""
        asked = await self._asked()
        if asked or await self._time_has_come():
            day = self._due if self._due is not None else await self._last_opened()
            if day is not None:
                await self.reconciliation(day=day, rest=_REST, once=not asked)
            self._due = None
            self.asked.clear()

    async def _asked(self) -> bool:
        pause = min(self.wait.total_seconds() / 3, 5.0)
        try:
            async with asyncio.timeout(pause):
                await self.asked.wait()
        except TimeoutError:
            return False
        return True

    async def _time_has_come(self) -> bool:
        day = await self._day_due()
        if day is None:
            return False
        now = asyncio.get_running_loop().time()
        if day != self._due:
            self._due, self._since, self._quiet = day, now, None
        if now >= self._since + self.patience.total_seconds():
            return True
        if not await self.settled():
            self._quiet = None
            return False
        if self._quiet is None:
            self._quiet = now
        return now >= self._quiet + self.wait.total_seconds()

    async def _day_due(self) -> date | None:
        """The last opened business day of any plan, if no check was made since."""
        async with self.transact() as tx:
            opened = await self.days(tx).opened()
            last = await self.checks(tx).last_day()
        day = max(opened.values(), default=None)
        return day if day is not None and (last is None or day > last) else None

    async def _last_opened(self) -> date | None:
        async with self.transact() as tx:
            return max((await self.days(tx).opened()).values(), default=None)
