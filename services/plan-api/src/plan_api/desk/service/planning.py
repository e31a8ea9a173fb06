"""The forms with which a year is planned, and what they do: the same use cases as REST."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from plan_api.core.errors import InvalidFieldError, KeyTakenError
from plan_api.desk.model import Done
from plan_api.desk.pages.action_forms import action_forms
from plan_api.desk.pages.forms import Answers, Form, options
from plan_api.desk.pages.planning_forms import PlanningForms, Stock
from plan_api.desk.service.deliverables import Doing, seen
from plan_api.desk.service.room import Open, Room
from plan_api.directory.repository import Kind
from plan_api.implementation.model import KINDS, Action
from plan_api.implementation.schemas.actions import ActionCreate, OnBody
from plan_api.implementation.schemas.deliverables import DeliverableCreate
from plan_api.implementation.service import planning, verbs
from plan_api.report.service import PageNotFoundError
from shared_kit.events.definitions import PlanSnapshot

_NEARLY: Final = Decimal("0.000009")
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,58}")
NAMES: Final[Mapping[str, str]] = {"deliverable": "key", "share": "priorities"}
"""Where a field of the body has another name than its question."""


async def action_form_page(room: Room, *, period: str | None) -> str:
    """Write the page on which an Action is entered.

    Raises:
        PageNotFoundError
    """
    opened, form = await action_form(room, period=period)
    return _alone(room, opened, form)


async def deliverable_form_page(room: Room, *, period: str | None, action: str | None) -> str:
    """Write the page on which a Deliverable is entered, for an Action or alone.

    Raises:
        PageNotFoundError: there is no such Action or year.
    """
    opened, form = await deliverable_form(room, period=period, action=action)
    return _alone(room, opened, form)


async def action_form(room: Room, *, period: str | None) -> tuple[Open, Form]:
    opened = await room.current()
    stock = await _stock(room, opened)
    code = await _free(room, opened.plan, of="A")
    year = room.year(opened.plan, period).code
    return opened, PlanningForms(words=opened.words).action(stock, year=year, code=code)


async def deliverable_form(
    room: Room, *, period: str | None, action: str | None
) -> tuple[Open, Form]:
    opened = await room.current()
    plan = opened.plan
    parent = await room.shelf.action(action) if action else None
    if action and (parent is None or parent.planned.plan != plan.plan):
        raise PageNotFoundError(action)
    year = parent.planned.period if parent else room.year(plan, period).code
    form = PlanningForms(words=opened.words).deliverable(
        await _stock(room, opened, year=year),
        year=year,
        code=await _free(room, plan, of="D", action=parent),
        action="" if parent is None else parent.key,
    )
    return opened, form


async def enter_action(doing: Doing, opened: Open, answers: Answers) -> Done:
    """Enter an Action.

    Raises:
        InvalidFieldError, RefusedError, NotAllowedError
    """
    text, plan = answers.text, opened.plan.plan
    start, end = text("start"), text("end")
    if start and end and end < start:
        raise InvalidFieldError(
            "end",
            "Enter a day that is not before the beginning.",
            "Indiquez un jour qui ne précède pas le début.",
        )
    body = ActionCreate.model_validate(
        {
            "key": _key(opened, answers),
            "plan": plan,
            "title": text("title"),
            "title_fr": text("title_fr"),
            "period": text("period"),
            "lead": text("lead"),
            "contributors": [one for one in answers.all("contributors") if one != text("lead")],
            "objectives": answers.all("objectives"),
            "priorities": [
                {"priority": key, "share": share} for key, share in _shares(answers).items()
            ],
            "start": start,
            "end": end,
            "date_certainty": text("date_certainty") if start or end else "not-given",
            "source_note": text("source_note"),
        }
    )
    try:
        action, _ = await planning.plan_action(
            doing.tx, caller=doing.caller, now=doing.now, planned=body.planned()
        )
    except KeyTakenError as error:
        raise _taken(error) from error
    return Done(back=f"/actions/{action.key}")


async def enter_deliverable(doing: Doing, opened: Open, answers: Answers) -> Done:
    """Enter a Deliverable with all that it inherits.

    Raises:
        InvalidFieldError, RefusedError, NotAllowedError
    """
    text = answers.text
    weight = answers.number("weight")
    body = DeliverableCreate.model_validate(
        {
            "deliverable": _key(opened, answers),
            "plan": opened.plan.plan,
            "title": text("title"),
            "title_fr": text("title_fr"),
            "action": text("action"),
            "period": text("period"),
            "listed": text("listed") == "yes",
            "kind": text("kind"),
            "unit": text("unit"),
            "objectives": answers.all("objectives"),
            "priorities": answers.all("priorities"),
            "due": text("due"),
            "date_certainty": text("date_certainty") if text("due") else "not-given",
            "instrument": text("instrument"),
            "packages": answers.all("packages") or None,
            # Not ticked is "as the tool or instrument says", which is no where there is none.
            "uses_it": answers.flag("uses_it") or None,
            "data_analysis": answers.flag("data_analysis") or None,
            "compendium": answers.flag("compendium") or None,
            "purpose": text("purpose"),
            "revenue_advice": answers.flag("revenue_advice"),
            "weight": None if weight is None else _share(weight, field="weight"),
            "source_note": text("source_note"),
        }
    )
    try:
        made, _ = await planning.plan_deliverable(
            doing.tx, caller=doing.caller, now=doing.now, draft=body.draft()
        )
    except KeyTakenError as error:
        raise _taken(error) from error
    return Done(back=f"/deliverables/{made.key}")


async def change_action(doing: Doing, key: str, name: str, answers: Answers) -> Done:
    """Start, complete or cancel an Action."""
    on = OnBody.model_validate({"on": answers.text("on")}).on
    do = {
        "start": verbs.start_action,
        "complete": verbs.complete_action,
        "cancel": verbs.cancel_action,
    }[name]
    await do(
        doing.tx,
        caller=doing.caller,
        now=doing.now,
        key=key,
        on=on,
        if_match=seen(key, answers),
    )
    return Done()


async def action_form_of(room: Room, key: str, name: str) -> tuple[Open, Action, Form]:
    """A form of an Action's page.

    Raises:
        PageNotFoundError: there is no such Action, or it cannot take that any more.
    """
    action = await room.shelf.action(key)
    if action is None:
        raise PageNotFoundError(key)
    opened = await room.open(await room.report.plan_of(key))
    # What is closed meanwhile says so in its own words: the form is that of an open one.
    forms = action_forms(opened.words, action) | {
        other: form
        for other, form in action_forms(opened.words, Action(planned=action.planned)).items()
        if other not in action_forms(opened.words, action)
    }
    return opened, action, forms[name]


def _alone(room: Room, opened: Open, form: Form) -> str:
    return room.write(
        "planning.html",
        opened,
        form=room.forms(form)[0],
        may=room.is_office or bool(room.report.visit.units),
    )


async def _stock(room: Room, opened: Open, *, year: str | None = None) -> Stock:
    plan, words = opened.plan, opened.words
    calendar, said = plan.calendar(), opened.frame.words
    units = sorted(opened.units.items(), key=lambda one: one[1])
    actions = await room.shelf.actions(plan.plan)
    return Stock(
        years=options((one.code, said.period(calendar, one)) for one in calendar.years),
        writable=options(one for one in units if room.writes_for(one[0])),
        units=options(units),
        objectives=options(
            (f"{plan.plan}:{one.code}", f"{one.code} {said.said(one.title)}")
            for one in plan.objectives
        ),
        priorities=options(
            (f"{plan.plan}:{one.code}", str(said.said(one.title))) for one in plan.priorities
        ),
        packages=options((one.code, str(said.said(one.title))) for one in plan.packages),
        instruments=options(
            (one.code, words.title(one.content))
            for one in await room.shelf.entries(Kind.INSTRUMENT)
        ),
        actions=options(
            (one.key, f"{one.key.partition(':')[2]} {words.title_of(one.planned)}")
            for one in actions
            if one.is_open or one.planned.period == year
        ),
        kinds=tuple(dict.fromkeys((*KINDS, *plan.deliverable_kinds))),
    )


async def _free(room: Room, plan: PlanSnapshot, *, of: str, action: Action | None = None) -> str:
    """The next code that nobody has: A-104; D-101-3 for the Action A-101; D-118."""
    taken = {key.partition(":")[2] for key in await room.shelf.keys_like(plan.plan, of=of)}
    if action is not None:
        stem = f"D-{action.key.partition(':')[2].removeprefix('A-')}-"
        return next(code for n in range(1, 10_000) if (code := f"{stem}{n}") not in taken)
    numbers = [int(found[1]) for code in taken if (found := re.match(r"[AD]-(\d{1,6})\b", code))]
    return f"{of}-{max(numbers, default=0) + 1:03d}"


def _key(opened: Open, answers: Answers) -> str:
    plan = opened.plan.plan
    code = (answers.text("key") or "").removeprefix(f"{plan}:")
    if not _CODE.fullmatch(code):
        raise InvalidFieldError(
            "key",
            "Use letters, digits, dots and hyphens only, for example A-104.",
            "N’utilisez que des lettres, des chiffres, des points et des traits d’union, par "
            "exemple A-104.",
        )
    return f"{plan}:{code}"


def _shares(answers: Answers) -> dict[str, str]:
    """What was typed beside the priorities, as parts of 1."""
    found = {key: _share(typed, field="priorities") for key, typed in answers.beside("priorities")}
    # Thirds do not add to 100 in the places that people type.
    if found and abs(sum(map(Decimal, found.values()), Decimal(-1))) > _NEARLY:
        raise InvalidFieldError(
            "priorities",
            "Enter shares that add to 100.",
            "Indiquez des parts dont la somme est 100.",
        )
    return found


def _share(percent: str, *, field: str) -> str:
    try:
        share = Decimal(percent) / 100
    except InvalidOperation:
        share = Decimal(0)
    if not share.is_finite() or not 0 < share <= 1:
        raise InvalidFieldError(
            field,
            "Enter a number above 0 and at most 100.",
            "Indiquez un nombre supérieur à 0 et d’au plus 100.",
        )
    return format(share, "f")


def _taken(error: KeyTakenError) -> InvalidFieldError:
    return InvalidFieldError(
        "key",
        f"{error.en}. Choose another code.",
        f"{error.fr}. Choisissez un autre code.",
    )
