"""Lets the days of the year pass: the clock moves, the system settles, the diary is told."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import httpx

from shared_kit.clock import FileClock
from wcoplan.demo.year import Desk, read

ZONE = ZoneInfo("Europe/Brussels")
OPENED_AT = datetime(2019, 7, 1, 7, 0, tzinfo=ZONE)
_MORNING, _EVENING = time(9, 0), time(17, 0)

Progress = Callable[[date, int, int], None]


def morning_of(day: date) -> datetime:
    """Nine o'clock in Brussels."""
    return datetime.combine(day, _MORNING, ZONE)


def weekdays(*, first: date, last: date) -> Iterator[date]:
    """Monday to Friday. A plan's own closed days pass without a judgement."""
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if day.weekday() < 5:
            yield day


def _move(clock: FileClock, instant: datetime) -> None:
    """Forward only: a clock that ticks may be past it."""
    if instant > clock.now():
        clock.move_to(instant)


async def play(
    *,
    client: httpx.AsyncClient,
    clock: FileClock,
    settle: Callable[[], Awaitable[None]],
    until: datetime,
    told: date | None = None,
    progress: Progress | None = None,
) -> None:
    """Tell the year from where the clock stands to the morning of a day.

    Every day begins at 09:00 with its judgements; at 17:00 the diary of the day is told. The system
    settles after both, so that the same year is the same history each time. Broken off, it goes on
    with the day on which the clock stands; `told` is the last day whose diary is known to be told.

    Raises:
        YearRefusedError, NotSettledError
    """
    desk = Desk(client)
    begins = clock.now().astimezone(ZONE)
    if begins <= OPENED_AT:
        await desk.open_year()
    await settle()
    # What is dated on a weekend is told on the Monday after it.
    told = told or max(begins.date() - timedelta(days=3), OPENED_AT.date() - timedelta(days=1))
    days = list(weekdays(first=begins.date(), last=until.astimezone(ZONE).date()))
    for number, day in enumerate(days, 1):
        morning = morning_of(day)
        if morning > clock.now():
            clock.move_to(morning)
            await settle()
        if morning >= until:
            break
        entries = read().told(after=told, until=day)
        if entries:
            _move(clock, datetime.combine(day, _EVENING, ZONE))
            await desk.tell(entries)
            await settle()
        told = day
        if progress is not None:
            progress(day, number, len(days))
