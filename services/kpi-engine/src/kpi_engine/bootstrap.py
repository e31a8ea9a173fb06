"""The composition root: ports meet adapters, and the loops run beside the requests."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from starlette.types import Lifespan

from kpi_engine.adapters.bench import SqlBench
from kpi_engine.adapters.checks import OpenSqlSnapshot, SqlCheckReads, SqlChecks
from kpi_engine.adapters.definitions import SqlDays, SqlDefinitionStore
from kpi_engine.adapters.history import SqlHistory
from kpi_engine.adapters.judgements import SqlJudgements
from kpi_engine.adapters.ledger import SqlLedger
from kpi_engine.adapters.parked import SqlParkedBox
from kpi_engine.adapters.progress import UNDER_WAY, Waiting
from kpi_engine.adapters.reads import SqlReads
from kpi_engine.adapters.tables import tables
from kpi_engine.api.changes import router as changes_router
from kpi_engine.api.desk import Desk, install
from kpi_engine.api.errors import (
    UnknownCheckError,
    UnknownFactError,
    UnknownIndicatorError,
    UnknownPeriodError,
    UnknownPlanError,
)
from kpi_engine.api.facts import router as facts_router
from kpi_engine.api.parked import router as parked_router
from kpi_engine.api.parts import router as parts_router
from kpi_engine.api.reconciliations import router as reconciliations_router
from kpi_engine.api.results import router as results_router
from kpi_engine.config import Settings
from kpi_engine.domain.definitions import Plan
from kpi_engine.handlers.changes import LedgerComparer
from kpi_engine.handlers.day import DayOpening, days_due
from kpi_engine.handlers.explain import LedgerExplainer, NotExplainableError
from kpi_engine.handlers.ingest import Ingest
from kpi_engine.handlers.judge import Judging
from kpi_engine.handlers.known import KnownPlans
from kpi_engine.handlers.loops import Activity, JudgeLoop
from kpi_engine.handlers.nightly import NightlyCheck
from kpi_engine.handlers.parts import LedgerDivider
from kpi_engine.handlers.receiving import READ_FROM
from kpi_engine.handlers.reconcile import Reconciliation
from kpi_engine.handlers.replay_parked import ParkedReplays
from kpi_engine.ports import (
    DefinitionStore,
    History,
    NotReplayableError,
    Offsets,
    UnknownRecordError,
)
from shared_kit.clock import Clock
from shared_kit.db.engine import create_engine, sessions
from shared_kit.db.migrate import engine_at_head
from shared_kit.delivery.consumer import ConsumerLoop
from shared_kit.delivery.errors import PASSING_TYPES, is_transient
from shared_kit.delivery.progress import lag_by_topic, progress
from shared_kit.delivery.relay import Relay
from shared_kit.delivery.rows import Tables
from shared_kit.delivery.supervise import Supervisor, supervise
from shared_kit.delivery.transaction import Edge, Transaction, transaction
from shared_kit.messaging.log import Ends, EventLog
from shared_kit.telemetry.metrics import Metrics
from shared_kit.web.app import Api, create_api
from shared_kit.web.probes import add_probes
from shared_kit.web.problems import CONFLICT, NOT_FOUND, Problem

GROUP = "kpi-engine"
_PROBLEMS: Mapping[type[Exception], Problem] = {
    UnknownPlanError: NOT_FOUND,
    UnknownPeriodError: NOT_FOUND,
    UnknownIndicatorError: NOT_FOUND,
    UnknownFactError: NOT_FOUND,
    UnknownRecordError: NOT_FOUND,
    UnknownCheckError: NOT_FOUND,
    NotReplayableError: CONFLICT,
    NotExplainableError: CONFLICT,
}
_FIGURES = (results_router, changes_router, parts_router)
_ROUTERS = (*_FIGURES, facts_router, parked_router, reconciliations_router)
_TAGS = (
    {"name": "results", "description": "Scorecards, results, series, explanations."},
    {"name": "facts", "description": "The ledger, fact by fact."},
    {"name": "parked", "description": "Records that could not be used."},
    {"name": "reconciliations", "description": "The figures held against the ledger."},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """The parts of a kpi-engine, wired; nothing runs yet."""

    settings: Settings
    log: EventLog
    business: Clock
    database: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]
    tables: Tables
    known: KnownPlans
    metrics: Metrics
    activity: Activity
    ingest: Ingest
    judging: Judging
    opening: DayOpening
    check_asked: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def transact(self, *, judging: bool = False) -> AsyncIterator[Transaction]:
        """A transaction of the engine's own."""
        edge: Edge | None = "engine-judge" if judging else None
        async with transaction(self.sessions, self.tables, clock=self.business, edge=edge) as tx:
            yield tx

    @asynccontextmanager
    async def ingesting(
        self,
        sessions: async_sessionmaker[AsyncSession],
        tables: Tables,
        *,
        clock: Clock,
        edge: Edge | None = None,
    ) -> AsyncIterator[Transaction]:
        """The transaction of the consumer; it wakes the judge when it is durable."""
        self.activity.begin()
        try:
            async with transaction(sessions, tables, clock=clock, edge=edge) as tx:
                yield tx
        finally:
            self.activity.end()

    def consumer(self) -> ConsumerLoop:
        return ConsumerLoop(
            log=self.log,
            group=GROUP,
            topics=READ_FROM,
            sessions=self.sessions,
            tables=self.tables,
            handle=self.ingest,
            clock=self.business,
            metrics=self.metrics,
            max_records=self.settings.max_records,
            transact=self.ingesting,
        )

    def judge_loop(self) -> JudgeLoop:
        return JudgeLoop(
            transact=self.transact,
            judging=self.judging,
            opening=self.opening,
            caught_up=self.caught_up,
            activity=self.activity,
            pause=self.settings.judge_pause,
            sweep=self.settings.sweep,
            metrics=self.metrics,
        )

    def reconciliation(self) -> Reconciliation:
        return Reconciliation(
            open_snapshot=OpenSqlSnapshot(self.sessions),
            transact=self.transact,
            checks=lambda tx: SqlChecks(tx.session),
            business=self.business,
            metrics=self.metrics,
            limit=self.settings.reconcile_limit,
        )

    def nightly_check(self) -> NightlyCheck:
        return NightlyCheck(
            transact=self.transact,
            checks=lambda tx: SqlChecks(tx.session),
            days=self.opening.days,
            settled=self.settled,
            reconciliation=self.reconciliation(),
            wait=self.settings.reconcile_wait,
            asked=self.check_asked,
        )

    def relay(self) -> Relay:
        return Relay(
            sessions=self.sessions,
            tables=self.tables,
            log=self.log,
            metrics=self.metrics,
            keep=self.settings.outbox_keep,
        )

    async def caught_up(self) -> bool:
        """Whether all that is in the log now has been consumed."""
        lag = await lag_by_topic(self.sessions, self.tables, self.log, READ_FROM)
        return not any(lag.values())

    async def settled(self) -> bool:
        """Whether all that came is consumed and judged."""
        found = await self.counts()
        return not (found["marks"] or found["lag"]) and self.activity.idle(since=0)

    async def counts(self, *, ends: Ends | None = None) -> Mapping[str, int]:
        """What is under way: all zeros is settled."""
        asked = int(self.check_asked.is_set())
        places = (self.sessions, self.tables, self.log, READ_FROM)
        found = await progress(*places, ends=ends, also=UNDER_WAY)
        waiting = Waiting.of(found.also)
        if (known := self.known.at(waiting.revision)) is None:
            async with self.transact() as tx:
                known = await self.opening.definitions(tx)
        due = len(days_due(known.plans, opened=waiting.opened, business=self.business))
        if due:
            # Nobody tells that a clock moved: who asks need not wait for the next sweep.
            self.activity.day_has_come()
        kept = {"marks": waiting.marks, "due": due + asked}
        return {"outbox": found.outbox, "lag": found.lag, **kept}


