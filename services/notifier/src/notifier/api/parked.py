"""Records that the notifier could not use: listed with their reason, sent again on demand.

The engine's are under `/api/v1/parked`: each service puts aside for itself what it cannot use.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Path, Query

from notifier.ports.views import ParkedReads
from shared_kit.identity import Caller
from shared_kit.web.authorization import CallerDep
from shared_kit.web.paging import Page, PagingDep
from shared_kit.web.parked import ParkedRead, ReplayRead
from shared_kit.web.problems import NOT_FOUND, ProblemError
from shared_kit.web.types import RowNumber

Replay = Callable[[Caller, int], Awaitable[None]]
"""Caller, number of the record; in a transaction of its own."""

_Id = Annotated[RowNumber, Path(description="Number of the parked record.", examples=[1])]


def parked_router(*, reads: ParkedReads, replay: Replay) -> APIRouter:
    router = APIRouter(prefix="/api/v1/notifier/parked", tags=["notifier-parked"])

    @router.get(
        "",
        summary="List what the notifier parked",
        description="Records of the log that the notifier could not use, oldest first, in pages, "
        "with why.",
    )
    async def list_notifier_parked(
        _caller: CallerDep,
        paging: PagingDep,
        code: Annotated[
            str | None, Query(max_length=60, pattern=r"^[a-z-]+$", examples=["invalid-data"])
        ] = None,
    ) -> Page[ParkedRead]:
        return await reads.parked(paging, code=code)

    @router.get(
        "/{id}",
        summary="Read a record that the notifier parked",
        description="Whole: its place in the log, its headers, and its bytes as base64.",
    )
    async def get_notifier_parked(_caller: CallerDep, id: _Id) -> ParkedRead:
        found = await reads.parked_record(id)
        if found is None:
            raise ProblemError(NOT_FOUND)
        return found

    @router.post(
        "/{id}/replay",
        status_code=202,
        summary="Replay a record that the notifier parked",
        description="Sends it through the log once more, under a new offset. Source and id stay, "
        "so it counts once however often it is sent. 409 where it is no CloudEvent: that cannot "
        "help.",
    )
    async def replay_notifier_parked(caller: CallerDep, id: _Id) -> ReplayRead:
        await replay(caller, id)
        return ReplayRead(id=id, replayed=True)

    return router
