"""HTTP out: tables as XLSX and CSV, streamed."""

import asyncio
import tempfile
from collections.abc import Iterator
from typing import IO, Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import StreamingResponse

from plan_api.core.dependencies import Now, Reading, RuntimeDep
from plan_api.exchange.files import comma_separated, workbook
from plan_api.exchange.model.outgoing import Exported, FileFormat, Table
from plan_api.exchange.service import exporting
from plan_api.exchange.service.told import Wanted
from plan_api.report.api import DeskDep
from plan_api.report.reads import FiguresUnavailableError
from shared_kit.web.language import Lang
from shared_kit.web.problems import UNAVAILABLE, ProblemError
from shared_kit.web.types import Code, Day

router = APIRouter(prefix="/api/v1", tags=["exchange"])

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv; charset=utf-8"

WORKBOOK: Final[dict[str, Any]] = {
    "schema": {"type": "string", "format": "binary"},
    "example": "the bytes of a workbook",
}

_IN_MEMORY: Final = 2 * 1024 * 1024
_PIECE: Final = 64 * 1024
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The file.",
        "content": {
            XLSX: WORKBOOK,
            "text/csv": {
                "schema": {"type": "string"},
                "example": "Unit,Name,Part of\r\nCF,Compliance and Facilitation Directorate,\r\n",
            },
        },
    }
}


@router.get(
    "/exports/{table}.{file_format}",
    operation_id="export_table",
    response_class=StreamingResponse,
    responses=_FILE,
    summary="Have a table as a file",
    description="XLSX with typed dates and numbers and a sheet that says where they come from, or "
    "CSV. Text that a spreadsheet would run as a formula is made harmless. Without `plan` and "
    "`period` those of today; Members and units are the same for all. "
    "With `as_of` what was known at the end of that day: the same address gives the same file "
    "later. The day stands in the name and in every line.",
)
async def export_table(
    table: Annotated[Exported, Path(examples=["units"])],
    file_format: Annotated[FileFormat, Path(examples=["csv"])],
    request: Request,
    runtime: RuntimeDep,
    desk: DeskDep,
    session: Reading,
    now: Now,
    lang: Lang,
    plan: Annotated[Code | None, Query(examples=["wco-2019-2022"])] = None,
    period: Annotated[Code | None, Query(examples=["FY2019"])] = None,
    as_of: Annotated[
        Day | None,
        Query(description="What was known at the end of that day.", examples=["2019-12-16"]),
    ] = None,
    since: Annotated[
        Day | None,
        Query(
            alias="from",
            description="For `then-and-now`: the day to compare with; without it 30 days before.",
            examples=["2019-12-16"],
        ),
    ] = None,
    until: Annotated[
        Day | None,
        Query(
            alias="to",
            description="For `then-and-now`: the later day; without it today.",
            examples=["2020-01-31"],
        ),
    ] = None,
    bom: Annotated[
        bool | None, Query(description="CSV: begin with a byte order mark, as Excel wants it.")
    ] = None,
) -> StreamingResponse:
    wanted = Wanted(
        table=table, plan=plan, period=period, language=lang, as_of=until or as_of, since=since
    )
    try:
        found = await exporting.gather(
            session,
            wanted=wanted,
            figures=desk.figures(request.headers.get("authorization"), lang),
            now=now,
            demo=runtime.settings.auth == "demo",
        )
    except FiguresUnavailableError as error:
        raise ProblemError(UNAVAILABLE, headers={"retry-after": "5"}) from error
    compared = f"from-{since}" if since else None
    known = f"as-known-on-{found.known_on}"
    name = "-".join(part for part in (plan, table.value, period, compared, known) if part)
    headers = {
        "content-disposition": f'attachment; filename="{name}.{file_format.value}"',
        "cache-control": "private, no-cache",
    }
    if file_format is FileFormat.CSV:
        return StreamingResponse(
            comma_separated.write(found, bom=bool(bom)), media_type=CSV, headers=headers
        )
    file = await asyncio.to_thread(_workbook, found)
    return StreamingResponse(_pieces(file), media_type=XLSX, headers=headers)


def _workbook(table: Table) -> IO[bytes]:
    # Left open: whoever reads its last piece closes it.
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
    workbook.write(table, file)
    file.seek(0)
    return file


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
