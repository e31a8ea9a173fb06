"""The command as its user meets it: what is in the way is said in a line, a stop is clean."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from shared_kit.clock import FileClock
from shared_kit.testing.processes import ServiceProcess, free_port
from wcoplan.demo.playing import morning_of
from wcoplan.demo.year import read

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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--at", "2019-07-01"], "from 2019-07-02 to 2020-06-30"),
        (["--at", "2020-02-03", "--small"], "--small has no year"),
    ],
)
def test_refuses_a_day_that_the_year_cannot_be_told_to(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    done = run("up", *arguments, "--home", str(tmp_path / "home"))

    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.parametrize("verb", [["day"], ["demo", "play"]])
def test_a_day_is_asked_for_where_the_folder_s_system_answers(
    tmp_path: Path, verb: list[str]
) -> None:
    """Not at the usual port; and where nobody answers it says so instead of waiting."""
    (tmp_path / "clock").write_text("2020-02-03T08:00:00+00:00", "utf-8")
    (tmp_path / "year").write_text("2020-02-03\n2020-02-03", "utf-8")
    address = f"http://127.0.0.1:{free_port()}"
    (tmp_path / "address").write_text(f"{address}\n", "utf-8")

    done = run(*verb, "--home", str(tmp_path))

    assert done.returncode == 1
    assert f"Nobody answers at {address}" in done.stderr
    assert (tmp_path / "clock").read_text("utf-8").startswith("2020-02-03T08:00")


class _Dying(BaseHTTPRequestHandler):
    """A system with nothing left to do, which ends when something is posted."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def do_POST(self) -> None:
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_system_that_dies_while_days_pass_is_told_of_in_a_line(tmp_path: Path) -> None:
    day = date.fromisoformat(next(one["on"] for one in read().diary if one["do"] == "release"))
    FileClock(tmp_path / "clock").stand_at(morning_of(day))
    (tmp_path / "year").write_text(f"{day}\n{day - timedelta(days=1)}", "utf-8")
    with ThreadingHTTPServer(("127.0.0.1", 0), _Dying) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = run(
            "day", "--home", str(tmp_path), "--url", f"http://127.0.0.1:{server.server_port}"
        )
        server.shutdown()

    assert done.returncode == 1
    assert "The system stopped answering (RemoteProtocolError). Start it again" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_empty_folder_has_no_hash(tmp_path: Path) -> None:
    done = run("demo", "hash", "--home", str(tmp_path))

    assert done.returncode == 1
    assert "holds nothing" in done.stderr
    assert not list(tmp_path.iterdir())


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


def test_its_postgresql_comes_back_when_it_is_killed(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = ServiceProcess(
        name="wcoplan",
        command=command("up", "--empty", "--port", str(port), "--home", str(tmp_path / "home")),
        environment={},
        log=tmp_path / "log",
    )
    process.start()
    try:
        process.wait_ready(f"{url}/readyz")
        [killed] = postgres_of(process.pid)
        os.kill(killed, signal.SIGKILL)
        given_up = time.monotonic() + 30
        while postgres_of(process.pid) in ([], [killed]):
            assert time.monotonic() < given_up, process.log()
            time.sleep(0.05)
        process.wait_ready(f"{url}/readyz", within=timedelta(seconds=90))
        unit = {"code": "HR", "title": {"en": "Staff", "fr": "Personnel"}}
        answer = httpx.post(
            f"{url}/api/v1/units",
            json=unit,
            headers={"authorization": "Bearer demo-planning-office"},
            timeout=30,
        )
    finally:
        code = process.terminate()

    assert answer.status_code == 201, answer.text
    assert "PostgreSQL ended and is started again" in process.log()
    assert code == 0
    assert postgres_of(process.pid) == []


def postgres_of(owner: int) -> list[int]:
    """The servers that are children of a process and not yet ended."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name, _, rest = (folder / "stat").read_text("ascii").partition(" (")[2].rpartition(") ")
        except OSError:
            continue  # it ended in between
        state, parent, *_ = rest.split()
        if (name, int(parent)) == ("postgres", owner) and state != "Z":
            found.append(int(folder.name))
    return found
