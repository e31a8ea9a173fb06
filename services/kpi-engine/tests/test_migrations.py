"""The migrations make what the tables say."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from kpi_engine.adapters.tables import Base
from shared_kit.db.migrate import upgrade
from shared_kit.testing.plugin import MakeDatabase


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(
        connection,
        opts={
            "compare_type": True,
            "include_name": lambda name, kind, _: kind != "table" or "alembic" not in (name or ""),
        },
    )
    return list(compare_metadata(context, Base.metadata))


async def test_the_migrated_database_is_what_the_tables_say(database: MakeDatabase) -> None:
    url = database("kpi-engine", migrate=migrate)
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()

    assert found == []


def migrate(url: str) -> None:
    upgrade(url, "kpi_engine")
