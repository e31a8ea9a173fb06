"""The engine's loop beside the consumer: open the day, judge what is marked, wait."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from kpi_engine.handlers.day import DayOpening
from kpi_engine.handlers.judge import Judging
from shared_kit.delivery.errors import PASSING_TYPES, is_conflict, is_transient
from shared_kit.delivery.transaction import Transaction
from shared_kit.telemetry.metrics import Metrics

logger = logging.getLogger(__name__)

_LONGEST_PAUSE = 5.0
# While facts keep coming, judging takes at most about a fifth of the time.
_SHARE = 4.0


@dataclass(slots=True)
class Activity:
    """What the consumer tells the judge: a batch is under way, one was committed."""

    wake: asyncio.Event = field(default_factory=asyncio.Event)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    _under_way: int = 0
    _ended: float = 0.0

    def begin(self) -> None:
        self._under_way += 1

    def end(self) -> None:
        """A batch ended. Whoever is woken now sees its marks."""
        self._under_way -= 1
        self._ended = asyncio.get_running_loop().time()
        self.wake.set()

    def day_has_come(self) -> None:
        """Somebody saw a day that is due: it waits neither for the sweep nor for more facts."""
        self.hurry.set()
        self.wake.set()

    def idle(self, *, since: float) -> bool:
        """No batch is under way, and the last one ended that many seconds ago."""
        quiet = asyncio.get_running_loop().time() - self._ended
        return self._under_way == 0 and quiet >= since


class Transact(Protocol):
    """Opens a transaction of the engine for reading, opening a day or judging."""

    def __call__(self, *, judging: bool = False) -> AbstractAsyncContextManager[Transaction]: ...


@dataclass(slots=True, kw_only=True)
class JudgeLoop:
    """Judges at the commit of an ingest, else in a sweep; coalesces while facts keep coming."""

    transact: Transact
    judging: Judging
    opening: DayOpening
    caught_up: Callable[[], Awaitable[bool]]
    activity: Activity
    pause: timedelta
    sweep: timedelta
    metrics: Metrics | None = None
    ready: bool = field(default=False, init=False)

    async def run(self) -> None:
        """Run until something fails for good; its supervisor starts it again."""
        failures = 0
        try:
            while True:
                try:
                    await self._round()
                    failures = 0
                    self.ready = True
                except PASSING_TYPES as error:
                    if not is_transient(error):
                        raise
                    failures += 1
                    self.ready = is_conflict(error)
                    logger.warning("judging waits", extra={"reason": str(error)})
                    await asyncio.sleep(min(0.05 * 2**failures, _LONGEST_PAUSE))
        finally:
            self.ready = False

    async def _round(self) -> None:
        woken = await self._wait()
        self.activity.hurry.clear()
        await self.open_days()
        loop = asyncio.get_running_loop()
        began = loop.time()
        # With less than a full portion nothing was left, but for what was ingested meanwhile.
        while (judged := await self.judge_once()) and (
            judged >= self.judging.limit or self.activity.wake.is_set()
        ):
            pass
        took = loop.time() - began
        if self.metrics is not None:
            self.metrics.observe("judge_seconds", seconds=took)
        if woken:
            await self._coalesce(took)

    async def _coalesce(self, took: float) -> None:
        """Let marks gather while facts keep coming; go on at once when they stop."""
        loop = asyncio.get_running_loop()
        pause = self.pause.total_seconds()
        until = loop.time() + max(pause, _SHARE * took)
        while loop.time() < until:
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self.activity.hurry.wait()
                return
            if self.activity.idle(since=pause):
                return

    async def _wait(self) -> bool:
        try:
            async with asyncio.timeout(self.sweep.total_seconds()):
                await self.activity.wake.wait()
        except TimeoutError:
            return False
        self.activity.wake.clear()
        return True

    async def open_days(self) -> bool:
        """Open the days that are due, once the consumer has caught up with the log."""
        async with self.transact() as tx:
            due = await self.opening.due(tx)
        if not due or not await self.caught_up():
            return False
        async with self.transact() as tx:
            return await self.opening(tx) > 0

    async def judge_once(self) -> int:
        async with self.transact(judging=True) as tx:
            return await self.judging(tx)
