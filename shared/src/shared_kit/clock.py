"""The two clocks of every service, injected: business time and system time.

Business time judges, fixes periods and deadlines, and stamps recorded time; it can be set in
embedded mode and in tests. System time runs retries and leases and is always the machine's.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Says what time it is, as an aware datetime in UTC."""

    def now(self) -> datetime: ...


class InvalidClockError(ValueError):
    """A clock setting that is neither "system", "file:<path>" nor an instant with an offset."""


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(tz=UTC)


@dataclass(slots=True)
class ManualClock:
    """A clock that stands still until it is moved."""

    at: datetime

    def __post_init__(self) -> None:
        self.at = _utc(self.at)

    def now(self) -> datetime:
        return self.at

    def move_to(self, instant: datetime) -> None:
        """Set the time. Settle first: what is under way is judged by the time of its judging."""
        self.at = _utc(instant)


@dataclass(slots=True)
class FileClock:
    """A clock that several processes share: the instant stands in a file.

    The file is read again when it was replaced or rewritten, so moving it moves every reader.
    """

    path: Path
    _seen: tuple[int, int] | None = field(default=None, init=False)
    _at: datetime = field(default=datetime.fromtimestamp(0, tz=UTC), init=False)

    def now(self) -> datetime:
        stat = self.path.stat()
        if self._seen != (stat.st_mtime_ns, stat.st_ino):
            self._at = _utc(datetime.fromisoformat(self.path.read_text("utf-8").strip()))
            self._seen = (stat.st_mtime_ns, stat.st_ino)
        return self._at

    def move_to(self, instant: datetime) -> None:
        """Replace the file in one step, so that no reader sees half an instant."""
        fresh = self.path.with_suffix(".new")
        fresh.write_text(_utc(instant).isoformat(), "utf-8")
        fresh.replace(self.path)


def clock_from(setting: str) -> Clock:
    """Read a clock setting: "system", "file:<path>" or an instant that then stands still.

    Raises:
        InvalidClockError: it is none of these, or the instant has no offset.
    """
    if setting == "system":
        return SystemClock()
    if setting.startswith("file:"):
        return FileClock(Path(setting.removeprefix("file:")))
    try:
        return ManualClock(datetime.fromisoformat(setting))
    except ValueError as error:
        raise InvalidClockError(f"no clock: {setting!r}") from error


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise InvalidClockError("an instant needs an offset")
    return instant.astimezone(UTC)
