"""A process killed at each named crash point leaves the figures of an undisturbed run.

The same stimuli run twice: undisturbed, and with the process of each point armed to end there,
`HITS` times. Then all is started clean and settled: the figures, the alerts and the notices must
be equal. Two engines that are known to be wrong must fail the same comparison.
"""

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared_kit.delivery.crashpoints import CRASH_POINTS
from tests.conftest import StartSystem
from tests.support.figures import (
    PERIODS,
    Figure,
    figures,
    mails,
    notices,
    open_alerts,
    register_member,
)
from tests.support.systems import PACKAGES, System
from wcoplan import starter
from wcoplan.folder import SHOWN_AT

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(1800)]

# `make faults` raises it; the reduced size runs with every `make test`.
HITS = int(os.environ.get("WCOPLAN_FAULT_HITS", "1"))
STRUCTURED = {"content-type": "application/cloudevents+json"}
DIES_WITHIN = timedelta(seconds=60)

PLAN_API = (
    "plan-api-before-commit",
    "plan-api-after-commit",
    "relay-after-read",
    "relay-after-send",
    "relay-after-mark",
)
ENGINE = (
    "consumer-after-fetch",
    "engine-after-facts",
    "consumer-after-apply",
    "consumer-before-commit",
    "consumer-after-commit",
    "engine-after-judge",
    "engine-judge-before-commit",
    "engine-judge-after-commit",
    "relay-after-send",
)
NOTIFIER = (
    "consumer-after-fetch",
    "notifier-after-evaluate",
    "consumer-before-commit",
    "consumer-after-commit",
    "notifier-before-commit",
    "notifier-after-commit",
    "relay-after-send",
)
POINTS = {"plan-api": PLAN_API, "kpi-engine": ENGINE, "notifier": NOTIFIER}
# Points that no fact and no day reaches; the test that kills there stands beside the feature.
ELSEWHERE = {"import-part-written": "services/plan-api/tests/exchange/test_killed.py"}
ROOT = Path(__file__).parents[2]
Step = tuple[str, str]  # the service that is armed, the point
# A day without news gives the notifier nothing to send; somebody's acknowledgement does.
ACKNOWLEDGED = frozenset(
    ("notifier", point)
    for point in ("notifier-before-commit", "notifier-after-commit", "relay-after-send")
)


@dataclass(frozen=True)
class Outcome:
    """What a run leaves, without what may differ: ids, revisions, instants."""

    figures: dict[str, dict[str, Figure]]
    alerts: list[tuple[str, str, str]]
    notices: list[tuple[str, str]]
    mails: int
    reminders: list[tuple[str, str]]


def fact(number: int) -> dict[str, Any]:
    """A request of a Member of its own: each one moves the denominators of SP7.1 and SP7.5."""
    return {
        "specversion": "1.0",
        "id": f"fault-{number}",
        "source": "urn:wcoplan:faults",
        "type": "org.wcoomd.strategy.support.requested.v1",
        "subject": f"REQ-F-{number}",
        "time": "2020-01-10T10:00:00Z",
        "datacontenttype": "application/json",
        "data": {
            "request": f"REQ-F-{number}",
            "member": f"X-F-{number}",
            "topics": ["ECP"],
            "received_on": date(2020, 1, 10).isoformat(),
            "synthetic": True,
        },
    }


async def post(system: System, number: int, *, patience: float = 60) -> None:
    """As a client does: the same event again until it is answered."""
    until = time.monotonic() + patience
    while True:
        try:
            answer = await system.client.post(
                "/api/v1/events", json=fact(number), headers=STRUCTURED, timeout=10
            )
        except httpx.TransportError:
            answer = None
        if answer is not None and answer.status_code == 202:
            return
        assert answer is None or answer.status_code == 503, answer.text
        assert time.monotonic() < until, "nobody took the event"
        await asyncio.sleep(0.1)


async def acknowledge(system: System) -> httpx.Response:
    # Raised on the first day; as more days pass, more are.
    [alert] = [one for one in await open_alerts(system) if one["indicator"].endswith(":SG")]
    return await system.client.post(
        f"/api/v1/alerts/{alert['id']}/ack", json={"comment": "Seen."}, timeout=10
    )


