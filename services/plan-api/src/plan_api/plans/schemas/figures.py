"""Bodies of estimates and targets."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from plan_api.core.bodies import Body, Read
from plan_api.plans.model import Estimate, Point, Target
from plan_api.plans.repository import Revised
from shared_kit.web.types import Code, Count, Day, DecimalString, Text


class PointBody(Body):
    on: Day
    value: Count


class EstimateCreate(Body):
    """The planned figure of an indicator for a period."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "period": "FY2019",
                    "value": 61,
                    "points": [
                        {"on": "2019-12-31", "value": 30},
                        {"on": "2020-06-30", "value": 61},
                    ],
                    "reason": "Implementation Plan 2019/20",
                }
            ]
        }
    )

    period: Code
    value: Count
    points: Annotated[list[PointBody], Field(min_length=1, max_length=100)] | None = None
    reason: Text | None = None

    def estimate(self, *, indicator: str) -> Estimate:
        points = self.points
        return Estimate(
            indicator=indicator,
            period=self.period,
            value=self.value,
            points=None
            if points is None
            else tuple(Point(on=point.on, value=point.value) for point in points),
            reason=self.reason,
        )


class EstimateRead(Read):
    indicator: str
    period: str
    revision: int
    value: int
    points: list[PointBody] | None
    reason: str | None
    stated_at: datetime
    stated_by: str

    @classmethod
    def of(cls, revised: Revised[Estimate]) -> "EstimateRead":
        estimate = revised.figure
        points = estimate.points
        return cls(
            indicator=estimate.indicator,
            period=estimate.period,
            revision=revised.revision,
            value=estimate.value,
            points=None
            if points is None
            else [PointBody(on=point.on, value=point.value) for point in points],
            reason=estimate.reason,
            stated_at=revised.at,
            stated_by=revised.by,
        )


class EstimatesRead(Read):
    """All revisions, by period, oldest first: the first stays beside what replaced it."""

    items: list[EstimateRead]


class TargetCreate(Body):
    """The approved level (`low` alone) or range of an indicator for a period."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "period": "FY2019",
                    "low": "0.60",
                    "high": "0.80",
                    "reason": "Approved by the Council",
                }
            ]
        }
    )

    period: Code
    low: DecimalString
    high: DecimalString | None = None
    reason: Text | None = None

    def target(self, *, indicator: str) -> Target:
        return Target(
            indicator=indicator,
            period=self.period,
            low=self.low,
            high=self.high,
            reason=self.reason,
        )


class TargetRead(Read):
    indicator: str
    period: str
    revision: int
    low: DecimalString
    high: DecimalString | None
    reason: str | None
    set_at: datetime
    set_by: str

    @classmethod
    def of(cls, revised: Revised[Target]) -> "TargetRead":
        target = revised.figure
        return cls(
            indicator=target.indicator,
            period=target.period,
            revision=revised.revision,
            low=target.low,
            high=target.high,
            reason=target.reason,
            set_at=revised.at,
            set_by=revised.by,
        )


class TargetsRead(Read):
    """All revisions, by period, oldest first."""

    items: list[TargetRead]
