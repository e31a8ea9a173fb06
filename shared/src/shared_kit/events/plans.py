"""Topic `plan`: the plan, its yearly adoption, estimates, targets and the directory."""

from typing import ClassVar

from shared_kit.events.base import (
    BusinessDate,
    Code,
    Count,
    DecimalString,
    Event,
    Key,
    Line,
    Part,
    Revision,
    Text,
    plan_of,
)
from shared_kit.events.definitions import PlanSnapshot, Said
from shared_kit.events.work import PlannedFields


class _PlanEvent(Event):
    topic: ClassVar[str] = "plan"


class PlanPublished(_PlanEvent):
    """A version of a plan, whole; in force from its effective date on."""

    name: ClassVar[str] = "plan.published"
    snapshot: PlanSnapshot

    @property
    def subject(self) -> str:
        return self.snapshot.plan


class ImplementationPlanAdopted(_PlanEvent):
    """The yearly plan was adopted. The first adoption fixes dates; later ones only add items."""

    name: ClassVar[str] = "implementation-plan.adopted"
    plan: Code
    period: Code
    revision: Revision
    adopted_on: BusinessDate
    deliverables: tuple[PlannedFields, ...]

    @property
    def subject(self) -> str:
        return self.plan


class EstimatePoint(Part):
    on: BusinessDate
    value: Count


class EstimateStated(_PlanEvent):
    """The planned figure of an indicator for a period; the first stays beside a revision."""

    name: ClassVar[str] = "estimate.stated"
    indicator: Key
    period: Code
    value: Count
    revision: Revision
    points: tuple[EstimatePoint, ...] | None = None
    reason: Text | None = None

    @property
    def subject(self) -> str:
        return plan_of(self.indicator)


class TargetSet(_PlanEvent):
    """The approved level or range of an observed indicator for a period."""

    name: ClassVar[str] = "target.set"
    indicator: Key
    period: Code
    low: DecimalString
    high: DecimalString | None = None
    revision: Revision
    reason: Text | None = None

    @property
    def subject(self) -> str:
        return plan_of(self.indicator)


class _DirectoryEvent(_PlanEvent):
    code: Code
    revision: Revision

    @property
    def subject(self) -> str:
        return self.code


class UnitRegistered(_DirectoryEvent):
    """A unit of the Secretariat, with the language and the mailbox of its notices."""

    name: ClassVar[str] = "unit.registered"
    title: Said
    parent: Code | None = None
    language: Code = "en"
    mailbox: Line | None = None


class MemberRegistered(_DirectoryEvent):
    """A Member, named as the organization writes it."""

    name: ClassVar[str] = "member.registered"
    title: Line
    region: Code
    iso_code: Code | None = None
    accession: BusinessDate | None = None
    fictional: bool = False


class InstrumentRegistered(_DirectoryEvent):
    """A tool or instrument with its Packages and tags."""

    name: ClassVar[str] = "instrument.registered"
    title: Line
    packages: tuple[Code, ...] = ()
    uses_it: bool = False
    data_analysis: bool = False
    compendium: bool = False
