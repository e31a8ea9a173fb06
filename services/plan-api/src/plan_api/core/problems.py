"""How plan-api's errors are answered: kind of problem, words in both languages, places."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from plan_api.core.errors import (
    ChangedMeanwhileError,
    InvalidFieldError,
    KeyReusedError,
    NotFoundError,
    PlanApiError,
    RefusedError,
)
from shared_kit.events.envelope import InvalidEventError
from shared_kit.identity import NotAllowedError
from shared_kit.web.language import Bilingual
from shared_kit.web.messages import field_errors
from shared_kit.web.problems import (
    CONFLICT,
    INVALID_INPUT,
    NOT_ALLOWED,
    NOT_FOUND,
    STALE,
    UNREADABLE_BODY,
    UNSUPPORTED_MEDIA_TYPE,
    FieldError,
    Problem,
    problem_for,
)

KEY_REUSED = problem_for(
    "idempotency-key-reused",
    status=422,
    title=Bilingual(
        en="This Idempotency-Key stands for another request",
        fr="Cette Idempotency-Key désigne une autre requête",
    ),
    meaning=Bilingual(
        en="The key was sent before with another body. Use a new key for a new request.",
        fr="La clé a déjà servi avec un autre corps. Prenez une nouvelle clé.",
    ),
)
UNUSABLE_EVENT = problem_for(
    "unusable-event",
    status=422,
    title=Bilingual(en="The event cannot be used", fr="L’événement est inutilisable"),
    meaning=Bilingual(
        en="It breaks a rule of CloudEvents 1.0 or the contract of its type.",
        fr="Il enfreint une règle de CloudEvents 1.0 ou le contrat de son type.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What is said about an error, in a problem answer or beside an item of a batch."""

    problem: Problem
    detail: Bilingual | None = None
    errors: Sequence[FieldError] = field(default_factory=tuple)


def trouble_of(error: Exception, *, root: str = "/body") -> Trouble | None:
    """Say how an error of ours is answered; None where it is none of ours.

    `root` is the JSON pointer of the thing that the error's fields lie in.
    """
    match error:
        case InvalidFieldError():
            place = error.field if error.field.startswith(("path/", "query/")) else None
            pointer = f"/{place}" if place else f"{root}/{error.field}"
            said = Bilingual(en=error.en, fr=error.fr)
            return Trouble(
                problem=INVALID_INPUT,
                detail=said,
                errors=[FieldError(pointer=pointer, message=said, code="rule")],
            )
        case InvalidEventError():
            return _of_event(error, root=root)
        case NotAllowedError():
            fr = getattr(error, "fr", None)
            if isinstance(fr, str):
                return Trouble(problem=NOT_ALLOWED, detail=Bilingual(en=str(error), fr=fr))
            return Trouble(problem=NOT_ALLOWED)
        case NotFoundError():
            return _plain(NOT_FOUND, error)
        case RefusedError():
            return _plain(CONFLICT, error)
        case ChangedMeanwhileError():
            return _plain(STALE, error)
        case KeyReusedError():
            return _plain(KEY_REUSED, error)
        case _:
            return None


def _plain(problem: Problem, error: PlanApiError) -> Trouble:
    return Trouble(problem=problem, detail=Bilingual(en=error.en[:500], fr=error.fr[:500]))


def _of_event(error: InvalidEventError, *, root: str) -> Trouble:
    if error.code == "not-a-cloudevent":
        return Trouble(problem=UNSUPPORTED_MEDIA_TYPE)
    if error.code == "not-json" and not error.errors:
        return Trouble(problem=UNREADABLE_BODY)
    cause = error.__cause__
    if isinstance(cause, ValidationError):
        found = cause.errors(include_url=False, include_input=False)
        where = [part for part in root.split("/") if part]
        errors = field_errors([{**one, "loc": (*where, "data", *one["loc"])} for one in found])
    else:
        errors = [
            FieldError(
                pointer=f"{root}{pointer}",
                message=Bilingual(en=message, fr=UNUSABLE_EVENT.meaning.fr),
                code=error.code,
            )
            for pointer, message in error.errors
        ]
    return Trouble(
        problem=UNUSABLE_EVENT,
        detail=Bilingual(en=error.message[:500], fr=UNUSABLE_EVENT.meaning.fr),
        errors=errors,
    )
