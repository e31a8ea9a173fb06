"""The figures of the demonstration, worked out by plain arithmetic over the starter file alone.

Nothing of kpi-engine is used: where its scorecard differs from these, one of the two is wrong.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from importlib.resources import files
from math import comb
from typing import Any

import pytest

from shared_kit.events.codec import from_http, read
from shared_kit.events.envelope import CloudEvent

TODAY = date(2020, 2, 3)
GRACE_ENDS = date(2020, 1, 4)
DAYS_OF_THE_YEAR = 366
PLAN = "wco-2019-2022"
PACKAGES = {"ECP", "RP", "CEP", "ODP"}
TOOLS = {"instrument", "compendium"}
GATHERINGS = {"mission", "meeting", "event", "workshop"}

Item = Mapping[str, Any]

STARTER: dict[str, Any] = json.loads(
    files("wcoplan").joinpath("data", "starter.json").read_text("utf-8")
)
ACTIONS = {action["key"]: action for action in STARTER["actions"]}
ITEMS: dict[str, Item] = {item["deliverable"]: item for item in STARTER["deliverables"]}
# A draft counts nowhere.
RELEASED = {
    release["deliverable"]: date.fromisoformat(release["released_on"])
    for release in STARTER["releases"]
    if release["stage"] != "drafted"
}


def objectives(item: Item) -> set[str]:
    found = item.get("objectives") or ACTIONS[item["action"]]["objectives"]
    return {key.removeprefix(f"{PLAN}:") for key in found}


def serves(code: str) -> Callable[[Item], bool]:
    return lambda item: item["kind"] != "milestone" and code in objectives(item)


def tool_of(package: str) -> Callable[[Item], bool]:
    return lambda item: item["kind"] in TOOLS and package in item.get("packages", [])


def sg(item: Item) -> bool:
    return item["kind"] != "milestone" and not objectives(item) <= {"ORG1", "ORG2"}


PLANNED: dict[str, Callable[[Item], bool]] = {
    "SG": sg,
    "SO1": serves("SO1"),
    "SO2": serves("SO2"),
    "SO3": serves("SO3"),
    "SP1.1": tool_of("ECP"),
    "SP2.1": lambda item: (
        tool_of("RP")(item)
        or (item["kind"] == "advice-or-decision" and item.get("revenue_advice", False))
    ),
    "SP3.1": tool_of("CEP"),
    "SP4.1": tool_of("ODP"),
    "SP5": lambda item: item["kind"] == "joint-operation",
    "SP6.1": lambda item: item["kind"] == "compendium" or item.get("compendium", False),
    "SP6.2": lambda item: item["kind"] in GATHERINGS and item.get("purpose") == "knowledge",
    "LD1": lambda item: item["kind"] == "research",
    "LD2.1": lambda item: (
        item["kind"] in TOOLS
        and item.get("uses_it", False)
        and bool(PACKAGES & set(item.get("packages", [])))
    ),
    "LD2.2": lambda item: item["kind"] in TOOLS and item.get("data_analysis", False),
}


def due_on(item: Item) -> date | None:
    return date.fromisoformat(item["due"]) if "due" in item else None


def listed(code: str) -> list[Item]:
    return [item for item in ITEMS.values() if item["listed"] and PLANNED[code](item)]


def due_by(code: str, day: date) -> list[Item]:
    found = [(due, item) for item in listed(code) if (due := due_on(item)) and due <= day]
    return [item for _, item in sorted(found, key=lambda pair: pair[0])]


def done(items: list[Item]) -> list[Item]:
    return [item for item in items if item["deliverable"] in RELEASED]


def overdue(code: str) -> list[tuple[str, str, int]]:
    return [
        (item["title"], item["due"], (TODAY - date.fromisoformat(item["due"])).days)
        for item in due_by(code, TODAY - timedelta(days=1))
        if item["deliverable"] not in RELEASED
    ]


def chance_of_so_few(found: int, due: int) -> Fraction:
    """How likely at most `found` of `due` are, were each done with a chance of 95 %."""
    each = Fraction(95, 100)
    return sum(
        (comb(due, k) * each**k * (1 - each) ** (due - k) for k in range(found + 1)), Fraction(0)
    )


def deserves_an_alert(code: str) -> bool:
    """The item rule below eight due items, the evidence rule from eight on."""
    due = due_by(code, GRACE_ENDS)
    if len(due) < 8:
        late = [days for _, _, days in overdue(code)]
        return sum(days > 30 for days in late) >= 2 or any(days > 60 for days in late)
    ratio = Fraction(len(done(due)), len(due))
    return ratio < Fraction(9, 10) and chance_of_so_few(len(done(due)), len(due)) < Fraction(5, 100)


def numerator(code: str) -> int:
    return sum(1 for key in RELEASED if PLANNED[code](ITEMS[key]))


def denominator(code: str) -> int:
    """The stated estimate, else the number of listed items."""
    for estimate in STARTER["estimates"]:
        if estimate["indicator"] == f"{PLAN}:{code}":
            return int(estimate["value"])
    return len(listed(code))


def test_of_26_due_20_are_released_and_6_are_overdue() -> None:
    due = due_by("SG", GRACE_ENDS)

    assert len(due) == 26
    assert len(done(due)) == 20
    assert overdue("SG")[:2] == [
        ("Guide on transit guarantees", "2019-11-30", 65),
        ("Workshop on risk profiles", "2019-12-13", 52),
    ]
    assert len(overdue("SG")) == 6


def test_23_of_61_estimated_are_released_one_of_them_unplanned() -> None:
    released = [item for key, item in ITEMS.items() if key in RELEASED and sg(item)]
    (estimate,) = STARTER["estimates"]

    assert len(released) == 23
    assert [item["title"] for item in released if not item["listed"]] == [
        "Advice on an urgent question of classification"
    ]
    assert (estimate["indicator"], estimate["value"]) == (f"{PLAN}:SG", 61)
    assert len(listed("SG")) == 57
    assert all(day <= TODAY for day in RELEASED.values())


def test_so_few_would_occur_about_once_in_660() -> None:
    chance = chance_of_so_few(20, 26)

    assert chance < Fraction(1, 100)
    assert round(1 / chance, -1) == 660


def test_all_that_is_due_lies_in_the_window_of_the_critical_rule() -> None:
    window = [
        item
        for item in due_by("SG", GRACE_ENDS)
        if date.fromisoformat(item["due"]) > GRACE_ENDS - timedelta(days=120)
    ]

    assert len(window) == 26
    assert Fraction(20, 26) < Fraction(80, 100)


@pytest.mark.parametrize("code", PLANNED)
def test_one_alert_rises_and_no_other(code: str) -> None:
    assert deserves_an_alert(code) == (code == "SG")


def attainment(code: str) -> Fraction:
    """Done of due where every planned item has a date; else actual by expected, less the grace."""
    items = listed(code)
    dated = [item for item in items if "due" in item]
    due = due_by(code, GRACE_ENDS)
    if len(dated) >= denominator(code):
        return Fraction(len(done(due)), len(due))
    elapsed = (GRACE_ENDS - date(2019, 7, 1)).days + 1
    expected = len(due) + (denominator(code) - len(dated)) * elapsed // DAYS_OF_THE_YEAR
    return Fraction(numerator(code), expected) if expected else Fraction(1)


# numerator, denominator, due by 4 January, done of them, attainment
FIGURES = {
    "SG": (23, 61, 26, 20, Fraction(23, 36)),
    "SO1": (10, 20, 10, 9, Fraction(10, 12)),
    "SO2": (4, 6, 4, 3, Fraction(3, 4)),
    "SO3": (5, 12, 5, 4, Fraction(5, 6)),
    "SP1.1": (8, 15, 8, 7, Fraction(8, 9)),
    "SP2.1": (4, 6, 4, 3, Fraction(3, 4)),
    "SP3.1": (3, 5, 3, 3, Fraction(1)),
    "SP4.1": (2, 3, 2, 2, Fraction(1)),
    "SP5": (1, 3, 0, 0, Fraction(1)),
    "SP6.1": (1, 2, 1, 1, Fraction(1)),
    "SP6.2": (3, 7, 4, 3, Fraction(3, 4)),
    "LD1": (1, 3, 1, 1, Fraction(1)),
    "LD2.1": (4, 7, 3, 3, Fraction(4, 4)),
    "LD2.2": (3, 5, 2, 2, Fraction(3, 3)),
}


@pytest.mark.parametrize("code", PLANNED)
def test_each_planned_count_stands_where_the_story_wants_it(code: str) -> None:
    due = due_by(code, GRACE_ENDS)

    assert FIGURES[code] == (
        numerator(code),
        denominator(code),
        len(due),
        len(done(due)),
        attainment(code),
    )


def test_what_the_article_names_is_dated_only_as_it_dates_it() -> None:
    real = [entry for entry in (*ACTIONS.values(), *ITEMS.values()) if not entry.get("synthetic")]

    assert len(real) == 14 + 20
    for entry in real:
        day = entry.get("due") or entry.get("end")
        assert (entry["date_certainty"], day) in {
            ("not-given", None),
            ("inferred", "2019-12-31"),
            ("inferred", "2020-06-30"),
        }
        assert "paragraph" in entry["source_note"]
        assert entry.get("deliverable") not in RELEASED


def test_nothing_happened_before_the_cycle_but_requests_that_stayed_open() -> None:
    early = [event for event in STARTER["events"] if event["time"] < "2019-07-01"]

    assert {event["type"] for event in early} == {"org.wcoomd.strategy.support.requested.v1"}
    assert min(RELEASED.values()) >= date(2019, 7, 1)


def test_every_fact_is_one_that_the_contracts_know() -> None:
    body = json.dumps(STARTER["events"]).encode()
    is_batch, read_back = from_http([("content-type", "application/cloudevents-batch+json")], body)

    assert is_batch
    assert len(read_back) == len(STARTER["events"])
    for event in read_back:
        assert isinstance(event, CloudEvent)
        assert read(event).subject == event.subject


def test_every_member_is_fictional_and_every_fact_synthetic() -> None:
    assert all(member["fictional"] for member in STARTER["members"])
    assert all(event["data"]["synthetic"] for event in STARTER["events"])
    assert all(ITEMS[key]["synthetic"] for key in RELEASED)


def test_shares_of_an_action_add_to_one_or_there_are_none() -> None:
    for action in ACTIONS.values():
        shares = [Fraction(part["share"]) for part in action["priorities"]]
        assert not shares or sum(shares) == 1


def _requests() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for event in STARTER["events"]:
        data = event["data"]
        match event["type"].removeprefix("org.wcoomd.strategy."):
            case "support.requested.v1":
                found[data["request"]] = {
                    "member": data["member"],
                    "topics": data["topics"],
                    "received": date.fromisoformat(data["received_on"]),
                }
            case "support.withdrawn.v1":
                found[data["request"]]["withdrawn"] = data["on"]
            case "support.declined.v1":
                found[data["request"]]["declined"] = data["on"]
            case "support.provided.v1":
                for request in data["requests"]:
                    found[request]["answered"] = data["completed_on"]
    return found


def test_two_of_seven_members_asking_for_support_on_the_ecp_were_supported() -> None:
    asked = [
        request
        for request in _requests().values()
        if "ECP" in request["topics"] and "withdrawn" not in request
    ]
    old_enough = TODAY - timedelta(days=180)
    judged = [
        request for request in asked if "answered" in request or request["received"] <= old_enough
    ]
    (target,) = [t for t in STARTER["targets"] if t["indicator"] == f"{PLAN}:SP7.1"]

    assert len({request["member"] for request in asked}) == 7
    assert len({request["member"] for request in asked if "answered" in request}) == 2
    assert len({request["member"] for request in judged}) == 4
    assert sum("answered" in request for request in judged) == 2
    assert Fraction(2, 4) >= Fraction(target["low"])
    assert sum(request["received"] < date(2019, 7, 1) for request in asked) == 3
    assert sum("declined" in request for request in asked) == 1


def test_the_communication_strategy_stands_at_four_tenths() -> None:
    weights = {
        key: Fraction(item["weight"])
        for key, item in ITEMS.items()
        if item["kind"] == "milestone" and "LD3" in objectives(item)
    }
    reached = {
        entry["deliverable"]: Fraction(entry["share"])
        for entry in STARTER["reached"]
        if date.fromisoformat(entry["reached_on"]) <= TODAY
    }
    due = {key for key in weights if date.fromisoformat(ITEMS[key]["due"]) <= GRACE_ENDS}

    assert sum(weights.values()) == 1
    assert sum(weights[key] * share for key, share in reached.items()) == Fraction(4, 10)
    assert due == set(reached)


def test_six_tenths_of_the_resources_go_to_the_priorities() -> None:
    allocations = [
        event["data"]
        for event in STARTER["events"]
        if event["type"] == "org.wcoomd.strategy.resources.allocated.v1"
    ]
    latest = max(allocations, key=lambda data: data["revision"])
    counted = [latest["by_source"][source] for source in ("wco-budget", "voluntary")]
    (target,) = [t for t in STARTER["targets"] if t["indicator"] == f"{PLAN}:ORG2.1"]

    to_priorities = sum(Fraction(source["priorities"]) for source in counted)
    total = sum(Fraction(source["total"]) for source in counted)

    assert len(allocations) == 2
    assert (to_priorities, total) == (12_600_000, 21_000_000)
    assert Fraction(target["low"]) <= to_priorities / total <= Fraction(target["high"])
