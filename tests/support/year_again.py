"""The demonstration's year as its user tells it, while its processes are killed."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from shared_kit.clock import FileClock
from shared_kit.testing.processes import ServiceProcess, free_port
from shared_kit.testing.warm import Warm
from wcoplan.demo.playing import OPENED_AT, ZONE, weekdays
from wcoplan.demo_commands import LAST_DAY
from wcoplan.folder import YearMark
from wcoplan.postgres_home import prepare
from wcoplan.postgres_pid import read_pid_file

READY = timedelta(seconds=400)
_BEGUN = 120.0
_A_DAY = 300.0


def _nothing() -> None:
    """Look at nothing."""


@dataclass(frozen=True, kw_only=True)
class Telling:
    """How much is told: by `wcoplan up` to one day, then by `demo play` and `day`; what dies."""

    until: date
    last: date
    kills: int
    while_playing: bool = False
    """One more kill, while `demo play` is under way."""


@dataclass(frozen=True, kw_only=True)
class Disturbed:
    """A year in a folder, told while its processes are killed at moments that a seed chooses."""

    home: Path
    telling: Telling
    seed: int
    warm: Warm
    at_the_end: Callable[[], None] = _nothing
    """Called while all still runs."""

    def with_kills(self) -> None:
        """kill -9 of the whole process; the next start goes on. Its PostgreSQL lives, or not."""
        self.home.mkdir()
        chance = random.Random(self.seed)
        port = free_port()
        for number, day in enumerate(self._days(chance)):
            with self._product(port) as process:
                self._wait_for(process, day)
                time.sleep(chance.uniform(0, 1.5 if day is None else 0.3))
                process.kill()
            if number % 2:
                self._kill_postgres()
        if self.telling.while_playing:
            with self._product(port) as process:
                self._break_play(process, port, after=chance.uniform(3, 8))
        # Time went on with the days that were played.
        with self._product(port, goes_on=self.telling.while_playing) as process:
            self._pass_on(process, port)

    def with_its_postgres_killed(self) -> None:
        """kill -9 of PostgreSQL alone; `wcoplan up` starts it again and goes on by itself."""
        self.home.mkdir()
        chance = random.Random(self.seed)
        port = free_port()
        with self._product(port) as process:
            for day in self._days(chance):
                self._wait_for(process, day)
                time.sleep(chance.uniform(0, 1.5 if day is None else 0.3))
                self._kill_postgres()
            self._pass_on(process, port)

    def _days(self, chance: random.Random) -> list[int | None]:
        """How many days are told when it dies; None: the Implementation Plan is being entered."""
        days = len(list(weekdays(first=OPENED_AT.date(), last=self.telling.until)))
        return [None, *sorted(chance.sample(range(1, days), self.telling.kills - 1))]

    @contextmanager
    def _product(self, port: int, *, goes_on: bool = False) -> Iterator[ServiceProcess]:
        """`wcoplan up` in a process of its own, from the folder as it is."""
        until = () if goes_on else ("--at", self.telling.until.isoformat())
        process = ServiceProcess(
            name="up",
            command=command("up", *until, "--port", str(port), home=self.home),
            environment={},
            log=self.home.with_suffix(".log"),
            warm=self.warm,
        )
        process.start()
        try:
            yield process
        finally:
            if process.is_running():
                process.terminate()

    def _wait_for(self, process: ServiceProcess, day: int | None) -> None:
        """Wait until entering has begun, or until that many days are told."""
        deadline = time.monotonic() + (_BEGUN if day is None else _A_DAY)
        while time.monotonic() < deadline and process.is_running():
            begun = "entering the Implementation Plan" in process.log()
            last = YearMark(self.home).told()
            if begun and day is None:
                return
            passed = [] if last is None else list(weekdays(first=OPENED_AT.date(), last=last))
            if day is not None and len(passed) >= day:
                return
            time.sleep(0.02)
        raise AssertionError(process.log())

    def _kill_postgres(self) -> None:
        running = read_pid_file(prepare(home=self.home.resolve()).data)
        assert running is not None
        os.kill(running.pid, signal.SIGKILL)

    def _break_play(self, process: ServiceProcess, port: int, *, after: float) -> None:
        """What plays says that nobody answers any more, and can be started again."""
        process.wait_ready(f"http://127.0.0.1:{port}/readyz", within=READY)
        told = YearMark(self.home).told()
        with subprocess.Popen(
            command("demo", "play", "--speed", "1", home=self.home),
            stderr=subprocess.PIPE,
            text=True,
        ) as playing:
            deadline = time.monotonic() + _BEGUN
            while YearMark(self.home).told() == told and time.monotonic() < deadline:
                time.sleep(0.02)
            time.sleep(after)
            process.kill()
            # In the middle of a wait it hopes for a minute that the system comes back.
            _, said = playing.communicate(timeout=120)
        assert playing.returncode == 1
        assert "Start it again and repeat" in said or "still under way" in said

    def _pass_on(self, process: ServiceProcess, port: int) -> None:
        """The clock ticks: the rest of the year by `demo play`, what is after it by `day`."""
        process.wait_ready(f"http://127.0.0.1:{port}/readyz", within=READY)
        clock = FileClock(self.home / "clock")
        assert clock.ticks
        played = min(self.telling.last, LAST_DAY)
        said = wcoplan(
            *("demo", "play", "--speed", "50", "--until", played.isoformat()), home=self.home
        )
        assert said.returncode == 0, said.stderr
        assert f"It is {played:%A %d %B %Y, 09:00}" in said.stderr
        while clock.now().astimezone(ZONE).date() < self.telling.last:
            said = wcoplan("day", home=self.home)
            assert said.returncode == 0, said.stderr
        self.at_the_end()


def command(*arguments: str, home: Path) -> list[str]:
    return [sys.executable, "-m", "wcoplan.main", *arguments, "--home", str(home)]


def wcoplan(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """A command on a folder."""
    return subprocess.run(
        command(*arguments, home=home),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
