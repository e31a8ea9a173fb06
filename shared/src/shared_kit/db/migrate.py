"""Runs the migrations of a package: one process at a time, and never behind a long lock."""

import asyncio
from datetime import timedelta
from zlib import crc32

from alembic import command, context
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, pool, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

_LOCK_SPACE = 0x776D  # "wm": keeps our advisory locks apart from those of relays


def upgrade(url: str, package: str, *, lock_timeout: timedelta = timedelta(seconds=5)) -> None:
    """Bring the database to the head of the package's `migrations` folder. Safe to repeat.

    Processes that start together take turns. A statement that waits longer than `lock_timeout`
    for a lock fails, so that it does not queue all readers behind itself; start again then.
    Starts an event loop: from a running one, call it by `asyncio.to_thread`.
    """
    asyncio.run(_upgrade(url, package, lock_timeout))


def at_head(url: str, package: str) -> bool:
    """Whether the database stands at the head. Starts an event loop, as `upgrade` does."""
    return asyncio.run(_at_head(url, package))


async def engine_at_head(engine: AsyncEngine, package: str) -> bool:
    """Whether the database stands at the head: for readiness."""
    async with engine.connect() as connection:
        return await connection.run_sync(_stands_at_head, package)


def version_table(package: str) -> str:
    return f"alembic_version_{package}"


def run_env(*, metadata: MetaData, package: str) -> None:
    """Do all that the package's `migrations/env.py` has to do."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        version_table=version_table(package),
        compare_type=True,
        compare_server_default=False,
    )
    with context.begin_transaction():
        context.run_migrations()


def config(package: str, connection: Connection | None = None) -> Config:
    """Alembic's configuration of a package, without an ini file."""
    made = Config()
    made.set_main_option("script_location", f"{package}:migrations")
    made.set_main_option("path_separator", "os")
    if connection is not None:
        made.attributes["connection"] = connection
    return made


async def _upgrade(url: str, package: str, lock_timeout: timedelta) -> None:
    engine = create_async_engine(url, poolclass=pool.NullPool)
    try:
        async with engine.connect() as connection:
            milliseconds = int(lock_timeout.total_seconds() * 1000)
            lock = {"space": _LOCK_SPACE, "key": crc32(package.encode()) >> 1}
            await connection.execute(text("SET lock_timeout = '60s'"))
            await connection.execute(text("SELECT pg_advisory_lock(:space, :key)"), lock)
            await connection.execute(text(f"SET lock_timeout = {milliseconds}"))
            await connection.commit()
            # The lock is the session's: closing the connection gives it back, on an error too.
            await connection.run_sync(lambda sync: command.upgrade(config(package, sync), "head"))
            await connection.commit()
    finally:
        await engine.dispose()


async def _at_head(url: str, package: str) -> bool:
    engine = create_async_engine(url, poolclass=pool.NullPool)
    try:
        return await engine_at_head(engine, package)
    finally:
        await engine.dispose()


def _stands_at_head(connection: Connection, package: str) -> bool:
    current = MigrationContext.configure(
        connection, opts={"version_table": version_table(package)}
    ).get_current_heads()
    return set(current) == set(ScriptDirectory.from_config(config(package)).get_heads())
