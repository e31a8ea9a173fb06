"""HTTP in: the template, a spreadsheet, what was found in it, and having it applied."""

from typing import Annotated, Any, Final, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.background import BackgroundTask

from plan_api.core.dependencies import Now, OnceDep, Reading, Tx, answer, respond
from plan_api.core.idempotency import Answer
from plan_api.exchange.api.exports import WORKBOOK, XLSX
from plan_api.exchange.files import template as template_file
from plan_api.exchange.schemas.imports import ImportRead
from plan_api.exchange.service import importing
from plan_api.exchange.service.codes import codes_for
from plan_api.exchange.service.guide import Guide
from plan_api.exchange.service.importing import Importer
from plan_api.plans.service import PlanNotFoundError, plan_in_force
from plan_api.report.repository import SqlBook
from shared_kit.web.authorization import CallerDep
from shared_kit.web.language import Lang
from shared_kit.web.problems import UNSUPPORTED_MEDIA_TYPE, ProblemError
from shared_kit.web.types import Code, Line

router = APIRouter(prefix="/api/v1", tags=["exchange"])

_TEMPLATE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The file.",
        "content": {XLSX: WORKBOOK},
    }
}
_UPLOAD: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            XLSX: {
                "schema": {"type": "string", "format": "binary"},
                "example": "the bytes of a filled in template.xlsx",
            }
        },
    }
}
PlanQuery = Annotated[Code | None, Query(examples=["wco-2019-2022"], description="Or today's.")]


def _importer(request: Request) -> Importer:
    return cast(Importer, request.app.state.importer)


ImporterDep = Annotated[Importer, Depends(_importer)]


@router.get(
    "/imports/template.xlsx",
    operation_id="get_import_template",
    response_class=Response,
    responses=_TEMPLATE,
    summary="Have the template",
    description="A sheet each for Actions, Deliverables, estimates, targets, facts and stated "
    "figures, with examples and the plan's codes to choose from.",
)
async def get_import_template(
    session: Reading, now: Now, lang: Lang, plan: PlanQuery = None
) -> Response:
    snapshot = (
        await SqlBook(session).current_plan(now=now)
        if plan is None
        else await plan_in_force(session, plan=plan, now=now)
    )
    if snapshot is None:
        raise PlanNotFoundError("there is no plan yet", "il n’y a pas encore de plan")
    french = lang == "fr"
    guide = Guide(plan=snapshot, codes=await codes_for(session, plan=snapshot))
    content = template_file.write(codes=guide.codes, shown=guide.shown, french=french, made_at=now)
    name = f"{snapshot.plan}-template.xlsx"
    return Response(
        content,
        media_type=XLSX,
        headers={
            "content-disposition": f'attachment; filename="{name}"',
            "cache-control": "private, no-cache",
        },
    )


@router.post(
    "/imports",
    operation_id="create_import",
    status_code=202,
    response_model=ImportRead,
    openapi_extra=_UPLOAD,
    summary="Send a spreadsheet",
    description="An XLSX of up to 10 MiB that follows the template. It is read and checked next; "
    "nothing of it is applied. The Location tells what was found, by cell.",
)
async def create_import(
    request: Request,
    tx: Tx,
    caller: CallerDep,
    now: Now,
    lang: Lang,
    once: OnceDep,
    importer: ImporterDep,
    plan: PlanQuery = None,
    name: Annotated[Line, Query(description="The file's, for the eye.")] = "upload.xlsx",
) -> Response:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != XLSX:
        raise ProblemError(UNSUPPORTED_MEDIA_TYPE)
    content = await request.body()

    async def work() -> Answer:
        code = plan
        if code is None:
            current = await SqlBook(tx.session).current_plan(now=now)
            code = current.plan if current else ""
        one = await importing.receive(
            tx, caller=caller, now=now, plan=code, name=name, content=content
        )
        await tx.session.flush()
        location = f"/api/v1/imports/{one.id}"
        return answer(ImportRead.of(one, lang), status=202, location=location)

    return _waking(importer, respond(await once.run(work)))


@router.get(
    "/imports/{import_id}",
    operation_id="get_import",
    summary="Read how far an import is, and what was found in it",
    description="Lines read or applied of all, and mistakes by cell with what to do.",
)
async def get_import(import_id: UUID, session: Reading, lang: Lang) -> ImportRead:
    return ImportRead.of(await importing.find(session, import_id), lang)


@router.post(
    "/imports/{import_id}/apply",
    operation_id="apply_import",
    status_code=202,
    response_model=ImportRead,
    summary="Apply an import, all or nothing",
    description="Needs one that is read and without mistakes, else 409. What is known already is "
    "left alone, so the same file may be applied again. No body.",
)
async def apply_import(
    import_id: UUID, tx: Tx, caller: CallerDep, lang: Lang, once: OnceDep, importer: ImporterDep
) -> Response:
    async def work() -> Answer:
        one = await importing.ask_to_apply(tx, caller=caller, import_id=import_id)
        return answer(ImportRead.of(one, lang), status=202)

    return _waking(importer, respond(await once.run(work)))


def _waking(importer: Importer, given: Response) -> Response:
    # Once it is sent: before that its transaction is not committed.
    given.background = BackgroundTask(importer.wake)
    return given
