"""What the second calculation knows: the facts as they stand after their corrections.

It shares no code with the engine: plain dictionaries, everything read anew from the list of
events. Simple on purpose; only tests use it.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from shared_kit.events.envelope import CloudEvent

PLAN = "wco-2019-2022"
CYCLE = "2019-2022"
PREFIX = "org.wcoomd.strategy."
BOUNDS = {
    "FY2019": (date(2019, 7, 1), date(2020, 6, 30)),
    "FY2020": (date(2020, 7, 1), date(2021, 6, 30)),
    "FY2021": (date(2021, 7, 1), date(2022, 6, 30)),
    CYCLE: (date(2019, 7, 1), date(2022, 6, 30)),
}
YEARS = ("FY2019", "FY2020", "FY2021")
GRACE = 30
SERVICE = 180


@dataclass(frozen=True)
class Said:
    """What the oracle says of an indicator and period; comparable with a judgement."""

    numerator: Fraction | None
    denominator: Fraction | None
    due: Fraction | None
    due_done: Fraction | None
    attainment: Fraction | None
    status: str
    reason: str | None


class Facts:
    """The events of a history, each read once, corrected."""

    def __init__(self, events: Iterable[CloudEvent], *, today: date) -> None:
        self.today = today
        known: dict[tuple[str, str], dict[str, Any]] = {}
        for event in events:
            name = event.type.removeprefix(PREFIX).removesuffix(".v1")
            known.setdefault(
                (event.source, event.id),
                {
                    "name": name,
                    "data": json.loads(event.data or b"{}"),
                    "order": (event.time, event.source, event.id),
                },
            )
        self.facts = self._corrected(known)
        self._named: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for fact in self.facts:
            self._named[fact["name"]].append(fact)
        self._about: dict[tuple[str, str], dict[str, list[dict[str, Any]]]] = {}

    def _corrected(self, known: Mapping[tuple[str, str], dict[str, Any]]) -> list[dict[str, Any]]:
        pointing: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for own, event in known.items():
            if event["name"].startswith("fact."):
                target = (event["data"]["source"], event["data"]["id"])
                pointing.setdefault(target, []).append(own)

        def holds(own: tuple[str, str]) -> bool:
            return not any(
                known[one]["name"] == "fact.retracted" and holds(one)
                for one in pointing.get(own, [])
            )

        found = []
        for own, event in known.items():
            if event["name"].startswith("fact."):
                continue
            standing = [known[one] for one in pointing.get(own, []) if holds(one)]
            if any(one["name"] == "fact.retracted" for one in standing):
                continue
            newer = [one for one in standing if one["name"] == "fact.replaced"]
            data = event["data"]
            if newer:
                data = max(newer, key=lambda one: one["order"])["data"]["data"]
            found.append({**event, "data": data})
        return found

    def of(self, name: str) -> Sequence[dict[str, Any]]:
        return self._named[name]

    def about(self, name: str, field: str, key: str) -> Sequence[dict[str, Any]]:
        """The facts of a name whose field is the key, or has it among its values."""
        index = self._about.get((name, field))
        if index is None:
            index = self._about[name, field] = defaultdict(list)
            for fact in self.of(name):
                value = fact["data"][field]
                for one in value if isinstance(value, list) else [value]:
                    index[one].append(fact)
        return index.get(key, [])

    def figure(self, code: str, period: str) -> dict[str, Any] | None:
        """What was stated as such for a period, the latest of it."""
        found = [
            (fact["order"], fact["data"])
            for fact in self.about("figure.stated", "indicator", f"{PLAN}:{code}")
            if fact["data"]["period"] == period
            and date.fromisoformat(fact["data"]["as_on"]) <= self.today
        ]
        return max(found, key=lambda one: one[0])[1] if found else None

    def confirmed(self, code: str, period: str) -> bool:
        """Whether silence is a known zero."""
        until = min(self.today, BOUNDS[period][1])
        return any(
            fact["data"]["period"] == period and until <= date.fromisoformat(fact["data"]["until"])
            for fact in self.about("reporting.confirmed", "indicator", f"{PLAN}:{code}")
        )


def status_of(attainment: Fraction | None) -> str:
    if attainment is None:
        return "not-judged"
    if attainment * 10 >= 9:
        return "on-track"
    return "at-risk" if attainment * 4 >= 3 else "off-track"
