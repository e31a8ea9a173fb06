"""The whole service in process, on the embedded log: from a judgement to a mail and an event."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from notifier.bootstrap import create_app
from notifier.config import Settings
from services.notifier.tests.builders import (
    NINE,
    a_judgement,
    a_plan,
    a_record,
    a_sample,
    a_unit,
)
from services.notifier.tests.conftest import migrate_notifier
from shared_kit.clock import ManualClock, SystemClock
from shared_kit.events.base import Event
from shared_kit.events.topics import TOPICS
from shared_kit.identity import SignInNotConfiguredError
from shared_kit.messaging.embedded import EmbeddedLog
from shared_kit.messaging.log import Message
from shared_kit.testing.plugin import MakeDatabase


@pytest.fixture
async def log(database: MakeDatabase) -> AsyncIterator[EmbeddedLog]:
    made = EmbeddedLog(database("log"), "test.")
    await made.start()
    await made.create_topics(tuple(TOPICS.values()))
    yield made
    await made.stop()


@asynccontextmanager
async def a_service(log: EmbeddedLog, url: str, mail: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(
        settings=Settings(database_url=url, auth="demo", demo=True, mail_dir=mail),
        log=log,
        business=ManualClock(NINE),
        system=SystemClock(),
    )
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client,
    ):
        yield client


async def say(log: EmbeddedLog, *events: Event) -> None:
    messages = []
    for event in events:
        record = a_record(event)
        messages.append(
            Message(event.topic, event.partition_key, record.value, tuple(record.headers))
        )
    await log.publish(messages)


async def settled(client: httpx.AsyncClient) -> None:
    quiet = 0
    async with asyncio.timeout(20):
        while quiet < 2:
            answer = await client.get("/progress")
            assert answer.status_code == 200, answer.text
            quiet = 0 if any(answer.json().values()) else quiet + 1
            await asyncio.sleep(0.05)


async def test_a_judgement_becomes_a_mail_an_inbox_item_and_an_event_once(
    log: EmbeddedLog, database: MakeDatabase, tmp_path: Path
) -> None:
    url, mail = database("notifier", migrate=migrate_notifier), tmp_path / "mail"
    await say(log, a_plan(), a_unit(), a_judgement(a_sample()))

    async with a_service(log, url, mail) as client:
        await settled(client)
        assert (await client.get("/readyz")).status_code == 200
        [alert] = (await client.get("/api/v1/alerts")).json()["items"]
        assert alert["level"] == "critical"
    for _ in range(2):  # started again, and told everything again
        await say(log, a_plan(), a_unit(), a_judgement(a_sample()))
        async with a_service(log, url, mail) as client:
            await settled(client)
            assert len((await client.get("/api/v1/inbox")).json()["items"]) == 1

    assert len(list(mail.iterdir())) == 1
    ends = await log.end_offsets(["alerts"])
    starts = await log.start_offsets(["alerts"])
    assert sum(ends.values()) - sum(starts.values()) == 1


def test_without_a_sign_in_it_does_not_start(log: EmbeddedLog) -> None:
    with pytest.raises(SignInNotConfiguredError):
        create_app(
            settings=Settings(),
            log=log,
            business=ManualClock(NINE),
            system=SystemClock(),
        )


async def test_the_migrations_make_what_the_rows_say(database: MakeDatabase) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy import Connection

    from notifier.adapters.tables import Row
    from shared_kit.db.engine import create_engine

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _: (
                    kind != "table" or not str(name).startswith("alembic_version")
                ),
            },
        )
        return list(compare_metadata(context, Row.metadata))

    engine = create_engine(database("notifier", migrate=migrate_notifier))
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()

    assert found == []
