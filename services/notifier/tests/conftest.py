"""A notifier on a database of its own, heard and asked in process."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from notifier.adapters.deliveries import Deliveries
from notifier.adapters.mail import EmlFolder
from notifier.adapters.streams import OpenStreams
from notifier.bootstrap import (
    make_api,
    make_notifier,
    make_reminding,
    make_streams,
    make_tables,
)
from notifier.config import Settings
from notifier.domain.sample import Sample
from notifier.handlers.hear import Notifier
from services.notifier.tests.builders import NINE, a_judgement, a_plan, a_record, a_unit
from shared_kit.clock import ManualClock
from shared_kit.db.engine import create_engine, sessions
from shared_kit.db.migrate import upgrade
from shared_kit.delivery.rows import Tables
from shared_kit.delivery.transaction import transaction
from shared_kit.events.base import Event
from shared_kit.identity import Caller
from shared_kit.messaging.log import Record
from shared_kit.telemetry.metrics import Metrics
from shared_kit.testing.plugin import MakeDatabase
from shared_kit.web.app import Api


def migrate_notifier(url: str) -> None:
    upgrade(url, "notifier")


@dataclass(kw_only=True)
class Heard:
    """A notifier that is told records directly, one transaction a call."""

    settings: Settings
    sessions: async_sessionmaker[AsyncSession]
    tables: Tables
    notifier: Notifier
    business: ManualClock
    deliveries: Deliveries
    mail: Path
    offset: int = 0

    async def records(self, records: Sequence[Record]) -> None:
        async with transaction(self.sessions, self.tables, clock=self.business) as tx:
            await self.notifier.on_records(tx, records)

    async def events(self, *events: Event) -> None:
        records = []
        for event in events:
            self.offset += 1
            records.append(a_record(event, offset=self.offset))
        await self.records(records)

    async def samples(self, *samples: Sample) -> None:
        """Judgements in one fetch; the clock stands on the day of the last."""
        latest = max(samples, key=lambda sample: sample.judged_on)
        self.business.move_to(datetime.combine(latest.judged_on, NINE.timetz()).astimezone(UTC))
        await self.events(*(a_judgement(sample) for sample in samples))

    async def on_sunday(self, *events: Event) -> None:
        """The plan and its unit come on a Sunday, so Monday is the first day to look through."""
        self.business.move_to(NINE - timedelta(days=1))
        await self.events(a_plan(), a_unit(), *events)

    async def remind(self, day: date | None = None) -> int:
        """Look through the reminders, at nine on a day."""
        if day is not None:
            self.business.move_to(datetime.combine(day, NINE.timetz()).astimezone(UTC))
        reminding = make_reminding(
            settings=self.settings, business=self.business, metrics=self.notifier.metrics
        )
        async with transaction(self.sessions, self.tables, clock=self.business) as tx:
            return await reminding(tx)

    async def acknowledge(self, caller: Caller, alert: Any, comment: str | None = None) -> None:
        async with transaction(self.sessions, self.tables, clock=self.business) as tx:
            await self.notifier.acknowledge(tx, caller=caller, alert=alert, comment=comment)

    def streams(self, **settings: Any) -> OpenStreams:
        """The streams of one process; they tell what is new while their `run` runs."""
        return make_streams(
            settings=self.settings.model_copy(update=settings),
            factory=self.sessions,
            tables=self.tables,
            business=self.business,
            metrics=self.notifier.metrics,
        )

    def api(self, *, streams: OpenStreams | None = None, **settings: Any) -> Api:
        """The API alone: no lifespan, no loops."""
        return make_api(
            settings=self.settings.model_copy(update=settings),
            notifier=self.notifier,
            factory=self.sessions,
            tables=self.tables,
            streams=streams or self.streams(**settings),
            metrics=self.notifier.metrics,
        )

    async def rows(self, table: str, order: str = "1") -> list[dict[str, Any]]:
        async with self.sessions() as session:
            found = await session.execute(text(f"SELECT * FROM {table} ORDER BY {order}"))
            return [dict(row) for row in found.mappings()]

    async def column(self, table: str, column: str, order: str = "1") -> list[Any]:
        return [row[column] for row in await self.rows(table, order)]


@asynccontextmanager
async def a_notifier(database: MakeDatabase, mail: Path) -> AsyncIterator[Heard]:
    settings = Settings(
        database_url=database("notifier", migrate=migrate_notifier),
        auth="demo",
        demo=True,
        mail_dir=mail,
    )
    engine = create_engine(settings.database_url, application_name="test")
    business, metrics = ManualClock(NINE), Metrics(service="notifier")
    factory, tables = sessions(engine), make_tables(settings)
    yield Heard(
        settings=settings,
        sessions=factory,
        tables=tables,
        notifier=make_notifier(settings=settings, business=business, metrics=metrics),
        business=business,
        deliveries=Deliveries(
            sessions=factory,
            tables=tables,
            channel=EmlFolder(
                folder=settings.mail_dir,
                sender=settings.mail_from,
                domain=settings.mail_domain,
            ),
            business=business,
            system=ManualClock(NINE + timedelta(days=1)),
            metrics=metrics,
        ),
        mail=settings.mail_dir,
    )
    await engine.dispose()


@pytest.fixture
async def heard(database: MakeDatabase, tmp_path: Path) -> AsyncIterator[Heard]:
    """A notifier that knows nothing yet."""
    async with a_notifier(database, tmp_path / "mail") as made:
        yield made


@pytest.fixture
async def heard_again(database: MakeDatabase, tmp_path: Path) -> AsyncIterator[Heard]:
    """A second one, with a database of its own, that knows the plan and the unit."""
    async with a_notifier(database, tmp_path / "second") as made:
        await made.events(a_plan(), a_unit())
        yield made


@pytest.fixture
async def informed(heard: Heard) -> Heard:
    """A notifier that knows the plan and the unit."""
    await heard.events(a_plan(), a_unit())
    return heard