async def stimulate(system: System, number: int, step: Step, *, day: datetime | None) -> None:
    """One fact, a new day or an acknowledgement; once, because whoever takes it may die of it."""
    if day is not None:
        system.clock.move_to(day)
        return
    try:
        if step in ACKNOWLEDGED:
            await acknowledge(system)
        else:
            await system.client.post(
                "/api/v1/events", json=fact(number), headers=STRUCTURED, timeout=5
            )
    except httpx.TransportError:
        return


async def dies(system: System, step: Step) -> None:
    process = system.process_of(step[0])
    until = time.monotonic() + DIES_WITHIN.total_seconds()
    while process.is_running():
        if time.monotonic() > until:
            left = {name: await progress(system, name) for name in PACKAGES}
            pytest.fail(f"{step} was not reached; left: {left}\n{system.log()}")
        await asyncio.sleep(0.02)
    assert process.wait_end() == 137, system.log()


async def progress(system: System, service: str) -> str:
    try:
        return (await system.client.get(f"/_/{service}/progress", timeout=10)).text
    except httpx.TransportError as error:
        return type(error).__name__


async def armed(system: System, step: Step) -> None:
    """Start the service so that it ends at the point; it may do so before it is ready."""
    service, point = step
    process = system.process_of(service)
    await asyncio.to_thread(process.kill)
    process.environment["WCOPLAN_ALLOW_FAILPOINTS"] = "1"
    process.environment["WCOPLAN_FAILPOINTS"] = f"{point}:1"
    process.start()
    port = system.ports.get(service) or system.ports["all"]
    async with httpx.AsyncClient(trust_env=False, timeout=2) as client:
        while process.is_running():
            try:
                if (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)


async def clean(system: System, service: str) -> None:
    process = system.process_of(service)
    process.environment.pop("WCOPLAN_FAILPOINTS", None)
    await system.restart(service)


async def run(system: System, steps: Sequence[Step], *, disturbed: bool) -> Outcome:
    """Load the demonstration, then one stimulus a step; disturbed, each step kills its service."""
    await starter.load(system.client)
    for number in range(len(steps)):
        await register_member(system, f"X-F-{number}")
    await system.move_to(SHOWN_AT)
    day = SHOWN_AT
    previous = None
    for number, step in enumerate(steps):
        service, _ = step
        new_day = None
        if service == "notifier" and step not in ACKNOWLEDGED:
            day += timedelta(days=1)
            while day.weekday() >= 5:
                day += timedelta(days=1)
            new_day = day
        if disturbed:
            if previous not in (None, service):
                await clean(system, previous or service)
            await armed(system, step)
            await stimulate(system, number, step, day=new_day)
            await dies(system, step)
        previous = service
        if new_day is not None and not disturbed:
            await system.move_to(new_day)
    if disturbed and previous is not None:
        await clean(system, previous)
    for number in range(len(steps)):
        await post(system, number)
    if ACKNOWLEDGED.intersection(steps):
        assert (await acknowledge(system)).status_code == 200
    await system.settle(seconds=120)
    return await outcome(system)


async def outcome(system: System) -> Outcome:
    items = await notices(system)
    told = [item for item in items if item["kind"] != "reminder"]
    reminders = [item for item in items if item["kind"] == "reminder"]
    assert len(mails(system, of="reminder")) == len(reminders)
    return Outcome(
        figures={period: await figures(system, period=period) for period in PERIODS},
        alerts=sorted(
            (item["rule"], item["indicator"], item["level"]) for item in await open_alerts(system)
        ),
        notices=sorted((item["indicator"], item["kind"]) for item in told),
        mails=len(mails(system)) - len(reminders),
        # A day that was missed comes with the next: the dates are the same, not the mails.
        reminders=sorted(
            (one["key"], one["due"]) for item in reminders for one in item["deliverables"]
        ),
    )


