"""The ledger, fact by fact, with where each came from and what corrects it."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from kpi_engine.api.desk import DeskDep
from kpi_engine.api.errors import UnknownFactError
from kpi_engine.api.fact_schemas import FactListed, FactRead, FactRef
from kpi_engine.ports import FactRecord, Window
from shared_kit.events.base import TYPE_PREFIX
from shared_kit.events.envelope import digest_of
from shared_kit.web.authorization import CallerDep
from shared_kit.web.paging import Page, PagingDep
from shared_kit.web.types import Instant, KeyText

router = APIRouter(prefix="/api/v1", tags=["facts"])

_NAME = Annotated[
    str | None,
    Query(
        description="Event name without prefix and version.",
        max_length=80,
        pattern=r"^[a-z][a-z.-]*$",
        examples=["deliverable.released"],
    ),
]
_TOPIC = Annotated[str | None, Query(pattern=r"^(plan|work|activity)$", examples=["work"])]
_AS_OF = Annotated[
    Instant | None, Query(description="Those recorded by then.", examples=["2020-02-03T08:00:00Z"])
]
_SOURCE = Annotated[
    str,
    Query(
        description="CloudEvents source.",
        min_length=1,
        max_length=1000,
        pattern=r"^[^\x00-\x20]*$",
        examples=["/wcoplan/plan-api"],
    ),
]
_ID = Annotated[
    str,
    Path(
        description="CloudEvents id.",
        min_length=1,
        max_length=1000,
        pattern=r"^[^\x00-\x1f]*$",
        examples=["01979e1c-7b1f-7a51-9b11-0d7a3e5c8b21"],
    ),
]


@router.get(
    "/facts",
    summary="List facts",
    description="The ledger, oldest first, in pages, by subject, type of event and topic; "
    "with `as_of` those that were known then.",
)
async def list_facts(
    caller: CallerDep,  # noqa: ARG001 - every route has its caller
    desk: DeskDep,
    paging: PagingDep,
    subject: Annotated[
        KeyText | None,
        Query(description="What the fact is about.", examples=["wco-2019-2022:D-017-2"]),
    ] = None,
    name: _NAME = None,
    topic: _TOPIC = None,
    as_of: _AS_OF = None,
) -> Page[FactListed]:
    after = None if paging.after is None else int(paging.after[0])
    window = Window(paging.limit + 1, after, paging.backward)
    found = await desk.reads.facts(
        subject=subject, name=name, topic=topic, as_of=as_of, window=window
    )
    page = paging.page(found, key=lambda fact: (fact.seq,))
    return Page(items=[_listed(fact) for fact in page.items], next=page.next, prev=page.prev)


@router.get(
    "/facts/{id}",
    summary="Read a fact",
    description="By CloudEvents source and id, with its data, its state and its corrections; "
    "with `as_of` those of then.",
)
async def get_fact(
    caller: CallerDep,  # noqa: ARG001 - every route has its caller
    desk: DeskDep,
    id: _ID,
    source: _SOURCE,
    as_of: _AS_OF = None,
) -> FactRead:
    fact = await desk.reads.fact(digest=digest_of(source, id))
    if fact is None or (as_of is not None and fact.recorded > as_of):
        raise UnknownFactError
    corrections = [
        one
        for one in await desk.reads.corrections_of(digest=fact.digest)
        if as_of is None or one.recorded <= as_of
    ]
    return FactRead(
        **_listed(fact).model_dump(),
        state=await desk.explainer.state_of(fact=fact, as_of=as_of),
        data=_payload(fact),
        corrections=[reference(one) for one in corrections],
        counts_in=(list(await desk.reads.counts_in(seq=fact.seq)) if as_of is None else None),
    )


def reference(fact: FactRecord) -> FactRef:
    """Where a fact lies."""
    return FactRef(
        source=fact.source,
        id=fact.id,
        type=_type(fact),
        topic=fact.topic,
        partition=fact.partition,
        offset=fact.offset,
        recorded=fact.recorded,
        evidence=_evidence(fact),
    )


def _listed(fact: FactRecord) -> FactListed:
    return FactListed(
        **reference(fact).model_dump(),
        subject=fact.subject,
        time=fact.time,
        effective=fact.effective,
        synthetic=bool(_payload(fact).get("synthetic", False)),
    )


def _type(fact: FactRecord) -> str:
    return f"{TYPE_PREFIX}{fact.name}.v1"


def _payload(fact: FactRecord) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(fact.payload)
    return found


def _evidence(fact: FactRecord) -> str | None:
    found = _payload(fact).get("evidence")
    return found if isinstance(found, str) else None
