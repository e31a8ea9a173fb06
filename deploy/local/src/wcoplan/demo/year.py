"""The year as it is told: read from the two data files, posted through plan-api's public API.

Safe to repeat at any point: what is there already is left alone, so that a load that was broken
off goes on from the clock's day. What somebody did meanwhile stays: an entry that it stands against
(409) is left out.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from importlib.resources import files
from typing import Any

import httpx

from wcoplan.demo.facts import SOURCE
from wcoplan.demo.patience import patiently

Item = Mapping[str, Any]

_OFFICE = {"authorization": "Bearer demo-planning-office"}
_SERVICE = {
    "authorization": f"Bearer demo-service:{SOURCE}",
    "content-type": "application/cloudevents-batch+json",
}
_CONFLICT = httpx.codes.CONFLICT
_CLERKS = 12
_ASIDE = ("citation", "note", "happened")


class YearRefusedError(Exception):
    """plan-api refused a part of the year; says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """The two files together: what the plan lists at the beginning, then a diary."""

    plan: str
    period: str
    members: Sequence[Item]
    instruments: Sequence[Item]
    actions: Sequence[Item]
    deliverables: Sequence[Item]
    background: Sequence[Item]
    estimates: Sequence[Item]
    targets: Sequence[Item]
    diary: Sequence[Item]

    def told(self, *, after: date | None, until: date) -> Sequence[Item]:
        """The diary's entries of the days after one and up to another."""
        first = "" if after is None else after.isoformat()
        return [one for one in self.diary if first < one["on"] <= until.isoformat()]


@cache
def read() -> Year:
    """Read both files of the package."""
    folder = files("wcoplan").joinpath("data")
    named = json.loads(folder.joinpath("fy2019-article.json").read_text("utf-8"))
    added = json.loads(folder.joinpath("fy2019-synthetic.json").read_text("utf-8"))
    return Year(
        plan=named["plan"],
        period=named["period"],
        members=added["members"],
        instruments=added["instruments"],
        actions=[*(_noted(one, named) for one in named["actions"]), *added["actions"]],
        deliverables=[
            *(_noted(one, named) for one in named["deliverables"]),
            *added["deliverables"],
        ],
        background=[{**_noted(one, named), **_happened(one)} for one in named["background"]],
        estimates=added["estimates"],
        targets=added["targets"],
        diary=added["diary"],
    )


def _noted(item: Item, named: Item) -> dict[str, Any]:
    """The item as it is posted, with the place in the article as its source note."""
    said = item["citation"]
    note = (
        f"{named['source']}, {said['heading']}, paragraph {said['paragraph']}: "
        f"\u201c{said['quote']}\u201d. {item.get('note', '')}".strip()
    )
    body = {name: value for name, value in item.items() if name not in _ASIDE}
    return {**body, "source_note": f"{note} {named['ours']}"}


def _happened(item: Item) -> dict[str, Any]:
    return {"happened": item["happened"]} if "happened" in item else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the year's two files hold."""

    actions: int
    deliverables: int
    members: int
    entries: int

    def text(self, language: str) -> str:
        """Say in English or French what is loaded."""
        return _TEXTS[language].format(**{name: getattr(self, name) for name in self.__slots__})


_TEXTS = {
    "en": (
        "FY2019/20, told day by day from 1 July 2019: {actions} Actions and {deliverables} "
        "Deliverables are those that the Secretary General's article of 22 October 2019 names, "
        "dated only as it dates them; all else, with {members} fictional Members and {entries} "
        "entries of a diary, is synthetic and marked so."
    ),
    "fr": (
        "L’exercice 2019/20, raconté jour après jour depuis le 1er juillet 2019 : {actions} "
        "actions et {deliverables} livrables sont ceux que nomme l’article du Secrétaire général "
        "du 22 octobre 2019, datés seulement comme il les date ; tout le reste, avec "
        "{members} Membres fictifs et {entries} entrées d’un journal, est synthétique et marqué "
        "comme tel."
    ),
}


def summary() -> Summary:
    """Count what is named by the article and what was added."""
    year = read()
    return Summary(
        actions=sum(not one.get("synthetic", False) for one in year.actions),
        deliverables=sum(not one.get("synthetic", False) for one in year.deliverables),
        members=len(year.members),
        entries=len(year.diary),
    )


