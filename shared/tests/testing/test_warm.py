"""A process that is forked from the launcher is as one that was started, only sooner."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared_kit.testing.warm import Warm

SHOWN = """
import os, sys
print(__name__, sys.argv[1:], "colorsys" in sys.modules, "chunk" in sys.modules)
print(os.environ.get("GIVEN"), "PATH" in os.environ, os.getsid(0) == os.getpid())
print(sorted(os.listdir("/proc/self/fd"))[:3], len(os.listdir("/proc/self/fd")))
sys.exit(int(sys.argv[2]))
"""


@pytest.fixture
def warm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Warm]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shown.py").write_text(SHOWN, encoding="utf-8")
    launcher = Warm(modules=["colorsys"])
    yield launcher
    launcher.close()


def test_has_what_was_imported_and_nothing_else_of_the_launcher(warm: Warm, tmp_path: Path) -> None:
    log = tmp_path / "log"

    others = [
        warm.launch(module="shown", arguments=["a", "0"], environment={}, log=tmp_path / "other")
        for _ in range(2)
    ]
    shown = warm.launch(module="shown", arguments=["a b", "3"], environment={"GIVEN": "1"}, log=log)

    assert shown.wait(timeout=20) == 3
    assert [other.wait(timeout=20) for other in others] == [0, 0]
    # The fourth descriptor is that of the look itself.
    assert log.read_text().splitlines() == [
        "__main__ ['a b', '3'] True False",
        "1 False True",
        "['0', '1', '2'] 4",
    ]


def test_an_end_that_nobody_waits_for_hinders_nobody(warm: Warm, tmp_path: Path) -> None:
    forgotten = warm.launch(
        module="shown", arguments=["", "0"], environment={}, log=tmp_path / "log"
    )
    forgotten.wait(timeout=20)

    forgotten.kill()
    later = warm.launch(module="shown", arguments=["", "4"], environment={}, log=tmp_path / "log")

    assert later.wait(timeout=20) == 4
    with pytest.raises(ProcessLookupError):
        os.kill(forgotten.pid, 0)


def test_a_wait_ends_in_time_and_a_launcher_that_was_closed_starts_again(
    warm: Warm, tmp_path: Path
) -> None:
    (tmp_path / "sleeps.py").write_text("import time; time.sleep(60)", encoding="utf-8")
    sleeping = warm.launch(module="sleeps", arguments=[], environment={}, log=tmp_path / "log")
    with pytest.raises(subprocess.TimeoutExpired):
        sleeping.wait(timeout=0.05)
    sleeping.kill()
    assert sleeping.wait(timeout=20) == -9

    warm.close()

    again = warm.launch(module="shown", arguments=["", "5"], environment={}, log=tmp_path / "log")
    assert again.wait(timeout=20) == 5
