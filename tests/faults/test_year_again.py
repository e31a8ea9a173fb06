"""The year told again and again, with kill -9 in between, leaves the same behind, fact by fact.

The reduced one plays the first days; `make faults` plays the whole year, and on into the next.
"""

import asyncio
import random
from dataclasses import replace
from datetime import date
from pathlib import Path

import asyncpg
import pytest

from shared_kit.clock import FileClock
from shared_kit.messaging.dsn import dsn
from shared_kit.testing.warm import Warm
from tests.conftest import StartSystem
from tests.support.year_again import Disturbed, Telling, wcoplan
from wcoplan import history
from wcoplan.demo.playing import OPENED_AT, morning_of, play
from wcoplan.embedded import databases, running
from wcoplan.folder import set_out

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(240)]

DAYS = Telling(until=date(2019, 7, 5), last=date(2019, 7, 9), kills=2)
OCTOBER = date(2019, 10, 1)
# Over the end of the financial year: its periods close, and those of the next are judged.
YEAR = Telling(until=date(2020, 6, 15), last=date(2020, 7, 3), kills=6, while_playing=True)


async def told(home: Path, until: date) -> history.History:
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
        return await history.of_databases(kept.urls)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> history.History:
    """The whole year undisturbed."""
    return asyncio.run(told(tmp_path_factory.mktemp("year") / "once", YEAR.last))


@pytest.fixture
def seed() -> int:
    return random.randrange(1_000_000)


def left_in(home: Path) -> history.History:
    return asyncio.run(history.of_folder(home))


def refuse_unlike(one: history.History, other: history.History, *, seed: int) -> None:
    assert one.facts
    assert one.judgements
    assert one.unlike(other) == [], f"seed {seed}"
    # A line that stands twice on one side only shows here.
    assert one.digests() == other.digests(), f"seed {seed}"
    assert one.hash() == other.hash(), f"seed {seed}"


def test_days_told_twice_and_killed_in_between_are_the_same_days(
    tmp_path: Path, warm: Warm, seed: int
) -> None:
    home = tmp_path / "again"
    said: list[str] = []
    again = Disturbed(
        home=home,
        telling=DAYS,
        seed=seed,
        warm=warm,
        at_the_end=lambda: said.append(wcoplan("demo", "hash", home=home).stdout),
    )
    once = asyncio.run(told(tmp_path / "once", DAYS.last))
    again.with_kills()

    left = left_in(home)
    refuse_unlike(once, left, seed=seed)
    [digests] = said
    assert [line.split() for line in digests.splitlines()] == [
        *([name, str(len(left.parts()[name])), digest] for name, digest in left.digests().items()),
        ["all", left.hash()],
    ]
    refuse_blind(home, left)


def refuse_blind(home: Path, left: history.History) -> None:
    """The negative control: what a lossy or a wrong system leaves has another hash."""
    lost = "DELETE FROM fact WHERE digest = (SELECT max(digest) FROM fact)"
    unjudged = "DELETE FROM judgement WHERE judged_on = (SELECT max(judged_on) FROM judgement)"
    asyncio.run(change(home, lost, unjudged))
    changed = left_in(home)
    assert len(changed.facts) == len(left.facts) - 1
    for name in ("facts", "judgements"):
        assert changed.digests()[name] != left.digests()[name], name
    # And a naive one's, that tells twice: no line is new, there are only more of them.
    doubled = replace(left, facts=tuple(sorted((*left.facts, left.facts[0]))))
    assert doubled.unlike(left) == []
    assert doubled.hash() != left.hash()


async def change(home: Path, *statements: str) -> None:
    with databases(home=home, database_url="") as kept:
        connection = await asyncpg.connect(dsn(kept.urls["kpi_engine"]), timeout=10)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close(timeout=5)


@pytest.mark.parametrize("what", ["all", "postgresql"])
@pytest.mark.explore
@pytest.mark.timeout(1800)
@pytest.mark.xdist_group("year")  # told once for both
def test_the_year_told_again_and_killed_in_between_is_the_same_year(
    tmp_path: Path, warm: Warm, year: history.History, seed: int, what: str
) -> None:
    again = Disturbed(home=tmp_path / "again", telling=YEAR, seed=seed, warm=warm)
    if what == "all":
        again.with_kills()
    else:
        again.with_its_postgres_killed()

    left = left_in(again.home)
    assert left.alerts
    refuse_unlike(year, left, seed=seed)
    # The negative control: an alert raised twice.
    assert (
        replace(left, alerts=tuple(sorted((*left.alerts, *left.alerts[:1])))).hash() != left.hash()
    )


@pytest.mark.kafka
@pytest.mark.explore
@pytest.mark.timeout(1200)
async def test_three_services_on_kafka_leave_the_same_as_one_process(
    tmp_path: Path, start_system: StartSystem
) -> None:
    once = await told(tmp_path / "once", OCTOBER)
    async with start_system("kafka", start_at=OPENED_AT) as system:
        await play(
            client=system.client,
            clock=system.clock,
            settle=system.settle,
            until=morning_of(OCTOBER),
        )
        left = await history.of_databases(system.database_urls)

    assert left.alerts
    refuse_unlike(once, left, seed=0)
