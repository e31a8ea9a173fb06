"""What did not run is listed right above pytest's last line, and fails the run where CI=true."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

TESTS = """
import pytest

def test_passes():
    pass

def test_needs_the_moon():
    pytest.skip("NOT RUN: there is no moon")

def test_is_skipped_for_another_reason():
    pytest.skip("only on Tuesdays")

def test_asks_for_kafka(kafka):
    pass

def test_asks_for_a_browser(chromium):
    pass
"""


MARKS = "".join(f"\n  {name}" for name in ("kafka", "browser", "slow", "faults"))
MARKED = """
import pytest

def test_quick():
    pass

@pytest.mark.slow
def test_slow():
    pass

@pytest.mark.browser
def test_in_a_page(request):
    [group] = request.node.iter_markers("xdist_group")
    assert group.args == ("browser",)

@pytest.mark.faults
def test_of_faults():
    pass
"""


def run_pytest(folder: Path, *options: str, **environment: str) -> tuple[int, list[str]]:
    (folder / "test_sample.py").write_text(TESTS, encoding="utf-8")
    (folder / "pytest.ini").write_text(f"[pytest]\nmarkers = {MARKS}\n")
    inherited = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "shared_kit.testing.plugin"),
            *("-p", "no:cacheprovider", "-o", "asyncio_default_fixture_loop_scope=function"),
            *options,
        ],
        cwd=folder,
        # A PATH without Java and Chromium, whatever this machine has.
        env={**inherited, "PATH": str(folder), "WCOPLAN_TEST_KAFKA": "", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout.strip().splitlines()


@pytest.mark.parametrize("workers", ["0", "2"])
def test_lists_what_did_not_run_right_above_the_last_line(tmp_path: Path, workers: str) -> None:
    code, lines = run_pytest(tmp_path, "-n", workers)

    assert code == 0
    assert lines[-5:-1] == [
        "NOT RUN: test_sample.py::test_asks_for_a_browser: there is no Chromium",
        "NOT RUN: test_sample.py::test_asks_for_kafka: there is no Java",
        "NOT RUN: test_sample.py::test_is_skipped_for_another_reason: only on Tuesdays",
        "NOT RUN: test_sample.py::test_needs_the_moon: there is no moon",
    ]
    assert "1 passed, 4 skipped" in lines[-1]


@pytest.mark.parametrize("workers", ["0", "2"])
def test_fails_the_run_where_ci_is_true(tmp_path: Path, workers: str) -> None:
    code, lines = run_pytest(tmp_path, "-n", workers, CI="true")

    assert code == 1
    assert "fails the run" in lines[-2]
    assert "1 passed, 4 skipped" in lines[-1]


def test_a_skip_for_another_reason_is_listed_and_does_not_fail_it(tmp_path: Path) -> None:
    code, lines = run_pytest(tmp_path, "-k", "passes or another_reason", CI="true")

    assert code == 0
    assert "another_reason: only on Tuesdays" in lines[-2]


def test_workers_take_the_long_tests_first_and_one_of_them_the_browser(tmp_path: Path) -> None:
    (tmp_path / "test_marks.py").write_text(MARKED, encoding="utf-8")

    _, lines = run_pytest(
        *(tmp_path, "-n", "1", "--dist", "loadgroup", "--no-loadscope-reorder", "-v"),
        *("test_marks.py", "-p", "no:randomly"),
    )

    ran = [
        line.split("::")[1].partition("@")[0].strip()
        for line in lines
        if "PASSED" in line and "::" in line
    ]
    assert ran == ["test_of_faults", "test_in_a_page", "test_slow", "test_quick"]


def test_whoever_uses_kafka_or_a_browser_is_marked_so(tmp_path: Path) -> None:
    _, lines = run_pytest(tmp_path, "-m", "not kafka and not browser")

    assert "1 passed, 2 skipped, 2 deselected" in lines[-1]


def test_a_kafka_that_is_named_is_used_as_it_is(tmp_path: Path) -> None:
    _, lines = run_pytest(tmp_path, "-m", "kafka", WCOPLAN_TEST_KAFKA="127.0.0.1:9")

    assert "1 passed, 4 deselected" in lines[-1]
