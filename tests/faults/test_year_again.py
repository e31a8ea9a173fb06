"""The year told twice, once with kill -9 in between, leaves the same behind, fact by fact.

The reduced one plays the first days; `make faults` plays on to February.
"""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from shared_kit.clock import FileClock
from shared_kit.testing.processes import ServiceProcess, free_port
from shared_kit.testing.warm import Warm
from tests.support import year_history
from wcoplan.demo.playing import OPENED_AT, morning_of, play, weekdays
from wcoplan.embedded import databases, running
from wcoplan.folder import YearMark, set_out

pytestmark = [pytest.mark.faults, pytest.mark.slow]

KILLS = 2


async def told(home: Path, until: date) -> year_history.History:
    """Told in this process, without a disturbance."""
    home.mkdir()
    set_out(home, at=until)
    with databases(home=home, database_url="") as kept:
        async with running(home=home, urls=kept.urls, base_url="http://127.0.0.1") as system:
            await play(
                client=system.client,
                clock=FileClock(home / "clock"),
                settle=system.settle,
                until=morning_of(until),
            )
        return await year_history.of_databases(kept.urls)


@contextmanager
def product(home: Path, port: int, until: date, warm: Warm) -> Iterator[ServiceProcess]:
    """`wcoplan up` in a process of its own, from the folder as it is."""
    process = ServiceProcess(
        name="up",
        command=[
            *(sys.executable, "-m", "wcoplan.main", "up", "--at", until.isoformat()),
            *("--port", str(port), "--home", str(home)),
        ],
        environment={},
        log=home.with_suffix(".log"),
        warm=warm,
    )
    process.start()
    try:
        yield process
    finally:
        if process.is_running():
            process.terminate()


def told_with_kills(home: Path, *, until: date, last: date, seed: int, warm: Warm) -> None:
    """Told by the product, killed at random points; then on by `demo play`, the clock ticking."""
    home.mkdir()
    chance, port = random.Random(seed), free_port()
    days = len(list(weekdays(first=OPENED_AT.date(), last=until)))
    for kill in range(KILLS):
        # The first while the Implementation Plan is entered, the others on a day of their own.
        day = None if kill == 0 else chance.randrange(1, days)
        with product(home, port, until, warm) as process:
            _wait_for(process, home, day)
            time.sleep(chance.uniform(0, 1.5 if day is None else 0.3))
            process.kill()
    with product(home, port, until, warm) as process:
        process.wait_ready(f"http://127.0.0.1:{port}/readyz", within=timedelta(seconds=200))
        assert FileClock(home / "clock").ticks
        done = subprocess.run(
            [
                *(sys.executable, "-m", "wcoplan.main", "demo", "play", "--speed", "50"),
                *("--until", last.isoformat(), "--home", str(home)),
                *("--url", f"http://127.0.0.1:{port}"),
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert f"It is {last:%A %d %B %Y, 09:00}" in done.stderr
        assert process.terminate() == 0


def _wait_for(process: ServiceProcess, home: Path, day: int | None) -> None:
    """Wait until entering has begun, or until that many days are told."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.is_running():
        begun = "entering the Implementation Plan" in process.log()
        last = YearMark(home).told()
        if begun and day is None:
            return
        passed = [] if last is None else list(weekdays(first=OPENED_AT.date(), last=last))
        if day is not None and len(passed) >= day:
            return
        time.sleep(0.02)
    raise AssertionError(process.log())


@pytest.mark.parametrize(
    ("until", "last"),
    [
        pytest.param(date(2019, 7, 5), date(2019, 7, 9), marks=pytest.mark.timeout(240)),
        pytest.param(
            date(2020, 1, 13),
            date(2020, 2, 3),
            marks=[pytest.mark.explore, pytest.mark.timeout(1200)],
        ),
    ],
    ids=["days", "year"],
)
async def test_told_twice_and_killed_in_between_it_is_the_same_year(
    tmp_path: Path, warm: Warm, until: date, last: date
) -> None:
    seed = random.randrange(1_000_000)
    once = await told(tmp_path / "once", last)
    await asyncio.to_thread(
        told_with_kills, tmp_path / "again", until=until, last=last, seed=seed, warm=warm
    )
    again = await year_history.of_folder(tmp_path / "again")

    assert once.facts
    assert once.judgements
    assert once.unlike(again) == [], f"seed {seed}"
    assert once.hash() == again.hash(), f"seed {seed}"
    # The negative control: one word of one fact, one judgement, is another year.
    changed = once.facts[0].replace("wco-2019-2022", "wco-2019-2023", 1)
    assert replace(once, facts=(changed, *once.facts[1:])).hash() != once.hash()
    assert replace(once, judgements=once.judgements[1:]).hash() != once.hash()
