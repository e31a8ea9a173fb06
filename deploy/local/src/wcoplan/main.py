"""The local command: `wcoplan up` serves the demonstration; the rest forwards to the services.

What a verb needs is imported when it runs: `--help` need not wait for three services.
"""

import asyncio
import runpy
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from wcoplan.demo_commands import day, demo_commands
from wcoplan.plan_commands import plan_commands

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Keep a strategic plan on course: one process, its own PostgreSQL.",
)
_console = Console(stderr=True, highlight=False)
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
    no_plan: Annotated[
        bool,
        typer.Option("--no-plan", help="With no plan in it, at today's date: for your own."),
    ] = False,
    small: Annotated[
        bool,
        typer.Option("--small", help="A smaller demonstration: one day, whose clock stands still."),
    ] = False,
    at: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="Tell the year up to this day instead; forward only. With --empty or --no-plan: "
            "the clock of a new folder stands at this day, and `day` lets the next begin.",
        ),
    ] = None,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error")] = "warning",
) -> None:
    """Serve everything on one port, with the year from 1 July 2019 told to 3 February 2020."""
    from shared_kit.telemetry.logging import configure_logging
    from wcoplan import serving
    from wcoplan.embedded import AlreadyRunningError
    from wcoplan.folder import WrongFolderError
    from wcoplan.postgres import HomeInUseError, PostgresError
    from wcoplan.postgres_home import UnsuitablePlaceError

    if host not in _LOOPBACK:
        _console.print("The demonstration listens on loopback only.")
        raise typer.Exit(2)
    own = empty or no_plan
    if at is not None and not own and not "2019-07-02" <= f"{at:%Y-%m-%d}" <= "2020-06-30":
        _say("The year can be told up to a day from 2019-07-02 to 2020-06-30.")
        raise typer.Exit(2)
    if small and at is not None:
        _say("--small has no year to tell: leave --small or --at out.")
        raise typer.Exit(2)
    home.mkdir(parents=True, exist_ok=True)
    configure_logging(service="wcoplan", level=log_level, log_format="pretty")
    try:
        asyncio.run(
            serving.up(
                host=host,
                port=port,
                home=home.absolute(),
                demo=not own,
                small=small,
                package_data=not no_plan,
                console=_console,
                at=None if at is None else at.date(),
            )
        )
    except KeyboardInterrupt:
        _console.print("Stopped before it was up.")
    except HomeInUseError as error:
        _say(f"{error}. Another wcoplan runs on this folder: stop it, or choose --home.")
        raise typer.Exit(1) from error
    except (
        AlreadyRunningError,
        PostgresError,
        UnsuitablePlaceError,
        serving.PortTakenError,
        WrongFolderError,
    ) as error:
        _say(str(error))
        raise typer.Exit(1) from error


@app.command("settle")
def wait(*, url: Url = "http://127.0.0.1:8000", seconds: int = 60) -> None:
    """Wait until nothing is under way in a running system."""
    asyncio.run(_wait(url=url, seconds=seconds))


async def _wait(*, url: str, seconds: int) -> None:
    import httpx

    from wcoplan.settle import NotSettledError, settle

    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        try:
            await settle(client, deadline=timedelta(seconds=seconds))
        except NotSettledError as error:
            _say(str(error))
            raise typer.Exit(1) from error


@app.command("export")
def export(
    *,
    html: Annotated[Path, typer.Option("--html", help="The folder: empty, new, or an old copy.")],
    url: Url = "http://127.0.0.1:8000",
) -> None:
    """Copy the pages of a running system, in English and French, into a folder for reading."""
    asyncio.run(_export(html.absolute(), url=url))


async def _export(folder: Path, *, url: str) -> None:
    import httpx
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from wcoplan import static_copy

    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as client:
        try:
            with Progress(
                *(TextColumn("Copying"), BarColumn(), MofNCompleteColumn()),
                console=_console,
                # What is piped gets lines instead.
                disable=not _console.is_terminal,
            ) as bar:
                task = bar.add_task("")
                lines = static_copy.Lines()

                def progress(done: int, known: int) -> None:
                    bar.update(task, completed=done, total=known)
                    if bar.disable and lines.is_time():
                        _console.print(f"Copying: {done} of {known} found so far")

                made = await static_copy.copy(client, progress=progress)
            static_copy.write(made, folder)
        except static_copy.CopyError as error:
            _say(str(error))
            raise typer.Exit(1) from error
    _console.print(
        f"{made.pages} pages and {len(made.files) - made.pages} files in {folder}; "
        f"open {folder / 'index.html'}",
        soft_wrap=True,
    )


def _say(text: str) -> None:
    _console.print(text, style="red", soft_wrap=True)


app.command()(day)
app.add_typer(demo_commands, name="demo")
app.add_typer(plan_commands, name="plan")


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
    """Run a verb of kpi-engine: serve, migrate, replay, reconcile, doctor."""
    _forward("kpi_engine", context.args)


@app.command("notifier", context_settings=_FORWARDED, add_help_option=False)
def notifier(context: typer.Context) -> None:
    """Run a verb of notifier: serve, migrate."""
    _forward("notifier", context.args)


if __name__ == "__main__":
    app()
