"""The page that says why a figure moved between two days."""

from datetime import date, timedelta
from typing import Final

from plan_api.desk.service.room import Room
from plan_api.report.model.changes import Changes
from plan_api.report.reads import FiguresUnavailableError, NothingKnownError
from plan_api.report.service import PageNotFoundError

_BACK: Final = timedelta(days=30)
_MOST: Final = 20


async def changes_page(
    room: Room, key: str, *, period: str | None, since: date | None, to: date | None
) -> str:
    """Write it; without days, of the last thirty.

    Raises:
        PageNotFoundError: there is no such indicator or period.
    """
    opened = await room.open(await room.report.plan_of(key))
    plan = opened.plan
    indicator = next((one for one in plan.indicators if f"{plan.plan}:{one.code}" == key), None)
    if indicator is None:
        raise PageNotFoundError(key)
    chosen = room.period(plan, period)
    today = opened.frame.format.today
    until = min(to or today, today)
    # Added before it is taken away: the first days of the calendar have nothing before them.
    begin = since or max(until, chosen.start + _BACK) - _BACK
    # Asked for in either order, as on the page "then and now".
    begin, until = sorted((min(begin, today), until))
    told: Changes | None = None
    unknown = unavailable = False
    try:
        told = await room.report.figures.changes(
            indicator=key, period=chosen.code, since=begin, to=None if until == today else until
        )
    except NothingKnownError:
        unknown = True
    except FiguresUnavailableError:
        unavailable = True
    return room.write(
        "changes.html",
        opened,
        indicator=indicator,
        key=key,
        period=chosen,
        since=begin,
        until=until,
        told=told,
        unknown=unknown,
        unavailable=unavailable,
        most=_MOST,
    )
