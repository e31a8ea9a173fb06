"""Makes the engine of a service: asyncpg, a bounded pool, named connections."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.ext.asyncio import create_async_engine as _create


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
    return _create(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_timeout.total_seconds(),
        # A dropped connection costs one round trip here instead of one failed request.
        pool_pre_ping=True,
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


def sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Return the factory that `transaction` takes; objects stay readable after the commit."""
    return async_sessionmaker(engine, expire_on_commit=False)
