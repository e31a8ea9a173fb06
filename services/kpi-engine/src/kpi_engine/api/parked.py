"""Records that could not be used: listed with their reason, sent again on demand."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from kpi_engine.api.desk import DeskDep
from kpi_engine.ports import ParkedRecord, UnknownRecordError, Window
from shared_kit.web.authorization import CallerDep
from shared_kit.web.paging import Page, PagingDep
from shared_kit.web.parked import ParkedRead, ReplayRead, base64_of, headers_of
from shared_kit.web.types import RowNumber

router = APIRouter(prefix="/api/v1", tags=["parked"])

_Id = Annotated[RowNumber, Path(description="Number of the parked record.", examples=[1])]


@router.get(
    "/parked",
    summary="List parked records",
    description="Records of the log that could not be used, oldest first, in pages, with why.",
)
async def list_parked(
    caller: CallerDep,  # noqa: ARG001 - every route has its caller
    desk: DeskDep,
    paging: PagingDep,
    code: Annotated[
        str | None,
        Query(max_length=60, pattern=r"^[a-z-]+$", examples=["invalid-data"]),
    ] = None,
) -> Page[ParkedRead]:
    after = None if paging.after is None else int(paging.after[0])
    found = await desk.reads.parked(
        code=code, window=Window(paging.limit + 1, after, paging.backward)
    )
    page = paging.page(found, key=lambda record: (record.id,))
    return Page(items=[_shown(one) for one in page.items], next=page.next, prev=page.prev)


@router.get(
    "/parked/{id}",
    summary="Read a parked record",
    description="Whole: its place in the log, its headers, and its bytes as base64.",
)
async def get_parked(
    caller: CallerDep,  # noqa: ARG001 - every route has its caller
    desk: DeskDep,
    id: _Id,
) -> ParkedRead:
    found = await desk.reads.parked_record(id=id)
    if found is None:
        raise UnknownRecordError(f"there is no parked record {id}")
    return _shown(found)


@router.post(
    "/parked/{id}/replay",
    status_code=202,
    summary="Replay a parked record",
    description="Sends it through the log once more, under a new offset. Source and id stay, so it "
    "counts once however often it is sent. 409 where it is no CloudEvent: that cannot help.",
)
async def replay_parked(caller: CallerDep, desk: DeskDep, id: _Id) -> ReplayRead:
    await desk.replays.replay(id=id, actor=caller.subject)
    return ReplayRead(id=id, replayed=True)


def _shown(record: ParkedRecord) -> ParkedRead:
    return ParkedRead(
        id=record.id,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        code=record.code,
        reason=record.reason,
        key=base64_of(record.key),
        value=base64_of(record.value),
        headers=headers_of(record.headers),
        recorded_at=record.recorded_at,
        parked_at=record.parked_at,
        attempts=record.attempts,
        replayed_at=record.replayed_at,
    )
