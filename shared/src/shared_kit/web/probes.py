"""What the platform asks a service: alive, ready, started; metrics; progress for `settle`."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from shared_kit.messaging.log import Ends
from shared_kit.telemetry.metrics import exposition
from shared_kit.web.answers import problem_response
from shared_kit.web.app import Api
from shared_kit.web.problems import UNAVAILABLE

Checks = Callable[[], Awaitable[Mapping[str, bool]]]
"""Names what was looked at and whether it is well. It does not raise: a failed look is False."""


class Counts(Protocol):
    """Says what is under way: all zeros is settled. `ends` are the log's, where who asks has them.

    Who asks several services one after the other asks the log once, before all of them.
    """

    async def __call__(self, *, ends: Ends | None = None) -> Mapping[str, int]: ...


_RETRY: Final = {"retry-after": "5"}


async def always() -> Mapping[str, bool]:
    """The check of /livez: whoever answers has a running loop."""
    return {"loop": True}


def add_probes(
    api: Api,
    *,
    ready: Checks,
    started: Checks,
    progress: Counts,
    live: Checks = always,
    busy: Callable[[], bool] = lambda: False,
) -> None:
    """Add /livez /readyz /startupz /metrics /progress; they ask for no sign-in.

    `progress` and `busy` (it is too early to ask for progress) are also kept for who shares the
    process.
    """
    api.state.counts, api.state.busy = progress, busy

    async def livez(request: Request) -> Response:
        return _verdict(request, await live())

    async def readyz(request: Request) -> Response:
        return _verdict(request, await ready())

    async def startupz(request: Request) -> Response:
        return _verdict(request, await started())

    async def show_metrics(_request: Request) -> Response:
        return Response(exposition([api.metrics]), headers={"content-type": CONTENT_TYPE_LATEST})

    async def show_progress(_request: Request) -> Response:
        return JSONResponse(dict(await progress()), headers={"cache-control": "no-store"})

    for name, endpoint in {
        "livez": livez,
        "readyz": readyz,
        "startupz": startupz,
        "metrics": show_metrics,
        "progress": show_progress,
    }.items():
        api.add_route(f"/{name}", endpoint, methods=["GET"], name=name, include_in_schema=False)


def _verdict(request: Request, checks: Mapping[str, bool]) -> Response:
    if all(checks.values()):
        return JSONResponse(
            {"status": "ok", "checks": dict(checks)}, headers={"cache-control": "no-store"}
        )
    return problem_response(
        request.scope, UNAVAILABLE, headers=_RETRY, extra={"checks": dict(checks)}
    )