def wire(
    *, settings: Settings, log: EventLog, business: Clock, metrics: Metrics | None = None
) -> Engine:
    """Put an engine together. Opens nothing."""
    database = create_engine(settings.database_url, application_name="kpi-engine")
    known = KnownPlans()
    measured = metrics or Metrics(service="kpi-engine")

    def ledger(tx: Transaction) -> SqlLedger:
        return SqlLedger(tx.session)

    def store(tx: Transaction) -> SqlDefinitionStore:
        return SqlDefinitionStore(tx.session)

    return Engine(
        settings=settings,
        log=log,
        business=business,
        database=database,
        sessions=sessions(database),
        tables=tables(source=settings.event_source),
        known=known,
        metrics=measured,
        activity=Activity(),
        ingest=Ingest(ledger=ledger, store=store, known=known, business=business, metrics=measured),
        judging=Judging(
            ledger=ledger,
            store=store,
            judgements=lambda tx: SqlJudgements(tx.session),
            bench=lambda tx: SqlBench(tx.session),
            known=known,
            business=business,
            limit=settings.judge_batch,
            metrics=measured,
        ),
        opening=DayOpening(
            ledger=ledger,
            store=store,
            days=lambda tx: SqlDays(tx.session),
            known=known,
            business=business,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EnginePlans:
    """Meets the port `PlanBook`: what the ledger defines now."""

    engine: Engine

    async def plan(self, code: str) -> Plan | None:
        async with self.engine.sessions() as session:
            ledger, store = SqlLedger(session), SqlDefinitionStore(session)
            known = await self.engine.known.current(ledger=ledger, store=store)
            return known.plans.get(code)


def desk_of(engine: Engine) -> Desk:
    """The ports of the read API."""
    reads = SqlReads(engine.sessions)
    explainer = explainer_of(engine)
    return Desk(
        reads=reads,
        plans=EnginePlans(engine=engine),
        explainer=explainer,
        comparer=LedgerComparer(opening=explainer.opening),
        divider=LedgerDivider(opening=explainer.opening),
        replays=ParkedReplays(
            reads=reads, box=lambda tx: SqlParkedBox(tx.session), transact=engine.transact
        ),
        checks=SqlCheckReads(engine.sessions),
        ask_for_check=engine.check_asked.set,
        business=engine.business,
        shows_all=engine.settings.auth == "demo",
    )


def explainer_of(engine: Engine) -> LedgerExplainer:
    """Explains from one session that sees one snapshot and commits nothing."""

    @asynccontextmanager
    async def opening(
        offsets: Offsets | None,
    ) -> AsyncIterator[tuple[History, DefinitionStore]]:
        async with engine.sessions() as session:
            await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield SqlHistory(session, offsets=offsets), SqlDefinitionStore(session)

    return LedgerExplainer(opening=opening)


@dataclass(slots=True)
class _Running:
    """What the lifespan has started; None before and after."""

    supervisor: Supervisor | None = None


def make_api(engine: Engine, *, lifespan: Lifespan[Any] | None = None) -> Api:
    """The read API of an engine, without the loops."""
    api = create_api(
        service="kpi-engine",
        title="kpi-engine",
        version=version("kpi-engine"),
        description="Figures come from here: scorecards, results, and what explains them.",
        auth=engine.settings.auth,
        lifespan=lifespan,
        routers=_ROUTERS,
        problems=_PROBLEMS,
        tags=_TAGS,
        package="kpi_engine",
        metrics=engine.metrics,
        cursor_key=engine.settings.cursor_key.get_secret_value(),
    )

    install(api, desk_of(engine))
    return api


def create_app(
    *,
    settings: Settings,
    log: EventLog,
    business: Clock,
    system: Clock,  # noqa: ARG001 - every service is made with both clocks
    http: httpx.AsyncClient | None = None,  # noqa: ARG001 - the engine asks nobody
) -> Api:
    """Make kpi-engine. Nothing is opened before its lifespan begins.

    `log` belongs to the caller, who starts and stops it.
    """
    engine = wire(settings=settings, log=log, business=business)
    running = _Running()
    consumer, judges, relay = engine.consumer(), engine.judge_loop(), engine.relay()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        try:
            loops = {
                "consumer": consumer.run,
                "judge": judges.run,
                "relay": relay.run,
                "check": engine.nightly_check().run,
            }
            async with supervise(loops) as supervisor:
                running.supervisor = supervisor
                yield
        finally:
            running.supervisor = None
            await engine.database.dispose()

    api = make_api(engine, lifespan=lifespan)

    async def ready() -> Mapping[str, bool]:
        supervisor = running.supervisor
        health = {} if supervisor is None else dict(supervisor.health())
        return {
            "database": await _at_head(engine),
            "consumer": health.get("consumer", False) and consumer.ready,
            "judge": health.get("judge", False),
            "relay": health.get("relay", False),
        }

    async def started() -> Mapping[str, bool]:
        return {"consumer": consumer.ready}

    busy = engine.tables.signal.busy
    add_probes(api, ready=ready, started=started, progress=engine.counts, busy=busy)
    return api


async def _at_head(engine: Engine) -> bool:
    try:
        return await engine_at_head(engine.database, "kpi_engine")
    except PASSING_TYPES as error:
        if is_transient(error):
            return False
        raise
