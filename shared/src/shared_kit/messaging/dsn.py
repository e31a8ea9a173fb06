"""The database URL as the driver itself wants it, for connections outside SQLAlchemy's pool."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit


def dsn(database_url: str) -> str:
    """Translate a SQLAlchemy URL (postgresql+asyncpg) for asyncpg.

    SQLAlchemy hands `ssl` to the driver as an argument; in a URL the driver calls it `sslmode`.
    """
    parts = urlsplit(database_url)
    query = [("sslmode" if k == "ssl" else k, v) for k, v in parse_qsl(parts.query)]
    return urlunsplit(("postgresql", parts.netloc, parts.path or "/", urlencode(query), ""))
