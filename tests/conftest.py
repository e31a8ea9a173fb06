"""Systems for the tests of the whole: started on demand, on either log, and the gateway."""

import asyncio
import importlib.util
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Protocol

import pytest

from shared_kit.db import migrate
from shared_kit.messaging.kafka import KafkaLog
from shared_kit.messaging.log import EventLog, Message
from shared_kit.testing.plugin import MakeDatabase, not_run
from shared_kit.testing.processes import Processes, free_port
from shared_kit.testing.warm import Warm
from tests.support.logs import log_at, running
from tests.support.systems import PACKAGES, System, one_process, three_processes
from wcoplan.folder import LOADED_AT

ROOT = Path(__file__).parents[1]

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


class StartGateway(Protocol):
    """See the fixture `start_gateway`."""

    def __call__(
        self, backends: Mapping[str, str], *, change: Callable[[str], str] = str
    ) -> str: ...


@pytest.fixture(scope="session")
def generator() -> ModuleType:
    """The program deploy/gateway/generate.py."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "deploy/gateway/generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def nginx() -> str:
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        not_run("there is no nginx")
    return found


@pytest.fixture
def start_gateway(generator: ModuleType, nginx: str, tmp_path: Path) -> Iterator[StartGateway]:
    """`start_gateway({"plan-api": "127.0.0.1:8000", ...})` -> its URL.

    `change` makes another configuration of the generated one: how a negative control is run.
    """
    processes = Processes(folder=tmp_path)
    started = []

    def start(backends: Mapping[str, str], *, change: Callable[[str], str] = str) -> str:
        port, probe = free_port(), free_port()
        path = tmp_path / "nginx.conf"
        text: str = generator.render(
            backends=backends,
            listen=f"127.0.0.1:{port}",
            probe_listen=f"127.0.0.1:{probe}",
            scratch=str(tmp_path),
            access_log=str(tmp_path / "access.log"),
        )
        path.write_text(change(text), "utf-8")
        # The folder is this user's alone, and workers of root would become somebody else.
        user = " user root;" if os.geteuid() == 0 else ""
        process = processes.start_command(
            [nginx, "-e", "stderr", "-c", str(path), "-g", f"daemon off;{user}"],
            environment={},
            name="gateway",
        )
        started.append(process)
        process.wait_ready(f"http://127.0.0.1:{probe}/livez")
        return f"http://127.0.0.1:{port}"

    yield start
    # In order: the workers of a master that is killed live on.
    for process in started:
        process.terminate()
