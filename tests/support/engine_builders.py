"""Events with business names, for tests of the engine."""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from shared_kit.events.base import DateCertainty
from shared_kit.events.definitions import PlanSnapshot
from shared_kit.events.plans import ImplementationPlanAdopted, PlanPublished
from shared_kit.events.work import (
    DeliverableReleased,
    MilestoneReached,
    PlannedFields,
    Stage,
)

PLAN = "wco-2019-2022"


@cache
def the_snapshot() -> PlanSnapshot:
    """The plan 2019-2022 that comes with plan-api, as a first version: tests publish later ones."""
    raw = files("plan_api.plans").joinpath("data/wco-2019-2022.json").read_bytes()
    return PlanSnapshot.model_validate_json(raw).model_copy(update={"version": 1})


def the_plan(**changes: Any) -> PlanPublished:
    return PlanPublished(snapshot=the_snapshot().model_copy(update=changes))


def key(code: str) -> str:
    return f"{PLAN}:{code}"


def an_item(
    number: int | str,
    *,
    due: date | None = None,
    kind: str = "instrument",
    objectives: Sequence[str] = ("SO1",),
    period: str = "FY2019",
    listed: bool = True,
    packages: Sequence[str] = (),
    weight: str | None = None,
    **rest: Any,
) -> dict[str, Any]:
    """The planned fields of a Deliverable."""
    return {
        "deliverable": key(f"D-{number}"),
        "title": f"Item {number}",
        "period": period,
        "listed": listed,
        "kind": kind,
        "objectives": tuple(key(code) for code in objectives),
        "unit": "CAP",
        "due": due,
        "date_certainty": DateCertainty.STATED if due else DateCertainty.NOT_GIVEN,
        "packages": tuple(packages),
        "weight": None if weight is None else Decimal(weight),
        **rest,
    }


def adopted(
    *items: dict[str, Any],
    period: str = "FY2019",
    revision: int = 1,
    on: date = date(2019, 7, 1),
) -> ImplementationPlanAdopted:
    return ImplementationPlanAdopted(
        plan=PLAN,
        period=period,
        revision=revision,
        adopted_on=on,
        deliverables=tuple(PlannedFields(**item) for item in items),
    )


def released(
    item: dict[str, Any], on: date, *, stage: Stage = Stage.PUBLISHED
) -> DeliverableReleased:
    return DeliverableReleased(**item, released_on=on, stage=stage)


def reached(item: dict[str, Any], share: str, on: date) -> MilestoneReached:
    return MilestoneReached(**item, share=Decimal(share), reached_on=on)


def these(*values: object) -> tuple[object, ...]:
    """Figures to be compared with plain numbers, whatever their types."""
    return values


def as_json(value: Any) -> Any:
    return json.loads(value)
