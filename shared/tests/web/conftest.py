"""A small API with every kind of route, hit by the tests of the web layer."""

from collections.abc import AsyncIterator, Callable
from enum import StrEnum
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict

from shared_kit.identity import ANYONE, POLICY, UNITS, Policy
from shared_kit.web.app import Api, create_api
from shared_kit.web.authorization import CallerDep
from shared_kit.web.concurrency import IfMatchDep, not_modified, tag_answer
from shared_kit.web.language import Bilingual, Lang
from shared_kit.web.paging import Page, PagingDep
from shared_kit.web.problems import CONFLICT, NOT_FOUND, problem_for
from shared_kit.web.types import (
    AmountString,
    Code,
    Count,
    Day,
    DecimalString,
    Evidence,
    Flag,
    KeyText,
    Line,
    RowNumber,
    Text,
)

SECRET = "canary-4711"
VERSION = 7


class Stage(StrEnum):
    DONE = "done"
    DRAFTED = "drafted"


class Share(BaseModel):
    model_config = ConfigDict(extra="forbid")

    priority: KeyText
    share: AmountString


class ThingCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    key: KeyText
    title: Line
    text: Text | None = None
    count: Count = 0
    done: Flag = False
    value: DecimalString | None = None
    due: Day | None = None
    stage: Stage = Stage.DONE
    evidence: Evidence | None = None
    shares: list[Share] = []


class ThingRead(ThingCreate):
    version: int = VERSION


class MissingThingError(Exception):
    fr = "cette chose n’existe pas"


class TakenError(Exception):
    pass


class LostRaceError(Exception):
    pass


TAKEN = problem_for(
    "taken", status=409, title=Bilingual(en="It is taken", fr="C’est déjà pris"), meaning=None
)

things = APIRouter(prefix="/api/v1/things", tags=["things"])


@things.get("")
async def list_things(
    paging: PagingDep, caller: CallerDep, stage: Annotated[Stage | None, Query()] = None
) -> Page[int]:
    return paging.page_of(range(1000), key=lambda number: (number,))


@things.post("", status_code=201)
async def create_thing(body: ThingCreate, caller: CallerDep) -> ThingRead:
    if body.key == "wco:taken":
        raise TakenError("wco:taken is taken")
    return ThingRead(**body.model_dump())


@things.get("/{key}")
async def get_thing(
    key: KeyText, request: Request, response: Response, lang: Lang, caller: CallerDep
) -> ThingRead:
    if key == "missing":
        raise MissingThingError("there is no such thing")
    if unchanged := not_modified(request, VERSION):
        return unchanged  # type: ignore[return-value]
    tag_answer(response, VERSION)
    return ThingRead(key=key, title="Chose" if lang == "fr" else "Thing")


@things.put("/{key}")
async def change_thing(
    key: KeyText, body: ThingCreate, if_match: IfMatchDep, caller: CallerDep
) -> ThingRead:
    if_match.check(VERSION)
    return ThingRead(**body.model_dump())


@things.get("/rows/{number}")
async def get_row(number: RowNumber, caller: CallerDep) -> dict[str, int]:
    return {"number": number}


async def _transaction() -> AsyncIterator[None]:
    yield
    raise LostRaceError("the commit failed")


@things.post("/commit")
async def commit_thing(
    tx: Annotated[None, Depends(_transaction, scope="function")], caller: CallerDep
) -> dict[str, str]:
    return {"answered": "too early"}


@things.post("/raw")
async def take_raw(request: Request, caller: CallerDep) -> dict[str, int]:
    return {"bytes": len(await request.body())}


@things.get("/crash/{kind}")
async def crash(kind: Code, caller: CallerDep) -> dict[str, str]:
    if kind == "group":
        raise ExceptionGroup(SECRET, [ValueError(SECRET)])
    if kind == "answer":
        return {"wrong": object()}  # type: ignore[dict-item]
    if kind == "database":
        raise ConnectionRefusedError(SECRET)
    if kind == "socket":
        raise FileNotFoundError(SECRET)
    raise RuntimeError(SECRET)


@things.get("/text/plain", response_class=PlainTextResponse)
async def get_text(caller: CallerDep) -> str:
    return "text"


pages = APIRouter(include_in_schema=False)


@pages.post("/acknowledge")
async def acknowledge_from_page(caller: CallerDep) -> dict[str, str]:
    return {"caller": caller.subject}


@pytest.fixture
def policy() -> Policy:
    reads = ("list_things", "get_thing", "get_row", "crash", "get_text")
    writes = ("create_thing", "change_thing", "commit_thing", "take_raw")
    return {**POLICY, **dict.fromkeys(reads, ANYONE), **dict.fromkeys(writes, UNITS)}


@pytest.fixture
def make_api(policy: Policy) -> Callable[[], Api]:
    def make() -> Api:
        return create_api(
            service="things",
            title="Things",
            version="1.0.0",
            auth="demo",
            routers=[things, pages],
            policy=policy,
            problems={MissingThingError: NOT_FOUND, TakenError: TAKEN, LostRaceError: CONFLICT},
            tags=[{"name": "things", "description": "Things of the tests."}],
        )

    return make


@pytest.fixture
def api(make_api: Callable[[], Api]) -> Api:
    return make_api()


@pytest.fixture
async def client(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    """Signed in as an editor; an error that leaves the app fails the test."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(api),
        base_url="http://things.test",
        headers={"authorization": "Bearer demo-editor:CAP"},
    ) as client:
        yield client


@pytest.fixture
async def visitor(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    """Not signed in."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(api), base_url="http://things.test"
    ) as client:
        yield client
