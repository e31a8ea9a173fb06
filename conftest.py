"""What every test of the workspace has: the test kit, on the PostgreSQL that the product runs."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from wcoplan.postgres import EmbeddedPostgres

pytest_plugins = ["shared_kit.testing.plugin"]


@pytest.fixture(scope="session")
def start_postgres() -> Callable[[Path], tuple[str, int]]:
    """How the test kit starts the run's server: URL and process id of one that is left running."""

    def start(home: Path) -> tuple[str, int]:
        # Tests kill processes, never the machine, so nothing is lost by not syncing; what is
        # promised about syncing is tested on servers of one's own.
        server = EmbeddedPostgres(home=home, settings={"fsync": "off", "max_connections": "400"})
        server.start()
        url, pid = server.url("postgres"), server.pid
        server.let_go()
        return url, pid

    return start


@pytest.fixture(scope="session")
def warm_modules() -> tuple[str, ...]:
    """The commands whose processes tests start again and again."""
    services = ("plan_api.main", "kpi_engine.main", "notifier.main")
    return (*services, "wcoplan.main", "wcoplan.serving")


@pytest.fixture
def own_postgres(tmp_path: Path) -> Iterator[Callable[[], EmbeddedPostgres]]:
    """A factory of servers of one's own, started: for tests that kill or freeze PostgreSQL."""
    servers: list[EmbeddedPostgres] = []

    def start() -> EmbeddedPostgres:
        server = EmbeddedPostgres(home=tmp_path / f"pg-{len(servers)}")
        server.start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.stop()
