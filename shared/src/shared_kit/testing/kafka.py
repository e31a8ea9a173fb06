"""A real Apache Kafka node for tests: started, stopped, killed, frozen and started again."""

import shutil
import signal
import socket
import struct
import subprocess
import time
from datetime import timedelta
from pathlib import Path

from shared_kit.testing.processes import free_port

_FETCH_SECONDS = 300.0
_API_VERSIONS = 18


class KafkaAbsentError(RuntimeError):
    """No Kafka can be had on this machine; the message says what is missing."""


class KafkaNode:
    """One node on free loopback ports, which it keeps, as it keeps its data, over restarts."""

    def __init__(self, *, data: Path) -> None:
        self._data = data
        self._port, self._controller_port = free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        return self._running().pid

    def start(self, *, within: timedelta = timedelta(seconds=60)) -> None:
        """Start the node and return when it answers. Raises KafkaAbsentError if there is none."""
        fetch_jars()
        self._data.parent.mkdir(parents=True, exist_ok=True)
        with self._data.with_suffix(".log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(_script(), "node", self._data),
                    *(str(self._port), str(self._controller_port)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + within.total_seconds()
        while not _answers(self._port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"Kafka did not start:\n{self.log()[-4000:]}")
            time.sleep(0.05)

    def stop(self, *, within: timedelta = timedelta(seconds=30)) -> None:
        """Stop in order; after the deadline, kill."""
        if self._process is None:
            return
        self.resume()
        self._process.terminate()
        try:
            self._process.wait(timeout=within.total_seconds())
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """End it as a power cut would: no shutdown, nothing written that was not."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)
            self._process = None

    def restart(self, *, within: timedelta = timedelta(seconds=60)) -> None:
        """Kill, then start with the same data on the same ports."""
        self.kill()
        self.start(within=within)

    def pause(self) -> None:
        """Freeze it: connections stay open and nothing answers."""
        self._running().send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._running().send_signal(signal.SIGCONT)

    def leave_running(self) -> int:
        """Give the process up to someone who will stop it by this id."""
        process, self._process = self._running(), None
        # It is not forgotten, only no longer ours: Python need not warn.
        process.returncode = 0
        return process.pid

    def log(self) -> str:
        log = self._data.with_suffix(".log")
        return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("the Kafka node is not running")
        return self._process


def console_tool(
    *, name: str, arguments: list[str], given: str = "", within: timedelta = timedelta(seconds=60)
) -> str:
    """Run one of Kafka's own console tools, a client that we did not write; its output."""
    done = subprocess.run(
        [_script(), "tool", name, *arguments],
        input=given,
        capture_output=True,
        text=True,
        timeout=within.total_seconds(),
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{name} failed: {done.stderr[-4000:]}")
    return done.stdout


def fetch_jars() -> Path:
    """The folder of Kafka's jars, fetched by Maven the first time. Raises KafkaAbsentError."""
    if shutil.which("java") is None:
        raise KafkaAbsentError("there is no Java")
    try:
        done = subprocess.run(
            [_script(), "fetch"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_FETCH_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise KafkaAbsentError(f"Maven did not fetch Kafka in {_FETCH_SECONDS:.0f} s") from None
    if done.returncode != 0:
        if shutil.which("mvn") is None:
            raise KafkaAbsentError("Kafka was never fetched and there is no Maven")
        raise KafkaAbsentError(f"Maven could not fetch Kafka: {done.stderr.strip()[-500:]}")
    return Path(done.stdout.strip())


def _script() -> Path:
    for folder in Path(__file__).resolve().parents:
        script = folder / "deploy" / "kafka" / "start"
        if script.exists():
            return script
    raise KafkaAbsentError("the test kit runs Kafka from a checkout only (deploy/kafka)")


def _answers(port: int) -> bool:
    """Whether a broker answers: an open port alone may belong to one that is still loading."""
    request = struct.pack(">hhih", _API_VERSIONS, 0, 1, -1)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            answer = connection.recv(10)
    except OSError:
        return False
    return len(answer) == 10 and struct.unpack(">iih", answer)[1:] == (1, 0)
