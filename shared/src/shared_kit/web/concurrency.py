"""Optimistic concurrency over HTTP: strong ETags from row versions, If-Match, If-None-Match."""

import re
from typing import Annotated, Final

from fastapi import Depends, Header, Request, Response

from shared_kit.web.language import Bilingual
from shared_kit.web.problems import BAD_REQUEST, PRECONDITION_REQUIRED, STALE, ProblemError

# RFC 9110, 8.8.3: an entity tag is quoted. Without quotes no version can ever match.
_ENTITY_TAG: Final = re.compile(r'(W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_QUOTE_IT: Final = Bilingual(
    en='Put the version in quotes, as the ETag of the answer has it: If-Match: "7"',
    fr='Mettez la version entre guillemets droits, comme dans l’ETag de la réponse : If-Match: "7"',
)


def etag(version: int, *, variant: str = "") -> str:
    """The strong ETag of a row version.

    `variant` tells representations of one version apart that differ by something else, as the
    day; for a change each of them names the version.
    """
    return f'"{version}-{variant}"' if variant else f'"{version}"'


def check_if_match(request: Request, version: int) -> None:
    """Let a change through only when it names the present version.

    Raises:
        ProblemError: 428 without If-Match, 400 where it is not in quotes, 412 where it names
            another version.
    """
    IfMatch(header=request.headers.get("if-match")).check(version)


class IfMatch:
    """The If-Match header of a change; `check` it against the version that was loaded."""

    def __init__(self, *, header: str | None) -> None:
        if header is None or not header.strip():
            raise ProblemError(PRECONDITION_REQUIRED)
        self._tags = _tags(header)
        if not all(tag == "*" or _ENTITY_TAG.fullmatch(tag) for tag in self._tags):
            raise ProblemError(BAD_REQUEST, _QUOTE_IT)

    def check(self, version: int) -> None:
        """Raise 412 unless the present version is named. A weak tag never matches (RFC 9110)."""
        named = {_without_variant(tag) for tag in self._tags}
        if "*" not in named and etag(version) not in named:
            raise ProblemError(STALE, headers={"etag": etag(version)})


def _if_match(
    header: Annotated[
        str | None,
        Header(alias="If-Match", description="The ETag of the version that is changed."),
    ] = None,
) -> IfMatch:
    return IfMatch(header=header)


IfMatchDep = Annotated[IfMatch, Depends(_if_match)]
"""Refuses with 428 or 400 before the operation begins; documents the header."""


def not_modified(
    request: Request, version: int, *, variant: str = "", settled: bool = False
) -> Response | None:
    """The 304 answer, when If-None-Match names the present version; compares weakly.

    `settled` is what can no longer change: caches may answer with it for an hour unasked.
    """
    tags = {tag.removeprefix("W/") for tag in _tags(request.headers.get("if-none-match", ""))}
    if "*" in tags or etag(version, variant=variant) in tags:
        return Response(status_code=304, headers=_caching(version, variant, settled=settled))
    return None


def tag_answer(
    response: Response, version: int, *, variant: str = "", settled: bool = False
) -> None:
    """Put the ETag on an answer and ask caches to come back with it, in an hour if `settled`."""
    response.headers.update(_caching(version, variant, settled=settled))


def _caching(version: int, variant: str, *, settled: bool) -> dict[str, str]:
    found = {
        "etag": etag(version, variant=variant),
        "cache-control": "private, max-age=0, must-revalidate",
    }
    if settled:
        # One browser may show it to several people, and in both languages.
        found |= {
            "cache-control": "private, max-age=3600",
            "vary": "Authorization, Cookie, Accept-Language",
        }
    return found


def _without_variant(tag: str) -> str:
    if tag.startswith('"') and "-" in tag:
        return f'{tag.partition("-")[0]}"'
    return tag


def _tags(header: str) -> frozenset[str]:
    return frozenset(tag.strip() for tag in header.split(",") if tag.strip())
