"""Shows how days pass: a bar on a terminal, a line a month elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from wcoplan.demo.playing import Progress as Shows


@contextmanager
def shown(console: Console, *, opening: str) -> Iterator[Shows]:
    """Say what happens until the first day, then each day."""
    if not console.is_terminal:
        yield _lines(console, opening)
        return
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    ) as bar:
        task = bar.add_task(opening, total=None)

        def show(day: date, number: int, of: int) -> None:
            bar.update(task, description=f"{day.day} {day:%B %Y}", completed=number, total=of)

        yield show


def _lines(console: Console, opening: str) -> Shows:
    console.print(opening)
    said: set[tuple[int, int]] = set()

    def show(day: date, number: int, of: int) -> None:
        if (day.year, day.month) not in said or number == of:
            said.add((day.year, day.month))
            console.print(f"{day.day} {day:%B %Y}, day {number} of {of}", soft_wrap=True)

    return show
