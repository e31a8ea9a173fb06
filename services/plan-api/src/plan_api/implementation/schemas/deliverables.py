"""Bodies of Deliverables."""

from datetime import date
from typing import Annotated

from pydantic import ConfigDict, Field

from plan_api.core.bodies import Body, Read
from plan_api.implementation.model import (
    DateCertainty,
    Deliverable,
    DeliverableDraft,
    DeliverableState,
    Purpose,
    Stage,
)
from shared_kit.web.types import (
    AmountString,
    Code,
    Day,
    DecimalString,
    Evidence,
    Flag,
    KeyText,
    Line,
    Text,
)

Keys = Annotated[list[KeyText], Field(max_length=50)]


Codes = Annotated[list[Code], Field(max_length=50)]


class DeliverableCreate(Body):
    """A Deliverable. What is left out comes from its Action or its instrument."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "deliverable": "wco-2019-2022:D-017-2",
                    "title": "Guidelines on risk profiles",
                    "title_fr": "Directives sur les profils de risque",
                    "action": "wco-2019-2022:A-017",
                    "plan": "wco-2019-2022",
                    "period": "FY2019",
                    "listed": True,
                    "kind": "instrument",
                    "unit": "CF",
                    "due": "2020-03-31",
                    "date_certainty": "stated",
                    "packages": ["CEP"],
                    "uses_it": True,
                    "data_analysis": True,
                }
            ]
        }
    )

    deliverable: KeyText = Field(description="Its key.")
    title: Line
    title_fr: Line | None = None
    action: KeyText | None = None
    plan: Code
    period: Code
    listed: Flag = Field(description="False: unplanned work, shown apart.")
    kind: Code
    objectives: Keys | None = Field(default=None, description="None or empty: the Action's.")
    priorities: Keys | None = Field(default=None, description="None or empty: the Action's.")
    unit: Code
    due: Day | None = None
    date_certainty: DateCertainty
    instrument: Code | None = None
    packages: Codes | None = Field(default=None, description="None: the instrument's.")
    uses_it: Flag | None = Field(default=None, description="None: the instrument's.")
    data_analysis: Flag | None = Field(default=None, description="None: the instrument's.")
    compendium: Flag | None = Field(default=None, description="None: the instrument's.")
    purpose: Purpose | None = None
    revenue_advice: Flag = False
    weight: AmountString | None = Field(default=None, description="Milestones only: 0 to 1.")
    synthetic: Flag = False
    source_note: Text | None = None

    def draft(self) -> DeliverableDraft:
        return DeliverableDraft(
            key=self.deliverable,
            plan=self.plan,
            period=self.period,
            title=self.title,
            title_fr=self.title_fr,
            action=self.action,
            listed=self.listed,
            kind=self.kind,
            objectives=_maybe(self.objectives),
            priorities=_maybe(self.priorities),
            unit=self.unit,
            due=self.due,
            date_certainty=self.date_certainty,
            instrument=self.instrument,
            packages=_maybe(self.packages),
            uses_it=self.uses_it,
            data_analysis=self.data_analysis,
            compendium=self.compendium,
            purpose=self.purpose,
            revenue_advice=self.revenue_advice,
            weight=self.weight,
            synthetic=self.synthetic,
            source_note=self.source_note,
        )


class ReleaseBody(Body):
    """How far the Deliverable is; a draft counts nowhere."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "released_on": "2020-01-31",
                    "stage": "published",
                    "evidence": "PC0587",
                    "body": "Permanent Technical Committee",
                }
            ]
        }
    )

    released_on: Day
    stage: Stage
    evidence: Evidence | None = Field(default=None, description="Document number or link.")
    body: Line | None = Field(default=None, description="The body that adopted it.")


class ReachBody(Body):
    """The level that a milestone has reached so far."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"share": "0.5", "reached_on": "2019-12-16", "evidence": "AC0012"}]
        }
    )

    share: DecimalString = Field(description="0 to 1; the latest by date counts.")
    reached_on: Day
    evidence: Evidence | None = None


class RescheduleBody(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"due": "2020-05-31"}]})

    due: Day


class CarryOverBody(Body):
    """The year in which it is to be adopted again, and when it is due there."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"period": "FY2020", "due": "2020-10-01"}]}
    )

    period: Code
    due: Day | None = Field(default=None, description="None: it keeps its first date.")


class CancelBody(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"cancelled_on": "2020-01-31"}]})

    cancelled_on: Day


class DeliverableRead(Read):
    deliverable: str
    plan: str
    period: str
    title: str
    title_fr: str | None
    action: str | None
    listed: bool
    kind: str
    objectives: list[str] = Field(description="Resolved: its own, else the Action's.")
    priorities: list[str]
    unit: str
    due: date | None = Field(description="The first date; it stays due then.")
    date_certainty: DateCertainty
    new_due: date | None = Field(description="Proposed; counts once `approved_by` says who.")
    approved_by: str | None
    current_due: date | None
    overdue: bool = Field(description="Past `current_due` today and unreleased.")
    instrument: str | None
    packages: list[str]
    uses_it: bool
    data_analysis: bool
    compendium: bool
    purpose: Purpose | None
    revenue_advice: bool
    weight: DecimalString | None
    state: DeliverableState
    stage: Stage | None
    released_on: date | None
    body: str | None
    share: DecimalString | None
    reached_on: date | None
    evidence: str | None
    cancelled_on: date | None
    carried_to: str | None = Field(description="The latest year that it was carried over into.")
    synthetic: bool
    source_note: str | None
    implicit: bool = Field(description="Stands for an Action adopted without Deliverables.")
    version: int

    @classmethod
    def of(cls, deliverable: Deliverable, *, today: date) -> "DeliverableRead":
        planned = deliverable.planned
        return cls(
            deliverable=planned.key,
            plan=planned.plan,
            period=planned.period,
            title=planned.title,
            title_fr=planned.title_fr,
            action=planned.action,
            listed=planned.listed,
            kind=planned.kind,
            objectives=list(planned.objectives),
            priorities=list(planned.priorities),
            unit=planned.unit,
            due=planned.due,
            date_certainty=planned.date_certainty,
            new_due=deliverable.new_due,
            approved_by=deliverable.approved_by,
            current_due=deliverable.current_due,
            overdue=deliverable.is_overdue(today),
            instrument=planned.instrument,
            packages=list(planned.packages),
            uses_it=planned.uses_it,
            data_analysis=planned.data_analysis,
            compendium=planned.compendium,
            purpose=planned.purpose,
            revenue_advice=planned.revenue_advice,
            weight=planned.weight,
            state=deliverable.state,
            stage=deliverable.stage,
            released_on=deliverable.released_on,
            body=deliverable.body,
            share=deliverable.share,
            reached_on=deliverable.reached_on,
            evidence=deliverable.evidence,
            cancelled_on=deliverable.cancelled_on,
            carried_to=deliverable.carried_to,
            synthetic=planned.synthetic,
            source_note=planned.source_note,
            implicit=planned.implicit,
            version=deliverable.version,
        )


def _maybe(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)
