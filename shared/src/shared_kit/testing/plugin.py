"""The pytest plugin of the test kit: fixtures for servers, and the list of what did not run.

Tests name what they need by fixture. A server is started by the first test that needs it, once
for all workers. A test whose server cannot be had here is skipped, listed as NOT RUN before
pytest's last line, and fails the run where CI=true. A test that is skipped because it speaks of
another kind of machine or user is listed as well, and fails nothing.
"""

import os
import secrets
import shutil
import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, Protocol

import pytest
import structlog

from shared_kit.testing.databases import Databases, Migrate
from shared_kit.testing.kafka import KafkaAbsentError, KafkaNode
from shared_kit.testing.processes import Processes
from shared_kit.testing.run import SharedRun
from shared_kit.testing.warm import Warm

NOT_RUN = "NOT RUN"
_RUN = pytest.StashKey[SharedRun]()
_RUN_INPUT = "wcoplan_test_run"
_MARKED_BY_FIXTURE = {
    "kafka": "kafka",
    "own_kafka": "kafka",
    "chromium": "browser",
    "postgres_server": "postgres",
    "own_postgres": "postgres",
}
_LONGEST_FIRST = ("faults", "browser", "slow")


class MakeDatabase(Protocol):
    """See the fixture `database`."""

    def __call__(self, name_hint: str = "test", *, migrate: Migrate | None = None) -> str: ...


StartPostgres = Callable[[Path], tuple[str, int]]


def not_run(reason: str) -> NoReturn:
    """Skip the test because what it needs cannot be had here; it will be listed as NOT RUN."""
    pytest.skip(f"{NOT_RUN}: {reason}")


