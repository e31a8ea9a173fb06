"""A transaction that PostgreSQL ended because two waited for each other is done again, once."""

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from shared_kit.delivery.collisions import once_more


class Work:
    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.done = 0

    async def __call__(self) -> str:
        self.done += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def collision() -> DBAPIError:
    return DBAPIError("UPDATE", {}, asyncpg.DeadlockDetectedError("deadlock detected"))


async def test_a_lost_race_is_run_again() -> None:
    work = Work(collision())

    assert (await once_more(work), work.done) == ("done", 2)


async def test_a_race_that_is_lost_twice_is_told() -> None:
    work = Work(collision(), collision())

    with pytest.raises(DBAPIError):
        await once_more(work)
    assert work.done == 2


async def test_another_error_is_told_at_once() -> None:
    work = Work(DBAPIError("UPDATE", {}, asyncpg.UniqueViolationError("twice")))

    with pytest.raises(DBAPIError):
        await once_more(work)
    assert work.done == 1
