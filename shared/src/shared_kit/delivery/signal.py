"""Tells the relay of this process that a transaction left something in the outbox."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Signal:
    """Wakes whoever listens in this process; says whether the sending relay is among them."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Event] = set()
        self.relay_is_here = False

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
