"""schemathesis, with all its checks, against the whole product in one process: what it finds.

`python -m tests.contract.explore --seed 1 --cases 5000` explores longer than the test does. It
runs in a process of its own because schemathesis keeps the app alive until the process ends.
"""

import argparse
import asyncio
import json
import random
import secrets
import sys
import tempfile
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.transport import Response
from schemathesis.engine import Status, events, from_schema
from schemathesis.python.asgi import shutdown_lifespans
from schemathesis.schemas import BaseSchema

from shared_kit.clock import FileClock
from shared_kit.telemetry.logging import configure_logging
from shared_kit.web.messages import known_codes
from tests.contract.naive import naive
from wcoplan import starter
from wcoplan.embedded import databases, running
from wcoplan.folder import LOADED_AT, SHOWN_AT

Asgi = Callable[..., Any]
_ACCEPTED = ("2xx", "3xx", "401", "403", "404", "409", "429", "5xx")
_REFUSED = ("400", "401", "403", "406", "415", "422")
_NO_SCHEMA_SAYS = frozenset({"bad-cursor", "idempotency-key-reused"})
"""Kinds of problem for a request that fits its schema: a cursor is signed by us, and an
Idempotency-Key was sent before with another body."""
_BY_SHAPE = known_codes() | {
    "value_error",
    "unknown-field",
    "unknown-type",
    "invalid-envelope",
    "invalid-data",
    "not-json",
}
"""Codes that say that the shape is wrong, and the shape is what the schema says. Others are of
rules about several fields or about what is there: a unit that is not in the directory."""
PHASES = ("examples", "coverage", "fuzzing", "stateful")


@dataclass(kw_only=True)
class Found:
    """What a run saw: its cases by phase, each failure once with the request that repeats it."""

    seed: int
    stopped: str = ""
    cases: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    failures: dict[str, str] = field(default_factory=dict)


class Product:
    """The embedded product with the demonstration as an ASGI app that starts in its lifespan."""

    def __init__(self, *, home: Path, database_url: str) -> None:
        self._home = home
        self._database_url = database_url
        self._system: Asgi | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            assert self._system is not None
            await _hanging_up(self._system, scope, receive, send)
            return
        await receive()
        with ExitStack() as stack:
            FileClock(self._home / "clock").move_to(LOADED_AT)
            kept = await asyncio.to_thread(
                stack.enter_context,
                databases(home=self._home, database_url=self._database_url),
            )
            async with running(
                home=self._home, urls=kept.urls, base_url="http://testserver"
            ) as system:
                await starter.load(system.client)
                await system.move_to(SHOWN_AT)
                self._system = system.app
                await send({"type": "lifespan.startup.complete"})
                await receive()
                self._system = None
        await send({"type": "lifespan.shutdown.complete"})


async def _hanging_up(app: Asgi, scope: Any, receive: Any, send: Any) -> None:
    """Read answers whole, save those that go on for ever: of these the beginning."""
    begun, ended = asyncio.Event(), False

    async def taken(message: Any) -> None:
        nonlocal ended
        headers = dict(message.get("headers", ()))
        if headers.get(b"content-type", b"").startswith(b"text/event-stream"):
            begun.set()
        ended = ended or (message["type"] == "http.response.body" and not message.get("more_body"))
        await send(message)

    async def leaving() -> Any:
        if not begun.is_set():
            heard = asyncio.ensure_future(receive())
            await asyncio.wait({heard, hangs_up}, return_when=asyncio.FIRST_COMPLETED)
            if heard.done():
                return heard.result()
            heard.cancel()
        await begun.wait()
        await asyncio.sleep(0.02)
        return {"type": "http.disconnect"}

    hangs_up = asyncio.ensure_future(begun.wait())
    try:
        await app(scope, leaving, taken)
    finally:
        hangs_up.cancel()
    if begun.is_set() and not ended:
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def configured(
    *, seed: int, token: str, seconds: float, phases: Sequence[str] = PHASES
) -> SchemathesisConfig:
    """All checks on; what is sent is sent as one caller, save where a check leaves that out."""
    return SchemathesisConfig.from_dict(
        {
            "phases": {phase: {"enabled": phase in phases} for phase in PHASES},
            "seed": seed,
            **({"max-time": seconds} if seconds else {}),
            "warnings": False,
            # A file of everything takes seconds, many where other tests run beside.
            "request-timeout": 60,
            "headers": {"Authorization": f"Bearer {token}"} if token else {},
            "auth": {"openapi": {"bearer": {"bearer": token}}} if token else {},
            "checks": {
                "enabled": True,
                # What they expect, and what a missing and a stale If-Match are answered.
                "positive_data_acceptance": {"expected-statuses": [*_ACCEPTED, "412"]},
                "missing_required_header": {"expected-statuses": [*_REFUSED, "428"]},
            },
            "generation": {"max-examples": 1, "no-shrink": True},
            "cache": {"enabled": False},
        }
    )


