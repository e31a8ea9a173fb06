"""The gateway as a process: nginx with the generated configuration, on loopback."""

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Protocol

import pytest

from shared_kit.testing.plugin import not_run
from shared_kit.testing.processes import Processes, free_port
from tests.containers.image import ROOT


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
