"""The demonstration's input: read from the package, posted through plan-api's public API.

What the Secretary General's article of 22 October 2019 names is there only as it names it; the
rest is synthetic and says so. Safe to repeat: what is there already is left alone.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import cast

import httpx

Body = Mapping[str, object]

_OFFICE = {"authorization": "Bearer demo-planning-office"}
_SERVICE = {"authorization": "Bearer demo-service:urn:wcoplan:starter"}
_BATCH = "application/cloudevents-batch+json"

_TEXTS = {
    "en": (
        "Loaded the demonstration: {members} fictional Members, {actions} Actions and "
        "{deliverables} Deliverables of FY2019/20, {releases} releases, {milestones} milestone "
        "and {facts} other facts.\n"
        "{actions_named} Actions and {deliverables_named} Deliverables are those that the "
        "Secretary General's article of 22 October 2019 names, dated only as it dates them; "
        "all else is synthetic and marked so."
    ),
    "fr": (
        "Démonstration chargée : {members} Membres fictifs, {actions} actions et "
        "{deliverables} livrables de l’exercice 2019/20, {releases} publications, {milestones} "
        "jalon et {facts} autres faits.\n"
        "{actions_named} actions et {deliverables_named} livrables sont ceux que nomme l’article "
        "du Secrétaire général du 22 octobre 2019, datés seulement comme il les date ; "
        "tout le reste est synthétique et marqué comme tel."
    ),
}


class StarterRefusedError(Exception):
    """plan-api refused a part of the starter input; says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the demonstration holds; `changes` is how much of it was not there before."""

    members: int
    actions: int
    actions_named: int
    deliverables: int
    deliverables_named: int
    releases: int
    milestones: int
    facts: int
    changes: int

    def text(self, language: str) -> str:
        """Say in English or French what was loaded."""
        counts = {name: getattr(self, name) for name in self.__slots__}
        return _TEXTS[language].format(**counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Starter:
    """The starter file: request bodies in the order in which they are posted."""

    plan: str
    period: str
    members: Sequence[Body]
    actions: Sequence[Body]
    deliverables: Sequence[Body]
    estimates: Sequence[Body]
    targets: Sequence[Body]
    releases: Sequence[Body]
    reached: Sequence[Body]
    events: Sequence[Body]


def read() -> Starter:
    """Read the starter file of the package."""
    source = files("wcoplan").joinpath("data", "starter.json")
    found = json.loads(source.read_text("utf-8"))
    return Starter(**{name: found[name] for name in Starter.__slots__})


async def load(client: httpx.AsyncClient) -> Summary:
    """Post the starter input; items first, then the adoption that fixes their dates, then facts.

    Raises:
        StarterRefusedError: something was refused; what came before it stays.
    """
    starter = read()
    desk = _Desk(client)
    for member in starter.members:
        await desk.enter("/api/v1/members", member)
    for action in starter.actions:
        await desk.enter("/api/v1/actions", action)
    for deliverable in starter.deliverables:
        await desk.enter("/api/v1/deliverables", deliverable)
    for path, figures in (("estimates", starter.estimates), ("targets", starter.targets)):
        for figure in figures:
            said = {name: value for name, value in figure.items() if name != "indicator"}
            await desk.enter(f"/api/v1/indicators/{figure['indicator']}/{path}", said)
    await desk.enter(f"/api/v1/implementation-plans/{starter.plan}/{starter.period}/adopt", {})
    for release in starter.releases:
        await desk.tell("release", release)
    for level in starter.reached:
        await desk.tell("reach", level)
    await desk.send(starter.events)
    return _summary(starter, changes=desk.changes)


def _summary(starter: Starter, *, changes: int) -> Summary:
    return Summary(
        members=len(starter.members),
        actions=len(starter.actions),
        actions_named=_named(starter.actions),
        deliverables=len(starter.deliverables),
        deliverables_named=_named(starter.deliverables),
        releases=sum(release["stage"] != "drafted" for release in starter.releases),
        milestones=len(starter.reached),
        facts=len(starter.events),
        changes=changes,
    )


def _named(bodies: Sequence[Body]) -> int:
    return sum(not body.get("synthetic", False) for body in bodies)


class _Desk:
    """Posts as the planning office, and facts as another system would."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.changes = 0

    async def enter(self, path: str, body: Body) -> None:
        """Post what answers 201 when it is new and 200 when it is there."""
        answer = await self._client.post(path, json=body, headers=_OFFICE)
        _require(answer, body)
        self.changes += answer.status_code == httpx.codes.CREATED

    async def tell(self, verb: str, said: Body) -> None:
        """Release a Deliverable or reach a milestone, unless that is known."""
        path = f"/api/v1/deliverables/{said['deliverable']}"
        known = await self._client.get(path, headers=_OFFICE)
        _require(known, said)
        body = {name: value for name, value in said.items() if name != "deliverable"}
        if _says(cast(Body, known.json()), body):
            return
        headers = {**_OFFICE, "if-match": known.headers["etag"]}
        answer = await self._client.post(f"{path}/{verb}", json=body, headers=headers)
        _require(answer, said)
        self.changes += 1

    async def send(self, events: Sequence[Body]) -> None:
        """Post a batch; a fact that is known under its id is a duplicate and changes nothing."""
        headers = {**_SERVICE, "content-type": _BATCH}
        content = json.dumps(events, ensure_ascii=False).encode()
        answer = await self._client.post("/api/v1/events", content=content, headers=headers)
        _require(answer, {})
        taken = answer.json()
        if taken["invalid"]:
            refused = [item for item in taken["items"] if item["status"] == "invalid"]
            raise StarterRefusedError(
                f"POST /api/v1/events refused {len(refused)} facts, the first: {refused[0]}"
            )
        self.changes += taken["accepted"]


def _says(known: Body, wanted: Body) -> bool:
    return all(known.get(name) == value for name, value in wanted.items() if name != "share")


def _require(answer: httpx.Response, body: Body) -> None:
    if answer.is_error:
        raise StarterRefusedError(
            f"{answer.request.method} {answer.request.url.path} answered {answer.status_code}: "
            f"{answer.text} to {json.dumps(body, ensure_ascii=False)}"
        )
