"""All open streams of a process: one reader of the table, its last items, and who waits.

Nobody has a queue. Each reader has a place in the numbers; what it has not taken yet lies in the
table, and the newest of it in memory, once for all. So a slow reader costs no memory.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from notifier.adapters.news import (
    CHANNEL,
    first_kept,
    forget,
    last_before,
    last_told,
    told_after,
)
from notifier.ports.stream import Item, Piece, Start, TooManyStreamsError, Wanted
from shared_kit.delivery.errors import PASSING_TYPES, is_transient
from shared_kit.delivery.transaction import Transaction
from shared_kit.messaging.dsn import dsn
from shared_kit.messaging.wakeups import Wakeups
from shared_kit.telemetry.metrics import Metrics

_RECENT = 1000
_AT_ONCE = 200
_REPEATED = 1000
"""Who missed more is told so: reading all anew is then less work than what was missed."""

_LINGER_SECONDS = 60.0
_FORGET_SECONDS = 3600.0

Transact = Callable[[], AbstractAsyncContextManager[Transaction]]


class OpenStreams:
    """Meets the port `Streams`."""

    def __init__(
        self,
        *,
        sessions: async_sessionmaker[AsyncSession],
        database_url: str,
        transact: Transact,
        metrics: Metrics,
        limit: int = 1000,
        heartbeat: timedelta = timedelta(seconds=15),
        sweep: timedelta = timedelta(seconds=1),
        keep: timedelta = timedelta(days=7),
    ) -> None:
        self._sessions = sessions
        self._transact = transact
        self._metrics = metrics
        self._limit = limit
        self._heartbeat = heartbeat.total_seconds()
        self._sweep = sweep.total_seconds()
        self._keep = keep
        self._wakeups = Wakeups(
            dsn(database_url), channel=CHANNEL, pause=timedelta(milliseconds=200)
        )
        self._recent: deque[Item] = deque(maxlen=_RECENT)
        self._floor: int | None = None  # whatever is later than this is in `_recent`
        self._end = 0
        self._readers: set[asyncio.Event] = set()
        self._somebody = asyncio.Event()
        self._left_at = float("-inf")
        self._leaving = False

    def leave(self) -> None:
        """End all streams: the service stops. Their readers come again, elsewhere or later."""
        self._leaving = True
        self._wake()

    async def run(self) -> None:
        """Read the table while somebody follows. Its supervisor starts it again."""
        loop = asyncio.get_running_loop()
        while True:
            await self._clear_up()
            await _heard(self._somebody, within=_FORGET_SECONDS)
            if not self._somebody.is_set():
                continue
            self._wakeups.start()
            try:
                with self._wakeups.waiter() as woken:
                    until = loop.time() + _FORGET_SECONDS
                    while self._is_followed(loop.time()) and loop.time() < until:
                        woken.clear()
                        await self._advance()
                        await _heard(woken, within=self._sweep)
            finally:
                self._floor = None
                self._recent.clear()
                await self._wakeups.stop()

    async def begin(self, start: Start, *, wanted: Wanted) -> Piece:
        if len(self._readers) >= self._limit:
            raise TooManyStreamsError(f"{self._limit} streams are open")
        async with self._sessions() as session:
            end = await last_told(session)
            after = await _place(session, start, end)
            if after is None:
                return Piece(at=end, missed=True)
            missed = await told_after(session, after, limit=_REPEATED + 1, wanted=wanted)
        if len(missed) > _REPEATED:
            return Piece(at=end, missed=True)
        at = max([end, *(item.seq for item in missed)])
        return Piece(at=at, items=[item for item in missed if wanted(item)])

    async def follow(self, at: int, *, wanted: Wanted) -> AsyncGenerator[Piece]:
        loop = asyncio.get_running_loop()
        silent_since = loop.time()
        with self._reader() as woken:
            while not self._leaving:
                woken.clear()
                try:
                    items, at = await self._after(at)
                except PASSING_TYPES as error:
                    if not is_transient(error):
                        raise
                    return  # the reader comes back, and is then told that the database is away
                told = [item for item in items if wanted(item)]
                left = silent_since + self._heartbeat - loop.time()
                if told or left <= 0:
                    yield Piece(at=at, items=told)
                    silent_since = loop.time()
                elif not items:
                    await _heard(woken, within=left)

    def _is_followed(self, now: float) -> bool:
        # A reader who goes from page to page leaves and comes back: the connection is kept.
        return bool(self._readers) or now - self._left_at < _LINGER_SECONDS

    @contextmanager
    def _reader(self) -> Iterator[asyncio.Event]:
        woken = asyncio.Event()
        self._readers.add(woken)
        self._somebody.set()
        self._metrics.set("streams_open", value=len(self._readers))
        try:
            yield woken
        finally:
            self._readers.discard(woken)
            if not self._readers:
                self._somebody.clear()
                self._left_at = asyncio.get_running_loop().time()
            self._metrics.set("streams_open", value=len(self._readers))

    async def _after(self, at: int) -> tuple[Sequence[Item], int]:
        """What comes after a place, and the place after that."""
        if self._floor is None or at < self._floor:
            async with self._sessions() as session:
                items: Sequence[Item] = await told_after(session, at, limit=_AT_ONCE)
        else:
            items = [item for item in self._recent if item.seq > at]
        return items, (items[-1].seq if items else at)

    async def _advance(self) -> None:
        async with self._sessions() as session:
            if self._floor is None:
                self._floor = self._end = await last_told(session)
                self._wake()  # who began before us reads what lies between by itself
            while items := await told_after(session, self._end, limit=_AT_ONCE):
                for item in items:
                    if len(self._recent) == _RECENT:
                        self._floor = self._recent[0].seq
                    self._recent.append(item)
                self._end = items[-1].seq
                self._wake()

    async def _clear_up(self) -> None:
        async with self._transact() as tx:
            await forget(tx.session, older_than=self._keep)

    def _wake(self) -> None:
        for reader in self._readers:
            reader.set()


async def _place(session: AsyncSession, start: Start, end: int) -> int | None:
    """The number after which a reader begins; None where that is not kept any more."""
    if start.after is not None:
        kept = start.after <= end and await first_kept(session) <= start.after + 1
        return start.after if kept else None
    if start.since is None:
        return end
    before = await last_before(session, start.since)
    if before is None and await first_kept(session) <= 1:
        return 0
    return before


async def _heard(woken: asyncio.Event, *, within: float) -> None:
    # Not wait_for: before Python 3.12 it loses a cancellation that meets the event.
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            await woken.wait()
