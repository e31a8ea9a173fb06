"""What requests get from outside: the transaction, the time, the key of a repeated request."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, cast

import httpx
from fastapi import Depends, FastAPI, Header, Request, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from plan_api.core.config import Settings
from plan_api.core.idempotency import Answer, Once, request_digest
from shared_kit.clock import Clock
from shared_kit.delivery.rows import Tables
from shared_kit.delivery.transaction import Transaction, transaction
from shared_kit.identity import auth_context
from shared_kit.web.authorization import CallerDep
from shared_kit.web.concurrency import etag


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """What `create_app` was given, for the requests of that app."""

    settings: Settings
    sessions: async_sessionmaker[AsyncSession]
    tables: Tables
    business: Clock
    system: Clock
    http: httpx.AsyncClient


def install(app: FastAPI, runtime: Runtime) -> None:
    """Give an app its runtime; several apps may live in one process."""
    app.state.runtime = runtime


def runtime_of(request: Request) -> Runtime:
    return cast(Runtime, request.app.state.runtime)


RuntimeDep = Annotated[Runtime, Depends(runtime_of)]


async def _transaction(runtime: RuntimeDep, caller: CallerDep) -> AsyncIterator[Transaction]:
    async with transaction(
        runtime.sessions,
        runtime.tables,
        clock=runtime.business,
        edge="plan-api",
        stamp=auth_context(caller),
    ) as tx:
        yield tx


# The default scope would commit after the response is sent: a failed commit would
# have been answered 200, and a client's next read could miss its own write.
Tx = Annotated[Transaction, Depends(_transaction, scope="function")]


async def _reading(runtime: RuntimeDep) -> AsyncIterator[AsyncSession]:
    async with runtime.sessions() as session:
        yield session


Reading = Annotated[AsyncSession, Depends(_reading, scope="function")]
"""A session of an operation that only reads."""


def _now(runtime: RuntimeDep) -> datetime:
    return runtime.business.now()


Now = Annotated[datetime, Depends(_now)]
"""Business time."""


async def _once(
    request: Request,
    tx: Tx,
    caller: CallerDep,
    now: Now,
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=200,
            pattern=r"^[\x21-\x7e]+$",
            description="The same key with the same body gets the same answer and works once.",
        ),
    ] = None,
) -> Once:
    digest = request_digest(method=request.method, path=request.url.path, body=await request.body())
    return Once(
        session=tx.session, actor=caller.subject, key=idempotency_key, request=digest, now=now
    )


OnceDep = Annotated[Once, Depends(_once)]


def answer(
    body: BaseModel,
    *,
    status: int = 200,
    version: int | None = None,
    variant: str = "",
    location: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """An answer that can be stored and given again."""
    found = dict(headers or {})
    if version is not None:
        found["etag"] = etag(version, variant=variant)
    if location is not None:
        found["location"] = location
    return Answer(status=status, body=body.model_dump_json().encode(), headers=found)


def respond(given: Answer) -> Response:
    """Send an answer, new or stored."""
    return Response(
        given.body,
        status_code=given.status,
        headers=dict(given.headers),
        media_type="application/json",
    )
