"""schemathesis finds nothing in the product, and a good deal in a naive app."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
# May do the most, and reaches the most: three seeds. Every other role, and nobody: one each.
EVERYTHING = "demo-planning-office"
LESS = (
    "demo-administrator",
    "demo-director:CF",
    "demo-editor:CF",
    "demo-auditor",
    "demo-member",
    "demo-service:source:*",
    "",
)


async def exploration(folder: Path, *arguments: str) -> dict[str, Any]:
    """What a run in a process of its own found."""
    output = folder / "found.json"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.contract.explore", "--output", str(output), *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=ROOT,
    )
    said, _ = await process.communicate()
    assert output.exists(), said.decode()[-4000:]
    found: dict[str, Any] = json.loads(output.read_text("utf-8"))
    print(f"seed {found['seed']}: {found['cases']} cases, answers {found['statuses']}")
    return found


def check(found: dict[str, Any], *, least: int) -> None:
    assert found["failures"] == {}, f"seed {found['seed']}"
    assert sum(found["cases"].values()) >= least, f"seed {found['seed']}: {found['cases']}"
    assert not [status for status in found["statuses"] if int(status) >= 500]


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_nothing_is_found_in_five_hundred_generated_cases(tmp_path: Path) -> None:
    seed = os.environ.get("WCOPLAN_SEED", "2019")  # the same each time: what is red stays red
    found = await exploration(tmp_path, "--cases", "500", "--seed", seed, "--home", str(tmp_path))

    check(found, least=500)
    assert found["cases"].keys() == {"examples", "coverage", "fuzzing", "stateful"}


@pytest.mark.explore
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("token", "round_"),
    [(EVERYTHING, 1), (EVERYTHING, 2), (EVERYTHING, 3), *((o, 1) for o in LESS)],
)
async def test_nothing_is_found_in_five_thousand_by_anybody(
    tmp_path: Path, token: str, round_: int
) -> None:
    given = int(os.environ.get("WCOPLAN_SEED", "0"))
    # 0: another one each time, printed. The rounds of a given one differ, and can be repeated.
    seed = given + round_ - 1 if given else 0
    limits = ("--cases", "6500", "--seed", str(seed), "--token", token)
    found = await exploration(tmp_path, *limits, "--home", str(tmp_path))

    check(found, least=5000)


@pytest.mark.slow
async def test_a_naive_app_is_found_out(tmp_path: Path) -> None:
    found = await exploration(tmp_path, "--naive", "--cases", "30", "--seed", "7")

    checks = {name.partition(":")[0] for name in found["failures"]}
    assert "not_a_server_error" in checks
    assert len(found["failures"]) >= 3, checks
