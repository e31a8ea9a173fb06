"""The local command: `wcoplan up` serves the demonstration; the rest forwards to the services."""

import asyncio
import gc
import os
import runpy
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import httpx
import typer
import uvicorn
from rich.console import Console

from shared_kit.clock import FileClock
from shared_kit.telemetry.logging import configure_logging
from wcoplan import starter
from wcoplan.embedded import AlreadyRunningError, Embedded, databases, running
from wcoplan.postgres import PostgresError
from wcoplan.settle import NotSettledError, settle

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Keep a strategic plan on course: one process, its own PostgreSQL.",
)
_console = Console(stderr=True, highlight=False)

# The demonstration is loaded on a Sunday: no business day, so nothing is judged half loaded.
LOADED_AT = datetime(2020, 2, 2, 20, 0, tzinfo=ZoneInfo("Europe/Brussels"))
SHOWN_AT = datetime(2020, 2, 3, 9, 0, tzinfo=ZoneInfo("Europe/Brussels"))
_LOOPBACK = ("127.0.0.1", "::1", "localhost")

Home = Annotated[Path, typer.Option(help="Where the database, the clock and the mails are kept.")]
Url = Annotated[str, typer.Option(help="The address of a running system.")]


@app.command()
def up(
    *,
    host: Annotated[str, typer.Option(help="Loopback only: the demonstration has no sign-in.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    home: Home = Path("var"),
    empty: Annotated[
        bool, typer.Option("--empty", help="Without the demonstration, at today's date.")
    ] = False,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error")] = "warning",
) -> None:
    """Serve everything on one port, with the demonstration of 3 February 2020."""
    if host not in _LOOPBACK:
        _console.print("The demonstration listens on loopback only.")
        raise typer.Exit(2)
    home.mkdir(parents=True, exist_ok=True)
    configure_logging(service="wcoplan", level=log_level, log_format="pretty")
    try:
        asyncio.run(_up(host=host, port=port, home=home.absolute(), demo=not empty))
    except (AlreadyRunningError, PostgresError) as error:
        _console.print(f"[red]{error}[/red]")
        raise typer.Exit(1) from error


# A full batch of facts is some 200,000 short-lived objects and no circles: looking for some at
# every 700 of them took a third of the processor time of ingest.
_COLLECT = (100_000, 20, 20)


async def _up(*, host: str, port: int, home: Path, demo: bool) -> None:
    began = time.monotonic()
    gc.set_threshold(*_COLLECT)
    if demo and not (home / "clock").exists():
        FileClock(home / "clock").move_to(LOADED_AT)
    base_url = f"http://{host}:{port}"
    with databases(home=home, database_url=os.environ.get("WCOPLAN_DATABASE_URL", "")) as urls:
        _console.print("PostgreSQL is up; starting plan-api, kpi-engine and notifier")
        async with running(home=home, urls=urls, base_url=base_url) as system:
            if demo:
                await _load(system)
            config = uvicorn.Config(
                system.app,
                host=host,
                port=port,
                lifespan="off",
                log_level="warning",
                timeout_graceful_shutdown=10,
            )
            _console.print(
                f"[bold green]{base_url}[/bold green] after {time.monotonic() - began:.1f} s; "
                "stop with Ctrl-C"
            )
            await uvicorn.Server(config).serve()


async def _load(system: Embedded) -> None:
    if system.clock.now() >= SHOWN_AT:
        return
    _console.print("Loading the demonstration through the public API")
    summary = await starter.load(system.client)
    await system.move_to(SHOWN_AT)
    _console.print(summary.text("en"))


@app.command("settle")
def wait(*, url: Url = "http://127.0.0.1:8000", seconds: int = 60) -> None:
    """Wait until nothing is under way in a running system."""
    asyncio.run(_wait(url=url, seconds=seconds))


async def _wait(*, url: str, seconds: int) -> None:
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        try:
            await settle(client, deadline=timedelta(seconds=seconds))
        except NotSettledError as error:
            _console.print(f"[red]{error}[/red]")
            raise typer.Exit(1) from error


def _forward(package: str, arguments: list[str]) -> None:
    sys.argv = [f"python -m {package}", *arguments]
    runpy.run_module(package, run_name="__main__", alter_sys=True)


_FORWARDED = {"allow_extra_args": True, "ignore_unknown_options": True}


@app.command("plan-api", context_settings=_FORWARDED, add_help_option=False)
def plan_api(context: typer.Context) -> None:
    """Run a verb of plan-api: serve, migrate."""
    _forward("plan_api", context.args)


@app.command("kpi-engine", context_settings=_FORWARDED, add_help_option=False)
def kpi_engine(context: typer.Context) -> None:
    """Run a verb of kpi-engine: serve, migrate, replay, doctor."""
    _forward("kpi_engine", context.args)


@app.command("notifier", context_settings=_FORWARDED, add_help_option=False)
def notifier(context: typer.Context) -> None:
    """Run a verb of notifier: serve, migrate."""
    _forward("notifier", context.args)


if __name__ == "__main__":
    app()
