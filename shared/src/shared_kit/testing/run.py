"""What all workers of one test run share: a folder, things made once, processes stopped at the end.

The pytest process that the user started owns the run. Whichever worker first needs a server
starts it, under a file lock; the owner stops it by its process id when the run is over, and the
next run stops what a killed owner left behind.
"""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Self

import psutil

_PATIENCE_SECONDS = 30.0


class SharedRun:
    """One test run, seen by its owner and by its workers alike."""

    def __init__(self, *, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def begin(cls) -> Self:
        """Own a new run, after clearing away those whose owner is gone."""
        # Short, since sockets go there, and open to passers-by: PostgreSQL does not run as root.
        base = Path(tempfile.gettempdir()) / f"wcoplan-tests-{os.geteuid()}"
        base.mkdir(mode=0o711, exist_ok=True)
        if base.is_symlink() or base.stat().st_uid != os.geteuid():
            raise PermissionError(f"{base} belongs to another user")
        for old in base.glob("run-*"):
            if not _is_alive(old / "owner.json"):
                cls(folder=old).end()
        # Named a run only when its owner is noted: another run that begins now would clear it.
        made = Path(tempfile.mkdtemp(prefix="new-", dir=base))
        made.chmod(0o711)
        _write(made / "owner.json", _identity(os.getpid()))
        return cls(folder=made.rename(made.with_name(made.name.replace("new-", "run-", 1))))

    @property
    def name(self) -> str:
        """A few letters that no other run of this machine has now."""
        return self.folder.name.removeprefix("run-").lower()

    def once(self, name: str, make: Callable[[], str]) -> str:
        """What `make` returned to the first caller of this run."""
        result = self.folder / f"{name}.once"
        with self._locked(name):
            if not result.exists():
                made = make()
                result.write_text(made, encoding="utf-8")
        return result.read_text(encoding="utf-8")

    def stop_at_end(self, *, name: str, pid: int, how: signal.Signals = signal.SIGTERM) -> None:
        """Have the owner stop this process when the run is over."""
        _write(self.folder / f"{name}.process", {**_identity(pid), "signal": int(how)})

    def end(self) -> None:
        """Stop the processes of this run and remove its folder. The owner calls it."""
        for note in self.folder.glob("*.process"):
            _stop(json.loads(note.read_text(encoding="utf-8")))
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _identity(pid: int) -> dict[str, float]:
    # Numbers are given again; number and time of birth together are not.
    return {"pid": pid, "created": psutil.Process(pid).create_time()}


def _find(identity: Mapping[str, float]) -> psutil.Process | None:
    try:
        process = psutil.Process(int(identity["pid"]))
        same = process.create_time() == identity["created"]
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


def _is_alive(note: Path) -> bool:
    try:
        return _find(json.loads(note.read_text(encoding="utf-8"))) is not None
    except (FileNotFoundError, ValueError):
        return False


def _stop(identity: Mapping[str, float]) -> None:
    process = _find(identity)
    if process is None:
        return
    try:
        process.send_signal(int(identity["signal"]))
        process.wait(timeout=_PATIENCE_SECONDS)
    except psutil.TimeoutExpired:
        process.kill()
    except psutil.NoSuchProcess:
        return


def _write(path: Path, content: Mapping[str, float]) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")
