"""Which PostgreSQL serves a cluster: what its pid file says, whether it lives, where it answers."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from wcoplan.postgres_home import PORT, prepare

SUPERUSER = "postgres"


@dataclass(frozen=True, slots=True, kw_only=True)
class PidFile:
    """What a server says about itself in its data folder."""

    pid: int
    socket_folder: Path
    ready: bool


def read_pid_file(data: Path) -> PidFile | None:
    """What the server of these data has written about itself."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        return PidFile(
            pid=int(lines[0]),
            socket_folder=Path(lines[4]),
            ready=len(lines) > 7 and lines[7].strip() == "ready",
        )
    except (FileNotFoundError, IndexError, ValueError):
        # Absent, or just being written.
        return None


def has_socket(running: PidFile) -> bool:
    """Whether a server that says it is ready can be reached."""
    # A folder under /tmp or XDG_RUNTIME_DIR may have been cleaned away under a living server.
    return not running.ready or (running.socket_folder / f".s.PGSQL.{PORT}").exists()


def serves(pid: int, data: Path) -> bool:
    """Whether the process is the server of these data: a server's folder is its data folder."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == data
    except OSError:
        # Gone, ended and not yet waited for, or another user's.
        return False


def serving(home: Path) -> Path | None:
    """The socket folder of the server that runs for a home, if one is ready."""
    data = prepare(home=home.resolve()).data
    running = read_pid_file(data)
    if running is None or not running.ready or not serves(running.pid, data):
        return None
    return running.socket_folder


def url_in(socket_folder: Path, database: str) -> str:
    """The SQLAlchemy URL (asyncpg) of a database of the server with this socket folder."""
    folder = quote(str(socket_folder), safe="")
    return f"postgresql+asyncpg://{SUPERUSER}@/{quote(database, safe='')}?host={folder}"
