"""What telling the demonstration's year costs: wall and processor time, statements a day.

Everything in this one process and its own PostgreSQL, as `make run` does it, after the start.
Processor time is what to compare where other programs run: wall time doubles with them.
"""

import gc
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Engine, event

from shared_kit.clock import FileClock
from wcoplan.demo.playing import morning_of, play
from wcoplan.embedded import databases, running
from wcoplan.folder import set_out

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]

UNTIL = date.fromisoformat(os.environ.get("WCOPLAN_BENCH_UNTIL", "2020-02-03"))
GOAL_SECONDS = 20.0


@dataclass(slots=True)
class Spent:
    """Wall and processor seconds since it was made; statements of the services' sessions."""

    wall: float = field(default_factory=time.perf_counter)
    python: float = field(default_factory=time.process_time)
    postgres: float = field(default_factory=lambda: _servers())
    statements: int = 0

    def since(self, before: "Spent", *, statements: int) -> "Spent":
        return Spent(
            wall=self.wall - before.wall,
            python=self.python - before.python,
            postgres=self.postgres - before.postgres,
            statements=statements,
        )

    def text(self) -> str:
        return (
            f"{self.wall:.1f} s, processor {self.python:.1f} s in Python and "
            f"{self.postgres:.1f} s in PostgreSQL, {self.statements} statements"
        )


def _servers() -> float:
    """Processor seconds of the children, with what theirs that ended had used."""
    total = 0.0
    for child in psutil.Process().children(recursive=True):
        try:
            used = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += used.user + used.system + used.children_user + used.children_system
    return total


@contextmanager
def _statements() -> Iterator[list[int]]:
    count = [0]

    def executed(*_: object) -> None:
        count[0] += 1

    event.listen(Engine, "before_cursor_execute", executed)
    try:
        yield count
    finally:
        event.remove(Engine, "before_cursor_execute", executed)


async def test_the_year_is_told(tmp_path: Path) -> None:
    gc.set_threshold(100_000, 20, 20)  # as `wcoplan up` does
    home = tmp_path / "home"
    home.mkdir()
    set_out(home, demo=True, small=False, at=UNTIL)
    opened: list[tuple[Spent, int]] = []
    days: list[date] = []
    with databases(home=home, database_url="") as kept, _statements() as count:
        async with running(home=home, urls=kept.urls, base_url="http://127.0.0.1") as system:
            assert isinstance(system.clock, FileClock)

            def passed(day: date, _number: int, _of: int) -> None:
                days.append(day)
                if not opened:
                    opened.append((Spent(), count[0]))

            count[0] = 0
            began = Spent()
            await play(
                client=system.client,
                clock=system.clock,
                settle=system.settle,
                until=morning_of(UNTIL),
                progress=passed,
            )
            ended = Spent()
            after, counted = opened[0]
            whole = ended.since(began, statements=count[0])
            rest = ended.since(after, statements=count[0] - counted)
    print(f"\nthe year to {UNTIL}: {whole.text()}")
    print(f"its opening: {after.since(began, statements=counted).text()}")
    print(
        f"each of {len(days)} days after it: {rest.wall / len(days) * 1000:.0f} ms, processor "
        f"{rest.python / len(days) * 1000:.0f} ms in Python and "
        f"{rest.postgres / len(days) * 1000:.0f} ms in PostgreSQL, "
        f"{rest.statements / len(days):.0f} statements"
    )
    print(f"goal: {GOAL_SECONDS:.0f} s with nothing else running")
    assert days
