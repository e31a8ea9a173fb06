"""Systems for the tests of the whole: started on demand, on either log."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from shared_kit.db import migrate
from shared_kit.messaging.kafka import KafkaLog
from shared_kit.messaging.log import EventLog, Message
from shared_kit.testing.plugin import MakeDatabase
from shared_kit.testing.warm import Warm
from tests.support.logs import log_at, running
from tests.support.systems import PACKAGES, System, one_process, three_processes
from wcoplan.folder import LOADED_AT

OpenLog = Callable[[str, str], AbstractAsyncContextManager[EventLog]]
StartSystem = Callable[..., AbstractAsyncContextManager[System]]


def _upgrade(url: str, *, package: str) -> None:
    migrate.upgrade(url, package)


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def log_kind(request: pytest.FixtureRequest) -> str:
    """Every behaviour of the whole is tried on both logs."""
    kind: str = request.param
    return kind


@pytest.fixture
def open_log(request: pytest.FixtureRequest, tmp_path: Path, topic_prefix: str) -> OpenLog:
    """`async with open_log("kafka", "system") as log`: of a system that does not run."""

    def open_(kind: str, name: str) -> AbstractAsyncContextManager[EventLog]:
        if kind == "embedded":
            return log_at(tmp_path / name)
        bootstrap: str = request.getfixturevalue("kafka")
        return running(KafkaLog(bootstrap=bootstrap, prefix=f"{topic_prefix}{name}."))

    return open_


@pytest.fixture
def start_system(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    topic_prefix: str,
    warm: Warm,
    open_log: OpenLog,
) -> StartSystem:
    """`async with start_system("kafka", commands=...) as system` on a Sunday, empty of facts.

    `before` is what lies on its log when it starts for the first time.
    """

    @asynccontextmanager
    async def start(
        kind: str,
        *,
        name: str = "system",
        commands: dict[str, list[str]] | None = None,
        start_at: datetime = LOADED_AT,
        before: Sequence[Message] = (),
    ) -> AsyncIterator[System]:
        if before:
            async with open_log(kind, name) as log:
                await log.publish(before)
        if kind == "embedded":
            command = (commands or {}).get("all", ["wcoplan.main"])
            async with one_process(
                home=tmp_path / name, start_at=start_at, warm=warm, command=command
            ) as system:
                yield system
            return
        bootstrap: str = request.getfixturevalue("kafka")
        database: MakeDatabase = request.getfixturevalue("database")
        prefix = f"{topic_prefix}{name}."
        async with open_log(kind, name):
            pass  # makes the topics
        urls = {
            package: await asyncio.to_thread(
                database,
                package,
                migrate=partial(_upgrade, package=package),
            )
            for package in PACKAGES.values()
        }
        async with three_processes(
            home=tmp_path / name,
            database_urls=urls,
            kafka=bootstrap,
            topic_prefix=prefix,
            start_at=start_at,
            commands=commands,
            warm=warm,
        ) as system:
            yield system

    return start
