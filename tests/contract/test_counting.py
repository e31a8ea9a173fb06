"""plan-api tells beforehand what the engine will count: by the same measures, with one answer."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from kpi_engine.domain.conditions import broken_way
from kpi_engine.domain.definitions import CountMeasure, MilestonesMeasure
from kpi_engine.handlers.compiling import compile_measure
from kpi_engine.handlers.fields import FieldSets
from plan_api.implementation.model import DateCertainty, Deliverable, DeliverablePlan, Purpose
from plan_api.implementation.service.announcing import planned_fields
from plan_api.implementation.service.counting import reaches
from shared_kit.events.definitions import Condition, Count, Said
from tests.support.page_data import the_plan

PLAN = the_plan()
DELIVERABLE = DeliverablePlan(
    key=f"{PLAN.plan}:D-1",
    plan=PLAN.plan,
    period="FY2019",
    title="Something",
    listed=True,
    kind="other",
    unit="CF",
    date_certainty=DateCertainty.NOT_GIVEN,
)
WHY = Said(en="why", fr="pourquoi")
CONDITIONS = [
    {"field": "purpose", "present": True},
    {"field": "purpose", "present": False},
    {"field": "weight", "at_least": "0.25"},
    {"field": "weight", "at_least": "2019-01-01"},
    {"field": "due", "at_least": "2019-10-01", "at_most": "2019-12-31"},
    {"field": "objectives", "not_only": ("ORG1", "ORG2")},
    {"field": "packages", "none_of": ("CEP",)},
    {"field": "listed", "any_of": ("true",)},
]


def things() -> list[DeliverablePlan]:
    """One of each kind and purpose, with tags and without."""
    tags: tuple[dict[str, Any], ...] = (
        {},
        {"packages": ("CEP",), "objectives": (f"{PLAN.plan}:SO3",), "uses_it": True},
        {"packages": ("ECP", "RP"), "objectives": (f"{PLAN.plan}:ORG2",), "data_analysis": True},
        {"compendium": True, "revenue_advice": True, "due": date(2019, 11, 30), "listed": False,
         "weight": Decimal("0.25"), "objectives": (f"{PLAN.plan}:LD3",)},
    )  # fmt: skip
    kinds = ("instrument", "compendium", "advice-or-decision", "research", "joint-operation",
             "workshop", "milestone", "other")  # fmt: skip
    return [
        replace(DELIVERABLE, kind=kind, purpose=purpose, **more)
        for kind, purpose, more in product(kinds, (None, Purpose.KNOWLEDGE), tags)
    ]


def counted_by_the_engine(planned: DeliverablePlan, indicator: object) -> bool:
    measure = compile_measure(indicator.measure, plan=PLAN.plan)  # type: ignore[attr-defined]
    assert isinstance(measure, CountMeasure | MilestonesMeasure)
    if isinstance(measure, MilestonesMeasure) and planned.kind != "milestone":
        return False
    fields = FieldSets(planned_fields(Deliverable(planned=planned)))
    return broken_way(ways=measure.ways, fields=fields) is None


def test_what_is_said_to_count_is_what_the_engine_counts() -> None:
    seen = set()
    for planned in things():
        for reach in reaches(planned, plan=PLAN):
            assert reach.counts == counted_by_the_engine(planned, reach.indicator), (
                reach.indicator.code, planned,
            )  # fmt: skip
            seen.add((reach.indicator.code, reach.counts))
    assert {(code, True) for code in ("SG", "SO3", "SP3.1", "SP6.2", "LD2.1", "LD3.1")} <= seen


@pytest.mark.parametrize("said", CONDITIONS, ids=str)
def test_every_sort_of_condition_means_the_same_on_both_sides(said: dict[str, object]) -> None:
    condition = Condition.model_validate({**said, "why": WHY})
    measure = Count(where=(condition,))
    indicator = PLAN.indicators[0].model_copy(update={"measure": measure})
    plan = PLAN.model_copy(update={"indicators": (indicator,)})
    answers = set()
    for planned in things():
        (reach,) = reaches(planned, plan=plan)
        assert reach.counts == counted_by_the_engine(planned, indicator), planned
        answers.add(reach.counts)
    assert answers == {True, False} or said["field"] == "weight"
