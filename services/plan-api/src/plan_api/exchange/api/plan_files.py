"""The pages of plan files: send one, see what is wrong with it, enter its units, bring it in."""

import json
from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import UploadFile

from plan_api.core.dependencies import Now, Reading, Tx
from plan_api.exchange.api.pages import ReportDep, html_of, named, report_on
from plan_api.exchange.pages.plan_files import Missing
from plan_api.exchange.pages.plan_files import plan_file_page as file_context
from plan_api.exchange.pages.plan_files import plan_files_page as files_context
from plan_api.exchange.repository import PlanFiles
from plan_api.exchange.service import plan_files
from plan_api.exchange.service.plan_files import Looked
from plan_api.plans.schemas.files import example_from, plan_file_schema
from plan_api.report.api import DeskDep, check_form, seen_as
from plan_api.report.service import Report
from shared_kit.identity import INSPECT, OFFICE, NotAllowedError
from shared_kit.web.authorization import CallerDep
from shared_kit.web.language import Bilingual

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_LATEST: Final = 20
_UNITS: Final = 200
_TYPED: Final = 4000


@router.get("/plan-files", operation_id="plan_files_page")
async def plan_files_page(
    request: Request, report: ReportDep, desk: DeskDep, caller: CallerDep, session: Reading
) -> Response:
    caller = seen_as(request, desk=desk, caller=caller)
    may_send = caller.role in OFFICE
    latest = await PlanFiles(session).latest(_LATEST) if may_send or caller.role in INSPECT else ()
    context = files_context(frame=await report.any_frame(), latest=latest, may_send=may_send)
    return html_of(report.render("plan_files.html", context), report)


@router.get("/plan-files/example.json", operation_id="plan_file_example", response_class=Response)
async def plan_file_example(_caller: CallerDep, now: Now) -> Response:
    """A small plan whose cycle has begun, to be changed into one's own."""
    return _file(example_from(now.year), "example-plan.json")


@router.get("/plan-files/schema.json", operation_id="plan_file_schema", response_class=Response)
async def plan_file_schema_file(_caller: CallerDep) -> Response:
    return _file(plan_file_schema(), "plan-file.schema.json")


@router.get("/plan-files/{file_id}", operation_id="plan_file_page")
async def plan_file_page(
    request: Request,
    file_id: UUID,
    report: ReportDep,
    desk: DeskDep,
    caller: CallerDep,
    session: Reading,
) -> Response:
    # Not by the policy table: a newcomer without a cookie is more than a reader there knows.
    caller = seen_as(request, desk=desk, caller=caller)
    if caller.role not in OFFICE | INSPECT:
        raise NotAllowedError("a plan file is read by those who may send one")
    looked = await plan_files.look(session, file_id=file_id)
    return await _page(report, looked, may_bring=caller.role in OFFICE)


@router.post("/plan-files", operation_id="plan_file_from_page")
async def plan_file_from_page(
    request: Request, desk: DeskDep, caller: CallerDep, tx: Tx, now: Now
) -> Response:
    """Keep the file and lead to its page, which says what is in it and what is wrong."""
    async with request.form(max_files=1, max_fields=5) as form:
        check_form(request, token=str(form.get("csrf", "")))
        file = form.get("file")
        content = await file.read() if isinstance(file, UploadFile) else b""
        name = named(file.filename or "") if isinstance(file, UploadFile) else ""
    report = report_on(request, desk=desk, caller=caller, session=tx.session)
    missing: Missing | None = (
        "none" if not content else "too-large" if len(content) > plan_files.LARGEST else None
    )
    if missing is not None:
        latest = await PlanFiles(tx.session).latest(_LATEST)
        context = files_context(
            frame=await report.any_frame(), latest=latest, may_send=True, missing=missing
        )
        return html_of(report.render("plan_files.html", context), report, status=422)
    one = plan_files.keep(tx, caller=caller, now=now, name=name or "plan.json", content=content)
    return _see(report, one.id)


@router.post("/plan-files/{file_id}/units", operation_id="plan_file_units_from_page")
async def plan_file_units_from_page(
    request: Request, file_id: UUID, desk: DeskDep, caller: CallerDep, tx: Tx
) -> Response:
    """Enter the units that the directory lacks; with a fault none, and what was typed stays."""
    async with request.form(max_files=0, max_fields=2 * _UNITS + 1) as form:
        check_form(request, token=str(form.get("csrf", "")))
        given = {name: value for name, value in form.items() if isinstance(value, str)}
    report = report_on(request, desk=desk, caller=caller, session=tx.session)
    looked = await plan_files.look(tx.session, file_id=file_id)
    missing = looked.standing.missing if looked.standing is not None else {}
    typed = {code: _typed(given, code) for code in missing}
    wrong = await plan_files.enter_units(tx, caller=caller, titles=typed)
    if wrong:
        return await _page(report, looked, may_bring=True, typed=typed, wrong=wrong)
    return _see(report, file_id)


@router.post("/plan-files/{file_id}/bring", operation_id="bring_plan_file_from_page")
async def bring_plan_file_from_page(
    request: Request,
    file_id: UUID,
    desk: DeskDep,
    caller: CallerDep,
    tx: Tx,
    now: Now,
    csrf: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Publish the plan; its page then leads to the plan's own first page."""
    check_form(request, token=csrf)
    report = report_on(request, desk=desk, caller=caller, session=tx.session)
    await plan_files.bring(tx, caller=caller, now=now, file_id=file_id)
    return _see(report, file_id)


async def _page(
    report: Report,
    looked: Looked,
    *,
    may_bring: bool,
    typed: Mapping[str, Mapping[str, str]] | None = None,
    wrong: Mapping[str, Mapping[str, Bilingual]] | None = None,
) -> Response:
    context = file_context(
        frame=await report.any_frame(),
        kept=looked.kept,
        faults=looked.faults,
        found=looked.plan,
        standing=looked.standing,
        may_bring=may_bring,
        typed=typed,
        wrong=wrong,
    )
    html = report.render("plan_file.html", context)
    return html_of(html, report, status=422 if wrong else 200)


def _typed(given: Mapping[str, str], code: str) -> Mapping[str, str]:
    return {
        language: given.get(f"{language}:{code}", "").strip()[:_TYPED] for language in ("en", "fr")
    }


def _file(content: Mapping[str, object], name: str) -> Response:
    return Response(
        json.dumps(content, ensure_ascii=False, indent=2) + "\n",
        media_type="application/json",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _see(report: Report, file_id: UUID) -> RedirectResponse:
    return RedirectResponse(
        report.visit.href(f"/plan-files/{file_id}"),
        status_code=303,
        headers={"cache-control": "no-store"},
    )
