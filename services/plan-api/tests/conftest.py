"""A plan-api on a real database, asked over ASGI; its events are read from its outbox."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from plan_api.app import create_app, load_package_data
from plan_api.core.config import Settings
from shared_kit.clock import ManualClock, SystemClock
from shared_kit.db.migrate import upgrade
from shared_kit.events.base import Event
from shared_kit.events.codec import from_kafka, read
from shared_kit.events.envelope import CloudEvent
from shared_kit.messaging.headers import unpack
from shared_kit.messaging.log import LogConsumer, Message, TopicPartition, TopicSpec
from shared_kit.testing.plugin import MakeDatabase

PLAN = "wco-2019-2022"
NOW = datetime(2020, 2, 3, 8, 0, tzinfo=UTC)
OFFICE = {"authorization": "Bearer demo-planning-office"}


@dataclass(slots=True)
class ListLog:
    """A log that only takes what the relay publishes."""

    messages: list[Message] = field(default_factory=list)

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def create_topics(self, topics: Sequence[TopicSpec]) -> None: ...

    async def publish(self, messages: Sequence[Message]) -> None:
        self.messages.extend(messages)

    def consumer(self, *, group: str, topics: Sequence[str]) -> LogConsumer:
        raise NotImplementedError

    async def start_offsets(self, topics: Sequence[str]) -> Mapping[TopicPartition, int]:  # noqa: ARG002
        return {}

    async def end_offsets(self, topics: Sequence[str]) -> Mapping[TopicPartition, int]:  # noqa: ARG002
        return {}


@dataclass(frozen=True, slots=True)
class Sent:
    """What lies in the outbox, as a consumer would read it."""

    topic: str
    key: str
    event: CloudEvent
    said: Event


@dataclass(slots=True)
class Api:
    """A client of a plan-api, with the planning office's token unless told otherwise."""

    app: FastAPI
    log: ListLog
    clock: ManualClock
    url: str
    client: httpx.AsyncClient

    async def get(self, path: str, **params: str) -> httpx.Response:
        return await self.client.get(f"/api/v1{path}", params=params)

    async def post(
        self, path: str, body: object = None, *, etag: str | None = None, **headers: str
    ) -> httpx.Response:
        extra = {name.replace("_", "-"): value for name, value in headers.items()}
        if etag is not None:
            extra["if-match"] = etag
        return await self.client.post(
            f"/api/v1{path}", json={} if body is None else body, headers=extra
        )

    async def put(self, path: str, body: object, *, etag: str) -> httpx.Response:
        return await self.client.put(f"/api/v1{path}", json=body, headers={"if-match": etag})

    async def sent(self, name: str = "") -> list[Sent]:
        """The events in the outbox, in order; of one name where it is given."""
        rows = await self.rows("SELECT topic, key, value, headers FROM outbox ORDER BY seq")
        found = []
        for topic, key, value, headers in rows:
            event = from_kafka(value, unpack(headers))
            if f".{name}." in event.type or not name:
                found.append(Sent(topic=topic, key=key, event=event, said=read(event)))
        return found

    async def rows(self, statement: str) -> Sequence[Any]:
        engine = create_async_engine(self.url)
        try:
            async with engine.connect() as connection:
                return (await connection.execute(text(statement))).all()
        finally:
            await engine.dispose()

    async def an_action(self, code: str = "A-900", **fields: object) -> httpx.Response:
        return await self.post("/actions", self.action_body(code, **fields))

    async def a_deliverable(self, code: str = "D-900-1", **fields: object) -> httpx.Response:
        return await self.post("/deliverables", self.deliverable_body(code, **fields))

    @staticmethod
    def action_body(code: str = "A-900", **fields: object) -> dict[str, object]:
        return {
            "key": f"{PLAN}:{code}",
            "plan": PLAN,
            "title": "Guidelines on transit",
            "period": "FY2019",
            "lead": "CF",
            "objectives": [f"{PLAN}:SO3"],
            "priorities": [
                {"priority": f"{PLAN}:PRI-1", "share": "0.5"},
                {"priority": f"{PLAN}:PRI-4", "share": "0.5"},
            ],
            "end": "2020-03-31",
            "date_certainty": "stated",
        } | fields

    @staticmethod
    def deliverable_body(code: str = "D-900-1", **fields: object) -> dict[str, object]:
        return {
            "deliverable": f"{PLAN}:{code}",
            "title": "Guide on transit guarantees",
            "plan": PLAN,
            "period": "FY2019",
            "listed": True,
            "kind": "instrument",
            "unit": "CF",
            "objectives": [f"{PLAN}:SO1"],
            "due": "2019-11-30",
            "date_certainty": "stated",
        } | fields

    @staticmethod
    def event_body(name: str = "support.requested", **attributes: object) -> dict[str, object]:
        data = {
            "request": "REQ-1",
            "member": "XA",
            "topics": ["CEP"],
            "received_on": "2019-09-12",
        }
        event = {
            "specversion": "1.0",
            "id": "1",
            "source": "https://members.example.org/requests",
            "type": f"org.wcoomd.strategy.{name}.v1",
            "datacontenttype": "application/json",
            "data": data,
        } | attributes
        return {name: value for name, value in event.items() if value is not None}

    async def event(self, event: object, **headers: str) -> httpx.Response:
        """Post a structured event, or a batch."""
        batch = "-batch" if isinstance(event, list) else ""
        kind = {"content-type": f"application/cloudevents{batch}+json"}
        return await self.client.post(
            "/api/v1/events", content=json.dumps(event), headers=kind | headers
        )


Start = Callable[[], Awaitable[Api]]


def _made(url: str) -> Api:
    clock, log = ManualClock(NOW), ListLog()
    app = create_app(
        settings=Settings(database_url=url, auth="demo"),
        log=log,
        business=clock,
        system=SystemClock(),
        http=httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(503))),
    )
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=True),
        base_url="http://plan-api",
        headers=OFFICE,
    )
    return Api(app=app, log=log, clock=clock, url=url, client=client)


async def _close(api: Api) -> None:
    await api.client.aclose()
    await api.app.state.runtime.http.aclose()
    await api.app.state.runtime.sessions.kw["bind"].dispose()


async def _load(url: str) -> None:
    """Migrate, load the package's plan and directory, and register the Member XA."""
    await asyncio.to_thread(upgrade, url, "plan_api")
    api = _made(url)
    try:
        await load_package_data(api.app.state.runtime)
        member = {"code": "XA", "title": "Examplia", "region": "EUROPE", "fictional": True}
        assert (await api.post("/members", member)).status_code == 201
    finally:
        await _close(api)


@pytest.fixture
async def start(database: MakeDatabase) -> AsyncIterator[Start]:
    """A factory of plan-apis on one and the same empty database, without a relay."""
    url = database("plan-api", migrate=lambda url: upgrade(url, "plan_api"))
    made: list[Api] = []

    async def make() -> Api:
        made.append(_made(url))
        return made[-1]

    yield make
    for api in made:
        await _close(api)


@pytest.fixture
async def api(database: MakeDatabase) -> AsyncIterator[Api]:
    """A plan-api with the package's plan and directory, and the Member XA; without a relay."""
    made = _made(database("plan-api-loaded", migrate=_load))
    yield made
    await _close(made)