def pytest_configure(config: pytest.Config) -> None:
    worker_input = getattr(config, "workerinput", None)
    if worker_input is None:
        run = SharedRun.begin()
    else:
        run = SharedRun(folder=Path(worker_input[_RUN_INPUT]))
    config.stash[_RUN] = run
    # structlog's own default prints every local variable in colours: seconds for one error.
    structlog.configure(
        processors=[
            *structlog.get_config()["processors"][:-1],
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ]
    )
    # Where PostgreSQL keeps its clusters when root runs the tests; the system's stay untouched.
    os.environ.setdefault("WCOPLAN_HOME", str(run.folder / "home"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput[_RUN_INPUT] = str(node.config.stash[_RUN].folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or _RUN not in config.stash:
        return
    run = config.stash[_RUN]
    outside = os.environ.get("WCOPLAN_TEST_DATABASE_URL")
    if outside:
        Databases(server_url=outside, run=run).drop_run()
    run.end()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None, None, None]:
    # Before -m chooses: whoever uses a server or a browser is marked so, says it so or not.
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in _MARKED_BY_FIXTURE:
                item.add_marker(_MARKED_BY_FIXTURE[fixture])
        if item.get_closest_marker("browser") is not None:
            # One worker has the browser; two would only compete for the same processors.
            item.add_marker(pytest.mark.xdist_group("browser"))
    yield
    if hasattr(config, "workerinput"):
        # After the shuffle: a long test that comes last keeps one worker busy and the other idle.
        items.sort(key=_by_length)


def _by_length(item: pytest.Item) -> int:
    return next(
        (
            place
            for place, mark in enumerate(_LONGEST_FIRST)
            if item.get_closest_marker(mark) is not None
        ),
        len(_LONGEST_FIRST),
    )


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _fails_the_run(_tests_not_run(session.config)) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Iterator[None]:
    # Outermost, so that these lines stand right above pytest's own last line.
    yield
    missed = _tests_not_run(config)
    for one in missed:
        terminalreporter.write_line(f"{NOT_RUN}: {one.test}: {one.reason}", yellow=True)
    if _fails_the_run(missed):
        terminalreporter.write_line(
            "With CI=true a test whose needs cannot be had fails the run.", red=True
        )


class _Missed(NamedTuple):
    test: str
    reason: str
    lacks: bool  # something that a test needs, rather than being meant for elsewhere


def _fails_the_run(missed: Sequence[_Missed]) -> bool:
    return os.environ.get("CI", "").lower() == "true" and any(one.lacks for one in missed)


def _tests_not_run(config: pytest.Config) -> list[_Missed]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(config, "workerinput"):
        return []
    found = []
    for report in reporter.stats.get("skipped", []):
        if not isinstance(report.longrepr, tuple):
            continue  # an expected failure has run
        reason = report.longrepr[2].removeprefix("Skipped: ")
        lacks = reason.startswith(f"{NOT_RUN}: ")
        # xdist adds the group; as an address of a test it would lead nowhere.
        test = report.nodeid.partition("@")[0]
        found.append(_Missed(test, reason.removeprefix(f"{NOT_RUN}: "), lacks))
    return sorted(found)


@pytest.fixture(scope="session")
def shared_run(request: pytest.FixtureRequest) -> SharedRun:
    """The run that all workers share: `once(name, make)` makes a thing a single time."""
    return request.config.stash[_RUN]


@pytest.fixture(scope="session")
def postgres_server(shared_run: SharedRun, start_postgres: StartPostgres) -> str:
    """SQLAlchemy URL (asyncpg) of the maintenance database of the run's PostgreSQL server.

    WCOPLAN_TEST_DATABASE_URL names another server; its user must be allowed to make databases.
    Tests want `database`; this is for those that look at the server itself.
    """
    outside = os.environ.get("WCOPLAN_TEST_DATABASE_URL")
    if outside:
        return outside

    def make() -> str:
        url, pid = start_postgres(shared_run.folder / "pg")
        shared_run.stop_at_end(name="postgres", pid=pid, how=signal.SIGINT)
        return url

    return shared_run.once("postgres", make)


@pytest.fixture
def database(postgres_server: str, shared_run: SharedRun) -> Iterator[MakeDatabase]:
    """A factory: `database("plan-api", migrate=upgrade)` -> URL of a fresh database.

    Called without await, in async tests too. `migrate(url)`, async or not, runs once a run for
    a hint; after that a database is a copy (some 50 ms). Without it the database is empty. All
    are dropped after the test.
    """
    databases = Databases(server_url=postgres_server, run=shared_run)
    yield databases.create
    databases.drop_all()


@pytest.fixture(scope="session")
def kafka(shared_run: SharedRun) -> str:
    """Bootstrap address of the run's Apache Kafka, shared by all tests: use `topic_prefix`.

    WCOPLAN_TEST_KAFKA names one that runs. A fixture that offers both logs asks for it only in
    its Kafka half, `pytest.param("kafka", marks=pytest.mark.kafka)` and
    `request.getfixturevalue("kafka")`. Give consumers `session_timeout_ms=1500`.
    """
    outside = os.environ.get("WCOPLAN_TEST_KAFKA")
    if outside:
        return outside

    def make() -> str:
        node = KafkaNode(data=shared_run.folder / "kafka")
        try:
            node.start()
        except KafkaAbsentError as absent:
            return f"{NOT_RUN}: {absent}"
        shared_run.stop_at_end(name="kafka", pid=node.leave_running())
        return node.bootstrap

    # Absence, too, is found out once: Maven may have waited long for a network.
    made = shared_run.once("kafka", make)
    if made.startswith(NOT_RUN):
        not_run(made.removeprefix(f"{NOT_RUN}: "))
    return made


@pytest.fixture
def topic_prefix() -> str:
    """A prefix of topics (and groups) that no other test has."""
    return f"test-{secrets.token_hex(6)}."


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[Callable[[], KafkaNode]]:
    """A factory of nodes of one's own, started: for tests that kill, freeze or restart Kafka."""
    nodes: list[KafkaNode] = []

    def start() -> KafkaNode:
        node = KafkaNode(data=tmp_path / f"kafka-{len(nodes)}")
        try:
            node.start()
        except KafkaAbsentError as absent:
            not_run(str(absent))
        nodes.append(node)
        return node

    yield start
    for node in nodes:
        node.kill()


@pytest.fixture(scope="session")
def warm_modules() -> tuple[str, ...]:
    """What warm processes have imported; a conftest names its services."""
    return ()


@pytest.fixture(scope="session")
def warm(warm_modules: tuple[str, ...]) -> Iterator[Warm]:
    """Starts processes without the seconds of importing; one launcher a worker."""
    launcher = Warm(modules=warm_modules)
    yield launcher
    launcher.close()


@pytest.fixture
def processes(tmp_path: Path, warm: Warm) -> Iterator[Processes]:
    """Service processes of this test: `processes.start("plan_api", "serve", environment={...})`."""
    running = Processes(folder=tmp_path, warm=warm)
    yield running
    running.kill_all()


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Path of a Chromium for Playwright's `executable_path`; as root give it --no-sandbox."""
    named = os.environ.get("WCOPLAN_CHROMIUM")
    for name in (named, "chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name) if name else None
        if found:
            return Path(found)
    not_run("there is no Chromium")
