"""What `wcoplan up` does: take the port, start everything, load the demonstration, serve."""

import gc
import os
import signal
import socket
import time
from datetime import date
from functools import partial
from pathlib import Path

import httpx
import uvicorn
from rich.console import Console

from shared_kit.clock import FileClock
from shared_kit.delivery.supervise import supervise
from shared_kit.web.serving import Server
from wcoplan import starter
from wcoplan.demo.playing import morning_of, play
from wcoplan.demo.year import summary
from wcoplan.embedded import Embedded, clock_of, databases, running
from wcoplan.folder import ADDRESS, SHOWN_AT, WrongFolderError, YearMark, is_own, keep, set_out
from wcoplan.hosts import KnownHosts
from wcoplan.passing import shown

# A full batch of facts is some 200,000 short-lived objects and no circles: looking for some at
# every 700 of them took a third of the processor time of ingest.
_COLLECT = (100_000, 20, 20)


class PortTakenError(RuntimeError):
    """Another program listens there."""


async def up(
    *,
    host: str,
    port: int,
    home: Path,
    demo: bool,
    small: bool = False,
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
        set_out(home, demo=demo, small=small, at=at)
        outside = os.environ.get("WCOPLAN_DATABASE_URL", "")
        with databases(home=home, database_url=outside) as kept:
            console.print("PostgreSQL is up; starting plan-api, kpi-engine and notifier")
            loops = {"postgresql": kept.keep}
            clock = clock_of(home)
            if isinstance(clock, FileClock):
                loops["clock"] = partial(keep, clock)
            async with (
                supervise(loops),
                running(
                    home=home,
                    urls=kept.urls,
                    base_url=base_url,
                    package_data=package_data,
                ) as system,
            ):
                if demo:
                    await _demonstrate(system, home, console)
                (home / ADDRESS).write_text(f"{base_url}\n", "utf-8")
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


async def _demonstrate(system: Embedded, home: Path, console: Console) -> None:
    """Load what the folder's demonstration still lacks, and let the year's clock tick."""
    if not isinstance(system.clock, FileClock) or is_own(home):
        return
    mark = YearMark(home)
    if not mark.exists():
        await _load(system, console)
        return
    await require_told(system.client, mark, home=home)
    until = mark.until()
    if until is not None and system.clock.now() < morning_of(until):
        await _play(system, console, mark, until=until)
    system.clock.tick_from(system.clock.now())
    now = system.clock.now().astimezone(SHOWN_AT.tzinfo)
    console.print(f"The demonstration stands at {now:%A} {now.day} {now:%B %Y, %H:%M}; it ticks")


async def require_told(client: httpx.AsyncClient, mark: YearMark, *, home: Path) -> None:
    """Refuse a folder that remembers a told year beside a database that does not.

    Copied by root, whose data lie elsewhere, or robbed of its data: it would show an empty plan.

    Raises:
        WrongFolderError: it is so.
    """
    told = mark.told()
    if told is None:
        return
    answer = await client.get("/api/v1/deliverables", params={"limit": 1})
    if not answer.raise_for_status().json()["items"]:
        raise WrongFolderError(
            f"the year was told in {home} to {told}, but its database is empty (is it a copy?); "
            "choose another folder: --home"
        )


async def _play(system: Embedded, console: Console, mark: YearMark, *, until: date) -> None:
    """Let the year pass to a day, with a bar or lines that say which day it is."""
    assert isinstance(system.clock, FileClock)  # noqa: S101 - told by its caller
    console.print(summary().text("en"), soft_wrap=True)
    with shown(console, opening="1 July 2019: entering the Implementation Plan") as show:

        def passed(day: date, number: int, of: int) -> None:
            mark.set(told=day)
            show(day, number, of)

        await play(
            client=system.client,
            clock=system.clock,
            settle=system.settle,
            until=morning_of(until),
            told=mark.told(),
            progress=passed,
        )


async def _load(system: Embedded, console: Console) -> None:
    if system.clock.now() >= SHOWN_AT:
        return
    console.print("Loading the small demonstration through the public API")
    loaded = await starter.load(system.client)
    await system.move_to(SHOWN_AT)
    console.print(loaded.text("en"), soft_wrap=True)


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
