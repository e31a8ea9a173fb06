"""Databases for tests: empty ones, and copies of a template that was migrated once a run."""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import make_url

from shared_kit.testing.run import SharedRun

_PATIENCE_SECONDS = 60.0

T = TypeVar("T")
Migrate = Callable[[str], Awaitable[None] | None]


class Databases:
    """Makes databases on one server and drops them.

    Its methods block for some 50 ms and may be called with or without a running event loop.
    """

    def __init__(self, *, server_url: str, run: SharedRun) -> None:
        self._server_url = server_url
        self._run = run
        self._made: list[str] = []

    def create(self, name_hint: str = "test", *, migrate: Migrate | None = None) -> str:
        """The URL of a new database, empty or brought up to date by `migrate(url)`.

        `migrate` may be a coroutine function or a plain one. It runs once a test run; later
        databases of the same hint are copies.
        """
        template = None if migrate is None else self._template(name_hint, migrate)
        name = self._name(name_hint)
        _in_thread(lambda: _create(self._server_url, name, template))
        self._made.append(name)
        return _named(self._server_url, name)

    def drop_all(self) -> None:
        """Drop what this object made, connected clients or not. Templates stay."""
        made, self._made = self._made, []
        _in_thread(lambda: _drop(self._server_url, made))

    def drop_run(self) -> None:
        """Drop every database of this run, the templates included: for a server that lives on."""
        _in_thread(lambda: _drop_prefixed(self._server_url, self._prefix))

    @property
    def _prefix(self) -> str:
        return f"t_{_plain(self._run.name)}_"

    def _name(self, hint: str) -> str:
        return f"{self._prefix}{_plain(hint)[:24]}_{secrets.token_hex(5)}"

    def _template(self, hint: str, migrate: Migrate) -> str:
        def make() -> str:
            name = self._name(f"base_{hint}")
            _in_thread(lambda: _make_template(self._server_url, name, migrate))
            return name

        # Two services may call a function of the same name, two tests the same hint.
        how = f"{migrate.__module__}-{getattr(migrate, '__qualname__', 'migrate')}"
        return self._run.once(f"template-{_plain(hint)}-{_plain(how)}", make)


async def _make_template(server_url: str, name: str, migrate: Migrate) -> None:
    await _create(server_url, name, None)
    url = _named(server_url, name)

    def run() -> None:
        # A plain function may start an event loop of its own, as Alembic's environment does.
        result = migrate(url)
        if result is not None:
            asyncio.run(_await(result))

    await asyncio.to_thread(run)
    connection = await _connect(server_url)
    try:
        # A template that somebody is connected to cannot be copied.
        await connection.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false')
        await connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = $1",
            name,
        )
    finally:
        await connection.close()


async def _await(result: Awaitable[None]) -> None:
    await result


async def _create(server_url: str, name: str, template: str | None) -> None:
    connection = await _connect(server_url)
    try:
        # template0: nobody connects to it, so many workers may copy it at once. Copied as files,
        # not through the log: half the time on a server that syncs nothing.
        await connection.execute(
            f'CREATE DATABASE "{name}" TEMPLATE "{template or "template0"}" STRATEGY FILE_COPY'
        )
    finally:
        await connection.close()


async def _drop(server_url: str, names: list[str]) -> None:
    if not names:
        return
    connection = await _connect(server_url)
    try:
        for name in names:
            await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await connection.close()


async def _drop_prefixed(server_url: str, prefix: str) -> None:
    connection = await _connect(server_url)
    try:
        rows = await connection.fetch("SELECT datname FROM pg_database")
    finally:
        await connection.close()
    await _drop(server_url, [row["datname"] for row in rows if row["datname"].startswith(prefix)])


async def _connect(server_url: str) -> Any:
    dsn = make_url(server_url).set(drivername="postgresql")
    return await asyncpg.connect(
        dsn.render_as_string(hide_password=False), timeout=30, command_timeout=_PATIENCE_SECONDS
    )


def _in_thread(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    # A thread of its own has no running event loop, whoever calls.
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(lambda: asyncio.run(work())).result(timeout=2 * _PATIENCE_SECONDS)


def _named(server_url: str, database: str) -> str:
    url = make_url(server_url).set(drivername="postgresql+asyncpg", database=database)
    return url.render_as_string(hide_password=False)


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