class Desk:
    """Posts as the planning office, and facts as another system would."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        year = read()
        self._items: dict[str, Item] = {
            item["deliverable"]: item for item in (*year.deliverables, *year.background)
        }
        for entry in year.diary:
            if entry["do"] == "plan-deliverable":
                self._items[entry["deliverable"]["deliverable"]] = entry["deliverable"]

    async def open_year(self) -> None:
        """Enter what the plan lists, adopt it, and release what happened before.

        Raises:
            YearRefusedError
        """
        year = read()
        for path, bodies in (
            ("members", year.members),
            ("instruments", year.instruments),
            ("actions", year.actions),
            ("deliverables", year.deliverables),
        ):
            await _together(partial(self._enter, f"/api/v1/{path}"), bodies)
        for path, figures in (("estimates", year.estimates), ("targets", year.targets)):
            await _together(partial(self._figure, path), figures)
        adoption = f"/api/v1/implementation-plans/{year.plan}/{year.period}/adopt"
        await self._enter(adoption, {})
        await self._before(year.background)

    async def tell(self, entries: Sequence[Item]) -> None:
        """Post a part of the diary: changes of the plan one by one, all facts in one batch.

        Raises:
            YearRefusedError
        """
        facts = []
        for entry in entries:
            match entry["do"]:
                case "tell":
                    facts.append(entry["event"])
                case "release" | "reach":
                    facts.append(self._fact(entry))
                case "plan-action":
                    await self._enter("/api/v1/actions", entry["action"])
                case "plan-deliverable":
                    await self._enter("/api/v1/deliverables", entry["deliverable"])
                case "estimate":
                    await self._figure("estimates", _without(entry, "on", "do"))
                case "carry-over":
                    await self._carry_over(entry)
                case other:
                    raise YearRefusedError(f"the diary says {other}, which nobody knows to do")
        for part in _parts(facts):
            await self._send(part)

    async def _before(self, background: Sequence[Item]) -> None:
        """Enter what happened before the cycle; dated releases say so, and move nothing."""
        facts = []
        items = [_without(item, "happened") for item in background]
        await _together(partial(self._enter, "/api/v1/deliverables"), items)
        for item in background:
            if "happened" in item:
                said = item["happened"]
                facts.append(
                    self._fact(
                        {
                            "do": "release",
                            "on": said["on"],
                            "deliverable": item["deliverable"],
                            "released_on": said["on"],
                            **_without(said, "on"),
                        }
                    )
                )
        await self._send(facts)

    def _fact(self, entry: Item) -> Item:
        item = self._items[entry["deliverable"]]
        name = "deliverable.released" if entry["do"] == "release" else "milestone.reached"
        key = entry["deliverable"]
        stage = entry.get("stage") or entry.get("share")
        planned = {
            field: item[field]
            for field in ("title", "period", "listed", "kind", "unit", "date_certainty", "weight")
            if field in item
        }
        return {
            "specversion": "1.0",
            "id": f"{key.partition(':')[2]}-{stage}-{entry['on']}",
            "source": SOURCE,
            "type": f"org.wcoomd.strategy.{name}.v1",
            "subject": key,
            "time": f"{entry['on']}T10:00:00Z",
            "datacontenttype": "application/json",
            "data": {
                **planned,
                **_without(entry, "on", "do"),
                "synthetic": item.get("synthetic", False),
            },
        }

    async def _enter(self, path: str, body: Item) -> None:
        answer = await patiently(lambda: self._client.post(path, json=body, headers=_OFFICE))
        _require(answer, body)

    async def _figure(self, path: str, figure: Item) -> None:
        said = _without(figure, "indicator")
        await self._enter(f"/api/v1/indicators/{figure['indicator']}/{path}", said)

    async def _carry_over(self, entry: Item) -> None:
        """Carry a Deliverable over into another year, unless that is done."""
        answer = await patiently(lambda: self._carry(entry))
        if answer.status_code != _CONFLICT:
            _require(answer, entry)

    async def _carry(self, entry: Item) -> httpx.Response:
        # Read anew each time: an answer may be lost though what it answers is done.
        path = f"/api/v1/deliverables/{entry['deliverable']}"
        known = await self._client.get(path, headers=_OFFICE)
        if known.is_error or known.json()["carried_to"] == entry["period"]:
            return known
        headers = {**_OFFICE, "if-match": known.headers["etag"]}
        body = _without(entry, "on", "do", "deliverable")
        return await self._client.post(f"{path}/carry-over", json=body, headers=headers)

    async def _send(self, events: Sequence[Item]) -> None:
        content = json.dumps(events, ensure_ascii=False).encode()
        answer = await patiently(
            lambda: self._client.post("/api/v1/events", content=content, headers=_SERVICE)
        )
        _require(answer, {})
        taken = answer.json()
        if taken["invalid"]:
            refused = [
                item
                for item in taken["items"]
                if item["status"] == "invalid" and item["problem"]["status"] != _CONFLICT
            ]
            if refused:
                raise YearRefusedError(f"{len(refused)} facts are refused, the first: {refused[0]}")


async def _together(enter: Callable[[Item], Awaitable[None]], items: Sequence[Item]) -> None:
    """Enter what does not depend on each other, several at a time: one waits for the disk."""
    waiting = iter(items)

    async def clerk() -> None:
        for item in waiting:
            await enter(item)

    try:
        async with asyncio.TaskGroup() as clerks:
            for _ in range(_CLERKS):
                clerks.create_task(clerk())
    except ExceptionGroup as refused:
        # The others are cancelled: what was refused first is what matters.
        raise refused.exceptions[0] from None


def _parts(facts: Sequence[Item], size: int = 500) -> Iterator[Sequence[Item]]:
    for first in range(0, len(facts), size):
        yield facts[first : first + size]


def _without(body: Item, *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


def _require(answer: httpx.Response, body: Item) -> None:
    if answer.is_error:
        raise YearRefusedError(
            f"{answer.request.method} {answer.request.url.path} answered {answer.status_code}: "
            f"{answer.text} to {json.dumps(body, ensure_ascii=False)}"
        )
