"""The page on which a fact is taken back, and what its form does: a correction as any other."""

from plan_api.core.errors import NotFoundError, RefusedError
from plan_api.desk.model import Done
from plan_api.desk.pages.fact_words import FactWords
from plan_api.desk.pages.forms import Answers, Field, Form
from plan_api.desk.repository import Recorded, Shelf, retraction_of, source_of_pages
from plan_api.desk.service.deliverables import Doing
from plan_api.desk.service.room import Open, Room
from plan_api.events.service import intake
from plan_api.report.model.fact import WholeFact
from plan_api.report.reads import FiguresUnavailableError, NothingKnownError
from plan_api.report.service import PageNotFoundError
from shared_kit.events.base import type_of
from shared_kit.events.corrections import FactRetracted
from shared_kit.events.envelope import CloudEvent

_FORM = "correction"


async def correction_page(room: Room, *, source: str, fact: str) -> str:
    """Write the page on which a fact is taken back.

    Raises:
        PageNotFoundError: no such fact is known here.
    """
    opened, found, form = await correction_of(room, source=source, fact=fact)
    may = room.is_office or bool(room.report.visit.units)
    whole = await _whole(room, found)
    members = await room.report.book.members()
    says = FactWords(format=opened.frame.format, members=members, units=opened.units)
    named = {f"{opened.plan.plan}:{one.code}": one for one in opened.plan.indicators}
    return room.write(
        "correction.html",
        opened,
        fact=found,
        says=says.said(whole.data) if whole else (),
        whole=whole,
        named=named,
        may=may,
        forms=room.forms(form) if may and not found.is_retracted else (),
    )


async def _whole(room: Room, found: Recorded) -> WholeFact | None:
    """What it says; None where the engine does not answer, or has not heard of it yet."""
    try:
        return await room.report.figures.fact(source=found.source, fact=found.id)
    except (FiguresUnavailableError, NothingKnownError):
        return None


async def correction_of(room: Room, *, source: str, fact: str) -> tuple[Open, Recorded, Form]:
    found = await room.shelf.fact(source, fact)
    if found is None:
        raise PageNotFoundError(fact)
    opened = await room.current()
    _ = opened.words.texts.gettext
    return (
        opened,
        found,
        Form(
            name=_FORM,
            action="/corrections",
            title=_("Take it back"),
            button=_("Take it back"),
            lead=_(
                "It counts no more, from its own date on. What was said stays in the record, with "
                "your reason beside it."
            ),
            fields=(
                Field(name="source", kind="hidden", values=(found.source,)),
                Field(name="id", kind="hidden", values=(found.id,)),
                Field(
                    name="reason",
                    label=_("Why?"),
                    hint=_("For example: the date was that of the draft."),
                ),
            ),
        ),
    )


async def take_back(doing: Doing, shelf: Shelf, answers: Answers) -> Done:
    """Retract a fact. Sent twice it is the same correction of the same fact.

    Raises:
        NotFoundError, RefusedError
    """
    source, fact = answers.text("source") or "", answers.text("id") or ""
    found = await shelf.fact(source, fact)
    if found is None:
        raise NotFoundError("there is no such fact", "ce fait n’existe pas")
    if found.is_retracted:
        raise RefusedError(
            "it has been taken back already; there is nothing more to do",
            "il a déjà été retiré ; il n’y a plus rien à faire",
        )
    said = FactRetracted(source=source, id=fact, reason=answers.text("reason"))
    event = CloudEvent(
        id=retraction_of(fact),
        source=source_of_pages(doing.source),
        type=type_of(FactRetracted),
        datacontenttype="application/json",
        data=said.model_dump_json(exclude_none=True).encode(),
    )
    await intake.take_one(
        doing.tx, caller=doing.caller, now=doing.now, own_source=doing.source, event=event
    )
    return Done()
