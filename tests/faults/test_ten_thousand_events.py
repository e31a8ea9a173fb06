"""10,000 events through every crash point of the engine equal a second calculation, to the digit.

A seeded history (all types of fact, late, shuffled, repeated, corrected and corrected again) is
told in portions. For each portion the engine is started so that it ends at a named point, each
point `hits` times; then it is started clean. All 29 indicators of all periods, the ledger fact by
fact and what was announced must be what the second calculation and the history say; twice, the
second time long after the cycle. Two engines that are known to be wrong must fail the same check.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random

import asyncpg
import pytest

from kpi_engine.bootstrap import Engine, explainer_of, wire
from kpi_engine.config import Settings
from kpi_engine.operations import reconcile_ledger
from kpi_engine.ports import StoredJudgement
from shared_kit.clock import FileClock
from shared_kit.db.migrate import upgrade
from shared_kit.events.results import IndicatorJudged
from shared_kit.messaging.dsn import dsn
from shared_kit.messaging.embedded import EmbeddedLog
from shared_kit.messaging.kafka import KafkaLog
from shared_kit.messaging.log import EventLog
from shared_kit.testing.plugin import MakeDatabase
from shared_kit.testing.processes import ServiceProcess
from shared_kit.testing.warm import Warm
from tests.support.logs import all_of, running
from tests.support.oracle_facts import CYCLE, PLAN, YEARS, Said
from tests.support.oracle_table import figures
from tests.support.trial_history import History, Told

pytestmark = [pytest.mark.faults, pytest.mark.slow]

SEED = 20_191_022
SMALL = 10_000
POINTS = (
    "consumer-after-fetch",
    "engine-after-facts",
    "consumer-after-apply",
    "consumer-before-commit",
    "consumer-after-commit",
    "engine-after-judge",
    "engine-judge-before-commit",
    "engine-judge-after-commit",
    "relay-after-read",
    "relay-after-send",
    "relay-after-mark",
)
# Time goes on while events come: two years end, and their grace, between two lives.
CLOCKS = (
    datetime(2020, 2, 3, 8, tzinfo=UTC),
    datetime(2020, 12, 1, 8, tzinfo=UTC),
    datetime(2021, 11, 15, 8, tzinfo=UTC),
)
AFTER_THE_CYCLE = datetime(2022, 8, 16, 8, tzinfo=UTC)
DIES_WITHIN = 120.0


@dataclass(frozen=True)
class Kept:
    """What an engine has at the end: its figures, its facts and how often it has each."""

    figures: Mapping[tuple[str, str], tuple[object, ...]]
    facts: Counter[tuple[str, str]]

    def unlike(self, said: Mapping[tuple[str, str], Said], history: History) -> Sequence[str]:
        """In words: each figure and each fact that is not as it should be."""
        found = [
            f"{code} {period}: {self.figures.get((code, period))}, not {as_shown(one)}"
            for (code, period), one in said.items()
            if self.figures.get((code, period)) != as_shown(one)
        ]
        found += [f"lost {id}" for id in history.ids - self.facts.keys()]
        found += [f"{count} times {id}" for id, count in self.facts.items() if count != 1]
        return found


def as_shown(said: Said) -> tuple[object, ...]:
    """Exact fractions as judgements show them: six places, half to even."""
    numbers = (said.numerator, said.denominator, said.due, said.due_done, said.attainment)
    shown = [None if one is None else f"{round(one * 10**6)}" for one in numbers]
    return (*shown, said.status, said.reason)


def as_judged(one: IndicatorJudged) -> tuple[object, ...]:
    numbers = (one.numerator, one.denominator, one.due, one.due_done, one.attainment)
    return (
        *(None if number is None else f"{number * 10**6:.0f}" for number in numbers),
        one.status,
        one.reason,
    )


@dataclass(kw_only=True)
class Trial:
    """A log, a database, a clock, and the engine's process, started again and again."""

    log: EventLog
    engine: Engine
    process: ServiceProcess
    clock: FileClock
    hits: Path

    async def tell(self, told: Sequence[Told]) -> None:
        for start in range(0, len(told), 500):
            await self.log.publish([one.message() for one in told[start : start + 500]])

    async def dies_at(self, point: str) -> None:
        """One life: it ends when it first gets there."""
        self.process.environment |= {
            "WCOPLAN_ALLOW_FAILPOINTS": "1",
            "WCOPLAN_FAILPOINTS": f"{point}:1",
            "WCOPLAN_FAILPOINTS_FILE": str(self.hits),
        }
        self.process.start()
        ended = await asyncio.to_thread(
            self.process.wait_end, within=timedelta(seconds=DIES_WITHIN)
        )
        assert ended == 137, self.process.log()[-4000:]

    async def lives(self) -> None:
        """Started clean, until all is consumed, judged and sent."""
        self.process.environment.pop("WCOPLAN_FAILPOINTS", None)
        if not self.process.is_running():
            self.process.start()
        await self.settles()

    async def cleanly(self) -> Kept:
        await self.lives()
        return await self.kept()

    async def naively(self) -> Kept:
        """The naive engine's own tables, when nothing has been added for a while."""
        self.process.environment.pop("WCOPLAN_FAILPOINTS", None)
        self.process.start()
        count, same = 0, 0
        while same < 10:
            assert self.process.is_running(), self.process.log()[-4000:]
            await asyncio.sleep(0.2)
            now = (await self.rows("SELECT count(*) FROM naive_fact"))[0][0]
            count, same = now, same + 1 if now == count and count else 0
        found = await self.rows(
            "SELECT indicator, period, numerator, denominator FROM naive_figure"
        )
        return Kept(
            figures={(row[0], row[1]): (f"{row[2] * 10**6}", f"{row[3] * 10**6}") for row in found},
            facts=Counter(
                (row[0], row[1])
                for row in await self.rows("SELECT source, event_id FROM naive_fact")
            ),
        )

    async def settles(self, *, seconds: float = 900) -> None:
        until, quiet = time.monotonic() + seconds, 0
        while quiet < 2:
            assert self.process.is_running(), self.process.log()[-4000:]
            assert time.monotonic() < until, self.process.log()[-4000:]
            quiet = 0 if any((await self.engine.counts()).values()) else quiet + 1
            await asyncio.sleep(0.1)

    async def rows(self, query: str) -> Sequence[asyncpg.Record]:
        connection = await asyncpg.connect(dsn(self.engine.settings.database_url), timeout=10)
        try:
            found: Sequence[asyncpg.Record] = await connection.fetch(query)
            return found
        finally:
            await connection.close(timeout=5)

    async def latest(self) -> Sequence[StoredJudgement]:
        rows = await self.rows(
            "SELECT DISTINCT ON (indicator, period) id, result, offsets FROM judgement"
            " ORDER BY indicator, period, revision DESC"
        )
        return [StoredJudgement(id, said, json.loads(read)) for id, said, read in rows]

    async def kept(self) -> Kept:
        judged = [IndicatorJudged.model_validate_json(one.result) for one in await self.latest()]
        return Kept(
            figures={(one.key.removeprefix(f"{PLAN}:"), one.period): as_judged(one)
                     for one in judged},
            facts=Counter(
                (row[0], row[1]) for row in await self.rows("SELECT source, event_id FROM fact")
            ),
        )  # fmt: skip


