"""Makes the engine of a service: asyncpg, a bounded pool, named connections."""

import time
from datetime import timedelta

from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.ext.asyncio import create_async_engine as _create
from sqlalchemy.pool import ConnectionPoolEntry

_TRUSTED_SECONDS = 1.0
_USED = "used"


def create_engine(
    url: str,
    *,
    application_name: str = "wcoplan",
    pool_size: int = 10,
    pool_timeout: timedelta = timedelta(seconds=10),
) -> AsyncEngine:
    """Return an engine that has opened nothing yet.

    No overflow: a request that opens a second session while it holds one would deadlock under
    load, and does so at once in a test with a small pool instead of some day in production.
    """
    made = _create(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_timeout.total_seconds(),
        # The last one used comes first: its statements are prepared, and it need not be asked
        # whether it lives.
        pool_use_lifo=True,
        connect_args={
            "timeout": 5,
            "server_settings": {
                "application_name": application_name,
                "timezone": "UTC",
                # Compiling a plan costs more than any of our statements takes.
                "jit": "off",
            },
        },
    )
    _look_before_use(made)
    return made


def _look_before_use(engine: AsyncEngine) -> None:
    """A dropped connection is replaced before it is used, instead of one failed request.

    The pool's own ping is three round trips, each time: as much as most of our transactions. A
    server that ended or a closed socket is known to the connection already; only one that lay idle
    may have been cut off in silence, and is asked.
    """
    pool, dialect = engine.sync_engine.pool, engine.sync_engine.dialect

    def returned(connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        del connection
        entry.info[_USED] = time.monotonic()

    def taken(connection: DBAPIConnection, entry: ConnectionPoolEntry, _fairy: object) -> None:
        if entry.driver_connection.is_closed():  # type: ignore[union-attr]  # asyncpg's own
            raise InvalidatePoolError
        used = entry.info.get(_USED)
        if used is None or time.monotonic() - used < _TRUSTED_SECONDS:
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(pool, "checkin", returned)
    event.listen(pool, "checkout", taken)


def sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Return the factory that `transaction` takes; objects stay readable after the commit."""
    return async_sessionmaker(engine, expire_on_commit=False)
