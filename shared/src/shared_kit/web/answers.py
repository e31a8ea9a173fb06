"""Problem answers: the one place that writes application/problem+json."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from starlette.responses import Response
from starlette.types import Scope

from shared_kit.telemetry.context import current
from shared_kit.web.language import Bilingual, language_headers, language_of
from shared_kit.web.problems import MEDIA_TYPE, FieldError, Problem

_PLAIN_SEGMENT = re.compile(r"^[A-Za-z0-9_.-]{1,64}$")


def problem_response(
    scope: Scope,
    problem: Problem,
    *,
    detail: Bilingual | None = None,
    status: int | None = None,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
    extra: Mapping[str, object] | None = None,
) -> Response:
    """Answer with a problem, in the language of the request.

    Only texts of ours go in, never input: an echo is where a lone surrogate, NaN or markup
    would come back out.
    """
    language = language_of(scope)
    body: dict[str, object] = {
        "type": problem.type,
        "title": problem.title.in_(language),
        "status": status or problem.status,
        "detail": (detail or problem.meaning).in_(language),
        "instance": quote(scope.get("path", "/")[:1000], safe="/:~", errors="replace"),
    }
    correlation = current()
    if correlation:
        body["trace_id"] = correlation.trace_id
    if errors:
        body["errors"] = [
            {"pointer": e.pointer, "message": e.message.in_(language), "code": e.code}
            for e in errors
        ]
    body.update(extra or {})
    return Response(
        # ASCII only: whatever a text holds, it can be encoded.
        json.dumps(body, ensure_ascii=True, allow_nan=False).encode("ascii"),
        status_code=status or problem.status,
        media_type=MEDIA_TYPE,
        headers={"cache-control": "no-store", **language_headers(scope), **(headers or {})},
    )


def pointer_to(location: Sequence[Any]) -> str:
    """Write a validation location as a JSON pointer.

    Names that came with the input are shown only where they are plain.
    """
    parts = [str(part) for part in location]
    return "".join(f"/{part if _PLAIN_SEGMENT.fullmatch(part) else '-'}" for part in parts)