def _upgrade(url: str) -> None:
    upgrade(url, "kpi_engine")


class StartTrial:
    """Makes trials on either log, all from the fixtures of one test."""

    def __init__(self, request: pytest.FixtureRequest, folder: Path) -> None:
        self._request = request
        self._folder = folder

    @asynccontextmanager
    async def __call__(self, kind: str, engine: str) -> AsyncIterator[Trial]:
        database: MakeDatabase = self._request.getfixturevalue("database")
        prefix: str = self._request.getfixturevalue("topic_prefix")
        warm: Warm = self._request.getfixturevalue("warm")
        clock = FileClock(self._folder / "clock")
        clock.move_to(CLOCKS[0])
        setting = {
            "DATABASE_URL": await asyncio.to_thread(database, "kpi-engine", migrate=_upgrade),
            "TOPIC_PREFIX": prefix,
            "AUTH": "demo",
            "BUSINESS_CLOCK": f"file:{clock.path}",
            # Small batches, so that a death is seldom at the beginning or the end of a portion.
            "MAX_RECORDS": "200",
        }
        environment = {"WCOPLAN_HOME": str(self._folder)}
        log: EmbeddedLog | KafkaLog
        if kind == "embedded":
            url = await asyncio.to_thread(database, "event-log")
            environment["TRIAL_EVENT_LOG"] = url
            log = EmbeddedLog(url, prefix)
        else:
            setting["KAFKA_BOOTSTRAP"] = self._request.getfixturevalue("kafka")
            log = KafkaLog(setting["KAFKA_BOOTSTRAP"], prefix)
        environment |= {f"WCOPLAN_KPI_ENGINE__{name}": value for name, value in setting.items()}
        process = ServiceProcess(
            name="kpi-engine",
            command=[sys.executable, "-m", "tests.support.trial_engine", engine],
            environment=environment,
            log=self._folder / "engine.log",
            warm=warm,
        )
        async with running(log):
            wired = wire(
                settings=Settings(
                    database_url=setting["DATABASE_URL"], topic_prefix=prefix, auth="demo"
                ),
                log=log,
                business=clock,
            )
            try:
                yield Trial(
                    log=log,
                    engine=wired,
                    process=process,
                    clock=clock,
                    hits=self._folder / "hits",
                )
            finally:
                process.kill()
                await wired.database.dispose()


