"""Topic `activity`: what happened, posted by plan-api's intake and by other systems directly."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared_kit.events.base import (
    Amount,
    BrokenRuleError,
    BusinessDate,
    Code,
    Event,
    Key,
    Level,
    Line,
    Part,
    Revision,
)

Topic = Literal["ECP", "RP", "CEP", "ODP", "standards", "people"]
Quarter = Annotated[str, StringConstraints(pattern=r"^FY[0-9]{4}-Q[1-4]$")]


class _ActivityEvent(Event):
    topic: ClassVar[str] = "activity"


class InstrumentImplemented(_ActivityEvent):
    """A Member implemented a tool or instrument of a Package."""

    name: ClassVar[str] = "instrument.implemented"
    instrument: Code
    packages: tuple[Code, ...]
    member: Code
    implemented_on: BusinessDate

    @property
    def subject(self) -> str:
        return self.instrument


class _RequestEvent(_ActivityEvent):
    request: Key

    @property
    def subject(self) -> str:
        return self.request


class SupportRequested(_RequestEvent):
    """A Member asked for support on one or more topics."""

    name: ClassVar[str] = "support.requested"
    member: Code
    topics: Annotated[tuple[Topic, ...], Field(min_length=1)]
    received_on: BusinessDate


class SupportProvided(_ActivityEvent):
    """A mission for a Member was completed; `requests` are those that it answers."""

    name: ClassVar[str] = "support.provided"
    deliverable: Key
    member: Code
    requests: tuple[Key, ...] = ()
    topics: Annotated[tuple[Topic, ...], Field(min_length=1)]
    completed_on: BusinessDate

    @property
    def subject(self) -> str:
        return self.deliverable


class SupportDeclined(_RequestEvent):
    """A request was refused; it stays open until the end of that financial year."""

    name: ClassVar[str] = "support.declined"
    on: BusinessDate


class SupportWithdrawn(_RequestEvent):
    """The Member took its request back; it leaves the period of that date and later ones."""

    name: ClassVar[str] = "support.withdrawn"
    on: BusinessDate


class OrganizerKind(StrEnum):
    INTERNATIONAL_ORGANIZATION = "international-organization"
    PRIVATE_SECTOR = "private-sector"
    OTHER = "other"


class _InvitationEvent(_ActivityEvent):
    event: Key

    @property
    def subject(self) -> str:
        return self.event


class InvitationReceived(_InvitationEvent):
    """The organization was invited to an event; one invitation an event."""

    name: ClassVar[str] = "invitation.received"
    title: Line
    event_on: BusinessDate
    organizer_kind: OrganizerKind


class InvitationAttended(_InvitationEvent):
    """The event was attended."""

    name: ClassVar[str] = "invitation.attended"


class InvitationWithdrawn(_InvitationEvent):
    """The organizer withdrew the invitation or the event."""

    name: ClassVar[str] = "invitation.withdrawn"


class EffortRecorded(_ActivityEvent):
    """A unit's staff effort of a quarter, in person-days; the latest figure counts."""

    name: ClassVar[str] = "effort.recorded"
    plan: Code
    unit: Code
    quarter: Quarter
    on_priorities: Amount
    total: Amount

    @property
    def subject(self) -> str:
        return self.unit

    @model_validator(mode="after")
    def _part_of_the_total(self) -> Self:
        if not 0 <= self.on_priorities <= self.total:
            raise BrokenRuleError("on_priorities lies between 0 and total")
        return self


class SourceAmounts(Part):
    """What one source of funds gives, in EUR."""

    priorities: Amount
    total: Amount

    @model_validator(mode="after")
    def _part_of_the_total(self) -> Self:
        if not 0 <= self.priorities <= self.total:
            raise BrokenRuleError("priorities lies between 0 and total")
        return self


class ResourcesAllocated(_ActivityEvent):
    """The budget of a period by source of funds, in EUR; the highest revision counts."""

    name: ClassVar[str] = "resources.allocated"
    plan: Code
    period: Code
    revision: Revision
    by_source: dict[Literal["wco-budget", "voluntary", "in-kind"], SourceAmounts]

    @property
    def subject(self) -> str:
        return self.plan


class FigureStated(_ActivityEvent):
    """A figure without facts beneath; it wins over facts for its period.

    Below zero only where the indicator declares a path.
    """

    name: ClassVar[str] = "figure.stated"
    indicator: Key
    period: Code
    numerator: Level
    denominator: Amount | None = None
    as_on: BusinessDate

    @property
    def subject(self) -> str:
        return self.indicator

    @model_validator(mode="after")
    def _divides(self) -> Self:
        if self.denominator == 0:
            raise BrokenRuleError("a denominator is above 0")
        return self


class ReportingConfirmed(_ActivityEvent):
    """Silence until a date is a known zero."""

    name: ClassVar[str] = "reporting.confirmed"
    indicator: Key
    period: Code
    until: BusinessDate

    @property
    def subject(self) -> str:
        return self.indicator
