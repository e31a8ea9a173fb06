"""What can go wrong between the database and the log, and which of it passes by itself."""

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared_kit.messaging.errors import LogUnavailableError

# Classes of SQLSTATE: connection, resources, operator intervention (shutdown, crash recovery).
_PASSING = ("08", "53", "57P")
_CONFLICTS = frozenset({"40001", "40P01"})

# Where an error that passes by itself can be found; `is_transient` then decides.
PASSING_TYPES = (
    LogUnavailableError,
    SQLAlchemyError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    OSError,
    TimeoutError,
)


class DeliveryError(Exception):
    """Base of the errors of delivery."""


class NotContiguousError(DeliveryError):
    """A batch does not join on to the stored offset, or has a hole. Place the consumer anew."""


class FencedError(DeliveryError):
    """Somebody else moved the offset first: this consumer no longer owns the partition."""


class TooManyParkedError(DeliveryError):
    """Every record of a large fetch would be parked: our fault more likely than theirs. Stop."""


def sqlstate(error: BaseException) -> str | None:
    """The SQLSTATE of a database error, wherever the layers have put it."""
    seen: BaseException | None = error
    while seen is not None:
        code = getattr(seen, "sqlstate", None)
        if isinstance(code, str):
            return code
        seen = getattr(seen, "orig", None) or seen.__cause__
    return None


def is_conflict(error: BaseException) -> bool:
    """Serialization failure or deadlock: the same transaction again will do."""
    return sqlstate(error) in _CONFLICTS


def is_transient(error: BaseException) -> bool:
    """Nothing is wrong with the work itself: the database or the log is away. Back off, retry."""
    if isinstance(error, (LogUnavailableError, PoolTimeoutError, OSError, TimeoutError)):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    code = sqlstate(error)
    if code is not None:
        return code.startswith(_PASSING) or code in _CONFLICTS
    return isinstance(error, (OperationalError, InterfaceError, asyncpg.InterfaceError))
