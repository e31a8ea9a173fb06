"""The composition root: routers, problems, probes, and what runs beside the requests."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version

import httpx
from fastapi import FastAPI, Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response

from plan_api.core.config import Settings
from plan_api.core.dependencies import Runtime, install
from plan_api.core.errors import (
    ChangedMeanwhileError,
    InvalidFieldError,
    KeyReusedError,
    NotFoundError,
    RefusedError,
)
from plan_api.core.locks import lock
from plan_api.core.problems import KEY_REUSED, UNUSABLE_EVENT, trouble_of
from plan_api.core.tables import delivery_tables
from plan_api.desk.api import router as desk_router
from plan_api.directory.api import router as directory_router
from plan_api.directory.service import load_starter
from plan_api.events.api import router as events_router
from plan_api.events.model import TooLargeError
from plan_api.events.schemas.taken import event_schemas
from plan_api.exchange.api.exports import router as exports_router
from plan_api.exchange.api.imports import router as imports_router
from plan_api.exchange.api.pages import router as imports_pages_router
from plan_api.exchange.api.plan_files import router as plan_files_router
from plan_api.exchange.repository import WAITING
from plan_api.exchange.service.importing import Importer
from plan_api.implementation.api.actions import router as actions_router
from plan_api.implementation.api.deliverables import router as deliverables_router
from plan_api.plans.api import router as plans_router
from plan_api.plans.schemas.files import plan_file_schemas
from plan_api.plans.service import load_plan_files
from plan_api.report.api import desk_of, set_up
from plan_api.report.api import router as report_router
from shared_kit.clock import Clock
from shared_kit.db.engine import create_engine, sessions
from shared_kit.db.migrate import engine_at_head
from shared_kit.delivery.errors import is_transient
from shared_kit.delivery.progress import progress
from shared_kit.delivery.relay import Relay
from shared_kit.delivery.supervise import Supervisor, supervise
from shared_kit.delivery.transaction import transaction
from shared_kit.events.envelope import InvalidEventError
from shared_kit.messaging.log import Ends, EventLog
from shared_kit.telemetry.metrics import Metrics
from shared_kit.web.answers import problem_response
from shared_kit.web.app import Api, create_api
from shared_kit.web.probes import add_probes
from shared_kit.web.problems import (
    CONFLICT,
    INVALID_INPUT,
    NOT_FOUND,
    STALE,
    TOO_LARGE,
    Problem,
)

_PROBLEMS: Mapping[type[Exception], Problem] = {
    NotFoundError: NOT_FOUND,
    RefusedError: CONFLICT,
    ChangedMeanwhileError: STALE,
    KeyReusedError: KEY_REUSED,
    TooLargeError: TOO_LARGE,
    InvalidFieldError: INVALID_INPUT,
    InvalidEventError: UNUSABLE_EVENT,
}
_TAGS = (
    {"name": "plans", "description": "Plans, objectives, indicators, estimates, targets."},
    {"name": "directory", "description": "Units, Members, tools and instruments."},
    {"name": "implementation", "description": "Yearly plans, Actions, Deliverables."},
    {"name": "events", "description": "CloudEvents in, and their schemas."},
    {"name": "exchange", "description": "Tables as spreadsheets, out and in."},
)


@dataclass(slots=True)
class _Running:
    """What the lifespan has started; None before and after."""

    supervisor: Supervisor | None = None


def create_app(
    *,
    settings: Settings,
    log: EventLog,
    business: Clock,
    system: Clock,
    http: httpx.AsyncClient | None = None,
) -> Api:
    """Make plan-api. Nothing is opened before its lifespan begins.

    `log` belongs to the caller, who starts and stops it; so does `http` where it is given.
    """
    engine = create_engine(settings.database_url, application_name="plan-api")
    client = http or httpx.AsyncClient(timeout=5)
    runtime = Runtime(
        settings=settings,
        sessions=sessions(engine),
        tables=delivery_tables(source=settings.event_source),
        business=business,
        system=system,
        http=client,
    )
    metrics = Metrics(service="plan-api")
    running = _Running()
    relay = Relay(
        sessions=runtime.sessions,
        tables=runtime.tables,
        log=log,
        metrics=metrics,
        keep=settings.outbox_keep,
    )

    importer = Importer(sessions=runtime.sessions, tables=runtime.tables, business=runtime.business)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        try:
            if settings.package_data:
                await load_package_data(runtime)
            async with supervise({"relay": relay.run, "imports": importer.run}) as supervisor:
                running.supervisor = supervisor
                yield
        finally:
            running.supervisor = None
            if http is None:
                await client.aclose()
            await engine.dispose()

    api = create_api(
        service="plan-api",
        title="plan-api",
        version=version("plan-api"),
        description="The plan is written here: objectives, indicators, Actions, Deliverables.",
        auth=settings.auth,
        lifespan=lifespan,
        routers=(
            plans_router,
            directory_router,
            actions_router,
            deliverables_router,
            events_router,
            exports_router,
            imports_router,
            imports_pages_router,
            plan_files_router,
            report_router,
            desk_router,
        ),
        problems=_PROBLEMS,
        metrics=metrics,
        cursor_key=settings.cursor_key.get_secret_value(),
        tags=_TAGS,
        package="plan_api",
        schemas={**event_schemas(), **plan_file_schemas()},
    )
    for error in (InvalidFieldError, InvalidEventError):
        api.add_exception_handler(error, _on_trouble)
    install(api, runtime)
    api.state.importer = importer
    set_up(api, desk=desk_of(runtime))
    _add_probes(api, runtime=runtime, engine=engine, log=log, running=running)
    return api


async def load_package_data(runtime: Runtime) -> None:
    """Publish the plans and enter the directory that come with the package; safe to repeat."""
    # Without an edge: a crash point of requests would end every start.
    async with transaction(runtime.sessions, runtime.tables, clock=runtime.business) as tx:
        # Replicas that start together take turns; the second finds nothing to do.
        await lock(tx.session, name="package data")
        await load_starter(tx)
        await load_plan_files(tx, now=runtime.business.now())


def _add_probes(
    api: Api,
    *,
    runtime: Runtime,
    engine: AsyncEngine,
    log: EventLog,
    running: _Running,
) -> None:
    async def ready() -> Mapping[str, bool]:
        supervisor = running.supervisor
        loops = (
            {"relay": False, "imports": False} if supervisor is None else dict(supervisor.health())
        )
        return {"database": await _answers(lambda: engine_at_head(engine, "plan_api")), **loops}

    async def started() -> Mapping[str, bool]:
        return {"loaded": running.supervisor is not None}

    async def counts(*, ends: Ends | None = None) -> Mapping[str, int]:
        found = await progress(
            runtime.sessions, runtime.tables, log, (), ends=ends, also={"imports": WAITING}
        )
        return {"outbox": found.outbox, "lag": found.lag, "imports": found.also["imports"]}

    busy = runtime.tables.signal.busy
    add_probes(api, ready=ready, started=started, progress=counts, busy=busy)


async def _answers(look: Callable[[], Awaitable[bool]]) -> bool:
    try:
        return await look()
    except Exception as error:
        if is_transient(error):
            return False
        raise


async def _on_trouble(request: Request, error: Exception) -> Response:
    trouble = trouble_of(error)
    if trouble is None:
        raise error
    return problem_response(
        request.scope, trouble.problem, detail=trouble.detail, errors=trouble.errors
    )
