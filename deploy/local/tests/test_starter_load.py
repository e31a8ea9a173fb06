"""Loading the demonstration: in which order, as whom, and what happens the second time."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest

from wcoplan.starter import StarterRefusedError, load, read

ADOPT = "/api/v1/implementation-plans/wco-2019-2022/FY2019/adopt"


@dataclass
class FakePlanApi:
    """Keeps what it is told, as plan-api answers it."""

    refuses: str = ""
    invalid_facts: int = 0
    facts: set[str] = field(default_factory=set)
    posted: set[tuple[str, str]] = field(default_factory=set)
    told: dict[str, dict[str, object]] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    callers: dict[str, str] = field(default_factory=dict)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.calls.append((request.method, path))
        self.callers[path] = request.headers["authorization"]
        if self.refuses and path.endswith(self.refuses):
            return httpx.Response(422, json={"title": "no"})
        if path.startswith("/api/v1/deliverables/"):
            return self._deliverable(request)
        if path == "/api/v1/events":
            return self._events(json.loads(request.content))
        new = (path, request.content.decode()) not in self.posted
        self.posted.add((path, request.content.decode()))
        return httpx.Response(201 if new else 200, json={}, headers={"etag": '"1"'})

    def _events(self, batch: list[dict[str, str]]) -> httpx.Response:
        new = {event["id"] for event in batch} - self.facts
        self.facts |= new
        return httpx.Response(
            207,
            json={
                "accepted": len(new),
                "invalid": self.invalid_facts,
                "items": [{"status": "invalid"}] * self.invalid_facts,
            },
        )

    def _deliverable(self, request: httpx.Request) -> httpx.Response:
        key = request.url.path.split("/")[4]
        if request.method == "GET":
            return httpx.Response(200, json=self.told.get(key, {}), headers={"etag": '"1"'})
        assert request.headers["if-match"] == '"1"'
        self.told[key] = json.loads(request.content)
        return httpx.Response(200, json={})


@pytest.fixture
def client_of() -> Callable[[FakePlanApi], httpx.AsyncClient]:
    return lambda fake: httpx.AsyncClient(
        transport=httpx.MockTransport(fake), base_url="http://127.0.0.1"
    )


ClientOf = Callable[[FakePlanApi], httpx.AsyncClient]


async def test_dates_are_adopted_before_anything_is_released(client_of: ClientOf) -> None:
    fake = FakePlanApi()

    await load(client_of(fake))

    posts = [path for method, path in fake.calls if method == "POST"]
    adopted = posts.index(ADOPT)
    planned = [place for place, path in enumerate(posts) if path == "/api/v1/deliverables"]
    released = [place for place, path in enumerate(posts) if path.endswith(("/release", "/reach"))]
    assert max(planned) < adopted < min(released)
    assert posts[-1] == "/api/v1/events"


async def test_facts_come_from_another_system_all_else_from_the_planning_office(
    client_of: ClientOf,
) -> None:
    fake = FakePlanApi()

    await load(client_of(fake))

    assert fake.callers.pop("/api/v1/events") == "Bearer demo-service:urn:wcoplan:starter"
    assert set(fake.callers.values()) == {"Bearer demo-planning-office"}


async def test_loading_twice_changes_nothing_the_second_time(client_of: ClientOf) -> None:
    fake = FakePlanApi()

    first = await load(client_of(fake))
    second = await load(client_of(fake))

    starter = read()
    assert first.changes == sum(
        map(
            len,
            (
                starter.members,
                starter.actions,
                starter.deliverables,
                starter.estimates,
                starter.targets,
                starter.releases,
                starter.reached,
                ["the adoption"],
                starter.events,
            ),
        )
    )
    assert second.changes == 0


async def test_a_refusal_names_what_was_refused(client_of: ClientOf) -> None:
    with pytest.raises(StarterRefusedError, match=r"POST /api/v1/actions answered 422"):
        await load(client_of(FakePlanApi(refuses="/actions")))


async def test_an_invalid_fact_is_not_passed_over(client_of: ClientOf) -> None:
    with pytest.raises(StarterRefusedError, match="refused 1 facts, the first"):
        await load(client_of(FakePlanApi(invalid_facts=1)))


async def test_the_summary_counts_in_both_languages(client_of: ClientOf) -> None:
    summary = await load(client_of(FakePlanApi()))

    assert "8 fictional Members, 24 Actions and 62 Deliverables" in summary.text("en")
    assert "8 Membres fictifs, 24 actions et 62 livrables" in summary.text("fr")
    assert "14 Actions and 20 Deliverables are those that" in summary.text("en")
