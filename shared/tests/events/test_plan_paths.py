"""A declared path that cannot be judged by is found at its place, with the reason."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from shared_kit.events.plan_file import PlanFileError, read_plan_file

EXAMPLES = Path(__file__).parents[3] / "docs/examples"
HARBOUR = json.loads((EXAMPLES / "harbour-2019-2022.json").read_text("utf-8"))
RIVERS = json.loads((EXAMPLES / "rivers-2019-2022.json").read_text("utf-8"))
RISES, FALLS, ZERO, KEPT = 0, 1, 3, 5
UNIT = {"en": "km", "fr": "km"}


def found(number: int, *, plan: Any = HARBOUR, **changes: Any) -> list[tuple[str, str]]:
    """What is wrong after some fields of a path are changed; None takes one away."""
    plan = copy.deepcopy(plan)
    path = plan["indicators"][number]["path"]
    for name, value in changes.items():
        if value is None:
            path.pop(name)
        else:
            path[name] = value
    findings = read_plan_file(json.dumps(plan).encode()).findings
    place = f"/indicators/{number}/path"
    return [(one.pointer.removeprefix(place), one.code) for one in findings]


def at(on: str, value: str) -> dict[str, str]:
    return {"on": on, "value": value}


@pytest.mark.parametrize(
    ("number", "changes", "findings"),
    [
        (RISES, {"points": [at("2020-03-31", "62.000001")]}, []),
        (RISES, {"points": [at("2020-03-31", "62")]}, [("/points/0/value", "no-way")]),
        (RISES, {"points": [at("2020-03-31", "61.9")]}, [("/points/0/value", "wrong-direction")]),
        (FALLS, {"points": [at("2020-03-31", "40.1")]}, [("/points/0/value", "wrong-direction")]),
        (RISES, {"points": []}, []),
        (RISES, {"baseline": at("2020-03-30", "62")}, []),
        (RISES, {"baseline": at("2020-03-31", "62")}, [("/points/0/on", "period-order")]),
        (
            RISES,
            {"baseline": at("2022-04-01", "62"), "points": []},
            [("/baseline/on", "period-order")],
        ),
        (RISES, {"points": [at("2022-03-31", "70")]}, []),
        (RISES, {"points": [at("2022-04-01", "70")]}, [("/points/0/on", "period-order")]),
        (
            RISES,
            {"points": [at("2021-03-31", "70"), at("2021-03-31", "80")]},
            [("/points/1/on", "period-order")],
        ),
        (RISES, {"low": "1"}, [("/low", "not-used")]),
        (ZERO, {"margin": None}, [("/margin", "no-margin")]),
        (ZERO, {"margin": "0"}, [("/margin", "range-order")]),
        (ZERO, {"margin": None, "points": [at("2020-03-31", "0.1")]}, []),
        (KEPT, {"low": None}, []),
        (KEPT, {"low": None, "high": None}, [("", "empty")]),
        (KEPT, {"low": "22"}, []),
        (KEPT, {"low": "22.1"}, [("/high", "range-order")]),
        (KEPT, {"low": "0"}, [("/margin", "no-margin")]),
        (KEPT, {"low": "-2", "margin": "4"}, []),
        (KEPT, {"points": [at("2020-03-31", "20")]}, [("/points", "not-used")]),
    ],
)
def test_a_fault_of_a_path_is_found_at_its_place(
    number: int, changes: dict[str, Any], findings: list[tuple[str, str]]
) -> None:
    assert found(number, **changes) == findings


def test_what_is_counted_has_neither_path_nor_unit() -> None:
    plan = copy.deepcopy(RIVERS)
    plan["indicators"][0] |= {"path": {"direction": "keep", "low": "1"}, "unit": UNIT}

    findings = read_plan_file(json.dumps(plan).encode()).findings

    assert [(one.pointer, one.code) for one in findings] == [
        ("/indicators/0/path", "wrong-kind"),
        ("/indicators/0/unit", "wrong-kind"),
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("direction", "sideways"),
        ("between", "curve"),
        ("baseline", at("2019-02-30", "1")),
        ("points", [at("2020-01-01", "one")]),
        ("points", [{"on": "2020-01-01", "value": 7}]),
        ("margin", "-1"),
    ],
)
def test_a_path_of_the_wrong_shape_is_refused_at_its_field(name: str, value: object) -> None:
    with pytest.raises(PlanFileError) as refused:
        found(RISES, **{name: value})

    assert refused.value.cause is not None
    places = [one["loc"] for one in refused.value.cause.errors()]
    assert all(place[:4] == ("indicators", RISES, "path", name) for place in places)


def test_what_is_found_is_said_in_both_languages() -> None:
    plan = copy.deepcopy(HARBOUR)
    plan["indicators"][RISES]["path"] |= {"low": "1", "points": [at("2010-01-01", "3")]}

    for one in read_plan_file(json.dumps(plan).encode()).findings:
        assert one.en != one.fr
        assert one.fr
