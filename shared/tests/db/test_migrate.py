"""Migrations of a package: in turn, safe to repeat, never behind a long lock."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from shared_kit.db import migrate
from shared_kit.db.engine import create_engine
from shared_kit.messaging.dsn import dsn
from shared_kit.testing.plugin import MakeDatabase

PACKAGE = "a_migrated_package"
ENV = f"""
from sqlalchemy import MetaData
from shared_kit.db.migrate import run_env
run_env(metadata=MetaData(), package="{PACKAGE}")
"""
REVISION = """
import sqlalchemy as sa
from alembic import op
revision = "{revision}"
down_revision = {down}
def upgrade() -> None:
    op.{what}
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with one migration; returns its folder of migrations."""
    versions = tmp_path / PACKAGE / "migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / PACKAGE / "__init__.py").touch()
    (versions.parent / "__init__.py").touch()
    (versions.parent / "env.py").write_text(ENV)
    (versions / "2020_02_03_0900_first.py").write_text(
        REVISION.format(
            revision="0001", down=None, what="create_table('t', sa.Column('n', sa.Integer))"
        )
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, PACKAGE, raising=False)
    return versions


def add_second(versions: Path) -> None:
    (versions / "2020_02_04_0900_second.py").write_text(
        REVISION.format(
            revision="0002", down="'0001'", what="add_column('t', sa.Column('m', sa.Integer))"
        )
    )


async def upgrade(url: str) -> None:
    await asyncio.to_thread(migrate.upgrade, url, PACKAGE, lock_timeout=timedelta(milliseconds=300))


async def test_brings_a_database_to_the_head_and_can_be_repeated(
    database: MakeDatabase, package: Path
) -> None:
    url = database("migrate")
    engine = create_engine(url)

    before = await migrate.engine_at_head(engine, PACKAGE)
    await upgrade(url)
    await upgrade(url)
    after = await migrate.engine_at_head(engine, PACKAGE)
    add_second(package)
    behind = await asyncio.to_thread(migrate.at_head, url, PACKAGE)
    await engine.dispose()

    assert [before, after, behind] == [False, True, False]


async def test_processes_that_start_together_take_turns(
    database: MakeDatabase, package: Path
) -> None:
    url = database("migrate")
    statement = f"from shared_kit.db.migrate import upgrade; upgrade({url!r}, {PACKAGE!r})"

    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", statement, cwd=package.parent.parent.parent
        )
        for _ in range(3)
    ]
    codes = [await process.wait() for process in processes]

    assert codes == [0, 0, 0]


async def test_fails_rather_than_queue_all_readers_behind_itself(
    database: MakeDatabase, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = database("migrate")
    await upgrade(url)
    add_second(package)
    reader = await asyncpg.connect(dsn(url))
    reading = reader.transaction()
    await reading.start()
    await reader.execute("SELECT * FROM t")

    with pytest.raises(DBAPIError, match="lock timeout"):
        await upgrade(url)
    await reading.rollback()
    await reader.close()
    await upgrade(url)

    assert await asyncio.to_thread(migrate.at_head, url, PACKAGE)
