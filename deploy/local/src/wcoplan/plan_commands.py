"""`wcoplan plan lint` and `wcoplan plan import`: another plan by data alone."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

if TYPE_CHECKING:
    from wcoplan.plan_files import Fault

plan_commands = typer.Typer(no_args_is_help=True, help="Plan files: look through, import.")
_console = Console(stderr=True, highlight=False)

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A plan file (JSON).")]
Url = Annotated[str, typer.Option(help="The address of a running system.")]
Language = Annotated[str, typer.Option("--lang", help="en or fr")]


@plan_commands.command("lint")
def lint(file: File, *, lang: Language = "en") -> None:
    """Say everything that is wrong with a plan file, place by place; exit code 1 if something."""
    from wcoplan import plan_files

    faults = plan_files.lint(file, language=lang)
    _tell(faults)
    if faults:
        raise typer.Exit(1)
    _console.print(f"{file}: nothing is wrong", markup=False, soft_wrap=True)


@plan_commands.command("import")
def bring(file: File, *, url: Url = "http://127.0.0.1:8000", lang: Language = "en") -> None:
    """Bring a plan file into a running system; safe to repeat."""
    from wcoplan import plan_files

    faults = plan_files.lint(file, language=lang)
    if faults:
        _tell(faults)
        raise typer.Exit(1)
    asyncio.run(_bring(file.read_bytes(), url=url, lang=lang))


async def _bring(text: bytes, *, url: str, lang: str) -> None:
    import httpx

    from wcoplan import plan_files

    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as client:
        try:
            taken = await plan_files.bring(client, text, language=lang)
        except plan_files.RefusedError as error:
            _tell(error.faults)
            _console.print(str(error), style="red", markup=False, soft_wrap=True)
            raise typer.Exit(1) from error
        except httpx.TransportError as error:
            _console.print(f"Nobody answers at {url}", style="red", markup=False, soft_wrap=True)
            raise typer.Exit(1) from error
    _console.print(
        f"{taken.plan} version {taken.version}: {taken.indicators} indicators, "
        f"periods {', '.join(taken.periods)}" + ("" if taken.new else "; it was there already"),
        markup=False,
        soft_wrap=True,
    )


def _tell(faults: "Iterable[Fault]") -> None:
    for fault in faults:
        # Plain: a script may read it.
        typer.echo(f"{fault.pointer or '/'}: {fault.reason}")
