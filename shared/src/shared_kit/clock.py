"""The two clocks of every service, injected: business time and system time.

Business time judges, fixes periods and deadlines, and stamps recorded time; it can be set in
embedded mode and in tests. System time runs retries and leases and is always the machine's.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

_TICKS = " ticking since "


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
    """A clock that several processes share: an instant in a file, standing still or ticking.

    Ticking, the file says beside the instant what the machine's steady clock said then, and every
    reader counts on. The file is read again when it was replaced or rewritten, so moving
    it moves every reader.
    """

    path: Path
    _seen: tuple[int, int] | None = field(default=None, init=False)
    _at: datetime = field(default=datetime.fromtimestamp(0, tz=UTC), init=False)
    _since: float | None = field(default=None, init=False)

    def now(self) -> datetime:
        self._look()
        if self._since is None:
            return self._at
        # Setting the machine's clock is not seen; after another start the count means nothing.
        return self._at + timedelta(seconds=max(0.0, time.monotonic() - self._since))

    @property
    def ticks(self) -> bool:
        """Whether it goes on by itself."""
        self._look()
        return self._since is not None

    @property
    def set_to(self) -> datetime:
        """Where it was set, whatever has passed since."""
        self._look()
        return self._at

    def move_to(self, instant: datetime) -> None:
        """Set the time; ticking, it ticks on from there."""
        self._write(instant, ticks=self.path.exists() and self.ticks)

    def tick_from(self, instant: datetime) -> None:
        """Set the time, and let it pass from there."""
        self._write(instant, ticks=True)

    def stand_at(self, instant: datetime) -> None:
        """Set the time, and let it stand."""
        self._write(instant, ticks=False)

    def _look(self) -> None:
        stat = self.path.stat()
        if self._seen != (stat.st_mtime_ns, stat.st_ino):
            at, _, since = self.path.read_text("utf-8").strip().partition(_TICKS)
            self._at = _utc(datetime.fromisoformat(at))
            self._since = float(since) if since else None
            self._seen = (stat.st_mtime_ns, stat.st_ino)

    def _write(self, instant: datetime, *, ticks: bool) -> None:
        """Replace the file in one step, so that no reader sees half an instant."""
        said = _utc(instant).isoformat() + (f"{_TICKS}{time.monotonic()}" if ticks else "")
        fresh = self.path.with_suffix(".new")
        fresh.write_text(said, "utf-8")
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
