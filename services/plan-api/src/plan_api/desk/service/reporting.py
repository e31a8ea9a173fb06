"""What the forms of facts do: the same intake as events that are posted."""

import json
from collections.abc import Mapping
from typing import Final

from plan_api.desk.model import Narrowing
from plan_api.desk.pages.fact_forms import SOURCES, Choices, FactForms
from plan_api.desk.pages.forms import ONCE, Answers, Form, options
from plan_api.desk.service.deliverables import Doing
from plan_api.desk.service.room import Open, Room
from plan_api.directory.repository import Kind
from plan_api.events.service import intake
from plan_api.report.service import PageNotFoundError
from shared_kit.calendar import PeriodKind
from shared_kit.events import activity
from shared_kit.events.base import Event, type_of
from shared_kit.events.envelope import CloudEvent

_EVENTS: Final[Mapping[str, type[Event]]] = {
    "request": activity.SupportRequested,
    "mission": activity.SupportProvided,
    "decline": activity.SupportDeclined,
    "invitation": activity.InvitationReceived,
    "attended": activity.InvitationAttended,
    "effort": activity.EffortRecorded,
    "budget": activity.ResourcesAllocated,
    "figure": activity.FigureStated,
    "nothing": activity.ReportingConfirmed,
}
_NUMBERS: Final = ("on_priorities", "total", "numerator", "denominator")
_MOST: Final = 500


async def record_page(room: Room, *, once: str, name: str | None = None) -> str:
    """Write the page of all facts that can be reported, or of one of them.

    Raises:
        PageNotFoundError: there is no such form.
    """
    opened, forms = await forms_of(room, once=once)
    if name is not None and name not in forms:
        raise PageNotFoundError(name)
    chosen = room.forms(*(one for one in forms.values() if name in (None, one.name)))
    return room.write(
        "record.html",
        opened,
        forms=chosen,
        alone=name is not None,
        may=room.is_office or bool(room.report.visit.units),
    )


async def forms_of(room: Room, *, once: str) -> tuple[Open, Mapping[str, Form]]:
    opened = await room.current()
    choices = await _choices(room, opened)
    forms = FactForms(words=opened.words, choices=choices, once=once).all()
    # The budget is the whole plan's: the planning office alone states it.
    offered = {name: one for name, one in forms.items() if name != "budget" or room.is_office}
    return opened, offered


async def record(doing: Doing, opened: Open, answers: Answers) -> None:
    """Take a fact in, as if it had been posted as an event; sent twice it is taken once."""
    event = CloudEvent(
        id=answers.text(ONCE) or "",
        source=f"{doing.source}:pages",
        type=type_of(_EVENTS[answers.form.name]),
        data=json.dumps(_data(opened, answers)).encode(),
    )
    await intake.take_one(
        doing.tx, caller=doing.caller, now=doing.now, own_source=doing.source, event=event
    )


def _data(opened: Open, answers: Answers) -> dict[str, object]:
    data: dict[str, object] = {}
    for one in answers.form.fields:
        if one.name == ONCE or one.name.startswith(SOURCES):
            continue
        if one.kind == "checks":
            data[one.name] = answers.all(one.name)
        elif one.name == "requests":
            data[one.name] = answers.lines(one.name)
        elif one.name in _NUMBERS:
            data[one.name] = answers.number(one.name)
        elif one.name == "revision":
            text = answers.number(one.name) or ""
            data[one.name] = int(text) if text.isdecimal() and len(text) < 10 else text
        else:
            data[one.name] = answers.text(one.name)
    if answers.form.name in ("effort", "budget"):
        data["plan"] = opened.plan.plan
    if answers.form.name == "budget":
        data["by_source"] = _amounts(answers)
    return {name: value for name, value in data.items() if value is not None}


def _amounts(answers: Answers) -> dict[str, object]:
    found: dict[str, object] = {}
    for source in SOURCES:
        pair = {part: answers.number(f"{source}-{part}") for part in ("priorities", "total")}
        if any(pair.values()):
            found[source] = {name: value or "0" for name, value in pair.items()}
    return found


async def _choices(room: Room, opened: Open) -> Choices:
    plan, words = opened.plan, opened.words
    calendar, said = plan.calendar(), opened.frame.words
    members = await room.shelf.entries(Kind.MEMBER)
    work = await room.shelf.deliverables(
        Narrowing(plan=plan.plan), today=opened.frame.format.today, limit=_MOST
    )
    years = [one for one in calendar.periods() if one.kind is PeriodKind.YEAR]
    return Choices(
        members=options((one.code, words.title(one.content)) for one in members),
        units=options(
            (code, title) for code, title in opened.units.items() if room.writes_for(code)
        ),
        missions=options(
            (one.key, words.title_of(one.planned))
            for one in work.items
            if one.planned.kind == "mission"
        ),
        indicators=options(
            (f"{plan.plan}:{one.code}", f"{one.code} {said.short(one)}")
            for one in plan.indicators
            if room.writes_for(one.owner)
        ),
        periods=options((one.code, said.period(calendar, one)) for one in calendar.periods()),
        years=options((one.code, said.period(calendar, one)) for one in years),
        quarters=options(
            (f"{one.code}-Q{quarter}", f"{said.period(calendar, one)}, Q{quarter}")
            for one in years
            for quarter in range(1, 5)
        ),
    )
