"""Everything in one process: PostgreSQL, the embedded log, three services, one path space.

A file `clock` in the home folder is the business clock, so that a demonstration survives a
restart; without it the machine's time is. Before it moves, the system settles.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import asyncpg
import httpx
from sqlalchemy.engine import make_url
from starlette.types import Receive, Scope, Send

import kpi_engine.bootstrap
import notifier.bootstrap
import plan_api.app
from kpi_engine.config import Settings as EngineSettings
from notifier.config import Settings as NotifierSettings
from plan_api.core.config import Settings as PlanSettings
from shared_kit.clock import Clock, FileClock, SystemClock
from shared_kit.db import migrate
from shared_kit.events.topics import TOPICS
from shared_kit.messaging.embedded import EmbeddedLog
from wcoplan.dispatcher import Dispatcher
from wcoplan.postgres import EmbeddedPostgres
from wcoplan.settle import settle_by

logger = logging.getLogger(__name__)

_OPERATORS = "SGO"
"""Of the packaged plan: the Secretary General's office, with its administration."""

DATABASES = ("event_log", "plan_api", "kpi_engine", "notifier")
_LOOKED_AT_EVERY_SECONDS = 0.5
_LOOKED_FOR_QUIET_EVERY_SECONDS = 0.005
_ONE_PROCESS = 0x7763_6F70_6C61_6E00


class AlreadyRunningError(RuntimeError):
    """Another process serves these databases."""


class ClockNotSettableError(RuntimeError):
    """The business clock is the machine's."""


@dataclass(frozen=True, kw_only=True)
class Embedded:
    """A running system: the ASGI app, its clock, a client to it."""

    app: Dispatcher
    clock: Clock
    client: httpx.AsyncClient

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        await settle_by(self.app.left, rounds=1, pause=_LOOKED_FOR_QUIET_EVERY_SECONDS)

    async def move_to(self, instant: datetime) -> None:
        """Move the business clock, settled before and after."""
        if not isinstance(self.clock, FileClock):
            raise ClockNotSettableError("the machine's time cannot be moved")
        await self.settle()
        self.clock.move_to(instant)
        await self.settle()


def clock_of(home: Path) -> Clock:
    """The business clock of a home folder: its file `clock`, or the machine's."""
    path = home / "clock"
    return FileClock(path) if path.exists() else SystemClock()


@dataclass(frozen=True, kw_only=True)
class Databases:
    """The four databases' URLs, and the PostgreSQL that serves them if it is our own."""

    urls: dict[str, str]
    server: EmbeddedPostgres | None = None

    async def keep(self) -> None:
        """Start our own PostgreSQL again whenever it ended: killed, or out of memory.

        What was acknowledged is on disk, and the services connect anew by themselves.
        """
        while True:
            await asyncio.sleep(_LOOKED_AT_EVERY_SECONDS)
            if self.server is None or self.server.is_running():
                continue
            logger.error("PostgreSQL ended and is started again")
            starting = asyncio.ensure_future(asyncio.to_thread(self.server.start))
            try:
                await asyncio.shield(starting)
            except asyncio.CancelledError:
                # A stop must not meet a start that is under way in its thread.
                await asyncio.wait({starting})
                raise


@contextmanager
def databases(*, home: Path, database_url: str) -> Iterator[Databases]:
    """The databases in our own PostgreSQL, or in the one that a URL names."""
    if database_url:
        yield Databases(urls={name: _named(database_url, name) for name in DATABASES})
        return
    server = EmbeddedPostgres(home=home)
    server.start()
    try:
        yield Databases(urls={name: server.url(name) for name in DATABASES}, server=server)
    finally:
        server.stop()


@asynccontextmanager
async def running(
    *,
    home: Path,
    urls: dict[str, str],
    base_url: str,
    package_data: bool = True,
) -> AsyncIterator[Embedded]:
    """Migrate, start the log and the three services, and stop them in reverse.

    Raises:
        AlreadyRunningError: another process holds these databases.
    """
    clock = clock_of(home)
    for name, url in urls.items():
        await _ensure_database(url, name)
    async with _only_one(urls["event_log"]):
        # One after the other: alembic's context is one a process.
        for name in ("plan_api", "kpi_engine", "notifier"):
            await asyncio.to_thread(migrate.upgrade, urls[name], name)
        log = EmbeddedLog(database_url=urls["event_log"], prefix="")
        await log.start()
        try:
            await log.create_topics(tuple(TOPICS.values()))
            async with _services(
                urls=urls,
                log=log,
                clock=clock,
                home=home,
                base_url=base_url,
                package_data=package_data,
            ) as embedded:
                yield embedded
        finally:
            await log.stop()


@asynccontextmanager
async def _services(
    *,
    urls: dict[str, str],
    log: EmbeddedLog,
    clock: Clock,
    home: Path,
    base_url: str,
    package_data: bool,
) -> AsyncIterator[Embedded]:
    system = SystemClock()
    # The report reads the other two through the same door as everybody else.
    inside = _Late()
    async with (
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=inside), base_url="http://127.0.0.1", timeout=30
        ) as client,
    ):
        apps = {
            "plan-api": plan_api.app.create_app(
                settings=PlanSettings(
                    database_url=urls["plan_api"], auth="demo", package_data=package_data
                ),
                log=log,
                business=clock,
                system=system,
                http=client,
            ),
            "kpi-engine": kpi_engine.bootstrap.create_app(
                settings=EngineSettings(database_url=urls["kpi_engine"], auth="demo"),
                log=log,
                business=clock,
                system=system,
            ),
            "notifier": notifier.bootstrap.create_app(
                settings=NotifierSettings(
                    database_url=urls["notifier"],
                    mail_dir=home / "mail",
                    demo=True,
                    base_url=base_url,
                    auth="demo",
                    operators_unit=os.environ.get(
                        "WCOPLAN_NOTIFIER__OPERATORS_UNIT", _OPERATORS if package_data else ""
                    ),
                ),
                log=log,
                business=clock,
                system=system,
            ),
        }
        dispatcher = Dispatcher(apps, ends=partial(log.end_offsets, tuple(TOPICS)))
        inside.app = dispatcher
        async with dispatcher.lifespan():
            yield Embedded(app=dispatcher, clock=clock, client=client)


class _Late:
    """An ASGI app that is named after the client that calls it was made."""

    app: Dispatcher

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


def _named(url: str, database: str) -> str:
    parsed = make_url(url).set(drivername="postgresql+asyncpg", database=database)
    return parsed.render_as_string(hide_password=False)


def _dsn(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


async def _ensure_database(url: str, name: str) -> None:
    connection = await asyncpg.connect(_dsn(_named(url, "postgres")), timeout=10)
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            # The name is one of our own four: no quoting is needed.
            await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close(timeout=5)


@asynccontextmanager
async def _only_one(url: str) -> AsyncIterator[None]:
    connection = await asyncpg.connect(_dsn(url), timeout=10)
    try:
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _ONE_PROCESS):
            raise AlreadyRunningError("another process serves these databases")
        yield
    finally:
        await connection.close(timeout=5)
