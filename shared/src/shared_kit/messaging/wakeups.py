"""Wakes readers of the embedded log when another connection has appended something."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import asyncpg

# The server is away, stops, starts or is full: what passes by itself.
AWAY = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
)
logger = logging.getLogger(__name__)


class Wakeups:
    """One LISTEN connection for all readers of a process; made again when it is lost.

    A wake-up may be missed while it is lost: readers look by themselves now and then.
    """

    def __init__(self, dsn: str, *, channel: str, pause: timedelta) -> None:
        self._dsn = dsn
        self._channel = channel
        self._pause = pause.total_seconds()
        self._waiting: set[asyncio.Event] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._listen(), name="log wake-ups")

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task}, timeout=5)

    @contextmanager
    def waiter(self) -> Iterator[asyncio.Event]:
        """Register an event for as long as the block lasts."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            yield event
        finally:
            self._waiting.discard(event)

    def wake(self) -> None:
        for event in self._waiting:
            event.set()

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_once()
            except AWAY as error:
                logger.warning("log wake-ups interrupted", extra={"reason": str(error)})
            await asyncio.sleep(self._pause)

    async def _listen_once(self) -> None:
        connection = await asyncpg.connect(
            self._dsn, timeout=5, server_settings={"application_name": "wcoplan log wake-ups"}
        )
        try:
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(self._channel, lambda *_: self.wake())
            self.wake()  # for what was appended before we listened
            await lost.wait()
        finally:
            connection.terminate()
