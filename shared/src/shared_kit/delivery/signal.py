"""Tells the relay of this process that the outbox holds something, and who waits, who is busy."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Signal:
    """Wakes whoever listens in this process; says whether the sending relay is among them."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Event] = set()
        self.relay_is_here = False
        self._under_way = 0

    def busy(self) -> bool:
        """Whether a transaction or a sending is under way: then it is too early to look for quiet.

        Not being busy says nothing: what waits in the log or in the outbox does not show here.
        """
        return self._under_way > 0

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Say that something is under way for as long as the block lasts."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    def fire(self) -> None:
        for listener in self._listeners:
            listener.set()

    @contextmanager
    def listener(self) -> Iterator[asyncio.Event]:
        """Register an event for as long as the block lasts."""
        event = asyncio.Event()
        self._listeners.add(event)
        try:
            yield event
        finally:
            self._listeners.discard(event)
