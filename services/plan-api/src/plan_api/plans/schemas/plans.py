"""Bodies of plans, their maps, objectives and indicators."""

from datetime import date, datetime

from pydantic import Field

from plan_api.core.bodies import Read, SaidRead, said_read
from plan_api.plans.repository import Version
from shared_kit.calendar import Period
from shared_kit.events.definitions import (
    DeclaredPath,
    Indicator,
    Measure,
    Objective,
    PlanSnapshot,
    Said,
)
from shared_kit.web.language import Language
from shared_kit.web.types import DecimalString


class PeriodRead(Read):
    code: str
    label: str
    kind: str
    start: date
    end: date

    @classmethod
    def of(cls, period: Period, snapshot: PlanSnapshot) -> "PeriodRead":
        return cls(
            code=period.code,
            label=snapshot.calendar().label(period),
            kind=period.kind,
            start=period.start,
            end=period.end,
        )


class PackageRead(Read):
    code: str
    title: SaidRead


class PlanSummary(Read):
    """A plan in a list."""

    plan: str
    version: int
    effective_on: date
    title: SaidRead
    organization: SaidRead
    cycle: str

    @classmethod
    def of(cls, snapshot: PlanSnapshot, language: Language) -> "PlanSummary":
        return cls(
            plan=snapshot.plan,
            version=snapshot.version,
            effective_on=snapshot.effective_on,
            title=said_read(snapshot.title, language),
            organization=said_read(snapshot.organization, language),
            cycle=snapshot.cycle.code,
        )


class PlanRead(PlanSummary):
    """A version of a plan without its map, priorities and indicators, which have own paths."""

    timezone: str
    periods: list[PeriodRead]
    mission: SaidRead | None
    vision: SaidRead | None
    values: list[SaidRead]
    packages: list[PackageRead]
    deliverable_kinds: list[str]
    objectives: list[str] = Field(description="Keys, in the order of the map.")
    indicators: list[str] = Field(description="Keys, in the order of the plan.")

    @classmethod
    def of(cls, snapshot: PlanSnapshot, language: Language) -> "PlanRead":
        summary = PlanSummary.of(snapshot, language)
        return cls(
            **dict(summary),
            timezone=snapshot.cycle.timezone,
            periods=[PeriodRead.of(one, snapshot) for one in snapshot.calendar().periods()],
            mission=_maybe(snapshot.mission, language),
            vision=_maybe(snapshot.vision, language),
            values=[said_read(value.said, language) for value in snapshot.values],
            packages=[
                PackageRead(code=one.code, title=said_read(one.title, language))
                for one in snapshot.packages
            ],
            deliverable_kinds=list(snapshot.deliverable_kinds),
            objectives=[f"{snapshot.plan}:{one.code}" for one in snapshot.objectives],
            indicators=[f"{snapshot.plan}:{one.code}" for one in snapshot.indicators],
        )


class VersionRead(Read):
    plan: str
    version: int
    effective_on: date
    published_at: datetime
    in_force: bool

    @classmethod
    def of(cls, version: Version, *, in_force: int) -> "VersionRead":
        return cls(
            plan=version.plan,
            version=version.version,
            effective_on=version.effective_on,
            published_at=version.published_at,
            in_force=version.version == in_force,
        )


class VersionsRead(Read):
    items: list[VersionRead]


class PriorityRead(Read):
    key: str
    code: str
    title: SaidRead
    description: SaidRead


class PrioritiesRead(Read):
    items: list[PriorityRead]

    @classmethod
    def of(cls, snapshot: PlanSnapshot, language: Language) -> "PrioritiesRead":
        return cls(
            items=[
                PriorityRead(
                    key=f"{snapshot.plan}:{one.code}",
                    code=one.code,
                    title=said_read(one.title, language),
                    description=said_read(one.description, language),
                )
                for one in snapshot.priorities
            ]
        )


