"""An engine on a real database, fed record by record, judged when the test says so."""

from collections.abc import AsyncIterator

import pytest

from kpi_engine.config import Settings
from shared_kit.db.migrate import upgrade
from shared_kit.testing.plugin import MakeDatabase
from tests.support.engine_lab import Lab


def migrate(url: str) -> None:
    upgrade(url, "kpi_engine")


@pytest.fixture
async def lab(database: MakeDatabase) -> AsyncIterator[Lab]:
    made = Lab(settings=Settings(database_url=database("kpi-engine", migrate=migrate), auth="demo"))
    yield made
    await made.close()
