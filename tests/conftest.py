"""Systems for the tests of the whole: started on demand, on either log."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest

from shared_kit.db import migrate
from shared_kit.events.topics import TOPICS
from shared_kit.messaging.kafka import KafkaLog
from shared_kit.testing.plugin import MakeDatabase
from shared_kit.testing.warm import Warm
from tests.support.systems import PACKAGES, System, one_process, three_processes
from wcoplan.serving import LOADED_AT

StartSystem = Callable[..., AbstractAsyncContextManager[System]]


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def log_kind(request: pytest.FixtureRequest) -> str:
    """Every behaviour of the whole is tried on both logs."""
    kind: str = request.param
    return kind


@pytest.fixture
def start_system(
    request: pytest.FixtureRequest, tmp_path: Path, topic_prefix: str, warm: Warm
) -> StartSystem:
    """`async with start_system("kafka", commands=...) as system` on a Sunday, empty of facts."""

    @asynccontextmanager
    async def start(
        kind: str,
        *,
        name: str = "system",
        commands: dict[str, list[str]] | None = None,
        start_at: datetime = LOADED_AT,
    ) -> AsyncIterator[System]:
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
        log = KafkaLog(bootstrap=bootstrap, prefix=prefix)
        await log.start()
        await log.create_topics(tuple(TOPICS.values()))
        await log.stop()
        urls = {
            package: await asyncio.to_thread(
                database,
                package,
                migrate=lambda url, package=package: migrate.upgrade(url, package),
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
