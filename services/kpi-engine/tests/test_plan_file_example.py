"""What docs/plan-file.md says of its example is what the engine calculates."""

import re
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from kpi_engine.domain.figures import Measured, StatedFigure, Statements
from kpi_engine.domain.judging import judge
from kpi_engine.handlers.compiling import compile_plans, measure_keys
from kpi_engine.handlers.results import amount
from shared_kit.events.plan_file import read_plan_file

DOCS = Path(__file__).parents[3] / "docs"
ROWS = re.findall(
    r"^\| ([A-Z]+\.\d) \| (\S+) \| (\S*) ?\| (\S+) \| (\S+) \|$",
    (DOCS / "plan-file.md").read_text("utf-8"),
    re.MULTILINE,
)


def test_the_table_has_an_example_of_each_kind() -> None:
    assert [row[0] for row in ROWS] == ["QUICK.1", "QUICK.2", "QUICK.3", "SAFE.1", "WATER.1"]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_row_of_the_example_is_as_calculated(row: tuple[str, ...]) -> None:
    code, stated, expected, attainment, status = row
    snapshot = read_plan_file((DOCS / "examples/harbour-2019-2022.json").read_bytes()).snapshot
    ids = {key: number for number, key in enumerate(measure_keys([snapshot]))}
    plan = compile_plans([snapshot], ids=ids)["harbour-2019-2022"]
    definition = plan.definition(key=f"{plan.code}:{code}", day=date(2020, 2, 3))
    assert definition is not None

    found = judge(
        definition=definition,
        period=plan.calendar.years[0],
        calendar=plan.calendar,
        as_of=date(2020, 2, 3),
        measured=Measured(),
        statements=Statements(
            figures={"FY2019": StatedFigure(numerator=Fraction(stated), denominator=None)}
        ),
    )

    shown = amount(found.expected_lagged)
    assert ("" if shown is None else format(shown, "f")) == expected
    assert format(amount(found.attainment) or 0, "f") == attainment
    assert found.status == status
