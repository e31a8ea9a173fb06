"""Every command block of the documents is executed, as it stands, on a machine of its own."""

import asyncio
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from shared_kit.testing.processes import ServiceProcess, free_port
from tests.containers.image import ROOT
from tests.containers.manifests import BIN, copy_to
from tests.support import short_year

DOCUMENTS = ("README.md", "docs/runbook.md", "docs/plan-file.md", "examples/README.md")
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
ADDRESSES = ("127.0.0.1:8000", "plans.example.org")
PLAIN = ("curl", "wcoplan", "for", "deploy/secrets", "docker", "examples/post_event.sh")

# Without an engine: the manifest is read by compose, and the verb with its options is known to it.
DOCKER = """#!/usr/bin/env bash
set -euo pipefail
[ "$1" = compose ] || { echo "only compose is known here: $*" >&2; exit 64; }
verb=$2; shift 2
docker-compose config --format json | grep -q '^{'
usage=$(docker-compose "$verb" --help)
for option in "$@"; do grep -qe "$option" <<<"$usage" || { echo "no $option" >&2; exit 64; }; done
echo "compose $verb"
"""
# The default address is the demonstration's, which may run on this machine.
WCOPLAN = """#!/usr/bin/env bash
[[ "$*" == *" import "* && "$*" != *--url* ]] && set -- "$@" --url "$HERE"
exec "$REAL" "$@"
"""


def blocks() -> list[tuple[str, str]]:
    """Each block with the document that it stands in."""
    return [
        (name, block)
        for name in DOCUMENTS
        for block in BLOCK.findall((ROOT / name).read_text("utf-8"))
    ]


def recipe(target: str) -> list[str]:
    """What make would run."""
    said = subprocess.run(
        ["make", "--no-print-directory", "-n", target],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return shlex.split(said.stdout.strip().splitlines()[-1])


def workplace(folder: Path, address: str) -> dict[str, str]:
    """A folder with what the commands name, and the environment that they run in."""
    copy_to(folder)
    shutil.copy(ROOT / "docs/examples/rivers-2019-2022.json", folder / "my-plan.json")
    for name in ("examples", "docs/examples"):
        shutil.copytree(ROOT / name, folder / name)
    tools = folder / "tools"
    tools.mkdir()
    for name, text in (("docker", DOCKER), ("wcoplan", WCOPLAN)):
        (tools / name).write_text(text, "utf-8")
        (tools / name).chmod(0o755)
    (folder / ".curlrc").write_text("fail-with-body\nshow-error\n", "utf-8")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("WCOPLAN_")},
        "PATH": f"{tools}:{BIN}:{os.environ['PATH']}",
        "CURL_HOME": str(folder),
        "HERE": f"http://{address}",
        "REAL": str(BIN / "wcoplan"),
    }


def test_every_block_begins_with_a_command_that_the_next_test_knows_how_to_run() -> None:
    found = blocks()

    assert {name for name, _ in found} == set(DOCUMENTS)
    for name, block in found:
        first = block.split()[0]
        assert first == "make" or first in PLAIN, f"{name}: {block}"
        assert "\nmake" not in block or first == "make", f"{name}: {block}"
    fences = sum((ROOT / name).read_text("utf-8").count("```sh") for name in DOCUMENTS)
    assert len(found) == fences, "a block is not closed, or stands indented"


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_every_block_runs(tmp_path: Path) -> None:
    port = free_port()
    address = f"127.0.0.1:{port}"
    environment = workplace(tmp_path, address)
    # What the first start would take a minute for; it goes on with what is there.
    await short_year.tell(tmp_path / "h")
    run = recipe("run")
    system = ServiceProcess(
        name="make run",
        command=[str(ROOT / run[0]), *run[1:], "--port", str(port), "--home", str(tmp_path / "h")],
        environment={},
        log=tmp_path / "run.log",
    )
    system.start()
    try:
        await _loaded(system)
        for name, block in blocks():
            if block.startswith("make"):
                _of_make(block)
                continue
            await _execute(block, name=name, address=address, folder=tmp_path, env=environment)
        async with httpx.AsyncClient(base_url=f"http://{address}", trust_env=False) as client:
            card = (await client.get("/api/v1/results/wco-2019-2022:SG?period=FY2019")).json()
            assert (card["numerator"], card["denominator"]) == ("54", "155"), "a guide is released"
            for path in ("/", "/docs", "/openapi.json", "/api/v1/plans/rivers-2019-2022"):
                assert (await client.get(path)).status_code == 200, path
        assert await asyncio.to_thread(system.terminate) == 0
    finally:
        if system.is_running():  # in order: its PostgreSQL would outlive a kill
            await asyncio.to_thread(system.terminate)


async def _loaded(system: ServiceProcess) -> None:
    async with asyncio.timeout(90):
        while "stop with Ctrl-C" not in system.log():
            assert system.is_running(), system.log()
            await asyncio.sleep(0.1)


def _of_make(block: str) -> None:
    """`make run` is what all this runs on; `make test` is what runs this."""
    for line in block.splitlines():
        verb, target = line.split("#")[0].split()
        assert verb == "make"
        command = recipe(target)
        assert target in ("run", "test")
        assert (ROOT / command[0]).exists()


async def _execute(
    block: str, *, name: str, address: str, folder: Path, env: dict[str, str]
) -> None:
    command = block
    for one in ADDRESSES:
        command = command.replace(one, address)
    process = await asyncio.create_subprocess_exec(
        *("bash", "-e", "-o", "pipefail", "-c", command),
        cwd=folder,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 90)
    assert process.returncode == 0, f"{name}: {block}\n{said.decode()}"
    assert said, f"{name}: {block}"
    assert b'"/problems/' not in said, said
