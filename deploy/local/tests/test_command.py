"""The command as its user meets it: what is in the way is said in a line, a stop is clean."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from shared_kit.testing.processes import ServiceProcess, free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "wcoplan.main", *arguments]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, timeout=60, check=False
    )


def test_says_that_the_port_is_taken_before_it_starts_anything(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = run("up", "--empty", "--port", str(port), "--home", str(tmp_path / "home"))

    assert done.returncode == 1
    assert f"port {port} is taken" in done.stderr
    assert "Traceback" not in done.stderr
    assert list((tmp_path / "home").iterdir()) == []


def test_refuses_to_listen_beyond_loopback(tmp_path: Path) -> None:
    done = run("up", "--host", "0.0.0.0", "--home", str(tmp_path / "home"))

    assert done.returncode == 2
    assert "loopback only" in done.stderr


def test_a_second_start_says_so_in_a_line_and_a_stop_stops_postgresql(tmp_path: Path) -> None:
    home, port = tmp_path / "home", free_port()
    process = ServiceProcess(
        name="wcoplan",
        command=command("up", "--empty", "--port", str(port), "--home", str(home)),
        environment={},
        log=tmp_path / "log",
    )
    process.start()
    try:
        process.wait_ready(f"http://127.0.0.1:{port}/readyz")
        second = run("up", "--empty", "--port", str(free_port()), "--home", str(home))
    finally:
        code = process.terminate()

    assert second.returncode == 1
    assert "Another wcoplan runs on this folder" in second.stderr
    assert "Traceback" not in second.stderr
    assert code == 0
    assert "Stopped; the data are in" in process.log()
