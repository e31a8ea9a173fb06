"""Documentation without the network: /openapi.json, /docs with our own assets, /problems."""

import html
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from shared_kit.web.language import LANGUAGES, language_of
from shared_kit.web.problems import NOT_FOUND, Problem, ProblemError

_ASSETS: Final[Mapping[str, str]] = {
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
    "init.js": "text/javascript; charset=utf-8",
    "docs.css": "text/css; charset=utf-8",
}
_CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {"all": "Kinds of problem", "status": "Status", "back": "All kinds of problem"},
    "fr": {"all": "Types de problème", "status": "Statut", "back": "Tous les types de problème"},
}


def openapi_routes(*, title: str, document: Callable[[], Mapping[str, Any]]) -> list[Route]:
    """/openapi.json and /docs over a document; also for the merged one of the embedded mode."""

    async def openapi(_request: Request) -> Response:
        return JSONResponse(document())

    async def docs(_request: Request) -> Response:
        return _page(
            language="en",
            title=title,
            head='<link rel="stylesheet" href="docs/assets/swagger-ui.css">'
            '<script src="docs/assets/swagger-ui-bundle.js" defer></script>'
            '<script src="docs/assets/init.js" defer></script>',
            body='<div id="swagger-ui"></div>',
        )

    async def docs_asset(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _ASSETS:
            raise ProblemError(NOT_FOUND)
        content = files("shared_kit.web").joinpath("static", "swagger", name).read_bytes()
        return Response(
            content, media_type=_ASSETS[name], headers={"cache-control": "public, max-age=3600"}
        )

    return [
        _route("/openapi.json", openapi, "openapi"),
        _route("/docs", docs, "docs"),
        _route("/docs/assets/{name}", docs_asset, "docs_asset"),
    ]


def problem_routes(catalogue: Mapping[str, Problem]) -> list[Route]:
    """/problems and /problems/{slug}: a page for browsers, JSON for those who ask for it."""

    async def problem_catalogue(request: Request) -> Response:
        language = language_of(request.scope)
        if not _wants_html(request):
            return JSONResponse({"items": [_described(p) for p in catalogue.values()]})
        rows = "".join(
            f'<li>{p.status} <a href="problems/{p.slug}?lang={language}">'
            f"{html.escape(p.title.in_(language))}</a></li>"
            for p in catalogue.values()
        )
        heading = _LABELS[language]["all"]
        body = f"<main><h1>{heading}</h1><ul>{rows}</ul></main>"
        return _page(language=language, title=heading, body=body, head=_STYLE)

    async def problem_page(request: Request) -> Response:
        problem = catalogue.get(request.path_params["slug"])
        if problem is None:
            raise ProblemError(NOT_FOUND)
        if not _wants_html(request):
            return JSONResponse(_described(problem))
        language = language_of(request.scope)
        title, labels = html.escape(problem.title.in_(language)), _LABELS[language]
        body = (
            f"<main><h1>{title}</h1><p>{labels['status']}: {problem.status}</p>"
            f"<p>{html.escape(problem.meaning.in_(language))}</p>"
            f'<p><a href="../problems?lang={language}">{labels["back"]}</a></p></main>'
        )
        head = _STYLE.replace("docs/", "../docs/")
        return _page(language=language, title=title, body=body, head=head)

    return [
        _route("/problems", problem_catalogue, "problem_catalogue"),
        _route("/problems/{slug}", problem_page, "problem_page"),
    ]


_STYLE: Final = '<link rel="stylesheet" href="docs/assets/docs.css">'


def _route(path: str, endpoint: Callable[[Request], Any], name: str) -> Route:
    return Route(path, endpoint, methods=["GET"], name=name, include_in_schema=False)


def _described(problem: Problem) -> dict[str, object]:
    return {
        "type": problem.type,
        "status": problem.status,
        "title": {language: problem.title.in_(language) for language in LANGUAGES},
        "meaning": {language: problem.meaning.in_(language) for language in LANGUAGES},
    }


def _wants_html(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _page(*, language: str, title: str, body: str, head: str) -> Response:
    return HTMLResponse(
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        # An empty icon of our own, or the browser asks for /favicon.ico.
        f'<title>{html.escape(title)}</title><link rel="icon" href="data:,">{head}'
        f"</head><body>{body}</body></html>",
        headers={"content-security-policy": _CSP},
    )
