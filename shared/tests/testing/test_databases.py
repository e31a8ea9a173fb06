"""The database fixture gives fresh databases, empty or migrated once."""

import asyncpg
import pytest

from shared_kit.testing.plugin import MakeDatabase
from shared_kit.testing.run import SharedRun


def _dsn(url: str) -> str:
    return url.replace("postgresql+asyncpg://", "postgresql://")


async def _migrate(url: str) -> None:
    connection = await asyncpg.connect(_dsn(url))
    await connection.execute("CREATE TABLE note (text text)")
    await connection.close()


async def _write_and_count(url: str) -> int:
    connection = await asyncpg.connect(_dsn(url))
    try:
        await connection.execute("INSERT INTO note VALUES ('x')")
        count: int = await connection.fetchval("SELECT count(*) FROM note")
        return count
    finally:
        await connection.close()


async def test_each_database_is_a_fresh_copy_of_what_was_migrated(database: MakeDatabase) -> None:
    first = database("notes", migrate=_migrate)
    second = database("notes", migrate=_migrate)

    assert first != second
    assert await _write_and_count(first) == 1
    assert await _write_and_count(second) == 1


async def test_a_database_without_migration_is_empty(database: MakeDatabase) -> None:
    url = database("empty")

    with pytest.raises(asyncpg.UndefinedTableError):
        await _write_and_count(url)


def test_is_called_alike_where_no_event_loop_runs(database: MakeDatabase) -> None:
    assert database("notes", migrate=_migrate).startswith("postgresql+asyncpg://")


def test_makes_a_thing_once_a_run_whoever_asks(shared_run: SharedRun) -> None:
    made: list[int] = []

    def make() -> str:
        made.append(1)
        return "made"

    name = f"once-{id(made)}"
    answers = {shared_run.once(name, make), SharedRun(folder=shared_run.folder).once(name, make)}

    assert answers == {"made"}
    assert len(made) == 1
