"""HTTP in and out of the directory: units, Members, instruments."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from plan_api.core.dependencies import OnceDep, Reading, Tx, answer, respond
from plan_api.core.idempotency import Answer
from plan_api.directory import service
from plan_api.directory.repository import Directory, Entry, Kind, listing
from plan_api.directory.schemas import (
    InstrumentCreate,
    InstrumentRead,
    InstrumentUpdate,
    MemberCreate,
    MemberRead,
    MemberUpdate,
    UnitCreate,
    UnitRead,
    UnitUpdate,
)
from plan_api.directory.tables import EntryRow
from shared_kit.web.authorization import CallerDep
from shared_kit.web.concurrency import IfMatchDep, not_modified, tag_answer
from shared_kit.web.paging import Page, PagingDep
from shared_kit.web.types import Code

router = APIRouter(prefix="/api/v1", tags=["directory"])

_AnyRead = type[UnitRead] | type[MemberRead] | type[InstrumentRead]
_PATHS = {Kind.UNIT: "units", Kind.MEMBER: "members", Kind.INSTRUMENT: "instruments"}
_READS: dict[Kind, _AnyRead] = {
    Kind.UNIT: UnitRead,
    Kind.MEMBER: MemberRead,
    Kind.INSTRUMENT: InstrumentRead,
}
_CREATED = {"description": "Registered; 200 where the very same entry was there already."}


@router.get(
    "/units",
    operation_id="list_units",
    summary="List the units of the Secretariat",
    description="In pages, by code. `parent` narrows it to the units directly below one.",
)
async def list_units(
    session: Reading, paging: PagingDep, parent: Annotated[Code | None, Query()] = None
) -> Page[UnitRead]:
    found = await _read(session, paging, Kind.UNIT, {"parent": parent})
    return paging.page([UnitRead.of(entry) for entry in found], key=lambda unit: (unit.code,))


@router.get(
    "/members",
    operation_id="list_members",
    summary="List the Members",
    description="In pages, by code, with filters for the region and for fictional Members.",
)
async def list_members(
    session: Reading,
    paging: PagingDep,
    region: Annotated[Code | None, Query()] = None,
    fictional: Annotated[bool | None, Query()] = None,
) -> Page[MemberRead]:
    having = {"region": region, "fictional": fictional}
    found = await _read(session, paging, Kind.MEMBER, having)
    return paging.page([MemberRead.of(entry) for entry in found], key=lambda one: (one.code,))


@router.get(
    "/instruments",
    operation_id="list_instruments",
    summary="List tools and instruments",
    description="In pages, by code, with filters for a Package and for each tag.",
)
async def list_instruments(
    session: Reading,
    paging: PagingDep,
    package: Annotated[Code | None, Query()] = None,
    uses_it: Annotated[bool | None, Query()] = None,
    data_analysis: Annotated[bool | None, Query()] = None,
    compendium: Annotated[bool | None, Query()] = None,
) -> Page[InstrumentRead]:
    having = {
        "packages": None if package is None else [package],
        "uses_it": uses_it,
        "data_analysis": data_analysis,
        "compendium": compendium,
    }
    found = await _read(session, paging, Kind.INSTRUMENT, having)
    return paging.page([InstrumentRead.of(entry) for entry in found], key=lambda one: (one.code,))


@router.get(
    "/units/{code}",
    operation_id="get_unit",
    response_model=UnitRead,
    summary="Read a unit",
    description="With its ETag; If-None-Match answers 304 while it has not changed.",
)
async def get_unit(code: Code, session: Reading, request: Request, response: Response) -> object:
    return await _one(session, request, response, Kind.UNIT, code)


@router.get(
    "/members/{code}",
    operation_id="get_member",
    response_model=MemberRead,
    summary="Read a Member",
    description="With its ETag; If-None-Match answers 304 while it has not changed.",
)
async def get_member(code: Code, session: Reading, request: Request, response: Response) -> object:
    return await _one(session, request, response, Kind.MEMBER, code)


@router.get(
    "/instruments/{code}",
    operation_id="get_instrument",
    response_model=InstrumentRead,
    summary="Read a tool or instrument",
    description="With its ETag; If-None-Match answers 304 while it has not changed.",
)
async def get_instrument(
    code: Code, session: Reading, request: Request, response: Response
) -> object:
    return await _one(session, request, response, Kind.INSTRUMENT, code)


@router.post(
    "/units",
    operation_id="register_unit",
    status_code=201,
    response_model=UnitRead,
    responses={201: _CREATED, 200: {"model": UnitRead}},
    summary="Register a unit",
    description="Announces `unit.registered`. Another content under a known code answers 409.",
)
async def register_unit(body: UnitCreate, tx: Tx, caller: CallerDep, once: OnceDep) -> Response:
    return await _register(tx, caller, once, Kind.UNIT, body)


@router.post(
    "/members",
    operation_id="register_member",
    status_code=201,
    response_model=MemberRead,
    responses={201: _CREATED, 200: {"model": MemberRead}},
    summary="Register a Member",
    description="Announces `member.registered`. Another content under a known code answers 409.",
)
async def register_member(body: MemberCreate, tx: Tx, caller: CallerDep, once: OnceDep) -> Response:
    return await _register(tx, caller, once, Kind.MEMBER, body)


@router.post(
    "/instruments",
    operation_id="register_instrument",
    status_code=201,
    response_model=InstrumentRead,
    responses={201: _CREATED, 200: {"model": InstrumentRead}},
    summary="Register a tool or instrument",
    description="Announces `instrument.registered`. "
    "Another content under a known code answers 409.",
)
async def register_instrument(
    body: InstrumentCreate, tx: Tx, caller: CallerDep, once: OnceDep
) -> Response:
    return await _register(tx, caller, once, Kind.INSTRUMENT, body)


@router.put(
    "/units/{code}",
    operation_id="update_unit",
    response_model=UnitRead,
    summary="Change a unit",
    description="Replaces all its fields and announces `unit.registered` anew. Needs If-Match.",
)
async def update_unit(
    code: Code, body: UnitUpdate, tx: Tx, caller: CallerDep, if_match: IfMatchDep
) -> Response:
    return await _change(tx, caller, if_match, Kind.UNIT, code, body)


@router.put(
    "/members/{code}",
    operation_id="update_member",
    response_model=MemberRead,
    summary="Change a Member",
    description="Replaces all its fields and announces `member.registered` anew. Needs If-Match.",
)
async def update_member(
    code: Code, body: MemberUpdate, tx: Tx, caller: CallerDep, if_match: IfMatchDep
) -> Response:
    return await _change(tx, caller, if_match, Kind.MEMBER, code, body)


@router.put(
    "/instruments/{code}",
    operation_id="update_instrument",
    response_model=InstrumentRead,
    summary="Change a tool or instrument",
    description="Replaces all its fields and announces `instrument.registered` anew. "
    "What was released before keeps the tags it was released with. Needs If-Match.",
)
async def update_instrument(
    code: Code, body: InstrumentUpdate, tx: Tx, caller: CallerDep, if_match: IfMatchDep
) -> Response:
    return await _change(tx, caller, if_match, Kind.INSTRUMENT, code, body)


async def _read(
    session: Reading, paging: PagingDep, kind: Kind, having: Mapping[str, object]
) -> list[Entry]:
    given = {name: value for name, value in having.items() if value is not None}
    statement = paging.apply(listing(kind, having=given), [EntryRow.code])
    return list(await Directory(session).read(statement))


async def _one(
    session: Reading, request: Request, response: Response, kind: Kind, code: str
) -> object:
    entry = await service.get(session, kind=kind, code=code)
    same = not_modified(request, entry.revision)
    if same is not None:
        return same
    tag_answer(response, entry.revision)
    return _READS[kind].of(entry)


async def _register(
    tx: Tx,
    caller: CallerDep,
    once: OnceDep,
    kind: Kind,
    body: UnitCreate | MemberCreate | InstrumentCreate,
) -> Response:
    async def work() -> Answer:
        entry, new = await service.register(
            tx,
            actor=caller.subject,
            kind=kind,
            code=body.code,
            content=body.model_dump(mode="json", exclude={"code"}),
        )
        return answer(
            _READS[kind].of(entry),
            status=201 if new else 200,
            version=entry.revision,
            location=f"/api/v1/{_PATHS[kind]}/{entry.code}",
        )

    return respond(await once.run(work))


async def _change(
    tx: Tx,
    caller: CallerDep,
    if_match: IfMatchDep,
    kind: Kind,
    code: str,
    body: UnitUpdate | MemberUpdate | InstrumentUpdate,
) -> Response:
    entry = await service.change(
        tx,
        actor=caller.subject,
        kind=kind,
        code=code,
        content=body.model_dump(mode="json"),
        precondition=if_match,
    )
    return respond(answer(_READS[kind].of(entry), version=entry.revision))
