"""The pages of imports: a form to send a file, what was found in it, a button to apply it."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.background import BackgroundTask
from starlette.datastructures import UploadFile

from plan_api.core.dependencies import Now, Reading, Tx
from plan_api.exchange.api.imports import ImporterDep
from plan_api.exchange.pages.imports import import_page as import_context
from plan_api.exchange.pages.imports import imports_page as imports_context
from plan_api.exchange.repository import Imports
from plan_api.exchange.service import importing
from plan_api.exchange.service.importing import Importer
from plan_api.report.api import (
    DeskDep,
    authorization_of,
    check_form,
    html_answer,
    seen_as,
)
from plan_api.report.pages.site import Site
from plan_api.report.repository import SqlBook
from plan_api.report.service import Report
from plan_api.report.visits import visit_of
from shared_kit.identity import INSPECT, UNITS, NotAllowedError
from shared_kit.web.authorization import CallerDep
from shared_kit.web.language import language_of

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_LATEST = 20
_NAME = 120


async def _report(request: Request, desk: DeskDep, caller: CallerDep, session: Reading) -> Report:
    return report_on(request, desk=desk, caller=caller, session=session)


def report_on(
    request: Request, *, desk: DeskDep, caller: CallerDep, session: AsyncSession
) -> Report:
    """Who writes the pages of this request."""
    caller = seen_as(request, desk=desk, caller=caller)
    visit = visit_of(request, demo=desk.demo, caller=caller, clock=desk.business)
    kept = {name: value for name, value in visit.query.items() if name == "lang"}
    return Report(
        site=Site.load(rooms=("plan_api.exchange",)),
        book=SqlBook(session),
        figures=desk.figures(authorization_of(request, caller), language_of(request.scope)),
        visit=replace(visit, query=kept),
        now=desk.business.now(),
    )


ReportDep = Annotated[Report, Depends(_report, scope="function")]


@router.get("/imports", operation_id="imports_page")
async def imports_page(
    request: Request, report: ReportDep, desk: DeskDep, caller: CallerDep, session: Reading
) -> Response:
    caller = seen_as(request, desk=desk, caller=caller)
    may_send = caller.role in UNITS
    latest = await Imports(session).latest(_LATEST) if may_send or caller.role in INSPECT else ()
    plan = await report.current_plan()
    if plan is None:
        return html_of(report.no_plan(), report)
    frame, _ = await report.frame_of(plan)
    context = imports_context(frame=frame, latest=latest, may_send=may_send)
    return html_of(report.render("imports.html", context), report)


@router.get("/imports/{import_id}", operation_id="import_page")
async def import_page(
    request: Request,
    import_id: UUID,
    report: ReportDep,
    desk: DeskDep,
    caller: CallerDep,
    session: Reading,
) -> Response:
    # Not by the policy table: a newcomer without a cookie is more than a reader there knows.
    caller = seen_as(request, desk=desk, caller=caller)
    if caller.role not in UNITS | INSPECT:
        raise NotAllowedError("an import is read by those who may send one")
    one = await importing.find(session, import_id)
    plan = await report.plan_of(f"{one.plan}:")
    frame, _ = await report.frame_of(plan)
    context = import_context(frame=frame, one=one, may_apply=caller.role in UNITS)
    return html_of(report.render("import.html", context), report)


@router.post("/imports", operation_id="import_from_page")
async def import_from_page(
    request: Request,
    desk: DeskDep,
    caller: CallerDep,
    tx: Tx,
    now: Now,
    importer: ImporterDep,
) -> Response:
    """Keep the file and lead to its page, which says how far it is."""
    async with request.form(max_files=1, max_fields=5) as form:
        check_form(request, token=str(form.get("csrf", "")))
        file = form.get("file")
        content = await file.read() if isinstance(file, UploadFile) else b""
        name = named(file.filename or "") if isinstance(file, UploadFile) else ""
    report = report_on(request, desk=desk, caller=caller, session=tx.session)
    plan = await report.current_plan()
    if plan is None:
        return html_of(report.no_plan(), report, status=409)
    if not content:
        frame, _ = await report.frame_of(plan)
        latest = await Imports(tx.session).latest(_LATEST)
        context = imports_context(frame=frame, latest=latest, may_send=True, missing_file=True)
        return html_of(report.render("imports.html", context), report, status=422)
    one = await importing.receive(
        tx, caller=caller, now=now, plan=plan.plan, name=name or "upload.xlsx", content=content
    )
    return _see(report, one.id, importer)


@router.post("/imports/{import_id}/apply", operation_id="apply_from_page")
async def apply_from_page(
    request: Request,
    import_id: UUID,
    desk: DeskDep,
    caller: CallerDep,
    tx: Tx,
    importer: ImporterDep,
    csrf: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Have it applied; the page says how far it is."""
    check_form(request, token=csrf)
    report = report_on(request, desk=desk, caller=caller, session=tx.session)
    await importing.ask_to_apply(tx, caller=caller, import_id=import_id)
    return _see(report, import_id, importer)


def named(name: str) -> str:
    """The file's name without folders and control characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable()).strip()[:_NAME]


def html_of(html: str, report: Report, *, status: int = 200) -> HTMLResponse:
    """Answer with a page, with the headers and cookies of all pages."""
    return html_answer(html, status=status, visit=report.visit)


def _see(report: Report, import_id: UUID, importer: Importer) -> RedirectResponse:
    return RedirectResponse(
        report.visit.href(f"/imports/{import_id}"),
        status_code=303,
        headers={"cache-control": "no-store"},
        # Once it is sent: before that the file's transaction is not committed.
        background=BackgroundTask(importer.wake),
    )
