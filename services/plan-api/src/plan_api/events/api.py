"""HTTP in and out of the intake of CloudEvents, and of their JSON Schemas."""

import inspect
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from plan_api.core.dependencies import RuntimeDep
from plan_api.core.errors import NotFoundError
from plan_api.core.problems import UNUSABLE_EVENT, Trouble, trouble_of
from plan_api.events.model import Outcome, TooLargeError
from plan_api.events.schemas.answers import (
    BatchRead,
    EventTypeRead,
    EventTypesRead,
    ItemErrorRead,
    ItemProblemRead,
    ItemRead,
    TakenRead,
)
from plan_api.events.schemas.taken import HEADERS, REQUEST_BODY
from plan_api.events.service import intake
from plan_api.events.service.intake import Taken
from shared_kit.delivery.collisions import once_more
from shared_kit.delivery.transaction import transaction
from shared_kit.events.codec import from_http
from shared_kit.events.registry import EVENTS
from shared_kit.identity import auth_context
from shared_kit.web.authorization import CallerDep
from shared_kit.web.language import Lang, Language
from shared_kit.web.problems import TOO_LARGE

router = APIRouter(prefix="/api/v1", tags=["events"])


@router.post(
    "/events",
    operation_id="post_events",
    status_code=202,
    response_model=TakenRead,
    responses={207: {"model": BatchRead, "description": "A batch: how each event ended."}},
    openapi_extra={"requestBody": REQUEST_BODY, "parameters": HEADERS},
    summary="Take CloudEvents in",
    description="Binary, structured or a batch (CloudEvents 1.0). Takes the types of topic "
    "`activity`, corrections, and `deliverable.released` and `milestone.reached`, which do what "
    "the REST verbs do; an unknown Deliverable becomes an unlisted one. (source, id) is taken "
    "once: the same again is a duplicate, another content answers 409. A single event answers "
    "202, a batch 207 with each event's own outcome. Limits: 64 KiB an event, 1,000 a batch, "
    "24 hours ahead.",
)
async def post_events(
    request: Request, caller: CallerDep, runtime: RuntimeDep, lang: Lang
) -> Response:
    batch, events = from_http(request.headers.items(), await request.body())

    async def take() -> Sequence[Taken]:
        async with transaction(
            runtime.sessions,
            runtime.tables,
            clock=runtime.business,
            edge="plan-api",
            stamp=auth_context(caller),
        ) as tx:
            taken = await intake.take(
                tx,
                caller=caller,
                now=runtime.business.now(),
                own_source=runtime.settings.event_source,
                events=events,
            )
            if not batch and taken[0].error is not None:
                raise taken[0].error
            return taken

    taken = await once_more(take)
    if batch:
        return _json(_batch_read(taken, lang), status=207)
    [one] = taken
    read = TakenRead(
        id=one.id or "",
        source=one.source or "",
        status=one.outcome,
        accepted=int(one.outcome is Outcome.ACCEPTED),
    )
    return _json(read, status=202)


@router.get(
    "/schemas",
    operation_id="list_event_types",
    summary="List the types of events",
    description="All that is sent or read, by topic, with the path of each JSON Schema.",
)
async def list_event_types() -> EventTypesRead:
    return EventTypesRead(
        items=[
            EventTypeRead(
                type=name,
                topic=contract.topic or None,
                description=inspect.getdoc(contract) or name,
                schema_path=f"/api/v1/schemas/{name}",
            )
            for name, contract in EVENTS.items()
        ]
    )


@router.get(
    "/schemas/{type}",
    operation_id="get_event_schema",
    summary="Read the JSON Schema of a type of event",
    description="Of the data; the envelope is CloudEvents 1.0. Unknown fields are ignored.",
    responses={200: {"content": {"application/schema+json": {}}}},
)
async def get_event_schema(
    type_: Annotated[
        str,
        Path(
            alias="type",
            max_length=200,
            pattern=r"^[a-z0-9.-]+$",
            examples=["org.wcoomd.strategy.deliverable.released.v1"],
        ),
    ],
) -> dict[str, Any]:
    contract = EVENTS.get(type_)
    if contract is None:
        raise NotFoundError("there is no such type of event", "ce type d’événement n’existe pas")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **contract.model_json_schema(),
    }


def _json(read: TakenRead | BatchRead, *, status: int) -> Response:
    return Response(read.model_dump_json(), status_code=status, media_type="application/json")


def _batch_read(taken: Sequence[Taken], language: Language) -> BatchRead:
    outcomes = [one.outcome for one in taken]
    return BatchRead(
        accepted=outcomes.count(Outcome.ACCEPTED),
        duplicates=outcomes.count(Outcome.DUPLICATE),
        invalid=outcomes.count(Outcome.INVALID),
        items=[
            ItemRead(
                id=one.id,
                source=one.source,
                status=one.outcome,
                problem=None
                if one.error is None
                else _problem(one.error, place=place, language=language),
            )
            for place, one in enumerate(taken)
        ],
    )


def _problem(error: Exception, *, place: int, language: Language) -> ItemProblemRead:
    if isinstance(error, TooLargeError):
        trouble = Trouble(problem=TOO_LARGE)
    else:
        trouble = trouble_of(error, root=f"/body/{place}") or Trouble(problem=UNUSABLE_EVENT)
    problem = trouble.problem
    return ItemProblemRead(
        type=problem.type,
        title=problem.title.in_(language),
        status=problem.status,
        detail=(trouble.detail or problem.meaning).in_(language),
        errors=[
            ItemErrorRead(pointer=one.pointer, message=one.message.in_(language), code=one.code)
            for one in trouble.errors
        ],
    )