def steps_of(service: str, kind: str) -> list[Step]:
    points = POINTS[service]
    if kind == "embedded":
        # One process: the consumer's and the relay's points are reached by whoever comes first.
        seen = {"plan-api": (), "kpi-engine": PLAN_API, "notifier": PLAN_API + ENGINE}[service]
        points = tuple(point for point in points if point not in seen)
    steps = [(service, point) for point in points for _ in range(HITS)]
    if service == "notifier" and "relay-after-send" in points:
        # It sends what the first kill after a commit left unsent, and again what it had not
        # marked; the same acknowledgement a second time would give it nothing.
        committed = len(steps) - 2 * HITS
        again = steps[committed + 1 : committed + HITS]
        steps = [*steps[: committed + 1], *steps[-HITS:], *again]
    return steps


@pytest.mark.parametrize("kind", ["embedded", "kafka"])
def test_every_crash_point_of_the_catalogue_has_a_step(kind: str) -> None:
    here = {point for service in POINTS for _, point in steps_of(service, kind)}

    assert here | ELSEWHERE.keys() == set(CRASH_POINTS)
    assert not here & ELSEWHERE.keys()
    for point, test in ELSEWHERE.items():
        assert point in (ROOT / test).read_text("utf-8"), f"{test} no longer kills at {point}"


@pytest.mark.parametrize("service", list(POINTS))
async def test_a_kill_at_any_point_changes_nothing(
    log_kind: str, service: str, start_system: StartSystem
) -> None:
    steps = steps_of(service, log_kind)
    async with start_system(log_kind, name="calm") as system:
        calm = await run(system, steps, disturbed=False)
    assert ("wco-2019-2022:SG", "critical") in [item[1:] for item in calm.alerts]
    assert calm.mails == len(calm.alerts)
    assert [kind for _, kind in calm.notices].count("raised") == len(calm.alerts)
    assert len(set(calm.reminders)) == len(calm.reminders)

    async with start_system(log_kind, name="disturbed") as system:
        disturbed = await run(system, steps, disturbed=True)

    assert disturbed == calm


@pytest.mark.kafka
@pytest.mark.parametrize(
    ("module", "point"),
    [
        ("tests.support.naive_engine", "consumer-after-commit"),
        ("tests.support.lossy_engine", "consumer-after-apply"),
    ],
    ids=["naive", "lossy"],
)
async def test_an_engine_that_is_known_to_be_wrong_is_found_out(
    module: str, point: str, start_system: StartSystem
) -> None:
    commands = {"kpi-engine": [sys.executable, "-m", module, "serve"]}
    steps = [("kpi-engine", point)] * 3
    async with start_system("kafka", name="calm", commands=commands) as system:
        calm = await run(system, steps, disturbed=False)
    async with start_system("kafka", name="disturbed", commands=commands) as system:
        disturbed = await run(system, steps, disturbed=True)

    with pytest.raises(AssertionError):
        assert disturbed.figures == calm.figures
    assert calm.figures["FY2019"]["SP7.1"] != disturbed.figures["FY2019"]["SP7.1"]


@pytest.mark.parametrize("wrong", ["naive", "lossy"])
async def test_the_embedded_log_finds_it_out_too(wrong: str, start_system: StartSystem) -> None:
    """In small: one request undisturbed, one more through a kill. Two is what is right.

    The naive engine counts again what it reads again, and what the relay sends again: the kill
    takes the whole process, so it may be both. The lossy one skips what it had not written.
    """
    command = ["tests.support.wrong_engines", wrong]
    step = ("kpi-engine", "engine-after-facts")
    found = []
    async with start_system("embedded", commands={"all": command}) as system:
        for number in range(2):
            await register_member(system, f"X-F-{number}")
            await system.settle()
            if number:
                await armed(system, step)
                await stimulate(system, number, step, day=None)
                await dies(system, step)
                await clean(system, "kpi-engine")
            await post(system, number)
            await system.settle()
            found.append(int((await figures(system))["SP7.1"].denominator or 0))

    before, after = found
    assert before == 1
    assert after > 2 if wrong == "naive" else after < 2