class ObjectiveRead(Read):
    """An element of the map, and the indicators that measure it."""

    key: str
    plan: str
    code: str
    title: SaidRead
    description: SaidRead | None
    perspective: str
    group: str | None
    parent: str | None
    indicators: list[str]

    @classmethod
    def of(
        cls, objective: Objective, snapshot: PlanSnapshot, language: Language
    ) -> "ObjectiveRead":
        return cls(
            key=f"{snapshot.plan}:{objective.code}",
            plan=snapshot.plan,
            code=objective.code,
            title=said_read(objective.title, language),
            description=_maybe(objective.description, language),
            perspective=objective.perspective,
            group=objective.group,
            parent=objective.parent,
            indicators=[
                f"{snapshot.plan}:{one.code}"
                for one in snapshot.indicators
                if one.objective == objective.code
            ],
        )


class GroupRead(Read):
    code: str
    title: SaidRead
    description: SaidRead | None


class PerspectiveRead(Read):
    code: str
    title: SaidRead
    position: int
    transversal: bool
    objectives: list[ObjectiveRead]


class LinkRead(Read):
    causes: list[str]
    effects: list[str]
    read_from: str
    said: SaidRead


class MapRead(Read):
    """The Strategic Map: objectives on their perspectives, and what leads to what."""

    plan: str
    version: int
    perspectives: list[PerspectiveRead]
    groups: list[GroupRead]
    links: list[LinkRead]

    @classmethod
    def of(cls, snapshot: PlanSnapshot, language: Language) -> "MapRead":
        return cls(
            plan=snapshot.plan,
            version=snapshot.version,
            perspectives=[
                PerspectiveRead(
                    code=band.code,
                    title=said_read(band.title, language),
                    position=band.position,
                    transversal=band.transversal,
                    objectives=[
                        ObjectiveRead.of(one, snapshot, language)
                        for one in snapshot.objectives
                        if one.perspective == band.code
                    ],
                )
                for band in sorted(snapshot.perspectives, key=lambda band: band.position)
            ],
            groups=[
                GroupRead(
                    code=group.code,
                    title=said_read(group.title, language),
                    description=_maybe(group.description, language),
                )
                for group in snapshot.groups
            ],
            links=[
                LinkRead(
                    causes=list(link.causes),
                    effects=list(link.effects),
                    read_from=link.read_from,
                    said=said_read(link.said, language),
                )
                for link in snapshot.links
            ],
        )


class ToleranceRead(Read):
    """Bounds of attainment, ours: at least `on_track`, at least `at_risk`, below."""

    on_track: DecimalString
    at_risk: DecimalString


class IndicatorRead(Read):
    """An indicator (KPI) as it is defined; its figures are kpi-engine's."""

    key: str
    plan: str
    code: str
    objective: str
    title: SaidRead
    definition: SaidRead
    short: SaidRead
    kind: str
    measure: Measure | None = Field(description="How it is counted; null: stated figures only.")
    owner: str = Field(description="The unit that owns it; ours, not in the sources.")
    unit_of_measure: str
    unit: SaidRead | None = Field(default=None, description="The unit of a level: mg/l, days.")
    path: DeclaredPath | None = Field(default=None, description="How a figure should move.")
    tolerance: ToleranceRead
    grace_days: int
    service_days: int
    silence_is_no_data: bool
    visibility: str
    version: int = Field(description="The plan version that this definition is from.")
    effective_on: date

    @classmethod
    def of(
        cls, indicator: Indicator, snapshot: PlanSnapshot, language: Language
    ) -> "IndicatorRead":
        return cls(
            key=f"{snapshot.plan}:{indicator.code}",
            plan=snapshot.plan,
            code=indicator.code,
            objective=f"{snapshot.plan}:{indicator.objective}",
            title=said_read(indicator.title, language),
            definition=said_read(indicator.definition, language),
            short=said_read(indicator.short, language),
            kind=indicator.kind,
            measure=indicator.measure,
            owner=indicator.owner,
            unit_of_measure=indicator.unit_of_measure,
            unit=_maybe(indicator.unit, language),
            path=indicator.path,
            tolerance=ToleranceRead(
                on_track=indicator.tolerance.on_track, at_risk=indicator.tolerance.at_risk
            ),
            grace_days=indicator.grace_days,
            service_days=indicator.service_days,
            silence_is_no_data=indicator.silence_is_no_data,
            visibility=indicator.visibility,
            version=snapshot.version,
            effective_on=snapshot.effective_on,
        )


def _maybe(said: Said | None, language: Language) -> SaidRead | None:
    return None if said is None else said_read(said, language)
