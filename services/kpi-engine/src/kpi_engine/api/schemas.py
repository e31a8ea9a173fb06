"""Answers of the engine's API; figures are decimal strings, as in `indicator.judged`."""

from datetime import date, datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared_kit.events.results import (
    Forecast,
    JudgedPair,
    NoForecast,
    OverdueItem,
    Pace,
    Status,
    StatusReason,
    TargetRange,
)
from shared_kit.web.types import DecimalString

EXAMPLE_RESULT: dict[str, Any] = {
    "key": "wco-2019-2022:SG",
    "plan": "wco-2019-2022",
    "owner_unit": "SGO",
    "period": "FY2019",
    "judged_on": "2020-02-03",
    "judged_at": "2020-02-03T08:00:00Z",
    "revision": 7,
    "daily": True,
    "restated": False,
    "definition_version": 1,
    "kind": "planned",
    "numerator": "23",
    "denominator": "61",
    "estimate": "61",
    "first_estimate": "61",
    "unplanned": 2,
    "judged": None,
    "ratio": "0.377049",
    "target": None,
    "expected": "38",
    "expected_lagged": "32",
    "attainment": "0.769231",
    "due": "26",
    "due_done": "20",
    "window_due": "20",
    "window_due_done": "15",
    "due_by": "2020-01-04",
    "overdue": [
        {
            "key": "wco-2019-2022:D-004-1",
            "title": "Guide on transit guarantees",
            "title_fr": "Guide sur les garanties de transit",
            "due": "2019-11-30",
            "days": 65,
        }
    ],
    "status": "at-risk",
    "reason": None,
    "forecast": {"low": 46, "likely": 51, "high": 55, "method": "plan"},
    "no_forecast": None,
    "pace": {
        "missing": "38",
        "days_left": 148,
        "needed": "7.702703",
        "recent": "4.666667",
        "recent_days": 90,
    },
    "last_fact_at": "2020-02-02T09:00:00Z",
    "next_fact_by": None,
    "visibility": "members",
    "period_end": "2020-06-30",
    "closes_on": "2020-07-30",
}


class ResultRead(BaseModel):
    """A judgement. Status and attainment are our calculation, not part of the Plan."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_RESULT]})

    key: str
    plan: str
    owner_unit: str | None
    period: str
    judged_on: date
    judged_at: AwareDatetime
    revision: int
    daily: bool = Field(description="Made because a business day began.")
    restated: bool = Field(
        default=False,
        description="What was known before changed: a fact was retracted or replaced.",
    )
    definition_version: int
    kind: str
    numerator: DecimalString | None
    denominator: DecimalString | None
    estimate: DecimalString | None
    first_estimate: DecimalString | None
    unplanned: int | None
    judged: JudgedPair | None
    ratio: DecimalString | None
    target: TargetRange | None
    expected: DecimalString | None
    expected_lagged: DecimalString | None
    attainment: DecimalString | None
    due: DecimalString | None
    due_done: DecimalString | None
    window_due: DecimalString | None
    window_due_done: DecimalString | None
    due_by: date | None
    overdue: tuple[OverdueItem, ...]
    status: Status
    reason: StatusReason | None
    forecast: Forecast | None = Field(
        default=None, description="Indicative; null with a reason in `no_forecast`."
    )
    no_forecast: NoForecast | None = None
    pace: Pace | None = Field(default=None, description="Null where nothing is missing.")
    last_fact_at: AwareDatetime | None
    next_fact_by: date | None = Field(
        default=None, description="Null where the plan does not say how often facts are expected."
    )
    visibility: str
    period_end: date
    closes_on: date


class ScorecardRead(BaseModel):
    """All indicators of a plan for a period, as last judged."""

    plan: str
    period: str
    label: str
    as_known_on: datetime = Field(description="The reading's as_of; else when it was read.")
    judged_on: date | None
    last_fact_at: datetime | None
    items: list[ResultRead]


class ResultsRead(BaseModel):
    items: list[ResultRead]
