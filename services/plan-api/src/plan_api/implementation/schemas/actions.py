"""Bodies of Actions and yearly Implementation Plans."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from plan_api.core.bodies import Body, Read
from plan_api.implementation.model import (
    Action,
    ActionPlan,
    ActionState,
    DateCertainty,
    PriorityShare,
)
from plan_api.implementation.repository import Adoption
from shared_kit.web.types import (
    AmountString,
    Code,
    Day,
    DecimalString,
    Flag,
    KeyText,
    Line,
    Text,
)

Keys = Annotated[list[KeyText], Field(max_length=50)]


Codes = Annotated[list[Code], Field(max_length=50)]


class ShareBody(Body):
    priority: KeyText
    share: AmountString = Field(description="Above 0; the shares of an Action add to 1.")


class ActionCreate(Body):
    """An Action of a yearly Implementation Plan."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "key": "wco-2019-2022:A-017",
                    "plan": "wco-2019-2022",
                    "title": "Guidelines on risk profiles",
                    "title_fr": "Directives sur les profils de risque",
                    "period": "FY2019",
                    "lead": "CF",
                    "contributors": ["CB"],
                    "objectives": ["wco-2019-2022:SO3"],
                    "priorities": [{"priority": "wco-2019-2022:PRI-5", "share": "1"}],
                    "start": "2019-09-01",
                    "end": "2020-03-31",
                    "date_certainty": "stated",
                }
            ]
        }
    )

    key: KeyText
    plan: Code
    title: Line
    title_fr: Line | None = None
    period: Code
    lead: Code
    contributors: Codes = Field(default_factory=list)
    objectives: Keys = Field(default_factory=list)
    priorities: list[ShareBody] = Field(default_factory=list, max_length=20)
    start: Day | None = None
    end: Day | None = None
    date_certainty: DateCertainty
    synthetic: Flag = False
    source_note: Text | None = None

    def planned(self) -> ActionPlan:
        return ActionPlan(
            key=self.key,
            plan=self.plan,
            period=self.period,
            title=self.title,
            title_fr=self.title_fr,
            lead=self.lead,
            contributors=tuple(self.contributors),
            objectives=tuple(self.objectives),
            priorities=tuple(
                PriorityShare(priority=one.priority, share=one.share) for one in self.priorities
            ),
            start=self.start,
            end=self.end,
            date_certainty=self.date_certainty,
            synthetic=self.synthetic,
            source_note=self.source_note,
        )


class OnBody(Body):
    """The day on which it happened."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"on": "2020-01-31"}]})

    on: Day


class ShareRead(Read):
    priority: str
    share: DecimalString


class ActionRead(Read):
    key: str
    plan: str
    period: str
    title: str
    title_fr: str | None
    lead: str
    contributors: list[str]
    objectives: list[str]
    priorities: list[ShareRead]
    start: date | None
    end: date | None
    date_certainty: DateCertainty
    state: ActionState
    started_on: date | None
    completed_on: date | None
    cancelled_on: date | None
    synthetic: bool
    source_note: str | None
    version: int

    @classmethod
    def of(cls, action: Action) -> "ActionRead":
        planned = action.planned
        return cls(
            key=planned.key,
            plan=planned.plan,
            period=planned.period,
            title=planned.title,
            title_fr=planned.title_fr,
            lead=planned.lead,
            contributors=list(planned.contributors),
            objectives=list(planned.objectives),
            priorities=[
                ShareRead(priority=one.priority, share=one.share) for one in planned.priorities
            ],
            start=planned.start,
            end=planned.end,
            date_certainty=planned.date_certainty,
            state=action.state,
            started_on=action.started_on,
            completed_on=action.completed_on,
            cancelled_on=action.cancelled_on,
            synthetic=planned.synthetic,
            source_note=planned.source_note,
            version=action.version,
        )


class AdoptBody(Body):
    """When the plan was adopted; today unless it says otherwise."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}, {"adopted_on": "2019-07-01"}]})

    adopted_on: Day | None = None


class AdoptionRead(Read):
    revision: int
    adopted_on: date
    adopted_at: datetime
    adopted_by: str


class ShortfallRead(Read):
    """An indicator whose estimate for the year the listed Deliverables do not fit."""

    indicator: str
    message: str = Field(
        description="What the estimate says, what counts, and what a Deliverable needs to count."
    )
    near: list[str] = Field(
        description="Keys of Deliverables that one field keeps out; the first five."
    )


class ImplementationPlanRead(Read):
    """A year's plan: what is adopted, and what waits for the next adoption."""

    plan: str
    period: str
    label: str
    adoption: AdoptionRead | None
    adopted: list[str] = Field(description="Keys of the adopted Deliverables.")
    waiting: list[str] = Field(description="Keys of those listed since.")
    shortfalls: list[ShortfallRead] = Field(
        description="Estimates that no listed Deliverable serves, that some miss by one field, or "
        "that less is planned by than is listed: mend them before the adoption."
    )

    @classmethod
    def of(
        cls,
        *,
        plan: str,
        period: str,
        label: str,
        adoption: Adoption | None,
        adopted: Sequence[str],
        waiting: Sequence[str],
        shortfalls: Sequence[ShortfallRead],
    ) -> "ImplementationPlanRead":
        return cls(
            plan=plan,
            period=period,
            label=label,
            adoption=None
            if adoption is None
            else AdoptionRead(
                revision=adoption.revision,
                adopted_on=adoption.adopted_on,
                adopted_at=adoption.adopted_at,
                adopted_by=adoption.adopted_by,
            ),
            adopted=list(adopted),
            waiting=list(waiting),
            shortfalls=list(shortfalls),
        )
