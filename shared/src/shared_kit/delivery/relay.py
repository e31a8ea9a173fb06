"""Sends what the outbox holds to the log: one relay a service, in order, at least once."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import NamedTuple
from zlib import crc32

import asyncpg
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_kit.delivery import crashpoints
from shared_kit.delivery.rows import Tables
from shared_kit.delivery.transaction import OUTBOX_CHANNEL
from shared_kit.messaging.dsn import dsn
from shared_kit.messaging.headers import unpack
from shared_kit.messaging.log import EventLog, Message
from shared_kit.telemetry.metrics import Metrics

logger = logging.getLogger(__name__)

_TIMEOUT_SECONDS = 5.0
_PURGE_SECONDS = 60.0
_PURGED_AT_ONCE = 1000
_LOCK_SPACE = 0x776F  # "wo": keeps our advisory locks apart from those of migrations


class _Row(NamedTuple):
    seq: int
    message: Message


class Relay:
    """Publishes unpublished rows by sequence, never "later than the last": that loses rows.

    Of all relays of a service only the one that holds the session's advisory lock sends. The lock
    lives and dies with the dedicated connection that also reads and marks, so a relay that lost it
    can send a chunk again at most; it never skips a row. While the log is slow the connection is
    kept busy; when the whole process stands still, PostgreSQL ends the idle session and another
    relay takes over.
    """

    def __init__(
        self,
        *,
        sessions: async_sessionmaker[AsyncSession],
        tables: Tables,
        log: EventLog,
        metrics: Metrics | None = None,
        chunk: int = 1000,
        chunk_bytes: int = 16 * 1024 * 1024,
        sweep: timedelta = timedelta(seconds=1),
        idle_limit: timedelta = timedelta(seconds=5),
        keep: timedelta = timedelta(days=7),
    ) -> None:
        self._bind = sessions.kw["bind"]
        self._tables = tables
        self._table: str = tables.outbox.__tablename__  # type: ignore[attr-defined]  # the row class has it
        self._log = log
        self._metrics = metrics
        self._chunk = chunk
        self._chunk_bytes = chunk_bytes
        self._sweep = sweep
        self._idle_limit = idle_limit
        self._keep = keep
        self._purged_at = self._measured_at = float("-inf")

    async def run(self) -> None:
        """Wait for the lock, then send until something fails. Its supervisor starts it again."""
        async with self._connection() as connection:
            await self._acquire(connection)
            logger.info("relay sends", extra={"outbox": self._table})
            with self._tables.signal.listener() as wake:
                self._tables.signal.relay_is_here = True
                try:
                    lost = asyncio.Event()
                    connection.add_termination_listener(lambda *_: lost.set())
                    connection.add_termination_listener(lambda *_: wake.set())
                    await connection.add_listener(OUTBOX_CHANNEL, lambda *_: wake.set())
                    await self._send_for_ever(connection, wake, lost)
                finally:
                    self._tables.signal.relay_is_here = False

    async def _send_for_ever(
        self, connection: asyncpg.Connection, wake: asyncio.Event, lost: asyncio.Event
    ) -> None:
        while True:
            wake.clear()
            # Before sending: it is when sending fails that the age matters.
            await self._measure(connection)
            with self._tables.signal.at_work():
                await self._send(connection, lost)
            await self._purge(connection)
            try:
                async with asyncio.timeout(self._sweep.total_seconds()):
                    await wake.wait()
            except TimeoutError:
                continue

    async def _send(self, connection: asyncpg.Connection, lost: asyncio.Event) -> None:
        """Send until the outbox is empty, as far as is known: what comes later wakes the relay."""
        full = True
        while full and (rows := await self._unpublished(connection)):
            size = sum(len(row.message.value or b"") for row in rows)
            full = len(rows) >= self._chunk or size >= self._chunk_bytes
            crashpoints.reach("relay-after-read")
            await self._publish(connection, [row.message for row in rows], lost)
            crashpoints.reach("relay-after-send")
            await self._mark(connection, [row.seq for row in rows])
            crashpoints.reach("relay-after-mark")

    async def _unpublished(self, connection: asyncpg.Connection) -> Sequence[_Row]:
        # Bounded in bytes as well: a thousand plan snapshots are gigabytes. The first row always
        # fits, whatever its size.
        rows = await connection.fetch(
            f"""
            SELECT seq, topic, key, value, headers FROM (
                SELECT seq, topic, key, value, headers,
                       sum(octet_length(value)) OVER (ORDER BY seq) - octet_length(value) AS before
                FROM (SELECT * FROM {self._table} WHERE published_at IS NULL
                      ORDER BY seq LIMIT $1) AS waiting
            ) AS sized
            WHERE before IS NULL OR before < $2 ORDER BY seq
            """,  # noqa: S608 - the name of a table of ours
            self._chunk,
            self._chunk_bytes,
        )
        return [
            _Row(seq, Message(topic, key, value, unpack(headers)))
            for seq, topic, key, value, headers in rows
        ]

    async def _publish(
        self, connection: asyncpg.Connection, messages: Sequence[Message], lost: asyncio.Event
    ) -> None:
        sending = asyncio.ensure_future(self._log.publish(messages))
        losing = asyncio.ensure_future(lost.wait())
        try:
            while not sending.done():
                await asyncio.wait(
                    {sending, losing},
                    timeout=self._idle_limit.total_seconds() / 4,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                # Without the connection the lock is gone, and another relay may be sending: this
                # fails then, as soon as it is known.
                if not sending.done():
                    await connection.fetchval("SELECT 1")
        finally:
            losing.cancel()
            if not sending.done():
                sending.cancel()
                await asyncio.wait({sending})
        sending.result()

    async def _mark(self, connection: asyncpg.Connection, seqs: Sequence[int]) -> None:
        await connection.execute(
            f"UPDATE {self._table} SET published_at = now() WHERE seq = ANY($1::bigint[])",  # noqa: S608 - the name of a table of ours
            seqs,
        )

    async def _purge(self, connection: asyncpg.Connection) -> None:
        """Delete what was sent long ago, some rows at a time, so that the table stays small.

        The log keeps the events for ever. Only the oldest rows are looked at: sent in the order
        of their sequence, they are the ones whose time is over.
        """
        now = asyncio.get_running_loop().time()
        if now - self._purged_at < _PURGE_SECONDS:
            return
        done = await connection.execute(
            f"""
            DELETE FROM {self._table} WHERE seq IN (
                SELECT seq FROM (SELECT seq, published_at FROM {self._table}
                                 ORDER BY seq LIMIT $2) AS oldest
                WHERE published_at < now() - $1::interval
            )
            """,  # noqa: S608 - the name of a table of ours
            self._keep,
            _PURGED_AT_ONCE,
        )
        # A full portion: more of them wait, and the next round takes them.
        if int(done.split()[-1]) < _PURGED_AT_ONCE:
            self._purged_at = now

    async def _measure(self, connection: asyncpg.Connection) -> None:
        """Say how much waits and how long, as often as the sweep: to count costs as to send."""
        now = asyncio.get_running_loop().time()
        if self._metrics is None or now - self._measured_at < self._sweep.total_seconds():
            return
        self._measured_at = now
        count, seconds = await connection.fetchrow(
            f"SELECT count(*), extract(epoch FROM clock_timestamp() - min(created_at))::float8"  # noqa: S608 - the name of a table of ours
            f" FROM {self._table} WHERE published_at IS NULL"
        )
        self._metrics.set("outbox_unpublished", value=count)
        self._metrics.set("outbox_oldest_unpublished_seconds", value=max(0.0, seconds or 0.0))

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncpg.Connection]:
        url: URL = self._bind.url
        connection = await asyncpg.connect(
            dsn(url.render_as_string(hide_password=False)),
            timeout=_TIMEOUT_SECONDS,
            command_timeout=_TIMEOUT_SECONDS,
            server_settings={
                "application_name": f"relay {self._table}",
                "idle_session_timeout": str(int(self._idle_limit.total_seconds() * 1000)),
            },
        )
        try:
            yield connection
        finally:
            try:
                await connection.close(timeout=_TIMEOUT_SECONDS)
            except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                connection.terminate()

    async def _acquire(self, connection: asyncpg.Connection) -> None:
        # Asked again and again: a statement that waits would hold back vacuum for as long.
        space, key = _LOCK_SPACE, crc32(self._table.encode()) >> 1
        statement = "SELECT pg_try_advisory_lock($1, $2)"
        free = await connection.fetchval(statement, space, key)
        if free:
            return
        while not await connection.fetchval(statement, space, key):  # noqa: ASYNC110 - the server's lock
            await asyncio.sleep(self._idle_limit.total_seconds() / 10)
        # PostgreSQL frees the lock of a connection that ended a moment before its relay knows.
        await asyncio.sleep(self._idle_limit.total_seconds() / 20)
