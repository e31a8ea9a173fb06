"""Asks again while the database is away: what the year says may be said twice."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import httpx

_AT_MOST_SECONDS = 60.0
_PAUSE_SECONDS = 1.0


async def patiently(
    ask: Callable[[], Awaitable[httpx.Response]], *, seconds: float = _AT_MOST_SECONDS
) -> httpx.Response:
    """The first answer that is not 503, or, after so many seconds, that one."""
    until = time.monotonic() + seconds
    while True:
        answer = await ask()
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            return answer
        said = answer.headers.get("retry-after", "")
        pause = float(said) if said.isdecimal() else _PAUSE_SECONDS
        if time.monotonic() + pause > until:
            return answer
        await asyncio.sleep(pause)
