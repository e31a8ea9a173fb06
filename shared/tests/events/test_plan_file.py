"""A plan file is looked through: every fault is named by its place and its reason."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared_kit.events.plan_file import PlanFileError, read_plan_file

ROOT = Path(__file__).parents[3]
RIVERS = json.loads((ROOT / "docs/examples/rivers-2019-2022.json").read_text("utf-8"))
PACKAGED = ROOT / "services/plan-api/src/plan_api/plans/data/wco-2019-2022.json"

Change = Callable[[dict[str, Any]], None]


def found(change: Change) -> list[tuple[str, str]]:
    """Places and kinds of what is wrong after a change."""
    plan = copy.deepcopy(RIVERS)
    change(plan)
    return [(one.pointer, one.code) for one in read_plan_file(json.dumps(plan).encode()).findings]


def put(*path: str | int, value: object) -> Change:
    def change(plan: Any) -> None:
        for step in path[:-1]:
            plan = plan[step]
        plan[path[-1]] = value

    return change


def add(*path: str | int, value: object) -> Change:
    def change(plan: Any) -> None:
        for step in path:
            plan = plan[step]
        plan.append(value)

    return change


@pytest.mark.parametrize("path", [PACKAGED, *sorted((ROOT / "docs/examples").glob("*.json"))])
def test_the_plans_that_come_with_it_are_clean(path: Path) -> None:
    assert read_plan_file(path.read_bytes()).findings == []


COUNT = ("indicators", 0, "measure")
SUM = ("indicators", 3, "measure")
_WHY = {"en": "x", "fr": "x"}

FAULTS: dict[str, tuple[Change, str, str]] = {
    "misspelt field": (put("missionn", value="x"), "/missionn", "unknown-field"),
    "misspelt field deep inside": (
        put("indicators", 1, "measure", "were", value=[]),
        "/indicators/1/measure/were",
        "unknown-field",
    ),
    "code twice": (
        put("objectives", 2, "code", value="CLEAN"),
        "/objectives/2/code",
        "duplicate-code",
    ),
    "kind twice": (
        add("deliverable_kinds", value="guide"),
        "/deliverable_kinds/2",
        "duplicate-code",
    ),
    "no such perspective": (
        put("objectives", 0, "perspective", value="TOP"),
        "/objectives/0/perspective",
        "unknown-code",
    ),
    "no such group": (
        put("objectives", 0, "group", value="AIR"),
        "/objectives/0/group",
        "unknown-code",
    ),
    "no such parent": (
        put("objectives", 2, "parent", value="AIR"),
        "/objectives/2/parent",
        "unknown-code",
    ),
    "below itself": (
        put("objectives", 1, "parent", value="CLEAN-1"),
        "/objectives/1/parent",
        "circle",
    ),
    "link to nowhere": (
        put("links", 0, "causes", value=["AIR"]),
        "/links/0/causes/0",
        "unknown-code",
    ),
    "no such objective": (
        put("indicators", 0, "objective", value="AIR"),
        "/indicators/0/objective",
        "unknown-code",
    ),
    "tolerances in the wrong order": (
        put("indicators", 0, "tolerance", value={"on_track": "0.7", "at_risk": "0.8"}),
        "/indicators/0/tolerance/at_risk",
        "tolerance-order",
    ),
    "tolerance above one": (
        put("indicators", 0, "tolerance", "on_track", value="1.1"),
        "/indicators/0/tolerance/on_track",
        "tolerance-range",
    ),
    "tolerance of nothing": (
        put("indicators", 0, "tolerance", "at_risk", value="0"),
        "/indicators/0/tolerance/at_risk",
        "tolerance-range",
    ),
    "planned without a measure": (
        put(*COUNT, value=None),
        "/indicators/0/measure",
        "no-measure",
    ),
    "stated with a measure": (
        put("indicators", 2, "measure", value={"aggregate": "count"}),
        "/indicators/2/measure",
        "wrong-measure",
    ),
    "observed by a count": (
        put("indicators", 0, "kind", value="observed"),
        "/indicators/0/measure/aggregate",
        "wrong-measure",
    ),
    "no such event": (
        put(*COUNT, "facts", value=["boat.sunk"]),
        "/indicators/0/measure/facts/0",
        "unknown-event",
    ),
    "an event with a meaning of its own": (
        put(*COUNT, "facts", value=["figure.stated"]),
        "/indicators/0/measure/facts/0",
        "unknown-event",
    ),
    "the engine's own event": (
        put(*COUNT, "facts", value=["indicator.judged"]),
        "/indicators/0/measure/facts/0",
        "unknown-event",
    ),
    "an event without a date": (
        put(*COUNT, "facts", value=["invitation.attended"]),
        "/indicators/0/measure/facts/0",
        "no-date",
    ),
    "no such field": (
        put(*COUNT, "where", 0, "field", value="colour"),
        "/indicators/0/measure/where/0/field",
        "unknown-field",
    ),
    "a kind that nobody has": (
        put(*COUNT, "where", 0, "any_of", value=["song"]),
        "/indicators/0/measure/where/0/any_of/0",
        "unknown-code",
    ),
    "a stage that there is not": (
        put("indicators", 1, "measure", "released", 0, "any_of", value=["sung"]),
        "/indicators/1/measure/released/0/any_of/0",
        "unknown-code",
    ),
    "a flag that is neither": (
        add(*COUNT, "where", value={"field": "uses_it", "any_of": ["yes"], "why": _WHY}),
        "/indicators/0/measure/where/1/any_of/0",
        "unknown-code",
    ),
    "a condition on nothing": (
        put(*COUNT, "where", 0, "any_of", value=[]),
        "/indicators/0/measure/where/0",
        "empty",
    ),
    "a priority of another plan": (
        put("indicators", 1, "measure", "where", 1, "any_of", value=["PRI-1"]),
        "/indicators/1/measure/where/1/any_of/0",
        "unknown-code",
    ),
    "a sum of no amount": (
        put(*SUM, "numerator", value=["unit"]),
        "/indicators/3/measure/numerator/0",
        "unknown-field",
    ),
    "a group by no field": (
        put(*SUM, "per", value=["colour"]),
        "/indicators/3/measure/per/0",
        "unknown-field",
    ),
    "no such topic": (
        put(*SUM, value={"aggregate": "distinct-over-interval", "topics": ["BOATS"]}),
        "/indicators/3/measure/topics/0",
        "unknown-code",
    ),
    "no such pair": (
        put(
            *COUNT,
            value={
                "aggregate": "distinct",
                "facts": ["instrument.implemented"],
                "item": "instrument",
                "pair": "crew",
            },
        ),
        "/indicators/0/measure/pair",
        "unknown-field",
    ),
    "a cycle that ends before it begins": (
        put("cycle", "end", value="2019-03-31"),
        "/cycle/end",
        "period-order",
    ),
    "a cycle of a century": (
        put("cycle", "end", value="2119-03-31"),
        "/cycle/end",
        "period-length",
    ),
    "in force after its end": (
        put("effective_on", value="2022-04-01"),
        "/effective_on",
        "period-order",
    ),
    "a cycle called as one of its years": (
        put("cycle", "code", value="FY2020"),
        "/cycle/code",
        "duplicate-code",
    ),
    "no such time zone": (
        put("cycle", "timezone", value="Mars/Olympus"),
        "/cycle/timezone",
        "unknown-timezone",
    ),
    "a time zone that leads out of the folder": (
        put("cycle", "timezone", value="../../etc/passwd"),
        "/cycle/timezone",
        "unknown-timezone",
    ),
    "a holiday twice": (
        add("cycle", "holidays", value="2020-01-01"),
        "/cycle/holidays/4",
        "duplicate-code",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_at_its_place(name: str) -> None:
    change, pointer, code = FAULTS[name]

    assert (pointer, code) in found(change)


def test_every_finding_is_said_in_both_languages() -> None:
    for change, _, _ in FAULTS.values():
        plan = copy.deepcopy(RIVERS)
        change(plan)
        for one in read_plan_file(json.dumps(plan).encode()).findings:
            assert one.en != one.fr
            assert one.fr


def test_amounts_below_a_name_can_be_added_up() -> None:
    budget = {
        "aggregate": "latest-sum",
        "facts": ["resources.allocated"],
        "per": ["plan"],
        "latest_by": "revision",
        "numerator": ["by_source.wco-budget.priorities"],
        "denominator": ["by_source.wco-budget.total"],
    }

    assert found(put(*SUM, value=budget)) == []
    budget["numerator"] = ["by_source.lottery.total"]
    assert found(put(*SUM, value=budget)) == [
        ("/indicators/3/measure/numerator/0", "unknown-field")
    ]


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[" * 100_000, b"[]", b'{"plan": 1}'])
def test_what_is_no_plan_is_said_to_be_none(text: bytes) -> None:
    with pytest.raises(PlanFileError):
        read_plan_file(text)
