"""A supervisor of the PostgreSQL that comes in a wheel: nothing to install, one server a home.

It listens on a Unix socket only, in a folder that its user alone may enter, and syncs every
commit to disk. One process owns a home at a time. A server whose owner was killed is adopted by
the next owner, with all that it had acknowledged. Everything here blocks, within deadlines.
"""

import fcntl
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import timedelta
from io import FileIO
from pathlib import Path
from typing import Self

from wcoplan.postgres_home import PORT, Place, UnsuitablePlaceError, prepare
from wcoplan.postgres_pid import SUPERUSER, has_socket, read_pid_file, serves, url_in

_DATABASE_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,62}")
_LARGEST_LOG = 16 * 1024 * 1024


class PostgresError(RuntimeError):
    """The server did not do what it was asked to; the message ends with its last words."""


class HomeInUseError(RuntimeError):
    """Another living process owns this home."""


class EmbeddedPostgres:
    """One PostgreSQL cluster under a home folder, and the right to run it.

    `settings` are given to the server as they are; the defaults are right for keeping data.
    """

    def __init__(
        self,
        *,
        home: Path,
        settings: Mapping[str, str] | None = None,
        patience: timedelta = timedelta(seconds=60),
    ) -> None:
        self._home = home
        self._settings = dict(settings or {})
        self._patience = patience
        self._lock: FileIO | None = None
        self._place: Place | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._log_read = 0
        self._socket_folder: Path | None = None
        self._pid: int | None = None

    @property
    def pid(self) -> int:
        """The process id of the server that was started or adopted."""
        if self._pid is None:
            raise PostgresError("the embedded PostgreSQL is not started")
        return self._pid

    @property
    def socket_folder(self) -> Path:
        if self._socket_folder is None:
            raise PostgresError("the embedded PostgreSQL is not started")
        return self._socket_folder

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Own the home and have its server running: started, or adopted if one was left over.

        Safe to repeat: an owner whose server died gets it back. Raises HomeInUseError if another
        living process is the owner.
        """
        with ExitStack() as undo:
            if self._lock is None:
                self._lock = _own(self._home)
                undo.callback(self.let_go)
            if self._place is None:
                self._place = prepare(home=self._home.resolve())
            self._initialize(self._place)
            self._run(self._place, deadline=time.monotonic() + self._patience.total_seconds())
            undo.pop_all()

    def stop(self) -> None:
        """Stop the server cleanly and give up the home. Safe to repeat."""
        try:
            if self._place is not None:
                running = read_pid_file(self._place.data)
                if running is not None and serves(running.pid, self._place.data):
                    self._stop_server(running.pid, self._place)
                self._place.forget_socket_folder()
        finally:
            self.let_go()

    def let_go(self) -> None:
        """Give up the home and leave the server running, for the next owner to adopt."""
        if self._lock is not None:
            self._lock.close()
        if self._child is not None and self._child.poll() is None:
            # It goes on by itself: without this, Python would warn that it was forgotten.
            self._child.returncode = 0
        self._lock = self._child = self._socket_folder = self._pid = self._place = None

    def is_running(self) -> bool:
        """Whether the server's process is alive."""
        if self._place is None or self._pid is None:
            return False
        if self._child is not None:
            self._child.poll()
        return serves(self._pid, self._place.data)

    def url(self, database: str) -> str:
        """The SQLAlchemy URL (asyncpg) of a database on this server."""
        return url_in(self.socket_folder, database)

    def ensure_database(self, name: str) -> None:
        """Make a database unless it is there."""
        if _DATABASE_NAME.fullmatch(name) is None:
            raise ValueError(f"not a name for a database: {name!r}")
        statement = (
            "SELECT format('CREATE DATABASE %I', :'name') "
            "WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \\gexec\n"
        )
        self._psql(statement, f"--variable=name={name}")

    def _psql(self, statement: str, *options: str) -> str:
        if self._place is None:
            raise PostgresError("the embedded PostgreSQL is not started")
        done = subprocess.run(  # noqa: S603 - our own binary, fixed options
            [
                self._place.binaries / "psql",
                *("--no-psqlrc", "--no-align", "--tuples-only", "--quiet", "--no-password"),
                *("--set=ON_ERROR_STOP=1", f"--host={self.socket_folder}", f"--port={PORT}"),
                *(f"--username={SUPERUSER}", "--dbname=postgres", *options),
            ],
            input=statement,
            env=_environment(),
            capture_output=True,
            text=True,
            timeout=self._patience.total_seconds(),
            check=False,
        )
        if done.returncode != 0:
            raise PostgresError(done.stderr.strip())
        return done.stdout.strip()

    def _initialize(self, place: Place) -> None:
        version = place.data / "PG_VERSION"
        if version.exists():
            self._refuse_other_version(place, version.read_text(encoding="utf-8").strip())
            return
        # Renamed when complete: an initdb that was killed leaves nothing that looks like data.
        unfinished = place.cluster / "data.new"
        if unfinished.exists():
            shutil.rmtree(unfinished)
        place.private_folder(unfinished)
        done = subprocess.run(  # noqa: S603
            [
                place.binaries / "initdb",
                *("--pgdata", unfinished, f"--username={SUPERUSER}", "--auth-local=trust"),
                *("--auth-host=reject", "--encoding=UTF8", "--locale=C", "--no-instructions"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            ],
            cwd=unfinished,
            env=_environment(),
            user=place.user,
            group=place.user,
            extra_groups=None if place.user is None else [],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=self._patience.total_seconds(),
            check=False,
        )
        if done.returncode != 0:
            raise PostgresError(f"initdb failed: {done.stderr.strip()}")
        unfinished.rename(place.data)

    def _refuse_other_version(self, place: Place, version: str) -> None:
        done = subprocess.run(  # noqa: S603
            [place.binaries / "postgres", "--version"],
            env=_environment(),
            capture_output=True,
            text=True,
            timeout=self._patience.total_seconds(),
            check=True,
        )
        installed = done.stdout.split()[-1]
        if installed.split(".")[0] != version:
            message = f"{place.data} was made by PostgreSQL {version}, installed is {installed}"
            raise UnsuitablePlaceError(message)

    def _run(self, place: Place, *, deadline: float) -> None:
        while True:
            if self._child is not None:
                # Waits for a child that died; as a zombie it would still count as alive.
                self._child.poll()
            running = read_pid_file(place.data)
            if running is not None and not serves(running.pid, place.data):
                # Left by a crash. PostgreSQL itself would be fooled when the system has since
                # given the number to another process of the same user.
                if _is_alive(running.pid):
                    (place.data / "postmaster.pid").unlink(missing_ok=True)
                running = None
            if running is not None and not has_socket(running):
                self._stop_server(running.pid, place)
                running = None
            if running is None:
                self._forget_child()
                self._spawn(place)
            if self._becomes_ready(place, deadline):
                return
            self._explain_failure(place, deadline)

    def _spawn(self, place: Place) -> None:
        folder = place.socket_folder()
        # Nobody serves this cluster, so what lies in its socket folder is of a dead server.
        for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
            (folder / name).unlink(missing_ok=True)
        settings = {
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": f'"{folder}"',
            "unix_socket_permissions": "0700",
            "fsync": "on",
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **self._settings,
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        if place.log.exists() and place.log.stat().st_size > _LARGEST_LOG:
            place.log.replace(place.log.with_suffix(".log.1"))
        with place.log.open("ab") as log:
            self._log_read = log.tell()
            self._child = subprocess.Popen(  # noqa: S603
                [place.binaries / "postgres", "-D", place.data, *options],
                cwd=place.data,
                env=_environment(),
                user=place.user,
                group=place.user,
                extra_groups=None if place.user is None else [],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C in a terminal is for the owner, which then stops the server in order.
                start_new_session=True,
            )

    def _becomes_ready(self, place: Place, deadline: float) -> bool:
        """Wait for the server; False when it ended or the deadline passed."""
        grace = time.monotonic() + 1.0
        while time.monotonic() < deadline:
            running = read_pid_file(place.data)
            alive = running is not None and serves(running.pid, place.data)
            if running is not None and alive and running.ready:
                self._pid, self._socket_folder = running.pid, running.socket_folder
                return True
            if self._child is not None and self._child.poll() is not None:
                return False
            # An adopted server that was about to end is no child whose end could be polled.
            if self._child is None and not alive and time.monotonic() > grace:
                return False
            time.sleep(0.01)
        return False

    def _explain_failure(self, place: Place, deadline: float) -> None:
        """Raise what went wrong, or return if trying again makes sense."""
        last_words = _log_since(place.log, self._log_read)
        child, self._child = self._child, None
        if time.monotonic() < deadline:
            if child is None:
                return
            # The server was killed and its children have not all noticed: they soon do.
            if "shared memory block" in last_words and "still in use" in last_words:
                time.sleep(0.2)
                return
        if child is not None and child.poll() is None:
            child.kill()
            child.wait(timeout=10)
        raise PostgresError(f"PostgreSQL did not start; {place.log} ends with:\n{last_words}")

    def _stop_server(self, pid: int, place: Place) -> None:
        # Fast (roll back, write all, end), then immediate (end; the next start recovers).
        for how, limit in ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0)):
            if serves(pid, place.data):
                os.kill(pid, how)
            if _wait(lambda: self._has_ended(pid, place), limit):
                self._forget_child()
                return
        raise PostgresError(f"PostgreSQL (process {pid}) does not end")

    def _has_ended(self, pid: int, place: Place) -> bool:
        if self._child is not None:
            self._child.poll()
        return not serves(pid, place.data)

    def _forget_child(self) -> None:
        """Wait for a child that serves no longer: it may be ending still, or not yet waited for."""
        child, self._child = self._child, None
        if child is not None:
            child.wait(timeout=10)


def _own(home: Path) -> FileIO:
    home.mkdir(parents=True, exist_ok=True)
    if home.stat().st_uid == os.geteuid():
        home.chmod(0o700)
    lock = FileIO(os.open(home / "owner.lock", os.O_RDWR | os.O_CREAT, 0o600), "r+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = lock.read().decode(errors="replace").strip()
        lock.close()
        raise HomeInUseError(f"{home} is in use by process {owner or 'unknown'}") from None
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n".encode())
    return lock


def _environment() -> dict[str, str]:
    # PGHOST, PGDATA or PGOPTIONS of the caller speak of another server.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _log_since(log: Path, position: int) -> str:
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(position)
        return file.read(8192).decode(errors="replace").strip()
