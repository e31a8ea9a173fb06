"""Checks of the figures against the ledger: what was compared, and what differed."""

import json
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from kpi_engine.api.desk import DeskDep
from kpi_engine.api.errors import UnknownCheckError
from kpi_engine.ports import StoredCheck, Window
from shared_kit.web.authorization import CallerDep
from shared_kit.web.paging import Page, PagingDep
from shared_kit.web.types import DecimalString, RowNumber

router = APIRouter(prefix="/api/v1", tags=["reconciliations"])

_Id = Annotated[RowNumber, Path(description="Number of the check.", examples=[1])]


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class JudgedRead(_View):
    """What is judged where that is not the whole."""

    numerator: DecimalString
    denominator: DecimalString


class FigureRead(_View):
    """A figure as far as a check compares it; null where there is none."""

    numerator: DecimalString | None
    denominator: DecimalString | None
    judged: JudgedRead | None
    due: DecimalString | None
    due_done: DecimalString | None


class DifferingRowRead(_View):
    """What a fact contributes by only one of the two: the ledger, or the rows that are kept."""

    lost: bool = Field(description="The ledger says it and it was not kept; else it is surplus.")
    side: Annotated[str, Field(examples=["numerator"])]
    item: Annotated[str, Field(examples=["wco-2019-2022:D-017-2"])]
    member: str | None
    effective: date | None
    source: str | None = Field(description="Of the fact; null where none is known.")
    id: str | None


class FindingRead(_View):
    """An indicator and period that is not what the ledger says."""

    key: Annotated[str, Field(examples=["wco-2019-2022:SG"])]
    plan: Annotated[str, Field(examples=["wco-2019-2022"])]
    period: Annotated[str, Field(examples=["FY2019"])]
    judged_on: date
    revision: int = Field(description="Of the judgement that was held against the ledger.")
    shown: FigureRead = Field(description="As it was judged last.")
    live: FigureRead = Field(description="What the rows that are kept say.")
    rebuilt: FigureRead = Field(description="What the ledger says.")
    lost: int = Field(description="Rows of the indicator that were not kept.")
    surplus: int = Field(description="Rows of the indicator that no fact accounts for.")
    rows: list[DifferingRowRead] = Field(description="The first ten.")


class ReconciliationRead(_View):
    """One check: all contributions and figures, made again from the facts."""

    id: int
    day: date = Field(description="The business day whose judging it followed.")
    began_at: datetime
    ended_at: datetime
    outcome: Literal["agrees", "differs", "unfinished"]
    facts: int = Field(description="Facts that were read again.")
    rows: int = Field(description="Contributions that were made again.")
    lost: int
    surplus: int
    figures: int = Field(description="Figures that were compared.")
    waiting: int = Field(description="Figures that were to be judged again: not compared.")
    findings: list[FindingRead]


class AskedRead(_View):
    """That a check will begin."""

    asked: bool


@router.get(
    "/reconciliations",
    summary="List checks against the ledger",
    description="Once a business day all figures are made again from the facts and compared with "
    "the live ones. Newest first, in pages, with what differed.",
)
async def list_reconciliations(
    caller: CallerDep,  # noqa: ARG001 - every route has its caller
    desk: DeskDep,
    paging: PagingDep,
) -> Page[ReconciliationRead]:
    after = None if paging.after is None else int(paging.after[0])
    found = await desk.checks.checks(window=Window(paging.limit + 1, after, paging.backward))
    page = paging.page(found, key=lambda check: (check.id,))
    return Page(items=[_shown(one) for one in page.items], next=page.next, prev=page.prev)


@router.get(
    "/reconciliations/{id}",
    summary="Read a check against the ledger",
    description="What was compared, and each figure that differs: as judged, as kept, as rebuilt.",
)
async def get_reconciliation(
    caller: CallerDep,  # noqa: ARG001 - every route has its caller
    desk: DeskDep,
    id: _Id,
) -> ReconciliationRead:
    found = await desk.checks.check(id=id)
    if found is None:
        raise UnknownCheckError(f"there is no check {id}")
    return _shown(found)


@router.post(
    "/reconciliations",
    status_code=202,
    summary="Ask for a check against the ledger",
    description="It begins at once, beside all other work, and is listed when it is done. Asking "
    "again meanwhile changes nothing.",
)
async def start_reconciliation(
    caller: CallerDep,  # noqa: ARG001 - every route has its caller
    desk: DeskDep,
) -> AskedRead:
    desk.ask_for_check()
    return AskedRead(asked=True)


def _shown(check: StoredCheck) -> ReconciliationRead:
    return ReconciliationRead.model_validate(
        {**check._asdict(), "findings": json.loads(check.findings)}
    )
