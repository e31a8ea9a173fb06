"""Puts the notifier together: the only file that knows both its handlers and its adapters."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date, timedelta
from functools import partial
from uuid import UUID

import httpx
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from starlette.types import Lifespan

from notifier.adapters.definitions import SqlDefinitions
from notifier.adapters.deliveries import Deliveries
from notifier.adapters.episodes import SqlEpisodes
from notifier.adapters.links import Links
from notifier.adapters.mail import Channel, EmlFolder
from notifier.adapters.news import SqlNews
from notifier.adapters.notices import SqlNotices
from notifier.adapters.parked import SqlParkedBox, SqlParkedReads
from notifier.adapters.progress import UNDER_WAY, days_in
from notifier.adapters.reads import SqlReads
from notifier.adapters.reminders import SqlDeliverables, SqlReminderDays
from notifier.adapters.samples import SqlSamples
from notifier.adapters.streams import OpenStreams
from notifier.adapters.tables import AuditRow, OffsetRow, OutboxRow, ParkedRow
from notifier.adapters.wire import FOLLOWED, TOPICS, read_record
from notifier.adapters.wording import JinjaWriter
from notifier.api.parked import parked_router
from notifier.api.routes import routers
from notifier.api.stream import stream_router
from notifier.config import Settings
from notifier.domain.episode import EpisodeClosedError, EpisodeNotRaisedError
from notifier.handlers.hear import AlertNotFoundError, Notifier
from notifier.handlers.remind import Reminding, RemindLoop, days_due
from notifier.handlers.replay_parked import NotReplayableError, UnknownRecordError, replay_parked
from notifier.ports.stores import Stores
from shared_kit.clock import Clock
from shared_kit.db.engine import create_engine, sessions
from shared_kit.delivery.consumer import ConsumerLoop
from shared_kit.delivery.progress import lag_by_topic, looking, progress
from shared_kit.delivery.relay import Relay
from shared_kit.delivery.rows import Tables
from shared_kit.delivery.supervise import Supervisor
from shared_kit.delivery.transaction import transaction
from shared_kit.identity import Caller
from shared_kit.messaging.log import Ends, EventLog
from shared_kit.telemetry.metrics import Metrics
from shared_kit.web.app import Api, create_api
from shared_kit.web.language import Bilingual
from shared_kit.web.probes import add_probes
from shared_kit.web.problems import CONFLICT, NOT_FOUND, Problem, problem_for

GROUP = "notifier"
PROBLEMS: Mapping[type[Exception], Problem] = {
    AlertNotFoundError: NOT_FOUND,
    UnknownRecordError: NOT_FOUND,
    NotReplayableError: CONFLICT,
    EpisodeClosedError: problem_for(
        "alert-closed",
        status=409,
        title=Bilingual(en="The alert is closed", fr="L’alerte est close"),
        meaning=Bilingual(
            en="It is over: there is nothing left to acknowledge.",
            fr="Elle est terminée : il n’y a plus rien à prendre en charge.",
        ),
    ),
    EpisodeNotRaisedError: problem_for(
        "alert-not-raised",
        status=409,
        title=Bilingual(en="The alert is not raised yet", fr="L’alerte n’est pas encore émise"),
        meaning=Bilingual(
            en="The deviation is only watched so far; nobody was told of it.",
            fr="L’écart est seulement surveillé ; personne n’en a été averti.",
        ),
    ),
}


def open_stores(session: AsyncSession) -> Stores:
    """The stores of one transaction."""
    return Stores(
        definitions=SqlDefinitions(session),
        samples=SqlSamples(session),
        episodes=SqlEpisodes(session),
        notices=SqlNotices(session),
        deliverables=SqlDeliverables(session),
        days=SqlReminderDays(session),
        news=SqlNews(session),
    )


def make_tables(settings: Settings) -> Tables:
    return Tables(
        outbox=OutboxRow,
        offsets=OffsetRow,
        parked=ParkedRow,
        audit=AuditRow,
        source=settings.event_source,
    )


def make_notifier(*, settings: Settings, business: Clock, metrics: Metrics) -> Notifier:
    """The handlers over PostgreSQL and the templates."""
    return Notifier(
        open_stores=open_stores,
        read=read_record,
        writer=_writer(settings),
        business=business,
        metrics=metrics,
        operators_unit=settings.operators_unit or None,
    )


def make_reminding(*, settings: Settings, business: Clock, metrics: Metrics) -> Reminding:
    """The reminders over the same."""
    return Reminding(
        open_stores=open_stores, writer=_writer(settings), business=business, metrics=metrics
    )


def _writer(settings: Settings) -> JinjaWriter:
    return JinjaWriter(links=Links(base_url=settings.base_url), demo=settings.demo)


def make_streams(
    *,
    settings: Settings,
    factory: async_sessionmaker[AsyncSession],
    tables: Tables,
    business: Clock,
    metrics: Metrics,
) -> OpenStreams:
    """The streams of this process; they tell what is new while their `run` runs."""
    return OpenStreams(
        sessions=factory,
        database_url=settings.database_url,
        transact=partial(transaction, factory, tables, clock=business),
        metrics=metrics,
        limit=settings.stream_limit,
    )


def create_app(
    *,
    settings: Settings,
    log: EventLog,
    business: Clock,
    system: Clock,
    http: httpx.AsyncClient | None = None,  # noqa: ARG001 - the three services are made alike
    channel: Channel | None = None,
) -> Api:
    """Make the app. Nothing is opened before its lifespan begins."""
    metrics = Metrics(service=GROUP)
    notifier = make_notifier(settings=settings, business=business, metrics=metrics)
    engine = create_engine(settings.database_url, application_name=GROUP)
    factory, tables = sessions(engine), make_tables(settings)
    streams = make_streams(
        settings=settings, factory=factory, tables=tables, business=business, metrics=metrics
    )
    running = _Running(
        log=log,
        engine=engine,
        factory=factory,
        tables=tables,
        streams=streams,
        outbox_keep=settings.outbox_keep,
        notifier=notifier,
        reminding=make_reminding(settings=settings, business=business, metrics=metrics),
        channel=channel or _folder(settings),
        system=system,
    )
    app = make_api(
        settings=settings,
        notifier=notifier,
        factory=factory,
        tables=tables,
        streams=streams,
        metrics=metrics,
        lifespan=running.lifespan,
    )
    add_probes(
        app,
        ready=running.ready,
        started=running.started,
        progress=running.progress,
        busy=tables.signal.busy,
    )
    return app


class _Running:
    """The loops beside the API, from the lifespan's begin to its end, and how they are."""

    def __init__(
        self,
        *,
        log: EventLog,
        engine: AsyncEngine,
        factory: async_sessionmaker[AsyncSession],
        tables: Tables,
        streams: OpenStreams,
        notifier: Notifier,
        reminding: Reminding,
        channel: Channel,
        system: Clock,
        outbox_keep: timedelta,
    ) -> None:
        self.factory, self.tables = factory, tables
        self._log, self._engine, self._streams = log, engine, streams
        business, metrics = notifier.business, notifier.metrics
        self._business = business
        self._consumer = ConsumerLoop(
            log=log,
            group=GROUP,
            topics=TOPICS,
            sessions=factory,
            tables=tables,
            handle=notifier.on_records,
            clock=business,
            metrics=metrics,
        )
        deliveries = Deliveries(
            sessions=factory,
            tables=tables,
            channel=channel,
            business=business,
            system=system,
            metrics=metrics,
        )
        relay = Relay(
            sessions=factory,
            tables=tables,
            log=log,
            metrics=metrics,
            keep=outbox_keep,
        )
        self._reminding = reminding
        self._reminders = RemindLoop(
            transact=partial(transaction, factory, tables, clock=business, edge="notifier"),
            due=self._days_due,
            reminding=reminding,
            caught_up=self._caught_up,
            after=tables.signal.fire,  # wakes the deliveries
        )
        self._supervisor = Supervisor(
            {
                "relay": relay.run,
                "consumer": self._consumer.run,
                "deliveries": deliveries.run,
                "reminders": self._reminders.run,
                "streams": streams.run,
            }
        )

    @asynccontextmanager
    async def lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        self._supervisor.start()
        try:
            yield
        finally:
            self._streams.leave()
            await self._supervisor.stop()
            await self._engine.dispose()

    async def ready(self) -> Mapping[str, bool]:
        return {**self._supervisor.health(), "placed": self._consumer.ready}

    async def started(self) -> Mapping[str, bool]:
        return {"consumer": self._consumer.ready}

    async def progress(self, *, ends: Ends | None = None) -> Mapping[str, int]:
        found = await progress(
            self.factory, self.tables, self._log, TOPICS, ends=ends, also=UNDER_WAY
        )
        opened, plans = days_in(found.also)
        days = days_due(plans, opened=opened, now=self._business.now())
        if days:
            self._reminders.wake.set()  # who waits for it need not wait for the sweep
        return {
            "outbox": found.outbox,
            "lag": found.lag,
            "due": found.also["undelivered"] + len(days),
        }

    async def _days_due(self) -> Mapping[str, date]:
        async with looking(self.factory) as session:
            return await self._reminding.due(session)

    async def _caught_up(self) -> bool:
        """Whether what the log says of the work by now is known: a release may lie in it."""
        lag = await lag_by_topic(self.factory, self.tables, self._log, FOLLOWED)
        return not any(lag.values())


