"""The running service: it loads its plan, sends its events, and says how it is."""

import asyncio
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from plan_api.app import create_app
from plan_api.core.tables import Row
from shared_kit.clock import SystemClock
from shared_kit.db.migrate import upgrade
from shared_kit.testing.plugin import MakeDatabase


async def test_loads_sends_and_says_that_it_is_settled(start: Any) -> None:
    api = await start()
    settings, log = api.app.state.runtime.settings, api.log
    app = create_app(
        settings=settings,
        log=log,
        business=api.clock,
        system=SystemClock(),
        http=api.app.state.runtime.http,
    )
    api.client._transport.app = app
    assert (await api.client.get("/readyz")).status_code == 503
    assert (await api.client.get("/startupz")).status_code == 503

    async with app.router.lifespan_context(app):
        api.app.state.runtime = app.state.runtime
        assert (await api.client.get("/startupz")).status_code == 200
        for _ in range(100):
            if (await api.client.get("/progress")).json() == {"outbox": 0, "lag": 0, "imports": 0}:
                break
            await asyncio.sleep(0.05)
        assert (await api.client.get("/readyz")).status_code == 200
        assert (await api.client.get("/livez")).status_code == 200
        sent = await api.sent()
        assert [message.key for message in log.messages] == [one.key for one in sent]
        assert any(".plan.published." in one.event.type for one in sent)
        await api.a_deliverable()
        for _ in range(100):
            if len(log.messages) == len(sent) + 1:
                break
            await asyncio.sleep(0.05)
        assert len(log.messages) == len(sent) + 1
    assert (await api.client.get("/readyz")).status_code == 503


async def test_the_migration_makes_the_tables_that_the_code_knows(
    database: MakeDatabase,
) -> None:
    url = database("plan-api", migrate=lambda url: upgrade(url, "plan_api"))
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            differences = await connection.run_sync(
                lambda sync: compare_metadata(
                    MigrationContext.configure(
                        sync,
                        opts={
                            "compare_type": True,
                            "include_name": lambda name, kind, _: (
                                kind != "table" or not name.startswith("alembic")
                            ),
                        },
                    ),
                    Row.metadata,
                )
            )
    finally:
        await engine.dispose()
    assert differences == []
