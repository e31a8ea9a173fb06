"""Topic `work`: Actions, Deliverables and milestones, written by plan-api."""

from enum import StrEnum
from typing import ClassVar, Self

from pydantic import Field, model_validator

from shared_kit.events.base import (
    BrokenRuleError,
    BusinessDate,
    Code,
    DateCertainty,
    DecimalString,
    Event,
    Key,
    Line,
    Part,
    Text,
)


class Stage(StrEnum):
    """How far a released Deliverable is; a draft counts nowhere."""

    DRAFTED = "drafted"
    ADOPTED = "adopted"
    PUBLISHED = "published"
    DONE = "done"

    @property
    def counts(self) -> bool:
        return self is not Stage.DRAFTED


class Purpose(StrEnum):
    """What a mission, meeting, event or workshop is for."""

    KNOWLEDGE = "knowledge"
    SUPPORT = "support"
    GOVERNANCE = "governance"


class PriorityShare(Part):
    """An Action's share in a strategic priority; an Action's shares add to 1."""

    priority: Key
    share: DecimalString


class PlannedFields(Part):
    """All that a measure may filter on, resolved by plan-api, so that a fact stands alone."""

    deliverable: Key
    title: Line
    title_fr: Line | None = None
    action: Key | None = None
    period: Code
    listed: bool
    kind: Code
    objectives: tuple[Key, ...] = ()
    priorities: tuple[Key, ...] = ()
    unit: Code
    due: BusinessDate | None = None
    date_certainty: DateCertainty
    instrument: Code | None = None
    packages: tuple[Code, ...] = ()
    uses_it: bool = False
    data_analysis: bool = False
    compendium: bool = False
    purpose: Purpose | None = None
    revenue_advice: bool = False
    weight: DecimalString | None = None


class _ActionEvent(Event):
    topic: ClassVar[str] = "work"
    action: Key

    @property
    def subject(self) -> str:
        return self.action


class ActionPlanned(_ActionEvent):
    """An Action was entered, or its planned fields changed."""

    name: ClassVar[str] = "action.planned"
    title: Line
    title_fr: Line | None = None
    period: Code
    lead: Code
    contributors: tuple[Code, ...] = ()
    objectives: tuple[Key, ...] = ()
    priorities: tuple[PriorityShare, ...] = ()
    start: BusinessDate | None = None
    end: BusinessDate | None = None
    date_certainty: DateCertainty


class ActionStarted(_ActionEvent):
    """Work on an Action began."""

    name: ClassVar[str] = "action.started"
    on: BusinessDate


class ActionCompleted(_ActionEvent):
    """An Action ended with all its Deliverables released or cancelled."""

    name: ClassVar[str] = "action.completed"
    on: BusinessDate


class ActionCancelled(_ActionEvent):
    """An Action was given up; its Deliverables stay due unless cancelled themselves."""

    name: ClassVar[str] = "action.cancelled"
    on: BusinessDate


class _DeliverableEvent(Event):
    topic: ClassVar[str] = "work"
    deliverable: Key
    action: Key | None = None

    @property
    def subject(self) -> str:
        return self.deliverable

    @property
    def partition_key(self) -> str:
        return self.action or self.deliverable


class DeliverablePlanned(_DeliverableEvent, PlannedFields):
    """A Deliverable was entered, or its planned fields changed."""

    name: ClassVar[str] = "deliverable.planned"


class DeliverableRescheduled(_DeliverableEvent):
    """A new date was proposed; with `approved_by` it counts."""

    name: ClassVar[str] = "deliverable.rescheduled"
    period: Code
    due: BusinessDate
    approved_by: Line | None = None


class DeliverableCancelled(_DeliverableEvent):
    """A Deliverable was given up; it lowers no estimate and stays due."""

    name: ClassVar[str] = "deliverable.cancelled"
    cancelled_on: BusinessDate


class DeliverableReleased(_DeliverableEvent, PlannedFields):
    """A Deliverable was drafted, adopted, published or done.

    Counted once by its key, at its earliest standing release that is more than a draft.
    """

    name: ClassVar[str] = "deliverable.released"
    released_on: BusinessDate
    stage: Stage
    body: Line | None = None


class MilestoneReached(_DeliverableEvent, PlannedFields):
    """A milestone stands at a share of 0 to 1; the latest by `reached_on` counts."""

    name: ClassVar[str] = "milestone.reached"
    share: DecimalString = Field(description="Level reached so far, 0 to 1.")
    reached_on: BusinessDate
    note: Text | None = None

    @model_validator(mode="after")
    def _share_is_a_share(self) -> Self:
        if not 0 <= self.share <= 1:
            raise BrokenRuleError("share lies between 0 and 1")
        return self
