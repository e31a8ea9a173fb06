"""What `wcoplan up` does: take the port, start everything, load the demonstration, serve."""

import gc
import os
import signal
import socket
import time
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import uvicorn
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from shared_kit.clock import FileClock
from shared_kit.delivery.supervise import supervise
from shared_kit.web.serving import Server
from wcoplan import starter
from wcoplan.demo.playing import OPENED_AT, morning_of, play
from wcoplan.embedded import Embedded, databases, running
from wcoplan.hosts import KnownHosts

# The demonstration is loaded on a Sunday: no business day, so nothing is judged half loaded.
LOADED_AT = datetime(2020, 2, 2, 20, 0, tzinfo=ZoneInfo("Europe/Brussels"))
SHOWN_AT = datetime(2020, 2, 3, 9, 0, tzinfo=ZoneInfo("Europe/Brussels"))

# A full batch of facts is some 200,000 short-lived objects and no circles: looking for some at
# every 700 of them took a third of the processor time of ingest.
_COLLECT = (100_000, 20, 20)


# Beside the clock: this folder holds the year, told day by day.
_YEAR = "year"


class WrongFolderError(RuntimeError):
    """The folder cannot be brought to that day."""


class PortTakenError(RuntimeError):
    """Another program listens there."""


async def up(
    *,
    host: str,
    port: int,
    home: Path,
    demo: bool,
    console: Console,
    at: date | None = None,
    package_data: bool = True,
) -> None:
    """Serve until Ctrl-C or SIGTERM, then stop everything, PostgreSQL last.

    Raises:
        WrongFolderError, PortTakenError, PostgresError, HomeInUseError, UnsuitablePlaceError
        AlreadyRunningError
    """
    gc.set_threshold(*_COLLECT)
    base_url = f"http://{host}:{port}"
    with _listening(host, port) as listener:
        set_out(home, demo=demo, at=at)
        outside = os.environ.get("WCOPLAN_DATABASE_URL", "")
        with databases(home=home, database_url=outside) as kept:
            console.print("PostgreSQL is up; starting plan-api, kpi-engine and notifier")
            async with (
                supervise({"postgresql": kept.keep}),
                running(
                    home=home,
                    urls=kept.urls,
                    base_url=base_url,
                    package_data=package_data,
                ) as system,
            ):
                if (home / _YEAR).exists():
                    await _play(system, console, until=at)
                elif demo:
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
    await Server(config, ends=system.app.ends).serve(sockets=[listener])


def set_out(home: Path, *, demo: bool, at: date | None) -> None:
    """Set the clock of a new folder; one that is there goes on with what it holds.

    Raises:
        WrongFolderError
    """
    clock = home / "clock"
    if at is None:
        if demo and not clock.exists():
            FileClock(clock).move_to(LOADED_AT)
        return
    begun = clock.exists() or any(home.iterdir())
    if begun and not (home / _YEAR).exists():
        raise WrongFolderError(
            f"{home} holds something else than the year; choose another folder: --home"
        )
    if begun and FileClock(clock).now() > morning_of(at):
        raise WrongFolderError(
            f"it is later than {at} in {home} and time goes forward only; choose another: --home"
        )
    if not begun:
        # The clock first: a folder with the mark has one.
        FileClock(clock).move_to(OPENED_AT)
        (home / _YEAR).touch()


async def _play(system: Embedded, console: Console, *, until: date | None) -> None:
    """Let the year pass to a day, with a bar that says which day it is."""
    if until is None or not isinstance(system.clock, FileClock):
        return
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console
    ) as bar:
        task = bar.add_task("1 July 2019: entering the Implementation Plan", total=None)

        def show(day: date, number: int, of: int) -> None:
            bar.update(task, description=f"{day.day} {day:%B %Y}", completed=number, total=of)

        await play(
            client=system.client,
            clock=system.clock,
            settle=system.settle,
            until=morning_of(until),
            progress=show,
        )


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
