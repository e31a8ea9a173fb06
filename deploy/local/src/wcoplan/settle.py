"""Wait until nothing is under way: outboxes empty, logs consumed, marks judged, notices sent."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial

import httpx

from shared_kit.web.prefixes import SERVICES

EMBEDDED: Mapping[str, str] = {service: f"/_/{service}/progress" for service in SERVICES}
"""Where the services say how far they are when they share one path space."""


class NotSettledError(TimeoutError):
    """Something was still under way at the deadline; says what."""


async def settle(
    client: httpx.AsyncClient,
    *,
    progress: Mapping[str, str] = EMBEDDED,
    deadline: timedelta = timedelta(seconds=60),
) -> None:
    """Return when every service has said twice in a row that nothing is left.

    Raises:
        NotSettledError: something was left at the deadline.
    """
    await settle_by(partial(_left, client, progress), deadline=deadline)


async def settle_by(
    ask: Callable[[], Awaitable[Mapping[str, object]]],
    *,
    deadline: timedelta = timedelta(seconds=60),
    rounds: int = 2,
    pause: float = 0.02,
) -> None:
    """The same for who asks the services otherwise; `ask` says what each has left.

    They are asked in the order in which work flows. One round is not enough where each is asked
    for itself: what the first hands on while the second is asked would be missed. `rounds` is 1
    for who makes sure of that; `pause` is in seconds.

    Raises:
        NotSettledError: something was left at the deadline.
    """
    until = time.monotonic() + deadline.total_seconds()
    quiet = 0
    while quiet < rounds:
        left = await ask()
        quiet = 0 if left else quiet + 1
        if left:
            if time.monotonic() > until:
                raise NotSettledError(f"still under way: {left}")
            # A look takes time from the work.
            await asyncio.sleep(pause)


async def _left(client: httpx.AsyncClient, progress: Mapping[str, str]) -> dict[str, object]:
    left: dict[str, object] = {}
    for service, url in progress.items():
        try:
            answer = await client.get(url)
        except httpx.TransportError as error:
            # A process that is being restarted has something left by definition.
            return {service: type(error).__name__}
        if answer.status_code != 200:
            return {service: answer.status_code}
        counts = {name: count for name, count in answer.json().items() if count}
        if counts:
            left[service] = counts
    return left