@schemathesis.serializer("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
def _as_spreadsheet(_context: Any, value: Any) -> bytes:
    # What is generated is text or bytes, hardly ever a workbook: it has to be refused as such.
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


def explore(schema: BaseSchema, found: Found) -> Found:
    """Run every phase and collect what fails."""
    for event in from_schema(schema).execute():
        match event:
            case events.ScenarioFinished():
                _collect(event, found)
            case events.NonFatalError():
                found.failures.setdefault(f"error in {event.label}", str(event.info.format()))
            case events.FatalError():
                raise event.exception
            case events.EngineFinished():
                found.stopped = event.stop_reason.value
            case _:
                continue
    return found


def _collect(event: events.ScenarioFinished, found: Found) -> None:
    recorder = event.recorder
    found.cases[event.phase.value] += len(recorder.interactions)
    found.seconds[event.phase.value] += event.elapsed_time
    for interaction in recorder.interactions.values():
        if interaction.response is not None:
            found.statuses[interaction.response.status_code] += 1
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.status is not Status.FAILURE or check.failure_info is None:
                continue
            failure = check.failure_info.failure
            case = recorder.cases[case_id].value
            response = recorder.find_response(case_id=case_id)
            if check.name == "positive_data_acceptance" and _is_by_meaning(response):
                continue
            name = f"{check.name}: {case.operation.label}: {failure.title}"
            answered = "" if response is None else f"{response.status_code} {response.text[:400]}"
            found.failures.setdefault(
                name, f"{failure.message}\n{case.as_curl_command()}\n{answered}"
            )


def _is_by_meaning(response: Response | None) -> bool:
    """Whether a request was refused for what no schema can say: a period that the plan lacks."""
    if response is None or response.status_code not in (400, 415, 422):
        return False
    said = json.loads(response.text)
    if said["type"].rpartition("/")[2] in _NO_SCHEMA_SAYS:
        return True
    if said["instance"] == "/api/v1/events" and _is_binary(response):
        return True
    codes = {one["code"] for one in said.get("errors", ())}
    return bool(codes) and not codes & _BY_SHAPE


def _is_binary(response: Response) -> bool:
    # The type of the event is then a header, and no schema joins a header to a body.
    sent = str(response.request.headers.get("content-type", ""))
    return sent.partition(";")[0] == "application/json"


def operations(schema: BaseSchema) -> int:
    """How many operations there are."""
    return schema.statistic.operations.total


def main() -> int:
    """Explore, print what was found as JSON, and say by the exit code whether it was nothing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="0: any")
    parser.add_argument("--cases", type=int, default=500, help="generated, over all operations")
    parser.add_argument("--seconds", type=float, default=0, help="go on until so many are over")
    parser.add_argument("--token", default="demo-planning-office")
    parser.add_argument("--database-url", default="", help="a server's; else one of its own")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--phases", nargs="+", default=list(PHASES), choices=PHASES)
    parser.add_argument("--naive", action="store_true", help="an app that is full of faults")
    parser.add_argument("--output", type=Path, help="write what was found as JSON")
    given = parser.parse_args()
    seed = given.seed or secrets.randbelow(2**31) + 1
    random.seed(seed)
    warnings.simplefilter("ignore")
    configure_logging(service="explore", level="critical", log_format="json")
    with tempfile.TemporaryDirectory() as folder:
        config = configured(
            seed=seed, token=given.token, seconds=given.seconds, phases=given.phases
        )
        app: Asgi = (
            naive()
            if given.naive
            else Product(home=given.home or Path(folder), database_url=given.database_url)
        )
        schema = schemathesis.openapi.from_asgi("/openapi.json", app, config=config)
        each = max(1, -(-given.cases // operations(schema)))
        schema.config.generation.update(max_examples=each)
        found = explore(schema, Found(seed=seed))
        shutdown_lifespans()
    text = json.dumps(vars(found), indent=1)
    if given.output:
        given.output.write_text(text, "utf-8")
    else:
        sys.stdout.write(text)
    return 1 if found.failures else 0


if __name__ == "__main__":
    sys.exit(main())
