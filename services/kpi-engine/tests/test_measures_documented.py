"""Every example of docs/measures.md is executed: conditions, aggregates, and what is refused."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kpi_engine.handlers.compiling import compile_plans, measure_keys
from kpi_engine.handlers.fanout import FanOut
from shared_kit.events.base import Event
from shared_kit.events.definitions import PlanSnapshot
from shared_kit.events.plan_file import read_plan_file
from shared_kit.events.plans import PlanPublished
from shared_kit.events.registry import EVENTS
from tests.support.engine_lab import Lab, sent

DOCS = Path(__file__).parents[3] / "docs"
TEXT = (DOCS / "measures.md").read_text("utf-8")
RIVERS = json.loads((DOCS / "examples/rivers-2019-2022.json").read_text("utf-8"))
PLAN = "rivers-2019-2022"
WHY = {"en": "It is left out", "fr": "Ce fait est écarté"}
CLASSES = {event.name: event for event in EVENTS.values()}
KINDS = {"count": "planned", "distinct": "planned", "milestones": "milestones"}
KEYS = {"deliverable", "action"}
SECTIONS = re.findall(
    r"^### ([^\n]+)\n.*?```json\n(.*?)```.*?```text\n(.*?)```"
    r"\s+Gives ([0-9.]+)(?: of ([0-9.]+))?\.$",
    TEXT,
    re.MULTILINE | re.DOTALL,
)


def rows_of(heading: str) -> list[list[str]]:
    """The rows of the last table below a heading, without the ticks of code."""
    part = TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    tables = re.findall(r"(?:^\|.*\n)+", part, re.MULTILINE)
    lines = tables[-1].strip().splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def code(cell: str) -> Any:
    return json.loads(cell.strip("` "))


CONDITIONS = rows_of("Conditions")
FAULTS = rows_of("What is refused")


def with_reasons(measure: Any) -> Any:
    """A measure as a plan file has it: each condition says why."""
    if measure is None:
        return None
    made = json.loads(json.dumps(measure))
    for name in ("where", "also_where", "released"):
        for condition in made.get(name, ()):
            condition["why"] = WHY
    return made


def a_plan(measure: Any, *, plan: str = PLAN) -> dict[str, Any]:
    """The rivers' plan with one indicator of that measure, called X."""
    aggregate = "" if measure is None else measure["aggregate"]
    found: dict[str, Any] = json.loads(json.dumps(RIVERS))
    indicator = found["indicators"][0]
    indicator |= {"code": "X", "measure": with_reasons(measure), "tolerance": {
        "on_track": "0.9", "at_risk": "0.7",
    }}  # fmt: skip
    indicator["kind"] = "stated" if measure is None else KINDS.get(aggregate, "observed")
    return found | {"plan": plan, "indicators": [indicator]}


def a_fact(name: str, said: Mapping[str, Any], *, plan: str = PLAN) -> Event:
    """A fact that says this, and else what its contract demands."""
    item = {
        "title": "Item", "period": "FY2019", "listed": True, "kind": "guide", "unit": "RIV",
        "date_certainty": "stated",
    }  # fmt: skip
    defaults: dict[str, dict[str, Any]] = {
        "deliverable.released": {
            "deliverable": "D-1", "released_on": "2019-09-02", "stage": "done", **item,
        },
        "milestone.reached": item,
        "implementation-plan.adopted": {
            "plan": plan, "period": "FY2019", "revision": 1, "adopted_on": "2019-04-01",
        },
        "effort.recorded": {"plan": plan},
        "figure.stated": {"indicator": f"{plan}:X", "period": "FY2019"},
    }  # fmt: skip
    data = {**defaults.get(name, {}), **said}
    data = _keyed(data, plan)
    if "deliverables" in data:
        data["deliverables"] = [_keyed({**item, **one}, plan) for one in data["deliverables"]]
    return CLASSES[name].model_validate_json(json.dumps(data))


