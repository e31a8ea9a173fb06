"""What the forms of facts do: the same intake as events that are posted."""

import json
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5

from plan_api.desk.model import Done, Narrowing
from plan_api.desk.pages.fact_forms import SOURCES, Choices, FactForms
from plan_api.desk.pages.forms import Answers, Form, Option, options
from plan_api.desk.repository import source_of_pages
from plan_api.desk.service.deliverables import Doing
from plan_api.desk.service.room import Open, Room
from plan_api.directory.repository import Directory, Kind
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
    "withdraw": activity.SupportWithdrawn,
    "invitation": activity.InvitationReceived,
    "attended": activity.InvitationAttended,
    "called-off": activity.InvitationWithdrawn,
    "implemented": activity.InstrumentImplemented,
    "effort": activity.EffortRecorded,
    "budget": activity.ResourcesAllocated,
    "figure": activity.FigureStated,
    "nothing": activity.ReportingConfirmed,
}
_NUMBERS: Final = ("on_priorities", "total", "numerator", "denominator")
_MOST: Final = 500
_SHOWN: Final = 20


async def record_page(room: Room, *, name: str | None = None) -> str:
    """Write the page of all facts that can be reported, or of one of them.

    Raises:
        PageNotFoundError: there is no such form.
    """
    opened, forms = await forms_of(room)
    if name is not None and name not in forms:
        raise PageNotFoundError(name)
    may = room.is_office or bool(room.report.visit.units)
    # The budget is the whole plan's: the planning office alone states it.
    shown = [one for one in forms.values() if one.name != "budget" or room.is_office or name]
    chosen = room.forms(*(one for one in shown if name in (None, one.name)))
    return room.write(
        "record.html",
        opened,
        forms=chosen,
        alone=name is not None,
        may=may and (name != "budget" or room.is_office),
        lately=await room.shelf.recorded(limit=_SHOWN) if may and name is None else (),
    )


async def forms_of(room: Room) -> tuple[Open, Mapping[str, Form]]:
    opened = await room.current()
    return opened, FactForms(words=opened.words, choices=await _choices(room, opened)).all()


async def record(doing: Doing, opened: Open, answers: Answers, *, once: str) -> Done:
    """Take a fact in, as if it had been posted as an event; sent twice it is taken once."""
    data = _data(opened, answers)
    if answers.form.name == "implemented":
        data["packages"] = await _packages(doing, str(data.get("instrument", "")))
    said = json.dumps(data, sort_keys=True)
    event = CloudEvent(
        # Of the page's mark and of what was said: the same again is the same fact, and what is
        # typed anew after going back is another one.
        id=str(uuid5(NAMESPACE_URL, f"{once} {answers.form.name} {said}")),
        source=source_of_pages(doing.source),
        type=type_of(_EVENTS[answers.form.name]),
        data=said.encode(),
    )
    await intake.take_one(
        doing.tx, caller=doing.caller, now=doing.now, own_source=doing.source, event=event
    )
    return Done(undo=f"/corrections?{urlencode({'source': event.source, 'id': event.id})}")


async def _packages(doing: Doing, code: str) -> list[str]:
    entry = await Directory(doing.tx.session).get(Kind.INSTRUMENT, code)
    return [] if entry is None else list(entry.content.get("packages", ()))


def _data(opened: Open, answers: Answers) -> dict[str, object]:
    data: dict[str, object] = {}
    for one in answers.form.fields:
        if one.name.startswith(SOURCES):
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
        instruments=options(
            (one.code, words.title(one.content))
            for one in await room.shelf.entries(Kind.INSTRUMENT)
        ),
        requests=await _known(room, activity.SupportRequested),
        invitations=await _known(room, activity.InvitationReceived),
        quarters=options(
            (f"{one.code}-Q{quarter}", f"{said.period(calendar, one)}, Q{quarter}")
            for one in years
            for quarter in range(1, 5)
        ),
    )


async def _known(room: Room, event: type[Event]) -> tuple[Option, ...]:
    """The references that were recorded, the latest first, to choose from while typing."""
    return options((one, "") for one in await room.shelf.subjects(type_of(event), limit=_MOST))
