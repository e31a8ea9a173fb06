"""The pages of a unit, an Action and a priority: what is late, what comes, what is done."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from plan_api.desk.model import Narrowing, Standing
from plan_api.desk.pages.action_forms import action_forms
from plan_api.desk.pages.forms import Form
from plan_api.desk.service.room import Open, Room
from plan_api.directory.repository import Kind
from plan_api.implementation.model import Action, Deliverable
from plan_api.report.pages.overview import row_of
from plan_api.report.pages.work import count, split
from plan_api.report.service import PageNotFoundError

SHOWN: Final = 50
_ALL: Final = 10_000


async def units_page(room: Room) -> str:
    """Write the list of the units."""
    opened = await room.current()
    entries = await room.shelf.entries(Kind.UNIT)
    return room.write("units.html", opened, entries=entries)


async def unit_page(room: Room, code: str, *, forms: Sequence[Form] = ()) -> str:
    """Write the page of a unit.

    Raises:
        PageNotFoundError
    """
    opened = await room.current()
    plan = opened.plan
    if code not in opened.units:
        raise PageNotFoundError(code)
    period = room.year(plan, None)
    card, alerts, notices = await asyncio.gather(
        room.report.scorecard_of(plan, period),
        room.report.alerts_of(plan, period),
        room.report.notices_of(plan, code),
    )
    return room.write(
        "unit.html",
        opened,
        code=code,
        period=period,
        late=await _some(room, opened, unit=code, standing=Standing.OVERDUE),
        soon=await _some(room, opened, unit=code, standing=Standing.SOON),
        proposed=await _some(room, opened, unit=code, standing=Standing.PROPOSED),
        released=await _some(room, opened, unit=code, standing=Standing.DONE),
        figures_known=card is not None,
        rows=[
            row_of(one, plan=plan, scorecard=card, words=opened.frame.words)
            for one in plan.indicators
            if one.owner == code
        ],
        alerts=[one for one in alerts or () if one.owner_unit == code],
        alerts_known=alerts is not None,
        notices=notices,
        indicators={f"{plan.plan}:{one.code}": one for one in plan.indicators},
        writes=room.writes_for(code),
        forms=room.forms(*forms),
    )


async def action_page(room: Room, key: str) -> str:
    """Write the page of an Action.

    Raises:
        PageNotFoundError
    """
    action = await room.shelf.action(key)
    if action is None:
        raise PageNotFoundError(key)
    opened = await room.open(await room.report.plan_of(key))
    plan, planned = opened.plan, action.planned
    found = await room.shelf.deliverables(
        Narrowing(plan=plan.plan, action=key), today=opened.frame.format.today, limit=_ALL
    )
    titles = {f"{plan.plan}:{one.code}": one for one in plan.priorities}
    writes = room.writes_for(planned.lead)
    return room.write(
        "action.html",
        opened,
        action=action,
        period=plan.calendar().period(planned.period),
        deliverables=found.items,
        done=count(found.items, until=plan.calendar().cycle.end),
        objectives=[
            one for one in plan.objectives if f"{plan.plan}:{one.code}" in planned.objectives
        ],
        shares=[
            (titles[one.priority], one.share)
            for one in planned.priorities
            if one.priority in titles
        ],
        trail=await room.shelf.trail(key),
        writes=writes,
        forms=room.forms(*action_forms(opened.words, action).values()) if writes else (),
    )


async def priority_page(room: Room, key: str, *, period: str | None) -> str:
    """Write the page of a priority: its Actions with their Deliverables, released of planned.

    Raises:
        PageNotFoundError
    """
    opened = await room.open(await room.report.plan_of(key))
    plan = opened.plan
    priority = next((one for one in plan.priorities if f"{plan.plan}:{one.code}" == key), None)
    if priority is None:
        raise PageNotFoundError(key)
    chosen = room.period(plan, period)
    found = await room.shelf.deliverables(
        Narrowing(
            plan=plan.plan,
            priority=key,
            period=None if chosen == plan.calendar().cycle else chosen.code,
        ),
        today=opened.frame.format.today,
        limit=_ALL,
    )
    mine, before = split(found.items, begins=plan.calendar().cycle.start)
    return room.write(
        "priority.html",
        opened,
        priority=priority,
        key=key,
        period=chosen,
        done=count(mine, until=chosen.end),
        groups=_by_action(
            mine[:SHOWN], {one.key: one for one in await room.shelf.actions(plan.plan)}
        ),
        more=max(0, found.total - len(before) - SHOWN),
        before=before,
    )


def _by_action(
    deliverables: Sequence[Deliverable], actions: Mapping[str, Action]
) -> Sequence[tuple[Action | None, Sequence[Deliverable]]]:
    """The Deliverables under their Actions, in the order of the plan; those without one last."""
    found: dict[str, list[Deliverable]] = {}
    for one in deliverables:
        found.setdefault(one.planned.action or "", []).append(one)
    keys = sorted(found, key=lambda key: (key not in actions, key))
    return [(actions.get(key), found[key]) for key in keys]


async def _some(
    room: Room, opened: Open, *, unit: str, standing: Standing
) -> tuple[Sequence[Deliverable], int]:
    found = await room.shelf.deliverables(
        Narrowing(
            plan=opened.plan.plan,
            years={one.code: one.end for one in opened.plan.calendar().years},
            unit=unit,
            standing=standing,
        ),
        today=opened.frame.format.today,
        limit=SHOWN,
    )
    return found.items, found.total
