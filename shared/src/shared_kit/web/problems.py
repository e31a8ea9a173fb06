"""The registered kinds of problem (RFC 9457): slug, status, and their texts in both languages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from shared_kit.web.language import Bilingual

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "/problems/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A kind of problem. `/problems/<slug>` documents it and is its `type`."""

    slug: str
    status: int
    title: Bilingual
    meaning: Bilingual

    @property
    def type(self) -> str:
        return f"{TYPE_PREFIX}{self.slug}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """What is wrong with one place of the input, named by JSON pointer, never echoed.

    The pointer starts with the part of the request: /body, /path, /query, /header.
    """

    pointer: str
    message: Bilingual
    code: str


class ProblemError(Exception):
    """An error that the HTTP edge itself finds; domain errors are mapped, not derived."""

    def __init__(
        self,
        problem: Problem,
        detail: Bilingual | None = None,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail.en if detail else problem.title.en)
        self.problem = problem
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}


def problem_for(
    slug: str, *, status: int, title: Bilingual, meaning: Bilingual | None = None
) -> Problem:
    """Make a service's own kind of problem; create_api puts it into the catalogue it serves."""
    return Problem(slug=slug, status=status, title=title, meaning=meaning or title)


def _problem(slug: str, status: int, en: tuple[str, str], fr: tuple[str, str]) -> Problem:
    return Problem(
        slug=slug,
        status=status,
        title=Bilingual(en=en[0], fr=fr[0]),
        meaning=Bilingual(en=en[1], fr=fr[1]),
    )


BAD_REQUEST = _problem(
    "bad-request",
    400,
    ("The request cannot be read", "Path, query or headers are not well formed."),
    ("La requête est illisible", "Le chemin, les paramètres ou les en-têtes sont mal formés."),
)
UNREADABLE_BODY = _problem(
    "unreadable-body",
    400,
    ("The body cannot be read", "The body is not valid JSON in UTF-8."),
    ("Le corps est illisible", "Le corps n’est pas du JSON valide en UTF-8."),
)
BAD_CURSOR = _problem(
    "bad-cursor",
    400,
    (
        "This page cursor is not ours",
        "Cursors come from `next` and `prev` of the same list with the same filters, "
        "and may end when the service restarts. Start again without one.",
    ),
    (
        "Ce curseur de page n’est pas le nôtre",
        "Un curseur vient de `next` ou `prev` de la même liste avec les mêmes filtres et peut "
        "expirer au redémarrage du service. Recommencez sans curseur.",
    ),
)
NOT_SIGNED_IN = _problem(
    "not-signed-in",
    401,
    ("Sign in first", "The operation needs a known caller: send a bearer token."),
    ("Connectez-vous d’abord", "L’opération exige un appelant connu : envoyez un jeton."),
)
NOT_ALLOWED = _problem(
    "not-allowed",
    403,
    ("You may not do this", "Your role or its scope does not include this operation."),
    ("Vous n’y êtes pas autorisé", "Votre rôle ou son périmètre ne couvre pas cette opération."),
)
NOT_FOUND = _problem(
    "not-found",
    404,
    ("Not found", "There is nothing under this address or key."),
    ("Introuvable", "Il n’y a rien sous cette adresse ou cette clé."),
)
METHOD_NOT_ALLOWED = _problem(
    "method-not-allowed",
    405,
    ("This method does not apply here", "The Allow header lists the methods of this address."),
    (
        "Cette méthode ne s’applique pas ici",
        "L’en-tête Allow énumère les méthodes de cette adresse.",
    ),
)
CONFLICT = _problem(
    "conflict",
    409,
    ("Not possible in the present state", "The request is well formed; the state forbids it."),
    ("Impossible dans l’état actuel", "La requête est bien formée, mais l’état l’interdit."),
)
STALE = _problem(
    "stale",
    412,
    (
        "It has changed in the meantime",
        "If-Match names another version than the present one. Read it again, then repeat.",
    ),
    (
        "L’objet a changé entre-temps",
        "If-Match désigne une autre version que l’actuelle. Relisez, puis recommencez.",
    ),
)
TOO_LARGE = _problem(
    "too-large",
    413,
    ("The body is too large", "A body may hold 1 MiB, an event 64 KiB, a batch 1,000 events."),
    (
        "Le corps est trop volumineux",
        "Un corps est limité à 1 Mio, un événement à 64 Kio, un lot à 1 000 événements.",
    ),
)
UNSUPPORTED_MEDIA_TYPE = _problem(
    "unsupported-media-type",
    415,
    ("This content type is not read here", "Send the content type that the operation documents."),
    ("Ce type de contenu n’est pas lu ici", "Envoyez le type de contenu documenté."),
)
INVALID_INPUT = _problem(
    "invalid-input",
    422,
    ("The input is not valid", "`errors` names each place by JSON pointer and what is wrong."),
    (
        "Les données ne sont pas valides",
        "`errors` désigne chaque endroit par un pointeur JSON et dit ce qui ne va pas.",
    ),
)
PRECONDITION_REQUIRED = _problem(
    "precondition-required",
    428,
    (
        "Say which version you change",
        "Send If-Match with the ETag of the version that you have read.",
    ),
    (
        "Indiquez la version que vous modifiez",
        "Envoyez If-Match avec l’ETag de la version que vous avez lue.",
    ),
)
TOO_MANY_REQUESTS = _problem(
    "too-many-requests",
    429,
    ("Too many requests", "Wait as long as Retry-After says."),
    ("Trop de requêtes", "Attendez le délai indiqué par Retry-After."),
)
INTERNAL = _problem(
    "internal",
    500,
    ("An error on our side", "It is logged under the trace id of this answer."),
    ("Une erreur de notre côté", "Elle est consignée sous l’identifiant de trace de la réponse."),
)
UNAVAILABLE = _problem(
    "unavailable",
    503,
    ("Not available for the moment", "Nothing was changed. Repeat after Retry-After seconds."),
    (
        "Momentanément indisponible",
        "Rien n’a été modifié. Recommencez après le délai de Retry-After, en secondes.",
    ),
)

CATALOGUE: Final[Mapping[str, Problem]] = {
    problem.slug: problem
    for problem in (
        BAD_REQUEST,
        UNREADABLE_BODY,
        BAD_CURSOR,
        NOT_SIGNED_IN,
        NOT_ALLOWED,
        NOT_FOUND,
        METHOD_NOT_ALLOWED,
        CONFLICT,
        STALE,
        TOO_LARGE,
        UNSUPPORTED_MEDIA_TYPE,
        INVALID_INPUT,
        PRECONDITION_REQUIRED,
        TOO_MANY_REQUESTS,
        INTERNAL,
        UNAVAILABLE,
    )
}

_BY_STATUS: Final = {
    problem.status: problem
    for problem in CATALOGUE.values()
    if problem is not UNREADABLE_BODY and problem is not BAD_CURSOR
}


def problem_of_status(status: int) -> Problem:
    """The kind that stands for a status which the framework itself chose."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return INTERNAL if status >= 500 else BAD_REQUEST
