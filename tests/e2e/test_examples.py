"""Each example is run as it lies in `examples/`, on a system that knows nothing of them."""

import asyncio
import json
import re
import sys
from asyncio.subprocess import Process

import pytest

from tests.conftest import StartSystem
from tests.containers.image import ROOT
from tests.support.figures import PERIODS, PLAN, get
from tests.support.systems import System
from wcoplan.folder import SHOWN_AT

EXAMPLES = ROOT / "examples"
RIVERS = "docs/examples/rivers-2019-2022.json"


async def started(name: str, *arguments: str) -> Process:
    """The example; one in Python runs with the tests' own interpreter."""
    command = [str(EXAMPLES / name), *arguments]
    return await asyncio.create_subprocess_exec(
        *([sys.executable, *command] if name.endswith(".py") else command),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def run(name: str, *arguments: str) -> str:
    """What it says."""
    return await said_by(await started(name, *arguments))


async def said_by(process: Process) -> str:
    try:
        async with asyncio.timeout(60):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0, said.decode()
    return said.decode()


async def invitations(system: System) -> list[str]:
    """Of the denominator of LD3.2, once all is settled."""
    await system.settle()
    found = await get(system.client, f"/api/v1/results/{PLAN}:LD3.2/explain", period="FY2019")
    return [item["item"] for item in found["denominator"]["items"]]


async def a_stream_is_open(system: System) -> None:
    async with asyncio.timeout(30):
        while True:
            metrics = (await system.client.get("/_/notifier/metrics")).text
            if re.search(r"^\S*streams_open(\{\S*\})? 1(\.0)?$", metrics, re.M):
                return
            await asyncio.sleep(0.05)


def test_every_example_is_named_in_the_page_about_them_and_may_be_run() -> None:
    lying = {path for path in EXAMPLES.iterdir() if path.name != "README.md"}

    named = set(re.findall(r"^\| \[(\S+)\]", (EXAMPLES / "README.md").read_text("utf-8"), re.M))
    assert named == {path.name for path in lying}
    assert all(path.stat().st_mode & 0o111 for path in lying)


@pytest.mark.slow
async def test_curl_and_python_tell_the_same_fact_and_it_counts_once(
    start_system: StartSystem,
) -> None:
    async with start_system("embedded") as system:
        await system.move_to(SHOWN_AT)
        address = str(system.client.base_url)
        assert await invitations(system) == []

        following = await started("follow_stream.py", address, "2")
        await a_stream_is_open(system)
        assert json.loads(await run("post_event.sh", address))["accepted"] == 1
        told = (await said_by(following)).splitlines()
        assert sorted(told) == [
            f"result {PLAN}:LD3.2 {period} 0 of 1, not-judged" for period in sorted(PERIODS)
        ]
        assert await invitations(system) == ["EX-FORUM-2020"]

        assert "accepted" in await run("post_event.py", address)
        assert await invitations(system) == ["EX-FORUM-2020"]

        for _ in range(2):  # safe to repeat
            plan = json.loads((await run("load_plan.sh", RIVERS, address)).splitlines()[-1])
            assert plan["plan"] == "rivers-2019-2022"
        assert (await get(system.client, "/api/v1/plans/rivers-2019-2022"))["version"] == 1


@pytest.mark.slow
async def test_a_record_on_the_topic_counts_like_the_same_fact_by_http(
    kafka: str, topic_prefix: str, start_system: StartSystem
) -> None:
    async with start_system("kafka", name="examples") as system:
        await system.move_to(SHOWN_AT)
        topic = f"{topic_prefix}examples.activity"

        written = await run("post_event_kafka.py", kafka, topic)
        assert written.startswith(topic)
        async with asyncio.timeout(60):
            while await invitations(system) != ["EX-FORUM-2020"]:
                await asyncio.sleep(0.1)

        await run("post_event.sh", f"http://127.0.0.1:{system.ports['plan-api']}")
        assert await invitations(system) == ["EX-FORUM-2020"]
        parked = await get(system.client, "/api/v1/parked")
        assert parked["items"] == []
