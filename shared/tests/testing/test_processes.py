"""Processes under test become ready, end, freeze and leave their log."""

import signal
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from shared_kit.testing.processes import Processes, ProcessFailedError, free_port
from shared_kit.testing.run import SharedRun
from shared_kit.testing.warm import Warm

pytestmark = pytest.mark.slow


@pytest.fixture(params=["cold", "warm"])
def processes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Processes]:
    """Forked or not, a process is the same to whoever looks at it."""
    warm = Warm(modules=["http.server"])
    running = Processes(folder=tmp_path, warm=warm if request.param == "warm" else None)
    yield running
    running.kill_all()
    warm.close()


SHORT = timedelta(seconds=0.3)


def test_is_ready_when_it_answers_200_and_again_after_a_kill(processes: Processes) -> None:
    port = free_port()
    server = processes.start("http.server", str(port), "--bind", "127.0.0.1", environment={})
    url = f"http://127.0.0.1:{port}/"
    server.wait_ready(url)

    server.kill()
    assert server.wait_end() == -signal.SIGKILL
    server.start()
    server.wait_ready(url)

    assert server.terminate() == -signal.SIGTERM


def test_a_process_that_ends_early_fails_the_wait_with_its_log(processes: Processes) -> None:
    server = processes.start("no_such_module", environment={})

    with pytest.raises(ProcessFailedError, match="No module named no_such_module"):
        server.wait_ready(f"http://127.0.0.1:{free_port()}/")


def test_a_frozen_process_does_not_answer_until_it_is_thawed(processes: Processes) -> None:
    port = free_port()
    server = processes.start("http.server", str(port), "--bind", "127.0.0.1", environment={})
    server.wait_ready(f"http://127.0.0.1:{port}/")

    server.pause()
    with pytest.raises(ProcessFailedError, match="not ready"):
        server.wait_ready(f"http://127.0.0.1:{port}/", within=SHORT)

    server.resume()
    server.wait_ready(f"http://127.0.0.1:{port}/")


def test_sees_the_settings_that_it_is_given_and_no_others(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WCOPLAN_OUTER", "1")
    code = "import os; print(sorted(k for k in os.environ if k.startswith('WCOPLAN_')))"

    shown = processes.start_command(
        [sys.executable, "-c", code], environment={"WCOPLAN_GIVEN": "1"}, name="settings"
    )

    assert shown.wait_end() == 0
    assert "WCOPLAN_GIVEN" in shown.log()
    assert "WCOPLAN_OUTER" not in shown.log()


def test_the_end_of_a_run_stops_the_processes_that_it_noted(processes: Processes) -> None:
    run = SharedRun.begin()
    noted = processes.start("http.server", str(free_port()), environment={})
    run.stop_at_end(name="noted", pid=noted.pid)

    run.end()

    assert not noted.is_running()
    assert not run.folder.exists()


def test_a_run_clears_away_what_a_killed_owner_left(processes: Processes) -> None:
    killed = SharedRun.begin()
    left_over = processes.start("http.server", str(free_port()), environment={})
    killed.stop_at_end(name="left-over", pid=left_over.pid)
    (killed.folder / "owner.json").write_text('{"pid": 1, "created": 1.0}', encoding="utf-8")

    later = SharedRun.begin()

    assert not left_over.is_running()
    assert not killed.folder.exists()
    later.end()


def test_a_run_never_stops_a_process_that_only_has_the_number(processes: Processes) -> None:
    run = SharedRun.begin()
    innocent = processes.start("http.server", str(free_port()), environment={})
    created = psutil.Process(innocent.pid).create_time() - 60
    note = f'{{"pid": {innocent.pid}, "created": {created}, "signal": {int(signal.SIGTERM)}}}'
    (run.folder / "gone.process").write_text(note, encoding="utf-8")

    run.end()

    assert innocent.is_running()
