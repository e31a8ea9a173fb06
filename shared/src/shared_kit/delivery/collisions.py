"""Two transactions that wait for each other: PostgreSQL ends one of them, which is done again."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from sqlalchemy.exc import DBAPIError

from shared_kit.delivery.errors import is_conflict, sqlstate

_Done = TypeVar("_Done")
_log = structlog.get_logger("delivery")


async def once_more(work: Callable[[], Awaitable[_Done]]) -> _Done:
    """Do work that opens its own transaction; if that lost a race, do it a second time."""
    try:
        return await work()
    except DBAPIError as error:
        if not is_conflict(error):
            raise
        _log.info("lost a race, once more", sqlstate=sqlstate(error))
    return await work()
