"""Keeps the loops of a service running: restarts what ends, says what is down, stops in time."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

logger = logging.getLogger(__name__)

Run = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class _Watched:
    run: Run
    task: asyncio.Task[None] | None = None
    up_since: float | None = None
    restarts: int = 0
    pause: float = 0.0
    last_error: BaseException | None = field(default=None, repr=False)

    def is_up(self, now: float) -> bool:
        return self.up_since is not None and now >= self.up_since + self.pause


class Supervisor:
    """Runs named loops, each in a task of its own; one that ends is started again after a while.

    A loop is not meant to end: also a return without an error counts as a failure.
    """

    def __init__(
        self,
        loops: Mapping[str, Run],
        *,
        first_pause: timedelta = timedelta(milliseconds=200),
        longest_pause: timedelta = timedelta(seconds=10),
    ) -> None:
        self._watched = {name: _Watched(run) for name, run in loops.items()}
        self._first_pause = first_pause.total_seconds()
        self._longest_pause = longest_pause.total_seconds()

    def start(self) -> None:
        for name, watched in self._watched.items():
            watched.task = asyncio.create_task(self._keep(name, watched), name=f"keep {name}")

    async def stop(self, *, within: timedelta = timedelta(seconds=10)) -> None:
        """Cancel all loops and wait for their clean-up, but not longer than `within`."""
        tasks = {watched.task for watched in self._watched.values() if watched.task is not None}
        for task in tasks:
            task.cancel()
        if not tasks:
            return
        _, pending = await asyncio.wait(tasks, timeout=within.total_seconds())
        for task in pending:
            logger.error("loop did not stop in time", extra={"loop": task.get_name()})

    def health(self) -> Mapping[str, bool]:
        """Which loops run now.

        One that waits to be restarted does not; nor does one that was, until it has run for as
        long as it last paused: what fails at once each time must not look well in between.
        """
        now = asyncio.get_running_loop().time()
        return {name: watched.is_up(now) for name, watched in self._watched.items()}

    @property
    def healthy(self) -> bool:
        return all(self.health().values())

    def restarts(self, name: str) -> int:
        return self._watched[name].restarts

    def last_error(self, name: str) -> BaseException | None:
        """What ended the loop last; it may run again since."""
        return self._watched[name].last_error

    async def _keep(self, name: str, watched: _Watched) -> None:
        loop = asyncio.get_running_loop()
        while True:
            watched.up_since = began = loop.time()
            task = asyncio.ensure_future(watched.run())
            try:
                await asyncio.wait({task})
            finally:
                watched.up_since = None
                if not task.done():
                    task.cancel()
                    await asyncio.wait({task})
            watched.last_error = None if task.cancelled() else task.exception()
            watched.restarts += 1
            ran_well = loop.time() - began > self._longest_pause
            watched.pause = (
                self._first_pause
                if ran_well or not watched.pause
                else min(watched.pause * 2, self._longest_pause)
            )
            logger.error(
                "loop ended",
                extra={"loop": name, "pause_seconds": watched.pause},
                exc_info=watched.last_error,
            )
            await asyncio.sleep(watched.pause)


@asynccontextmanager
async def supervise(
    loops: Mapping[str, Run], *, stop_within: timedelta = timedelta(seconds=10)
) -> AsyncIterator[Supervisor]:
    """Run the loops for as long as the block lasts."""
    supervisor = Supervisor(loops)
    supervisor.start()
    try:
        yield supervisor
    finally:
        await supervisor.stop(within=stop_within)
