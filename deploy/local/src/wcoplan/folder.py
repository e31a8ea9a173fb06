"""What a home folder holds: a clock or none, the year or the small demonstration, and how far.

The file `clock` is the business clock; without it the machine's time is. The file `year` says that
the year is told here, and up to which day. While time passes in the demonstration, `clock.reached`
says what it will not have passed: after a kill it goes on from there, never back. The file `own`
says that the clock was set for somebody's own plan.
"""

import asyncio
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from shared_kit.clock import FileClock
from wcoplan.demo.playing import OPENED_AT, morning_of

SHOWN_ON = date(2020, 2, 3)
# The small demonstration is loaded on a Sunday: no business day, so nothing is judged half loaded.
LOADED_AT = datetime(2020, 2, 2, 20, 0, tzinfo=ZoneInfo("Europe/Brussels"))
SHOWN_AT = morning_of(SHOWN_ON)

ADDRESS = "address"
"""The file that says where the system on this folder answers, or did last."""

_OWN = "own"
_KEPT_EVERY_SECONDS = 5.0
_AHEAD = timedelta(seconds=10)


class WrongFolderError(RuntimeError):
    """The folder cannot be brought to that day."""


class YearMark:
    """The file `year`: here the year is told; up to which day it is to be, up to which it was."""

    def __init__(self, home: Path) -> None:
        self._path = home / "year"

    def exists(self) -> bool:
        return self._path.exists()

    def until(self) -> date | None:
        """The day to which it is to be told; None where an earlier version has not said."""
        return self._read()[0]

    def told(self) -> date | None:
        """The last day whose diary was told as a whole."""
        return self._read()[1]

    def set(self, *, until: date | None = None, told: date | None = None) -> None:
        """Change one or both."""
        before = self._read()
        fresh = self._path.with_suffix(".new")
        lines = [str(until or before[0] or ""), str(told or before[1] or "")]
        fresh.write_text("\n".join(lines), "utf-8")
        fresh.replace(self._path)

    def _read(self) -> tuple[date | None, date | None]:
        said = self._path.read_text("utf-8").split("\n") if self.exists() else []
        days = [date.fromisoformat(one) if one else None for one in [*said, "", ""]]
        return days[0], days[1]


def set_out(home: Path, *, demo: bool = True, small: bool = False, at: date | None = None) -> None:
    """Make a new folder ready for the demonstration; one that is there goes on with what it holds.

    Raises:
        WrongFolderError: it holds something else than the year, or a later day of it.
    """
    clock, mark = FileClock(home / "clock"), YearMark(home)
    begun = clock.path.exists() or any(home.iterdir())
    if clock.path.exists():
        _go_on(clock)
    if not demo:
        _stand(clock, at=at, begun=begun)
        return
    if small:
        if not begun:
            clock.stand_at(LOADED_AT)
        return
    if begun and not mark.exists():
        if at is None:
            return
        raise WrongFolderError(
            f"{home} holds something else than the year; choose another folder: --home"
        )
    if not begun:
        # The clock first: a folder with the mark has one.
        clock.stand_at(OPENED_AT)
        mark.set(until=at or SHOWN_ON)
        return
    if at is None:
        return
    if clock.now() >= morning_of(at + timedelta(days=1)):
        raise WrongFolderError(
            f"it is later than {at} in {home} and time goes forward only; choose another: --home"
        )
    mark.set(until=at)


def _stand(clock: FileClock, *, at: date | None, begun: bool) -> None:
    """Let an own plan begin on another day than today's: a cycle that is over can be tried so."""
    if at is None or clock.path.exists():
        return
    if begun:
        raise WrongFolderError(
            f"{clock.path.parent} runs by the machine's time; choose another folder: --home"
        )
    # The mark first: a folder with such a clock must never get the demonstration.
    (clock.path.parent / _OWN).touch()
    clock.stand_at(morning_of(at))


def is_own(home: Path) -> bool:
    """Whether somebody's own plan lies there, with a clock that was set for it."""
    return (home / _OWN).exists()


def _go_on(clock: FileClock) -> None:
    """Let a clock that was ticking when its process ended stand at a time that it had not passed.

    Only what is started sets it: between two starts no time passes in the demonstration.
    """
    if not clock.ticks:
        return
    reached = clock.path.with_suffix(".reached")
    latest = clock.set_to + _AHEAD
    if reached.exists():
        latest = max(latest, datetime.fromisoformat(reached.read_text("utf-8")))
    clock.stand_at(latest)


async def keep(clock: FileClock) -> None:
    """Say now and then, a little ahead, where a ticking clock is. Runs until it is cancelled."""
    reached = clock.path.with_suffix(".reached")
    while True:
        if clock.ticks:
            fresh = reached.with_suffix(".reached.new")
            fresh.write_text((clock.now() + _AHEAD).isoformat(), "utf-8")
            fresh.replace(reached)
        await asyncio.sleep(_KEPT_EVERY_SECONDS)
