"""A plan as data: elements, periods, indicators and the measure language (`architecture.md` 5).

The same models read a plan file, travel in `plan.published` and drive the engine. An official
title, statement or definition is kept to the letter and cites its source paragraph; what is ours
says so in `ours`.
"""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from shared_kit.calendar import PlanCalendar
from shared_kit.events.base import (
    Amount,
    Bound,
    BusinessDate,
    Code,
    DecimalString,
    Level,
    Line,
    Part,
    Revision,
    Text,
    whole,
)

DELIVERABLE_KINDS = (
    "instrument",
    "compendium",
    "advice-or-decision",
    "research",
    "joint-operation",
    "mission",
    "meeting",
    "event",
    "workshop",
    "milestone",
    "other",
)
"""Kinds of Deliverable that every plan knows; a plan may name more."""


class Said(Part):
    """A text in English and French, with where it was read."""

    en: Text
    fr: Text
    fr_official: bool = False
    source: Line | None = Field(default=None, description="Document and paragraph.")
    ours: bool = Field(default=False, description="Not in the sources: our own.")


class Condition(Part):
    """A condition on one field of a fact; several conditions of a measure hold together.

    Examples of each, which a test executes, are in `docs/measures.md`.

    A list field is compared as a set, a single value as a set of one, a flag as "true" or
    "false", an absent field as the empty set. Values of `objectives` and `priorities` are codes
    of the plan.
    """

    field: Code
    any_of: tuple[Line, ...] = Field(default=(), description="At least one of these.")
    none_of: tuple[Line, ...] = Field(default=(), description="None of these.")
    not_only: tuple[Line, ...] = Field(
        default=(), description="Not these alone: empty, or something beside them."
    )
    present: bool | None = Field(default=None, description="true: given at all; false: not given.")
    at_least: Bound | None = Field(
        default=None, description="A date or a number; what is not given is in no range."
    )
    at_most: Bound | None = Field(default=None, description="A date or a number.")
    why: Said = Field(description="Shown with a fact that this condition leaves out.")


def _require_tag(schema: dict[str, Any]) -> None:
    # Its default serves code; in a document the tag says which measure it is.
    schema["required"] = ["aggregate", *schema.get("required", ())]


class _Tagged(Part):
    model_config = ConfigDict(json_schema_extra=_require_tag)


class Count(_Tagged):
    """Planned count: items of the plan that were released, each key once."""

    aggregate: Literal["count"] = "count"
    facts: tuple[Line, ...] = ("deliverable.released",)
    where: tuple[Condition, ...] = ()
    also_where: tuple[Condition, ...] = Field(
        default=(),
        description="A second way in: an item counts that meets all of `where` or all of these.",
    )
    released: tuple[Condition, ...] = Field(
        default=(), description="Further conditions on the release alone, such as its stage."
    )
    split_by: Code | None = Field(default=None, description="A field whose parts are shown apart.")
    initially_estimated: bool = Field(
        default=False,
        description="The first estimate stays the denominator, whatever was revised later.",
    )


class Distinct(_Tagged):
    """Planned distinct: things counted once, by the first time ever that a pair occurred."""

    aggregate: Literal["distinct"] = "distinct"
    facts: tuple[Line, ...]
    where: tuple[Condition, ...] = ()
    item: Code
    pair: Code


class DistinctOverInterval(_Tagged):
    """Observed: Members with a request on one of the topics open in the period; those served."""

    aggregate: Literal["distinct-over-interval"] = "distinct-over-interval"
    topics: tuple[Line, ...]


class Attended(_Tagged):
    """Observed: invitations to events dated up to as-of; those attended."""

    aggregate: Literal["attended"] = "attended"
    where: tuple[Condition, ...] = ()


class LatestSum(_Tagged):
    """Observed: sums over the latest figure of each group."""

    aggregate: Literal["latest-sum"] = "latest-sum"
    facts: tuple[Line, ...]
    per: tuple[Code, ...] = Field(description="Fields that name a group; its latest fact counts.")
    latest_by: Code | None = Field(default=None, description="A number; else the fact's time.")
    numerator: tuple[Line, ...] = Field(description="Paths to amounts that are added.")
    denominator: tuple[Line, ...]


class Milestones(_Tagged):
    """Weights of milestones times the share reached, of all weights."""

    aggregate: Literal["milestones"] = "milestones"
    where: tuple[Condition, ...] = ()


Measure = Annotated[
    Count | Distinct | DistinctOverInterval | Attended | LatestSum | Milestones,
    Field(discriminator="aggregate"),
]


class Tolerance(Part):
    """Bounds of attainment, inclusive: at least `on_track`, at least `at_risk`, below."""

    on_track: DecimalString
    at_risk: DecimalString


class PathPoint(Part):
    """A value on a day: where a path begins, or where it should be by then."""

    on: BusinessDate
    value: Level


