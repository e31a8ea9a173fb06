"""Records an example of every answer from the running product, for the OpenAPI document.

`python -m tests.contract.record` starts the demonstration, asks each operation once in the order
of a story, and writes what it answered into the services' `examples.json`. Long lists are cut.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from shared_kit.clock import FileClock
from shared_kit.events.topics import TOPICS
from shared_kit.messaging.embedded import EmbeddedLog
from shared_kit.messaging.log import Message
from tests.contract.story import STORY, Step
from wcoplan import starter
from wcoplan.embedded import databases, running
from wcoplan.folder import LOADED_AT, SHOWN_AT
from wcoplan.openapi import apps

ROOT = Path(__file__).parents[2]
FILES = {
    "plan-api": ROOT / "services/plan-api/src/plan_api/examples.json",
    "kpi-engine": ROOT / "services/kpi-engine/src/kpi_engine/examples.json",
    "notifier": ROOT / "services/notifier/src/notifier/examples.json",
}
_ITEMS = 2
_TEXT = 1500


def short(value: Any) -> Any:
    """The same with long lists and texts cut."""
    if isinstance(value, list):
        return [short(one) for one in value[:_ITEMS]]
    if isinstance(value, dict):
        return {name: short(one) for name, one in value.items()}
    if isinstance(value, str) and len(value) > _TEXT:
        return value[:_TEXT]
    return value


async def tell(client: httpx.AsyncClient, step: Step, known: dict[str, Any]) -> Any:
    """Send one request of the story; what it answers can be named by later ones."""
    path = step.path.format_map(known)
    headers = {"authorization": f"Bearer demo-{step.role}", **step.headers}
    if step.changes:
        etag = (await client.get(step.changes.format_map(known), headers=headers)).headers["etag"]
        headers["if-match"] = etag
    content = known["template"] if step.body == "template" else None
    body = None if content is not None else step.body
    answer = await client.request(step.method, path, headers=headers, json=body, content=content)
    if answer.status_code != step.status:
        raise RuntimeError(f"{step.method} {path}: {answer.status_code} {answer.text[:500]}")
    said = answer.json() if "json" in answer.headers.get("content-type", "") else answer.content
    known.update({name: _at(said, place) for name, place in step.keeps.items()})
    return said


def _at(said: Any, place: str) -> Any:
    for part in filter(None, place.split("/")):
        said = said[int(part)] if isinstance(said, list) else said[part]
    return said


async def park(urls: Mapping[str, str]) -> None:
    """Put a record into the log that neither engine nor notifier can use."""
    log = EmbeddedLog(database_url=urls["event_log"], prefix="")
    await log.start()
    headers = {
        "ce_specversion": "1.0",
        "ce_id": "7c5b3f0e-52f7-4d0b-8a43-0f0c7c1d2b11",
        "ce_source": "https://members.example.org/requests",
        "ce_type": "org.wcoomd.strategy.unit.registered.v1",
        "content-type": "application/json",
    }
    packed = tuple((name, text.encode()) for name, text in headers.items())
    assert "plan" in TOPICS
    await log.publish([Message("plan", "CF", b'{"code": 7}', packed)])
    await log.stop()


async def recorded(home: Path) -> dict[str, dict[str, Any]]:
    """The answers by operation and status."""
    FileClock(home / "clock").move_to(LOADED_AT)
    found: dict[str, dict[str, Any]] = {}
    with databases(home=home, database_url="") as kept:
        async with running(home=home, urls=kept.urls, base_url="http://127.0.0.1:8000") as system:
            await starter.load(system.client)
            await system.move_to(SHOWN_AT)
            await park(kept.urls)
            await system.settle()
            known: dict[str, Any] = {}
            for step in STORY:
                said = await tell(system.client, step, known)
                if step.settles:
                    await system.settle()
                if not isinstance(said, bytes):
                    found.setdefault(step.operation, {})[str(step.status)] = short(said)
    return found


def written(found: Mapping[str, Mapping[str, Any]]) -> None:
    """Write each service's file."""
    for service, app in apps().items():
        own = {
            operation["operationId"]
            for item in app.openapi()["paths"].values()
            for operation in item.values()
        }
        kept = {name: found[name] for name in sorted(own & found.keys())}
        text = json.dumps(kept, ensure_ascii=False, indent=1)
        FILES[service].write_text(f"{text}\n", "utf-8")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        written(asyncio.run(recorded(Path(folder))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