def _keyed(data: Mapping[str, Any], plan: str) -> dict[str, Any]:
    """Codes of the plan become keys, as plan-api makes them."""

    def key(value: str) -> str:
        return value if ":" in value else f"{plan}:{value}"

    found = {name: key(value) if name in KEYS else value for name, value in data.items()}
    for name in ("objectives", "priorities"):
        if name in found:
            found[name] = [key(value) for value in found[name]]
    return found


def counts(condition: Any, fields: Mapping[str, Any]) -> bool:
    """Whether a release with these fields counts by a measure with one condition."""
    file = read_plan_file(json.dumps(a_plan({"aggregate": "count", "where": [condition]})).encode())
    assert file.findings == []
    ids = {key: number for number, key in enumerate(measure_keys([file.snapshot]))}
    fan_out = FanOut(compile_plans([file.snapshot], ids=ids))
    [measure] = [number for number, name in fan_out.indicators.items() if name == f"{PLAN}:X"]
    drafts = fan_out.drafts(a_fact("deliverable.released", fields))
    return any(measure in draft.measures for draft in drafts)


@pytest.mark.parametrize("row", CONDITIONS, ids=[row[0] for row in CONDITIONS])
def test_a_condition_counts_what_it_says_and_leaves_out_the_rest(row: Sequence[str]) -> None:
    condition, kept, left_out = map(code, row)

    assert counts(condition, kept)
    assert not counts(condition, left_out)


@pytest.mark.parametrize("row", FAULTS, ids=[row[0] for row in FAULTS])
def test_a_fault_is_refused_with_its_place_and_reason(row: Sequence[str]) -> None:
    measure, place, reason = code(row[0]), row[1].strip("`"), row[2]

    findings = read_plan_file(json.dumps(a_plan(measure)).encode()).findings

    assert [(one.pointer, one.en) for one in findings] == [
        (f"/indicators/0/measure{place}", reason)
    ]
    assert findings[0].fr != findings[0].en


def test_there_is_an_example_of_each_aggregate_and_each_way_to_compare() -> None:
    aggregates = {(json.loads(found[1]) or {}).get("aggregate") for found in SECTIONS}
    compared = {name for row in CONDITIONS for name in code(row[0])} - {"field"}

    assert aggregates == {
        "count", "distinct", "distinct-over-interval", "attended", "latest-sum", "milestones", None,
    }  # fmt: skip
    assert compared == {"any_of", "none_of", "not_only", "present", "at_least", "at_most"}
    assert len(FAULTS) >= 20


async def test_each_aggregate_gives_what_the_page_says(lab: Lab) -> None:
    lab.clock.move_to(datetime(2020, 2, 3, 8, tzinfo=UTC))
    expected = {}
    for number, (_, measure, lines, numerator, denominator) in enumerate(SECTIONS):
        plan = f"rivers-{number}"
        file = read_plan_file(json.dumps(a_plan(json.loads(measure), plan=plan)).encode())
        assert file.findings == []
        snapshot: PlanSnapshot = file.snapshot
        facts = []
        for nth, line in enumerate(lines.strip().splitlines()):
            name, said = line.split(" ", 1)
            said = re.sub(r'"([EQR]-\d)"', rf'"\1-{number}"', said)
            at = datetime(2019, 12, 1, tzinfo=UTC) + timedelta(hours=nth)
            fact = a_fact(name, json.loads(said), plan=plan)
            facts.append(sent(fact, id=f"{plan}-{nth}", time=at))
        await lab.feed(sent(PlanPublished(snapshot=snapshot), id=plan), *facts)
        expected[f"{plan}:X"] = (numerator, denominator or None)
    await lab.judge()

    found = await lab.figures()
    for key, (numerator, denominator) in expected.items():
        result = found[key, "FY2019"]
        assert format(result.numerator or 0, "f") == numerator, key
        if denominator is not None:
            assert format(result.denominator or 0, "f") == denominator, key
    assert await lab.parked() == []
