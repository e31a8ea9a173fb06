"""Who keeps the loops running, and what it says about them."""

import asyncio
from datetime import timedelta

from shared_kit.delivery.supervise import Supervisor, supervise


async def test_says_what_is_down_and_stops_in_time() -> None:
    ends = asyncio.Event()

    async def steady() -> None:
        await asyncio.Event().wait()

    async def brief() -> None:
        await ends.wait()

    async def stubborn() -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                await asyncio.sleep(0.05)
                raise

    async with supervise({"steady": steady, "brief": brief, "stubborn": stubborn}) as supervisor:
        await asyncio.sleep(0.05)
        before = supervisor.health()
        ends.set()
        await asyncio.sleep(0.05)
        after = supervisor.health()

    assert before == {"steady": True, "brief": True, "stubborn": True}
    assert after == {"steady": True, "brief": False, "stubborn": True}
    assert not supervisor.healthy


async def test_a_loop_that_fails_at_once_each_time_never_looks_well_again() -> None:
    async def fail_soon() -> None:
        await asyncio.sleep(0.02)
        raise ZeroDivisionError

    supervisor = Supervisor({"loop": fail_soon}, first_pause=timedelta(milliseconds=50))
    supervisor.start()
    before = supervisor.healthy
    await asyncio.sleep(0.03)
    looked = []
    for _ in range(30):
        looked.append(supervisor.healthy)
        await asyncio.sleep(0.01)
    await supervisor.stop()

    assert before is False  # its task has not begun
    assert not any(looked)
    assert supervisor.restarts("loop") >= 2
    assert isinstance(supervisor.last_error("loop"), ZeroDivisionError)


async def test_a_loop_that_returns_is_started_again() -> None:
    runs = []

    async def end() -> None:
        runs.append(1)

    async with supervise({"loop": end}) as supervisor:
        await asyncio.sleep(0.3)

    assert len(runs) == 2
    assert supervisor.last_error("loop") is None
