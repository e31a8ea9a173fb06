"""The demonstration's year in a folder, told without judging the days between: for tests.

As `make run` would leave it on the morning of 3 February 2020, but for the history.
"""

from datetime import datetime, timedelta
from pathlib import Path

from shared_kit.clock import FileClock
from wcoplan.demo.playing import OPENED_AT, ZONE, morning_of
from wcoplan.demo.year import Desk, read
from wcoplan.embedded import databases, running
from wcoplan.folder import SHOWN_ON, YearMark, set_out

_EVE = SHOWN_ON - timedelta(days=1)


async def tell(home: Path) -> None:
    """Make the folder and tell the year in it."""
    home.mkdir(parents=True)
    set_out(home)
    clock = FileClock(home / "clock")
    with databases(home=home, database_url="") as kept:
        async with running(home=home, urls=kept.urls, base_url="http://127.0.0.1") as system:
            desk = Desk(system.client)
            await desk.open_year()
            await system.move_to(datetime(_EVE.year, _EVE.month, _EVE.day, 17, tzinfo=ZONE))
            await desk.tell(read().told(after=OPENED_AT.date() - timedelta(days=1), until=_EVE))
            YearMark(home).set(told=_EVE)
            await system.settle()
    clock.stand_at(morning_of(SHOWN_ON))