def _folder(settings: Settings) -> EmlFolder:
    return EmlFolder(
        folder=settings.mail_dir, sender=settings.mail_from, domain=settings.mail_domain
    )


def make_api(
    *,
    settings: Settings,
    notifier: Notifier,
    factory: async_sessionmaker[AsyncSession],
    tables: Tables,
    streams: OpenStreams,
    metrics: Metrics,
    lifespan: Lifespan[FastAPI] | None = None,
) -> Api:
    """The routes over a database, without loops and probes."""

    async def acknowledge(caller: Caller, alert: UUID, comment: str | None) -> None:
        async with transaction(factory, tables, clock=notifier.business, edge="notifier") as tx:
            await notifier.acknowledge(tx, caller=caller, alert=alert, comment=comment)

    async def replay(caller: Caller, id: int) -> None:
        async with transaction(factory, tables, clock=notifier.business, edge="notifier") as tx:
            box = SqlParkedBox(tx.session)
            await replay_parked(tx, box=box, id=id, actor=caller.subject)

    api = create_api(
        service=GROUP,
        title="Notifier",
        version="0.1.0",
        auth=settings.auth,
        lifespan=lifespan,
        routers=[
            *routers(reads=SqlReads(factory), acknowledge=acknowledge),
            parked_router(reads=SqlParkedReads(factory), replay=replay),
            stream_router(
                streams=streams,
                shows_all=settings.auth == "demo",
                count_cut=partial(metrics.count, "streams_cut_total"),
            ),
        ],
        problems=PROBLEMS,
        metrics=metrics,
        package="notifier",
        cursor_key=settings.cursor_key.get_secret_value(),
        description="Who is told of a deviation, when, and what became of it.",
        tags=[
            {"name": "alerts", "description": "Deviations, one open per indicator and period."},
            {"name": "inbox", "description": "What the units were told."},
            {"name": "rules", "description": "When somebody is told."},
            {"name": "stream", "description": "What changes, as it does."},
            {
                "name": "notifier-parked",
                "description": "Records that the notifier could not use.",
            },
        ],
    )
    api.ends.append(streams.leave)
    return api
