"""English or French: from `lang`, else from Accept-Language (RFC 4647), else English."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal
from urllib.parse import parse_qs

from fastapi import Depends, Query, Request
from starlette.datastructures import Headers
from starlette.types import Scope

Language = Literal["en", "fr"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "fr")
DEFAULT: Final[Language] = "en"

LANGUAGE_KEY: Final = "wcoplan.language"
"""Where a scope notes the language of its answer; the middleware writes the headers from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bilingual:
    """A text in both languages."""

    en: str
    fr: str

    def in_(self, language: Language) -> str:
        return self.fr if language == "fr" else self.en


def negotiate(*, lang: str | None, accept: str | None) -> Language:
    """Choose a language. What we do not have falls back, it is no error."""
    for candidate in (lang, *_by_preference(accept or "")):
        known = _known(candidate or "")
        if known:
            return known
    return DEFAULT


def language_of(scope: Scope) -> Language:
    """Negotiate for a request, also one that no route took, and note it on the scope."""
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    language = negotiate(
        lang=query.get("lang", [None])[0], accept=Headers(scope=scope).get("accept-language")
    )
    scope[LANGUAGE_KEY] = language
    return language


def language_headers(scope: Scope) -> Mapping[str, str]:
    """The headers that say which language was chosen, if one was."""
    language = scope.get(LANGUAGE_KEY)
    return {"content-language": language, "vary": "Accept-Language"} if language else {}


def _known(tag: str) -> Language | None:
    primary = tag.strip().lower().split("-")[0]
    return next((language for language in LANGUAGES if language == primary), None)


def _by_preference(accept: str) -> list[str]:
    weighted = []
    for place, part in enumerate(accept[:1000].split(",")):
        tag, _, parameter = part.partition(";")
        quality = _quality(parameter)
        if quality > 0:
            weighted.append((-quality, place, "en" if tag.strip() == "*" else tag))
    return [tag for _, _, tag in sorted(weighted)]


def _quality(parameter: str) -> int:
    """Thousandths; what cannot be read counts as not acceptable."""
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1000
    whole, _, part = value.strip().partition(".")
    digits = f"{whole}{part[:3]:0<3}"
    if name.strip() != "q" or not (digits.isascii() and digits.isdigit()):
        return 0
    return min(int(digits), 1000)


def _lang(
    request: Request,
    lang: Annotated[
        str | None,
        Query(
            description="Language of titles and labels: en or fr; others fall back.",
            pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$",
            max_length=35,
            examples=["fr"],
        ),
    ] = None,
) -> Language:
    return language_of(request.scope) if lang is None else _noted(request.scope, lang)


def _noted(scope: Scope, lang: str) -> Language:
    language = negotiate(lang=lang, accept=Headers(scope=scope).get("accept-language"))
    scope[LANGUAGE_KEY] = language
    return language


Lang = Annotated[Language, Depends(_lang)]
