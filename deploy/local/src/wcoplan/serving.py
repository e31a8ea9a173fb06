"""What `wcoplan up` does: take the port, start everything, load the demonstration, serve."""

import gc
import os
import signal
import socket
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import uvicorn
from rich.console import Console

from shared_kit.clock import FileClock
from shared_kit.delivery.supervise import supervise
from wcoplan import starter
from wcoplan.embedded import Embedded, databases, running
from wcoplan.hosts import KnownHosts

# The demonstration is loaded on a Sunday: no business day, so nothing is judged half loaded.
LOADED_AT = datetime(2020, 2, 2, 20, 0, tzinfo=ZoneInfo("Europe/Brussels"))
SHOWN_AT = datetime(2020, 2, 3, 9, 0, tzinfo=ZoneInfo("Europe/Brussels"))

# A full batch of facts is some 200,000 short-lived objects and no circles: looking for some at
# every 700 of them took a third of the processor time of ingest.
_COLLECT = (100_000, 20, 20)


class PortTakenError(RuntimeError):
    """Another program listens there."""


async def up(*, host: str, port: int, home: Path, demo: bool, console: Console) -> None:
    """Serve until Ctrl-C or SIGTERM, then stop everything, PostgreSQL last.

    Raises:
        PortTakenError, PostgresError, HomeInUseError, UnsuitablePlaceError, AlreadyRunningError
    """
    gc.set_threshold(*_COLLECT)
    base_url = f"http://{host}:{port}"
    with _listening(host, port) as listener:
        if demo and not (home / "clock").exists():
            FileClock(home / "clock").move_to(LOADED_AT)
        outside = os.environ.get("WCOPLAN_DATABASE_URL", "")
        with databases(home=home, database_url=outside) as kept:
            console.print("PostgreSQL is up; starting plan-api, kpi-engine and notifier")
            async with (
                supervise({"postgresql": kept.keep}),
                running(home=home, urls=kept.urls, base_url=base_url) as system,
            ):
                if demo:
                    await _load(system, console)
                console.print(
                    f"[bold green]{base_url}[/bold green] after {_age():.1f} s; stop with Ctrl-C",
                    soft_wrap=True,
                )
                await _serve(system, host, port, listener)
                console.print("Stopping")
    console.print(f"Stopped; the data are in {home}", soft_wrap=True)


async def _serve(system: Embedded, host: str, port: int, listener: socket.socket) -> None:
    # uvicorn raises the signal again when it has stopped; left alone that would end the process
    # before PostgreSQL is stopped.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    config = uvicorn.Config(
        KnownHosts(system.app, names=os.environ.get("WCOPLAN_HOSTS", "").split(",")),
        host=host,
        port=port,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,
    )
    await uvicorn.Server(config).serve(sockets=[listener])


async def _load(system: Embedded, console: Console) -> None:
    if system.clock.now() >= SHOWN_AT:
        return
    console.print("Loading the demonstration through the public API")
    summary = await starter.load(system.client)
    await system.move_to(SHOWN_AT)
    console.print(summary.text("en"), soft_wrap=True)


def _listening(host: str, port: int) -> socket.socket:
    """The port, taken before anything is started that would have to be stopped again."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # Bound alone is not taken: who comes early waits in the queue until all is up.
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise PortTakenError(
            f"port {port} is taken or not allowed ({error.strerror}); choose another: "
            f"wcoplan up --port {port + 1}"
        ) from error
    return listener


def _age() -> float:
    """Seconds since this process was started, imports included."""
    ticks = int(Path("/proc/self/stat").read_text("ascii").rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
