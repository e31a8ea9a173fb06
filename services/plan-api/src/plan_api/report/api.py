"""Routes of the pages: HTML for people, strict headers, and the two forms that change something."""

import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import Annotated, Any, Final, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import APIRouter, Depends, FastAPI, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.exc import SQLAlchemyError

from plan_api.core.dependencies import Runtime, runtime_of
from plan_api.report.comparing import then_and_now
from plan_api.report.pages.frame import Notice, Visit
from plan_api.report.pages.site import Site
from plan_api.report.reads import (
    AcknowledgementRefusedError,
    Figures,
    FiguresUnavailableError,
    HttpFigures,
)
from plan_api.report.repository import (
    Book,
    DayNotKnownError,
    SqlBook,
)
from plan_api.report.service import PageNotFoundError, Report, bare_frame, failure
from plan_api.report.visits import CSRF_COOKIE, NEWCOMER, TOKEN, visit_of
from shared_kit.clock import Clock
from shared_kit.identity import (
    DEMO_COOKIE,
    PUBLIC_READER,
    Caller,
    NotAllowedError,
    demo_caller,
)
from shared_kit.web.authorization import CallerDep
from shared_kit.web.language import Language, language_of

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_CSP: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "content-security-policy": _CSP,
    "cache-control": "private, no-cache",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "vary": "Cookie, Accept-Language",
}
_ASSETS: Final = {
    "report.css": "text/css; charset=utf-8",
    "live.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_NOT_PAGES: Final = ("/api/", "/docs", "/openapi", "/problems", "/_/", "/static/")


Handler = Callable[[Request, Any], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where pages get what they show; tests set up their own."""

    site: Site
    book: Callable[[], AbstractAsyncContextManager[Book]]
    figures: Callable[[str | None, Language], Figures]
    business: Clock
    demo: bool


def desk_of(runtime: Runtime) -> Desk:
    """The desk of a running plan-api."""

    @asynccontextmanager
    async def book() -> AsyncIterator[Book]:
        async with runtime.sessions() as session:
            yield SqlBook(session)

    def figures(authorization: str | None, language: Language) -> Figures:
        return HttpFigures(
            http=runtime.http,
            engine_url=runtime.settings.engine_url,
            notifier_url=runtime.settings.notifier_url,
            authorization=authorization,
            language=language,
        )

    return Desk(
        site=Site.load(),
        book=book,
        figures=figures,
        business=runtime.business,
        demo=runtime.settings.auth == "demo",
    )


def set_up(app: FastAPI, *, desk: Desk) -> None:
    """Give an app its pages' desk, and answer browsers' errors with pages."""
    app.state.report = desk
    for kind, handler in list(app.exception_handlers.items()):
        app.exception_handlers[kind] = _page_or(cast(Handler, handler))


def _desk(request: Request) -> Desk:
    if not hasattr(request.app.state, "report"):
        request.app.state.report = desk_of(runtime_of(request))
    return cast(Desk, request.app.state.report)


DeskDep = Annotated[Desk, Depends(_desk)]


def seen_as(request: Request, *, desk: Desk, caller: Caller) -> Caller:
    """Whom the pages speak to.

    A newcomer sees what can be done, not only what can be read; the switcher changes it.
    """
    newcomer = caller.anonymous and desk.demo and DEMO_COOKIE not in request.cookies
    return demo_caller(NEWCOMER) if newcomer else caller


async def _report(request: Request, desk: DeskDep, caller: CallerDep) -> AsyncIterator[Report]:
    caller = seen_as(request, desk=desk, caller=caller)
    async with desk.book() as book:
        yield await report_of(request, desk=desk, caller=caller, book=book)


async def report_of(
    request: Request,
    *,
    desk: Desk,
    caller: Caller,
    book: Book,
    kept: Sequence[str] = ("period", "from", "to"),
) -> Report:
    """What a page is written with: as of the day that its address names, or now.

    `kept` are the parameters that stay in the address when the page is shown otherwise.
    """
    visit = visit_of(request, demo=desk.demo, caller=caller, clock=desk.business, kept=kept)
    report = Report(
        site=desk.site,
        book=book,
        figures=desk.figures(authorization_of(request, caller), language_of(request.scope)),
        visit=visit,
        now=desk.business.now(),
    )
    if not visit.as_of_said:
        return report
    return await report.of_its_day(key=request.path_params.get("key", ""))


ReportDep = Annotated[Report, Depends(_report, scope="function")]
PeriodQuery = Annotated[str | None, Query(alias="period", max_length=80)]


@router.get("/", operation_id="overview_page")
async def overview_page(report: ReportDep, period: PeriodQuery = None) -> Response:
    return await _page(report, report.overview(period=period))


@router.get("/indicators/{key}", operation_id="indicator_page")
async def indicator_page(report: ReportDep, key: str, period: PeriodQuery = None) -> Response:
    return await _page(report, report.indicator(key=key, period=period))


@router.get("/objectives/{key}", operation_id="objective_page")
async def objective_page(report: ReportDep, key: str, period: PeriodQuery = None) -> Response:
    return await _page(report, report.objective(key=key, period=period))


@router.get("/priorities", operation_id="priorities_page")
async def priorities_page(report: ReportDep, period: PeriodQuery = None) -> Response:
    return await _page(report, report.priorities(period=period))


@router.get("/then-and-now", operation_id="then_and_now_page")
async def then_and_now_page(
    report: ReportDep,
    period: PeriodQuery = None,
    since: Annotated[str | None, Query(alias="from", max_length=20)] = None,
    until: Annotated[str | None, Query(alias="to", max_length=20)] = None,
) -> Response:
    return await _page(report, then_and_now(report, period=period, since=since, until=until))


@router.get("/start", operation_id="start_page")
async def start_page(report: ReportDep) -> Response:
    return await _page(report, report.start())


@router.get("/alerts/{alert}", operation_id="alert_page")
async def alert_page(report: ReportDep, alert: str) -> Response:
    return await _page(report, report.alert(alert=alert))


@router.post("/alerts/{alert}/ack", operation_id="acknowledge_from_page")
async def acknowledge_from_page(
    request: Request,
    desk: DeskDep,
    caller: CallerDep,
    alert: str,
    csrf: Annotated[str, Form(max_length=100)] = "",
    comment: Annotated[str, Form(max_length=1000)] = "",
    back: Annotated[str, Form(max_length=500)] = "/",
) -> Response:
    """Acknowledge in the caller's name at the notifier; say on the page what came of it."""
    check_form(request, token=csrf)
    figures = desk.figures(authorization_of(request, caller), language_of(request.scope))
    notice: Notice
    try:
        await figures.acknowledge(alert=alert, comment=_plain(comment))
        notice = "acknowledged"
    except AcknowledgementRefusedError as error:
        notice = _REFUSALS.get(error.status, "refused")
    except FiguresUnavailableError:
        notice = "unavailable"
    return _see(back, notice=notice)


@router.post("/demo/user", operation_id="switch_demo_user")
async def switch_demo_user(
    request: Request,
    desk: DeskDep,
    _caller: CallerDep,
    user: Annotated[str, Form(max_length=200)],
    csrf: Annotated[str, Form(max_length=100)] = "",
    back: Annotated[str, Form(max_length=500)] = "/",
) -> Response:
    """Look at the demonstration as somebody else."""
    check_form(request, token=csrf)
    if not desk.demo:
        raise NotAllowedError("there are no demonstration users here")
    demo_caller(user)  # refuses who does not exist
    answer = _see(back, notice="switched")
    _set_cookie(answer, request, DEMO_COOKIE, user)
    return answer


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _ASSETS:
        return Response(status_code=404)
    # The address carries the content's digest, so a copy may be kept for good.
    kept = "public, max-age=31536000, immutable" if "v" in request.query_params else "no-cache"
    content = files("plan_api.report").joinpath("static", name).read_bytes()
    return Response(content, media_type=_ASSETS[name], headers={"cache-control": kept})


router.add_route("/static/{name}", _static, methods=["GET"], name="static")

_REFUSALS: Final[dict[int, Notice]] = {
    401: "not-allowed",
    403: "not-allowed",
    404: "gone",
    409: "gone",
}


async def _page(report: Report, writing: Awaitable[str]) -> Response:
    try:
        html, status = await writing, 200
    except PageNotFoundError:
        html, status = await report.message(status=404), 404
    except DayNotKnownError as error:
        html, status = await report.not_known(error), 400
    except FiguresUnavailableError:
        html, status = await report.message(status=503), 503
    return html_answer(html, status=status, visit=report.visit)


def html_answer(html: str, *, status: int, visit: Visit) -> HTMLResponse:
    answer = HTMLResponse(
        html, status_code=status, headers={**_HEADERS, "content-language": visit.language}
    )
    # Set again on each page: a form that is sent has just had its cookie renewed.
    answer.set_cookie(
        CSRF_COOKIE, visit.csrf, path="/", httponly=True, samesite="strict", secure=visit.secure
    )
    if visit.newcomer:
        answer.set_cookie(
            DEMO_COOKIE, NEWCOMER, path="/", httponly=True, samesite="strict", secure=visit.secure
        )
    return answer


def authorization_of(request: Request, caller: Caller) -> str | None:
    """The credential to pass on to the other services: pages send a cookie, APIs take a token.

    A cookie that says nobody is not passed on: the others would refuse what was let in here.
    """
    header = request.headers.get("authorization")
    if header or caller.anonymous:
        return header
    return f"Bearer {caller.subject}"


def check_form(request: Request, *, token: str) -> None:
    """Let a form through that came from a page of ours, shown to this very browser.

    Raises:
        NotAllowedError
    """
    kept = request.cookies.get(CSRF_COOKIE, "")
    if not TOKEN.match(kept) or not secrets.compare_digest(kept.encode(), token.encode()):
        raise NotAllowedError("the form's token is missing or not this browser's")
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    own = origin is not None and urlsplit(origin).netloc == request.headers.get("host")
    # Every browser of the last years says at least one of the two; silence is not trusted.
    if not (site == "same-origin" or (site is None and own)):
        raise NotAllowedError("a form is taken from this site's own pages only")


def _plain(comment: str) -> str:
    return comment.replace("\r\n", "\n").replace("\x00", "").strip()


def _see(back: str, *, notice: Notice) -> RedirectResponse:
    """Back to the page the form stood on, which says what happened; never to another site."""
    parts = urlsplit(back)
    ours = back.startswith("/") and not parts.netloc and not re.search(r"[\\\x00-\x20]|^//", back)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "notice"]
    path = parts.path if ours else "/"
    target = f"{path}?{urlencode([*query, ('notice', notice)] if ours else {'notice': notice})}"
    return RedirectResponse(target, status_code=303, headers={"cache-control": "no-store"})


def _set_cookie(answer: Response, request: Request, name: str, value: str) -> None:
    answer.set_cookie(
        name,
        value,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def _page_or(handler: Handler) -> Handler:
    """For browsers that asked for a page, the same status as a page instead of JSON."""

    async def answer(request: Request, error: Exception) -> Response:
        given = await handler(request, error)
        wants_html = "text/html" in request.headers.get("accept", "")
        if given.status_code < 400 or not wants_html or request.url.path.startswith(_NOT_PAGES):
            return given
        desk = _desk(request)
        visit = visit_of(request, demo=desk.demo, caller=PUBLIC_READER, clock=desk.business)
        html = await _message(desk, visit, status=given.status_code)
        page = html_answer(html, status=given.status_code, visit=visit)
        if "allow" in given.headers:
            page.headers["allow"] = given.headers["allow"]
        if given.status_code == 401:
            # A cookie that no longer means anything would shut its owner out of every page.
            page.delete_cookie(DEMO_COOKIE, path="/")
        return page

    return answer


async def _message(desk: Desk, visit: Visit, *, status: int) -> str:
    now = desk.business.now()
    try:
        async with desk.book() as book:
            figures = desk.figures(None, visit.language)
            report = Report(site=desk.site, book=book, figures=figures, visit=visit, now=now)
            return await report.message(status=status)
    except (OSError, SQLAlchemyError):
        frame = bare_frame(desk.site, visit, now=now)
        return failure(desk.site, frame, status=status)
