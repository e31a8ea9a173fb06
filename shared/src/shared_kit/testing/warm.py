"""Starts `python -m module` without the seconds of importing: forked from a process that has.

A start that is forked differs from one that is not in nothing that a test may look at: it has its
own session, environment, arguments, log and exit code, and it runs the module from its first line.
Only what the launcher was told to import is there already. Tests of the start itself start cold.
"""

import array
import gc
import json
import os
import runpy
import select
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

_LARGEST_REQUEST = 256 * 1024
_PATIENCE_SECONDS = 60.0


class WarmProcess:
    """What a test needs of `subprocess.Popen`, for a process whose parent is the launcher."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._channel.settimeout(_PATIENCE_SECONDS)
        self.pid = int(self._told())
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self._channel], [], [], 0)[0]:
            self._end()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code. Raises subprocess.TimeoutExpired as Popen does."""
        if self.returncode is None:
            if not select.select([self._channel], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired([str(self.pid)], timeout or 0)
            self._end()
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        # Its number is given back only after its end was told.
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _end(self) -> None:
        self.returncode = int(self._told())
        self._channel.close()

    def _told(self) -> str:
        told = self._channel.recv(64).decode()
        if not told:
            raise RuntimeError("the launcher of warm processes has ended")
        return told


class Warm:
    """The launcher, started at the first use and ended by `close` or with this process."""

    def __init__(self, *, modules: Sequence[str]) -> None:
        self._modules = tuple(modules)
        self._launcher: subprocess.Popen[bytes] | None = None
        self._requests: socket.socket | None = None

    def launch(
        self, *, module: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> WarmProcess:
        """Start `python -m module arguments...`, everything it says going to the log."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        request = {
            "argv": [module, *arguments],
            "environment": dict(environment),
            "log": str(log.absolute()),
            "folder": str(Path.cwd()),
        }
        with theirs:
            descriptors = array.array("i", [theirs.fileno()])
            self._running().sendmsg(
                [json.dumps(request).encode()],
                [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)],
            )
        return WarmProcess(ours)

    def close(self) -> None:
        if self._requests is not None and self._launcher is not None:
            self._requests.close()
            self._launcher.wait(timeout=_PATIENCE_SECONDS)
        self._requests = self._launcher = None

    def _running(self) -> socket.socket:
        if self._requests is None:
            self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self._launcher = subprocess.Popen(
                    [sys.executable, "-m", __name__, str(theirs.fileno()), *self._modules],
                    env={**os.environ, "PYTHONUNBUFFERED": "1"},
                    stdin=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                )
        return self._requests


class _Launcher:
    """The other side: one thread, nothing open but its sockets, so that forking is harmless."""

    def __init__(self, requests: socket.socket) -> None:
        self._requests = requests
        self._selector = selectors.DefaultSelector()
        self._selector.register(requests, selectors.EVENT_READ)
        self._channels: dict[int, tuple[int, socket.socket]] = {}

    def serve(self) -> dict[str, Any] | None:
        """In each child the request that it is to fulfil; in the launcher None, at the end."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is not self._requests:
                    self._bury(key.fd)
                    continue
                content, descriptors, _, _ = socket.recv_fds(self._requests, _LARGEST_REQUEST, 1)
                if not content:
                    return None
                child = self._fork(content, socket.socket(fileno=descriptors[0]))
                if child is not None:
                    return child

    def _fork(self, content: bytes, channel: socket.socket) -> dict[str, Any] | None:
        pid = os.fork()
        if pid == 0:
            self._selector.close()
            self._requests.close()
            channel.close()
            for descriptor, (_, other) in self._channels.items():
                os.close(descriptor)
                other.close()
            request: dict[str, Any] = json.loads(content)
            return request
        descriptor = os.pidfd_open(pid)
        self._channels[descriptor] = (pid, channel)
        self._selector.register(descriptor, selectors.EVENT_READ)
        channel.send(str(pid).encode())
        return None

    def _bury(self, descriptor: int) -> None:
        """Tell how a child ended, and only then give its number back."""
        pid, channel = self._channels.pop(descriptor)
        self._selector.unregister(descriptor)
        os.close(descriptor)
        ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert ended is not None
        code = ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
        with suppress(BrokenPipeError):  # when nobody waits for it any more
            channel.send(str(code).encode())
        channel.close()
        os.waitpid(pid, 0)


def _become(request: Mapping[str, Any]) -> None:
    """Be the process that was asked for, as exec would have made it."""
    os.setsid()
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    sys.path[0] = request["folder"]
    sys.argv[:] = request["argv"]
    gc.enable()


def _main() -> None:
    requests = socket.socket(fileno=int(sys.argv[1]))
    for module in sys.argv[2:]:
        import_module(module)
    # What is imported stays as it is: a collection in a child would only copy its pages.
    gc.collect()
    gc.freeze()
    gc.disable()
    request = _Launcher(requests).serve()
    if request is None:
        requests.close()
        return
    _become(request)
    runpy.run_module(request["argv"][0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