class DeclaredPath(Part):
    """How a figure should move: up or down from its baseline, or within bounds.

    Values are levels in the indicator's unit; of a figure with a denominator, the ratio. A target
    that is set for a period is a point at its end, or bounds for it.
    """

    direction: Literal["increase", "decrease", "keep"]
    baseline: PathPoint | None = Field(default=None, description="Where it started, and when.")
    points: tuple[PathPoint, ...] = Field(default=(), description="Where it should be by when.")
    between: Literal["linear", "step"] = Field(
        default="linear", description="Between points: in a line, or unchanged until the next."
    )
    low: Level | None = Field(default=None, description="To keep: not below.")
    high: Level | None = Field(default=None, description="To keep: not above.")
    margin: Amount | None = Field(
        default=None,
        description="So far off nothing of it is attained; for levels of 0 and below.",
    )


class Indicator(Part):
    """An indicator (KPI): a ratio or a level that measures one objective."""

    code: Code
    code_ours: bool = Field(default=False, description="The sources give no such code.")
    objective: Code
    title: Said = Field(description='Column "Performance Indicator", to the letter.')
    definition: Said = Field(description='Column "Description", to the letter.')
    short: Said = Field(description="What is counted, in a few words of our own.")
    kind: Literal["planned", "observed", "milestones", "stated"]
    measure: Measure | None = Field(default=None, description="None: stated figures only.")
    owner: Code
    owner_ours: bool = Field(default=False, description="The sources name no owner.")
    unit_of_measure: Literal["count", "person-days", "EUR", "share"] = "count"
    unit: Said | None = Field(
        default=None, description="The organization's own unit of a level: mg/l, days, points."
    )
    path: DeclaredPath | None = Field(
        default=None, description="How an observed or stated figure should move."
    )
    tolerance: Tolerance
    grace_days: Annotated[int, Field(ge=0, le=365), BeforeValidator(whole)] = 30
    service_days: Annotated[int, Field(ge=0, le=1000), BeforeValidator(whole)] = 180
    silence_is_no_data: bool = False
    report_every_days: Annotated[int, Field(ge=1, le=1000), BeforeValidator(whole)] | None = Field(
        default=None, description="A fact is expected at least so often; the result says by when."
    )
    visibility: Literal["secretariat", "members", "public"] = "members"


class Perspective(Part):
    code: Code
    code_ours: bool = False
    title: Said
    description: Said | None = None
    position: Annotated[int, Field(ge=1, le=20), BeforeValidator(whole)]
    transversal: bool = False


class Group(Part):
    code: Code
    code_ours: bool = False
    title: Said
    description: Said | None = None


class Objective(Part):
    code: Code
    title: Said
    description: Said | None = None
    perspective: Code
    group: Code | None = None
    parent: Code | None = None


class MapLink(Part):
    """A cause-and-effect link between groups, objectives or perspectives, by code."""

    causes: tuple[Code, ...]
    effects: tuple[Code, ...]
    read_from: Line
    said: Said


class Priority(Part):
    code: Code
    code_ours: bool = False
    title: Said
    description: Said


class PackageFamily(Part):
    code: Code
    title: Said


class Value(Part):
    said: Said


class Cycle(Part):
    code: Code
    start: BusinessDate
    end: BusinessDate
    year_start_month: Annotated[int, Field(ge=1, le=12), BeforeValidator(whole)]
    timezone: Line
    holidays: tuple[BusinessDate, ...] = ()
    note: Said | None = Field(default=None, description="Where dates and holidays come from.")

    def calendar(self) -> PlanCalendar:
        """The periods and business days."""
        return PlanCalendar(
            cycle_code=self.code,
            cycle_start=self.start,
            cycle_end=self.end,
            year_start_month=self.year_start_month,
            timezone=self.timezone,
            holidays=frozenset(self.holidays),
        )


REMINDER_DAYS = 14


class PlanSnapshot(Part):
    """One version of a plan, whole."""

    plan: Code
    version: Revision
    effective_on: BusinessDate
    organization: Said
    title: Said
    cycle: Cycle
    mission: Said | None = None
    vision: Said | None = None
    values: tuple[Value, ...] = ()
    perspectives: tuple[Perspective, ...] = ()
    groups: tuple[Group, ...] = ()
    objectives: tuple[Objective, ...] = ()
    links: tuple[MapLink, ...] = ()
    priorities: tuple[Priority, ...] = ()
    packages: tuple[PackageFamily, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    deliverable_kinds: tuple[Code, ...] = ()
    reminder_days: Annotated[int, Field(ge=0, le=365)] = REMINDER_DAYS
    """Calendar days before its date on which a unit is reminded of a Deliverable; 0 is never."""

    def calendar(self) -> PlanCalendar:
        """The plan's periods and business days."""
        return self.cycle.calendar()
