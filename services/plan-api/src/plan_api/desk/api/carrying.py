"""Carries a form out: reads it, does it in one transaction, and leads to the page that says so."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from plan_api.core.dependencies import Runtime
from plan_api.core.errors import ChangedMeanwhileError, PlanApiError
from plan_api.core.idempotency import Answer, Once
from plan_api.core.problems import Trouble, trouble_of
from plan_api.desk.api.room import page, remember
from plan_api.desk.model import Deed, Done
from plan_api.desk.pages.forms import ONCE, Answers, Form, read
from plan_api.desk.service.deliverables import Doing
from plan_api.desk.service.figures import figures_of, moves_since
from plan_api.desk.service.room import Room
from plan_api.report.api import check_form
from shared_kit.delivery.transaction import transaction
from shared_kit.events.definitions import PlanSnapshot
from shared_kit.events.envelope import InvalidEventError
from shared_kit.identity import NotAllowedError, auth_context
from shared_kit.web.language import Bilingual
from shared_kit.web.messages import field_errors
from shared_kit.web.problems import FieldError

_REFUSALS: Final = (PlanApiError, InvalidEventError, ValidationError, NotAllowedError)
Sent = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A form that was sent, what it does, and the page that it stands on."""

    form: Form
    do: Callable[[Doing, Answers], Awaitable[Done | None]]
    """Does it; may name the page to show then, and where it can be taken back."""
    show: Callable[[Room], Awaitable[str]]
    back: str
    done: str
    watch: tuple[PlanSnapshot, str] | None = None
    """The plan and the period whose figures may move."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Where a field of the body has another name than its question."""


async def sent_of(request: Request) -> Sent:
    """What was typed, from a form of ours alone.

    Raises:
        NotAllowedError
    """
    form = await request.form()
    sent: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            sent.setdefault(name, []).append(value)
    check_form(request, token=(sent.get("csrf") or [""])[0])
    return sent


async def carry_out(request: Request, room: Room, runtime: Runtime, task: Task) -> Response:
    """Do what a form asks, or show it again with what is wrong."""
    sent = await sent_of(request)
    answers = read(task.form, sent, texts=room.texts)
    if answers.missing:
        return await _refuse(room, task, answers, errors=answers.missing, status=422)
    plan, period = task.watch or (None, "")
    before = None if plan is None else await figures_of(room, plan, period)
    try:
        done = await _do_once(room, runtime, task, answers, sent=sent)
    except _REFUSALS as error:
        errors, trouble, status = _faults(error, room, task)
        return await _refuse(room, task, answers, errors=errors, trouble=trouble, status=status)
    moves = () if plan is None else await moves_since(room, plan, period, before)
    path, _, query = (done.back or task.back).partition("?")
    answer = RedirectResponse(
        room.report.visit.href(path, **dict(parse_qsl(query))),
        status_code=303,
        headers={"cache-control": "no-store"},
    )
    deed = Deed(path=path, name=task.done, period=period, moves=moves, undo=done.undo)
    remember(answer, deed, secure=room.report.visit.secure)
    return answer


async def _do_once(
    room: Room, runtime: Runtime, task: Task, answers: Answers, *, sent: Sent
) -> Done:
    """Do it in one transaction; a form that is sent twice is done once and answered twice."""
    async with transaction(
        runtime.sessions,
        runtime.tables,
        clock=runtime.business,
        edge="plan-api",
        stamp=auth_context(room.caller),
    ) as tx:
        now = runtime.business.now()
        doing = Doing(tx=tx, caller=room.caller, now=now, source=runtime.settings.event_source)

        async def work() -> Answer:
            done = await task.do(doing, answers) or Done()
            return Answer(status=303, body=b"", headers={"location": done.back, "undo": done.undo})

        digest = _digest(task.form, sent)
        once = Once(
            session=tx.session,
            actor=room.caller.subject,
            key=f"form {digest.hex()}" if sent.get(ONCE) else None,
            request=digest,
            now=now,
        )
        given = await once.run(work)
    return Done(back=given.headers.get("location", ""), undo=given.headers.get("undo", ""))


def _digest(form: Form, sent: Sent) -> bytes:
    """What makes two forms the same: where they go and all that was sent, the page's mark too."""
    said = repr((form.action, sorted((name, list(given)) for name, given in sent.items())))
    return blake2b(said.encode(errors="replace"), digest_size=16).digest()


async def _refuse(
    room: Room,
    task: Task,
    answers: Answers,
    *,
    errors: Mapping[str, str],
    status: int,
    trouble: str = "",
) -> Response:
    refused = room.refusing(answers.form.refused(errors, trouble=trouble))
    return await page(refused, task.show(refused), status=status)


def _faults(error: Exception, room: Room, task: Task) -> tuple[dict[str, str], str, int]:
    """What is wrong by question, what is wrong in all, and the status."""
    french = room.report.visit.language == "fr"
    if isinstance(error, ChangedMeanwhileError):
        return {}, _meanwhile(room), 412
    if isinstance(error, NotAllowedError):
        return {}, _not_yours(room), 403
    if isinstance(error, ValidationError):
        found = field_errors(error.errors(include_url=False, include_input=False))
        return _by_question(found, task, french=french), "", 422
    trouble = trouble_of(error, root="")
    if trouble is None:
        raise error
    errors = _by_question(trouble.errors, task, french=french)
    said = "" if errors else _sentence(_said(trouble, french=french))
    return errors, said, trouble.problem.status


def _by_question(errors: Sequence[FieldError], task: Task, *, french: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    for error in errors:
        parts = [part for part in error.pointer.split("/") if part and part != "data"]
        names = [task.names.get(part, part) for part in parts if not part.isdigit()]
        known = {one.name for one in task.form.fields}
        name = next((name for name in names if name in known), names[-1] if names else "")
        found.setdefault(name, _sentence(error.message.fr if french else error.message.en))
    return found


def _said(trouble: Trouble, *, french: bool) -> str:
    said: Bilingual = trouble.detail or trouble.problem.meaning
    return said.fr if french else said.en


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _meanwhile(room: Room) -> str:
    return room.texts.gettext(
        "Somebody else changed it since you opened the page. What stands there now is below; "
        "please look, and send the form again if it still holds."
    )


def _not_yours(room: Room) -> str:
    return room.texts.gettext(
        "Only the unit that owns it or the planning office may do this. Ask them, or choose a "
        "unit of yours."
    )