@pytest.fixture
def start_trial(request: pytest.FixtureRequest, tmp_path: Path) -> StartTrial:
    return StartTrial(request, tmp_path)


@cache
def the_history(length: int) -> History:
    """Drawn once for both logs."""
    return History(seed=SEED, length=length)


async def through(trial: Trial, history: History, points: Sequence[str]) -> None:
    """Tell the history in portions, a life and a death for each."""
    size = len(history.arrivals) // (len(points) + 1) + 1
    for number, point in enumerate(points):
        await trial.tell(history.arrivals[number * size : (number + 1) * size])
        due = CLOCKS[number * len(CLOCKS) // len(points)]
        if trial.clock.now() < due:
            trial.clock.move_to(due)
        await trial.dies_at(point)
    await trial.tell(history.arrivals[len(points) * size :])


@pytest.mark.parametrize(
    ("length", "hits"),
    [
        pytest.param(SMALL, 3, id="10000"),
        pytest.param(
            100_000, 20, id="100000", marks=[pytest.mark.explore, pytest.mark.timeout(7200)]
        ),
    ],
)
@pytest.mark.timeout(600)
async def test_each_figure_of_many_events_and_crashes_is_that_of_a_second_calculation(
    log_kind: str, start_trial: StartTrial, length: int, hits: int
) -> None:
    history = the_history(length)
    points = list(POINTS) * hits
    Random(SEED).shuffle(points)
    async with start_trial(log_kind, "right") as trial:
        await through(trial, history, points)
        trial.clock.move_to(CLOCKS[-1])
        await trial.lives()

        reached = Counter(line.split()[0] for line in trial.hits.read_text("utf-8").splitlines())
        assert reached == dict.fromkeys(POINTS, hits)
        said = figures(history.events, today=CLOCKS[-1].date())
        assert len(said) == 29 * 4
        assert (await trial.kept()).unlike(said, history) == []

        trial.clock.move_to(AFTER_THE_CYCLE)
        await trial.settles()

        later = figures(history.events, today=AFTER_THE_CYCLE.date())
        # The years that were over stand as they were judged last.
        said |= {key: one for key, one in later.items() if key[1] in (YEARS[-1], CYCLE)}
        assert (await trial.kept()).unlike(said, history) == []
        assert await trial.rows("SELECT 1 FROM parked") == []
        sent = [dict(one.headers)["ce_id"].decode() for one in await all_of(
            trial.log, topics=("results",))]  # fmt: skip
        announced = await trial.rows("SELECT event_id FROM outbox WHERE topic = 'results'")
        assert set(sent) == {row[0] for row in announced}

        judgements = await trial.latest()
        # In the small size a judgement of each indicator, and all periods among them.
        for judged in judgements if length > SMALL else judgements[::5]:
            assert await explainer_of(trial.engine).reproduces(judged=judged), judged.result
        checked = await reconcile_ledger(trial.engine)
        assert checked is not None
        assert (checked.lost, checked.surplus, checked.findings) == (0, 0, ())


@pytest.mark.parametrize("wrong", ["naive", "lossy"])
@pytest.mark.timeout(600)
async def test_an_engine_that_is_known_to_be_wrong_fails_the_same_check(
    log_kind: str, start_trial: StartTrial, wrong: str
) -> None:
    """The naive one counts again what it reads again, the lossy one skips what it had not kept."""
    history = History(seed=SEED, length=600)
    # On Apache Kafka the naive engine stores its place there, after what it counted.
    point = "consumer-after-commit" if (wrong, log_kind) == ("naive", "kafka") else (
        "engine-after-facts")  # fmt: skip
    async with start_trial(log_kind, wrong) as trial:
        await through(trial, history, [point] * 3)
        trial.clock.move_to(CLOCKS[-1])
        kept = await trial.naively() if wrong == "naive" else await trial.cleanly()

    said = figures(history.events, today=CLOCKS[-1].date())
    assert kept.unlike(said, history) != []
    assert any(as_shown(one)[:2] != (kept.figures.get(key) or ())[:2] for key, one in said.items())
    twice = [id for id, count in kept.facts.items() if count > 1]
    assert twice if wrong == "naive" else history.ids - kept.facts.keys()
