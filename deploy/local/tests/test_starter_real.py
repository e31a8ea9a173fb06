"""The demonstration loads into a real plan-api, and loading it again changes nothing."""

from collections.abc import AsyncIterator
from datetime import datetime

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from plan_api.app import create_app, load_package_data
from plan_api.core.config import Settings
from shared_kit.clock import ManualClock, SystemClock
from shared_kit.db.migrate import upgrade
from shared_kit.messaging.embedded import EmbeddedLog
from shared_kit.testing.plugin import MakeDatabase
from wcoplan.starter import load

LOADED_AT = datetime.fromisoformat("2020-02-02T20:00:00+01:00")
SHOWN_AT = datetime.fromisoformat("2020-02-03T09:00:00+01:00")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(LOADED_AT)


@pytest.fixture
def url(database: MakeDatabase) -> str:
    return database("plan-api", migrate=lambda url: upgrade(url, "plan_api"))


@pytest.fixture
async def client(
    url: str, clock: ManualClock, database: MakeDatabase
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a plan-api without a relay: what it says stays in its outbox."""
    async with httpx.AsyncClient(transport=httpx.MockTransport(_nobody)) as nobody:
        app = create_app(
            settings=Settings(database_url=url, auth="demo"),
            log=EmbeddedLog(database_url=database("event-log"), prefix="test."),
            business=clock,
            system=SystemClock(),
            http=nobody,
        )
        await load_package_data(app.state.runtime)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://plan-api") as client:
            yield client
        await app.state.runtime.sessions.kw["bind"].dispose()


def _nobody(_: httpx.Request) -> httpx.Response:
    return httpx.Response(503)


async def count(url: str, statement: str) -> int:
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            return int(await connection.scalar(text(statement)) or 0)
    finally:
        await engine.dispose()


async def test_loading_again_announces_nothing_anew(client: httpx.AsyncClient, url: str) -> None:
    first = await load(client)
    events = await count(url, "SELECT count(*) FROM outbox")

    second = await load(client)

    assert first.changes == 138
    assert second.changes == 0
    assert await count(url, "SELECT count(*) FROM outbox") == events


async def test_the_page_of_the_day_finds_six_overdue(
    client: httpx.AsyncClient, clock: ManualClock
) -> None:
    await load(client)
    clock.move_to(SHOWN_AT)

    found = await client.get("/api/v1/deliverables", params={"overdue": "true", "limit": "50"})

    titles = [item["title"] for item in found.json()["items"]]
    assert len(titles) == 6
    assert "Guide on transit guarantees" in titles, "a draft is no release"


async def test_the_year_is_adopted_with_all_that_is_listed(client: httpx.AsyncClient) -> None:
    await load(client)

    year = (await client.get("/api/v1/implementation-plans/wco-2019-2022/FY2019")).json()

    assert year["adoption"]["revision"] == 1
    assert len(year["adopted"]) == 61
    assert year["waiting"] == []
    assert not any(key.endswith("-D0") for key in year["adopted"])
