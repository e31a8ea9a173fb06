"""`wcoplan day` and `wcoplan demo`: let days pass in a running demonstration, tell two apart."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console

from shared_kit.clock import FileClock
from wcoplan.demo.playing import ZONE, morning_of, play
from wcoplan.demo.year import YearRefusedError
from wcoplan.folder import ADDRESS, YearMark
from wcoplan.passing import shown
from wcoplan.settle import NotSettledError, settle

LAST_DAY = date(2020, 6, 30)
_SPEED = 4.0

demo_commands = typer.Typer(no_args_is_help=True, help="Let the demonstration's year pass.")
_console = Console(stderr=True, highlight=False)

Home = Annotated[Path, typer.Option(help="The folder of the running system.")]
Url = Annotated[
    str | None, typer.Option(help="Its address; without it, where it said that it answers.")
]


@demo_commands.command("play")
def play_command(
    *,
    speed: Annotated[
        float, typer.Option(min=0.1, max=100, help="Business days a second, at most.")
    ] = _SPEED,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day to stop at, 09:00.")
    ] = None,
    home: Home = Path("var"),
    url: Url = None,
) -> None:
    """Let the days pass in a running `make run`, a year in about a minute, while a page is open."""
    last = LAST_DAY if until is None else until.date()
    if last > LAST_DAY:
        _end("The year can be told up to 2020-06-30.", code=2)
    clock = _clock(home)
    if not YearMark(home).exists():
        _end(
            f"{home} does not hold the year: it was begun with --small or --empty. "
            "`wcoplan day` lets the next day begin."
        )
    if clock.now() >= morning_of(last):
        _end(f"It is later than the morning of {last} already; time goes forward only.")
    _run(let_pass(home=home, url=_address(home, url), until=last, speed=speed))
    _say_when(clock)


@demo_commands.command("hash")
def hash_command(*, home: Home = Path("var"), url: Url = None) -> None:
    """Say by four digests what lies in a folder: the same year told twice has the same.

    Of its facts, its judgements (the last of each indicator, period and day), its alerts, and of
    all three. What no two plays have in common is left out: generated ids, revisions, positions
    in the log, what time it was. With `wcoplan up` on the folder or without.
    """
    from wcoplan.embedded import AlreadyRunningError
    from wcoplan.postgres import PostgresError
    from wcoplan.postgres_home import UnsuitablePlaceError

    if not YearMark(home).exists() and not (home / ADDRESS).exists():
        _end(f"{home} holds nothing: wcoplan up --home {home} begins there.")
    try:
        _run(_hash(home=home, url=url))
    except (AlreadyRunningError, PostgresError, UnsuitablePlaceError) as error:
        _end(str(error))


async def _hash(*, home: Path, url: str | None) -> None:
    from wcoplan import history

    async def settled() -> None:
        async with httpx.AsyncClient(base_url=_address(home, url), trust_env=False) as client:
            await settle(client)

    found = await history.of_folder(home, settled=settled)
    for name, digest in found.digests().items():
        typer.echo(f"{name:<10} {len(found.parts()[name]):>7} {digest}")
    typer.echo(f"{'all':<10} {'':>7} {found.hash()}")


def day(*, home: Home = Path("var"), url: Url = None) -> None:
    """Let the next business day of the demonstration begin, at 09:00 in Brussels."""
    clock = _clock(home)
    address = _address(home, url)
    coming = clock.now().astimezone(ZONE).date() + timedelta(days=1)
    while coming.weekday() >= 5:
        coming += timedelta(days=1)
    if YearMark(home).exists():
        _run(let_pass(home=home, url=address, until=coming))
    else:
        _run(_begin(clock, url=address, day=coming))
    _say_when(clock)


async def let_pass(*, home: Path, url: str, until: date, speed: float | None = None) -> None:
    """Tell the year in a running system up to the morning of a day.

    `speed` is in business days a second; without it the days pass as fast as they are judged.

    Raises:
        YearRefusedError, NotSettledError, httpx.HTTPError
    """
    mark = YearMark(home)
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as client:
        with shown(_console, opening="Waiting until nothing is under way") as show:

            def passed(day: date, number: int, of: int) -> None:
                mark.set(told=day)
                show(day, number, of)

            await play(
                client=client,
                clock=FileClock(home / "clock"),
                settle=_paced(lambda: settle(client), speed=speed),
                until=morning_of(until),
                told=mark.told(),
                progress=passed,
            )


def _paced(
    settled: Callable[[], Awaitable[None]], *, speed: float | None
) -> Callable[[], Awaitable[None]]:
    """Settle, and then wait out the part of a day that is left: a day settles twice at most."""
    if speed is None:
        return settled
    least = 0.5 / speed

    async def settle_and_wait() -> None:
        began = time.monotonic()
        await settled()
        await asyncio.sleep(max(0.0, least - (time.monotonic() - began)))

    return settle_and_wait


async def _begin(clock: FileClock, *, url: str, day: date) -> None:
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        await settle(client)
        clock.move_to(morning_of(day))
        await settle(client)


def _run(work: Awaitable[None]) -> None:
    async def wait() -> None:
        await work

    try:
        asyncio.run(wait())
    except (YearRefusedError, NotSettledError) as error:
        _end(str(error))
    except httpx.TransportError as error:
        _end(
            f"The system stopped answering ({type(error).__name__}). Start it again and repeat "
            "the command: it goes on from where it was."
        )


def _clock(home: Path) -> FileClock:
    clock = FileClock(home / "clock")
    if not clock.path.exists():
        _end(f"{clock.path} is not there: this system runs by the machine's time.")
    return clock


def _address(home: Path, url: str | None) -> str:
    """Where the system answers; ends the command at once where nobody does."""
    said = home / ADDRESS
    found = url or (said.read_text("utf-8").strip() if said.exists() else "http://127.0.0.1:8000")
    try:
        httpx.get(f"{found}/livez", timeout=10, trust_env=False)
    except httpx.TransportError:
        _end(f"Nobody answers at {found}: start it with wcoplan up --home {home}, or give --url.")
    return found


def _say_when(clock: FileClock) -> None:
    now = clock.now().astimezone(ZONE)
    _console.print(f"It is {now:%A %d %B %Y, %H:%M} in Brussels.")


def _end(text: str, *, code: int = 1) -> None:
    _console.print(text, style="red", soft_wrap=True)
    raise typer.Exit(code)
