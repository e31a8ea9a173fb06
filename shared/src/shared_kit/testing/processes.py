"""Service processes under test: started, awaited, killed, frozen and started again.

Everything here blocks: in an async test, call it by `await asyncio.to_thread(...)` when tasks of
the test must go on meanwhile.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from shared_kit.testing.warm import Warm, WarmProcess

_TAIL = 6000


class ProcessFailedError(RuntimeError):
    """A process did not become ready or did not end; the message ends with its log."""


class ServiceProcess:
    """One process with a log file; the same object may be started again after its end.

    With `warm`, a command that is `python -m module ...` is forked from what has imported it.
    """

    def __init__(
        self,
        *,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        warm: Warm | None = None,
    ) -> None:
        self.name = name
        self.environment = dict(environment)
        self._command = list(command)
        self._log = log
        self._warm = warm
        self._process: subprocess.Popen[bytes] | WarmProcess | None = None

    @property
    def pid(self) -> int:
        return self._started().pid

    def start(self) -> None:
        """Start it with its environment; settings of the tests' own environment are not seen."""
        if self.is_running():
            raise ProcessFailedError(f"{self.name} runs already")
        outer = {name: value for name, value in os.environ.items() if not _is_setting(name)}
        environment = {**outer, "PYTHONUNBUFFERED": "1", **self.environment}
        if self._warm is not None and self._command[:2] == [sys.executable, "-m"]:
            _, _, module, *arguments = self._command
            self._process = self._warm.launch(
                module=module, arguments=arguments, environment=environment, log=self._log
            )
            return
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_ready(self, url: str, *, within: timedelta = timedelta(seconds=30)) -> None:
        """Wait until a GET of the URL answers 200; fails at once if the process ends."""
        deadline = time.monotonic() + within.total_seconds()
        while not _is_ok(url):
            if not self.is_running():
                raise ProcessFailedError(f"{self.name} ended before {url} was ready{self._tail()}")
            if time.monotonic() > deadline:
                raise ProcessFailedError(f"{url} is not ready after {within}{self._tail()}")
            time.sleep(0.05)

    def wait_end(self, *, within: timedelta = timedelta(seconds=30)) -> int:
        """Wait for its end; the exit code (negative: the signal that ended it)."""
        try:
            return self._started().wait(timeout=within.total_seconds())
        except subprocess.TimeoutExpired:
            raise ProcessFailedError(
                f"{self.name} has not ended after {within}{self._tail()}"
            ) from None

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def terminate(self, *, within: timedelta = timedelta(seconds=30)) -> int:
        """Ask it to end (SIGTERM) and wait; the exit code."""
        self._started().terminate()
        return self.wait_end(within=within)

    def kill(self) -> None:
        """End it as a crash would (SIGKILL). Safe to repeat."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)

    def pause(self) -> None:
        """Freeze it (SIGSTOP): to the others it looks dead, and it may come back."""
        self._started().send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._started().send_signal(signal.SIGCONT)

    def log(self) -> str:
        exists = self._log.exists()
        return self._log.read_text(encoding="utf-8", errors="replace") if exists else ""

    def _tail(self) -> str:
        return f"; its log ends with:\n{self.log()[-_TAIL:]}"

    def _started(self) -> subprocess.Popen[bytes] | WarmProcess:
        if self._process is None:
            raise ProcessFailedError(f"{self.name} was not started")
        return self._process


class Processes:
    """The processes of one test; what still runs at its end is killed."""

    def __init__(self, *, folder: Path, warm: Warm | None = None) -> None:
        self._folder = folder
        self._warm = warm
        self._all: list[ServiceProcess] = []

    def start(
        self,
        module: str,
        *arguments: str,
        environment: Mapping[str, str],
        name: str | None = None,
    ) -> ServiceProcess:
        """Start `python -m module arguments...` with the interpreter of the tests."""
        command = [sys.executable, "-m", module, *arguments]
        return self.start_command(command, environment=environment, name=name or module)

    def start_command(
        self, command: Sequence[str], *, environment: Mapping[str, str], name: str
    ) -> ServiceProcess:
        process = ServiceProcess(
            name=name,
            command=command,
            environment=environment,
            log=self._folder / f"{name}-{len(self._all)}.log",
            warm=self._warm,
        )
        self._all.append(process)
        process.start()
        return process

    def kill_all(self) -> None:
        for process in reversed(self._all):
            process.kill()


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_setting(name: str) -> bool:
    return name.startswith("WCOPLAN_") and name != "WCOPLAN_HOME"


def _is_ok(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            status: int = response.status
            return status == 200
    except (urllib.error.URLError, OSError):
        return False
