"""The engine's whole job on Apache Kafka against the naive loop and the floor, in one run.

Whole job: ledger, contributions, judgements, results in the outbox and on the log. The naive loop
is `tests.support.naive_engine`, which does less. The floor is COPY of the same ledger and
contribution rows into tables of the same shape. Pairs are interleaved; ratios are medians.
"""

import asyncio
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy.engine import make_url

from shared_kit.db import migrate
from shared_kit.events.topics import TOPICS
from shared_kit.messaging.kafka import KafkaLog
from shared_kit.testing.plugin import MakeDatabase
from shared_kit.testing.processes import ServiceProcess, free_port
from tests.bench import workload
from tests.support.naive_engine import NaiveEngine

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]

ROUNDS = int(os.environ.get("WCOPLAN_BENCH_ROUNDS", "5"))
FACTS = int(os.environ.get("WCOPLAN_BENCH_FACTS", "100000"))
NAIVE_FACTS = int(os.environ.get("WCOPLAN_BENCH_NAIVE_FACTS", "2000"))
PATIENCE = 600


def dsn(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def engine_process(*, url: str, kafka: str, prefix: str, port: int, log: Path) -> ServiceProcess:
    setting = "WCOPLAN_KPI_ENGINE__"
    return ServiceProcess(
        name="kpi-engine",
        command=[sys.executable, "-m", "kpi_engine", "serve"],
        environment={
            f"{setting}DATABASE_URL": url,
            f"{setting}KAFKA_BOOTSTRAP": kafka,
            f"{setting}TOPIC_PREFIX": prefix,
            f"{setting}KAFKA_SESSION_TIMEOUT_MS": "6000",
            f"{setting}AUTH": "demo",
            f"{setting}BUSINESS_CLOCK": "2020-02-03T09:00:00+01:00",
            f"{setting}PORT": str(port),
        },
        log=log,
    )


async def load(kafka: str, prefix: str, count: int) -> None:
    log = KafkaLog(bootstrap=kafka, prefix=prefix)
    await log.start()
    await log.create_topics(tuple(TOPICS.values()))
    await log.publish([workload.plan_message()])
    chunk = []
    for message in workload.messages(count):
        chunk.append(message)
        if len(chunk) == 5000:
            await log.publish(chunk)
            chunk = []
    await log.publish(chunk)
    await log.stop()


async def until_done(port: int, connection: Any) -> tuple[float, float]:
    """Seconds between the consumer's first place and the last judgement; when it was ready."""
    began = None
    until = time.monotonic() + PATIENCE
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        while time.monotonic() < until:
            if began is None:
                began = (
                    time.perf_counter()
                    if await connection.fetchval("SELECT count(*) FROM consumer_offset")
                    else None
                )
                await asyncio.sleep(0.005)
                continue
            await asyncio.sleep(0.05)
            try:
                left = (await client.get("/progress")).json()
            except httpx.TransportError:
                continue
            if not any(left.values()):
                return began, time.perf_counter()
    raise AssertionError("the engine did not finish")


async def whole_job(
    *, database: MakeDatabase, kafka: str, prefix: str, folder: Path
) -> tuple[float, float]:
    """Facts a second of the engine and of the floor on its own rows."""
    url = await asyncio.to_thread(
        database, "kpi_engine", migrate=lambda it: migrate.upgrade(it, "kpi_engine")
    )
    port = free_port()
    connection = await asyncpg.connect(dsn(url))
    process = engine_process(
        url=url, kafka=kafka, prefix=prefix, port=port, log=folder / "engine.log"
    )
    process.start()
    try:
        began, ended = await until_done(port, connection)
    finally:
        process.terminate()
    facts = await connection.fetchval("SELECT count(*) FROM fact WHERE topic = 'activity'")
    assert facts == workload.distinct(FACTS)
    floor = 0.0
    for table in ("fact", "contribution"):
        file = folder / f"{table}.copy"
        await connection.copy_from_table(table, output=file, format="binary")
        await connection.execute(f"CREATE TABLE floor_{table} (LIKE {table} INCLUDING ALL)")
        start = time.perf_counter()
        await connection.copy_to_table(f"floor_{table}", source=file, format="binary")
        floor += time.perf_counter() - start
    await connection.close()
    return FACTS / (ended - began), FACTS / floor


async def naive(*, database: MakeDatabase, kafka: str, prefix: str, round_: int) -> float:
    url = await asyncio.to_thread(database, f"naive{round_}")
    engine = NaiveEngine(database_url=url, bootstrap=kafka, prefix=prefix, group=f"naive{round_}")
    await engine.start()
    try:
        await engine.run(limit=1)
        start = time.perf_counter()
        await engine.run(limit=NAIVE_FACTS + 1)
        return NAIVE_FACTS / (time.perf_counter() - start)
    finally:
        await engine.stop()


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):,.0f} ({min(values):,.0f} to {max(values):,.0f})"


