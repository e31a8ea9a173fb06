"""Headers as one text, for tables: any bytes survive, and what is text stays readable."""

import json
from collections.abc import Iterable

from shared_kit.messaging.log import Headers


def pack(headers: Iterable[tuple[str, bytes]]) -> str:
    """ASCII JSON, so that not even NUL, which PostgreSQL cannot store, needs a special case."""
    return json.dumps(
        [[name, value.decode("latin-1")] for name, value in headers], separators=(",", ":")
    )


def unpack(packed: str) -> Headers:
    return tuple((name, value.encode("latin-1")) for name, value in json.loads(packed))
