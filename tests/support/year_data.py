"""What the demonstration's year tells by a day, read from its data files alone."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "deploy" / "local" / "src" / "wcoplan" / "data"
GOLDEN = ROOT / "tests" / "golden" / "fy2019.json"

PLAN = "wco-2019-2022"
DATES = (date(2019, 10, 15), date(2019, 12, 16), date(2020, 2, 3))
PERIODS = {
    "FY2019": (date(2019, 7, 1), date(2020, 6, 30)),
    "2019-2022": (date(2019, 7, 1), date(2022, 6, 30)),
}
YEAR = PERIODS["FY2019"]
GRACE = timedelta(days=30)
SERVICE_TIME = timedelta(days=180)
TOOLS = ("instrument", "compendium")
PACKAGES = {"ECP", "RP", "CEP", "ODP"}
GATHERINGS = ("mission", "meeting", "event", "workshop")

Item = Mapping[str, Any]
Row = dict[str, str | None]


@dataclass(frozen=True, kw_only=True)
class Known:
    """All that was told before a morning and is dated up to that day."""

    day: date
    items: Mapping[str, Item]
    released: Mapping[str, date]
    levels: Mapping[str, Fraction]
    estimates: Mapping[tuple[str, str], Item]
    targets: Mapping[tuple[str, str], Item]
    facts: Sequence[tuple[str, Item]]

    def of(self, name: str) -> Iterator[Item]:
        return (data for kind, data in self.facts if kind == name)


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / name).read_text("utf-8"))
    return found


def day_of(text: str) -> date:
    return date.fromisoformat(text)


def known_on(day: date) -> Known:
    """What the files tell before that morning: the opening, then the diary of earlier days."""
    named, added = read("fy2019-article.json"), read("fy2019-synthetic.json")
    diary = [entry for entry in added["diary"] if day_of(entry["on"]) < day]
    actions = {
        action["key"]: action
        for action in [
            *named["actions"],
            *added["actions"],
            *(entry["action"] for entry in diary if entry["do"] == "plan-action"),
        ]
    }
    listed = [*named["deliverables"], *added["deliverables"], *named["background"]]
    listed += [entry["deliverable"] for entry in diary if entry["do"] == "plan-deliverable"]
    items = {}
    for item in listed:
        served = item.get("objectives") or actions[item["action"]]["objectives"]
        items[item["deliverable"]] = {
            **item,
            "objectives": {key.removeprefix(f"{PLAN}:") for key in served},
        }
    released = {
        item["deliverable"]: day_of(item["happened"]["on"])
        for item in named["background"]
        if "happened" in item
    }
    levels: dict[str, Fraction] = {}
    estimates = {(said["indicator"], said["period"]): said for said in added["estimates"]}
    for entry in diary:
        if entry["do"] == "release" and entry["stage"] != "drafted":
            released[entry["deliverable"]] = day_of(entry["released_on"])
        if entry["do"] == "reach":
            levels[entry["deliverable"]] = Fraction(entry["share"])
        if entry["do"] == "estimate":
            estimates[(entry["indicator"], entry["period"])] = entry
    return Known(
        day=day,
        items=items,
        released=released,
        levels=levels,
        estimates=estimates,
        targets={(said["indicator"], said["period"]): said for said in added["targets"]},
        facts=facts_after_corrections(diary),
    )


def facts_after_corrections(diary: Sequence[Item]) -> list[tuple[str, Item]]:
    """What other systems told, with what replaced it; nothing here is retracted."""
    events = [entry["event"] for entry in diary if entry["do"] == "tell"]
    replaced = {
        event["data"]["id"]: event["data"]["data"]
        for event in events
        if event["type"].endswith(".fact.replaced.v1")
    }
    found = []
    for event in events:
        name = event["type"].removeprefix("org.wcoomd.strategy.").removesuffix(".v1")
        if name != "fact.replaced":
            found.append((name, replaced.get(event["id"], event["data"])))
    return found


# --- planned counts -------------------------------------------------------------------------