async def test_the_whole_job_against_the_naive_loop_and_the_floor(
    kafka: str, topic_prefix: str, database: MakeDatabase, tmp_path: Path
) -> None:
    await load(kafka, topic_prefix, FACTS)
    engine, floor, loop = [], [], []
    for round_ in range(ROUNDS):
        ours, copied = await whole_job(
            database=database, kafka=kafka, prefix=topic_prefix, folder=tmp_path
        )
        engine.append(ours)
        floor.append(copied)
        loop.append(await naive(database=database, kafka=kafka, prefix=topic_prefix, round_=round_))
    over_naive = [ours / theirs for ours, theirs in zip(engine, loop, strict=True)]
    of_floor = [ours / copied for ours, copied in zip(engine, floor, strict=True)]
    print(f"\n{FACTS:,} facts, {ROUNDS} interleaved rounds, median (least to most)")
    print(f"whole job          {spread(engine)} facts/s")
    print(f"naive loop         {spread(loop)} facts/s ({NAIVE_FACTS} facts)")
    print(f"floor (COPY)       {spread(floor)} facts/s")
    print(
        f"whole job / naive  {statistics.median(over_naive):.1f} ({min(over_naive):.1f} to "
        f"{max(over_naive):.1f})"
    )
    print(
        f"whole job / floor  {statistics.median(of_floor):.3f} ({min(of_floor):.3f} to "
        f"{max(of_floor):.3f})"
    )


@pytest.mark.parametrize("rate", [200, 2000])
async def test_the_time_from_a_produced_fact_to_its_commit(
    rate: int, kafka: str, topic_prefix: str, database: MakeDatabase, tmp_path: Path
) -> None:
    """Milliseconds from before the send until another connection sees the offset moved past it."""
    await load(kafka, topic_prefix, 0)
    url = await asyncio.to_thread(
        database, "kpi_engine", migrate=lambda it: migrate.upgrade(it, "kpi_engine")
    )
    port = free_port()
    process = engine_process(
        url=url, kafka=kafka, prefix=topic_prefix, port=port, log=tmp_path / "engine.log"
    )
    process.start()
    log = KafkaLog(bootstrap=kafka, prefix=topic_prefix)
    connection = await asyncpg.connect(dsn(url))
    try:
        await asyncio.to_thread(process.wait_ready, f"http://127.0.0.1:{port}/readyz")
        await log.start()
        sent: list[float] = []
        seen: list[float] = []
        total = rate * 5
        messages = list(workload.messages(total, duplicates=0))

        async def watch() -> None:
            while len(seen) < total:
                done = await connection.fetchval(
                    "SELECT coalesce(sum(next_offset), 0) FROM consumer_offset"
                    " WHERE topic = 'activity'"
                )
                now = time.perf_counter()
                seen.extend([now] * (int(done) - len(seen)))
                await asyncio.sleep(0.001)

        watching = asyncio.create_task(watch())
        step = max(1, rate // 100)
        start = time.perf_counter()
        for first in range(0, total, step):
            wait = start + first / rate - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            chunk = messages[first : first + step]
            sent.extend([time.perf_counter()] * len(chunk))
            await log.publish(chunk)
        await asyncio.wait_for(watching, 60)
    finally:
        await log.stop()
        await connection.close()
        process.terminate()
    took = sorted(1000 * (after - before) for before, after in zip(sent, seen, strict=True))
    print(
        f"\n{rate}/s for 5 s: p50 {took[len(took) // 2]:.1f} ms, "
        f"p95 {took[int(len(took) * 0.95)]:.1f} ms, p99 {took[int(len(took) * 0.99)]:.1f} ms"
    )
