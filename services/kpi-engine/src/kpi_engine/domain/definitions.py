"""An indicator's definition as judging needs it; the measure language as plain values."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from kpi_engine.domain.conditions import Condition, Ways
from kpi_engine.domain.paths import Path
from shared_kit.calendar import PlanCalendar

Kind = Literal["planned", "observed", "milestones", "stated"]
Visibility = Literal["secretariat", "members", "public"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountMeasure:
    facts: tuple[str, ...]
    ways: Ways
    released: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DistinctMeasure:
    facts: tuple[str, ...]
    ways: Ways
    item: str
    pair: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalMeasure:
    topics: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendedMeasure:
    ways: Ways


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestSumMeasure:
    facts: tuple[str, ...]
    per: tuple[str, ...]
    latest_by: str | None
    numerator: tuple[str, ...]
    denominator: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestonesMeasure:
    ways: Ways


AnyMeasure = (
    CountMeasure
    | DistinctMeasure
    | IntervalMeasure
    | AttendedMeasure
    | LatestSumMeasure
    | MilestonesMeasure
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """Bounds of attainment; both belong to the better side."""

    on_track: Fraction
    at_risk: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One indicator in one version of its plan. `measure_id` names its contributions.

    `digest` is of what is measured and judged by: equal in two versions that differ in words.
    """

    plan: str
    key: str
    code: str
    version: int
    digest: str
    kind: Kind
    measure: AnyMeasure | None
    measure_id: int | None
    owner: str
    tolerance: Tolerance
    grace_days: int
    service_days: int
    silence_is_no_data: bool
    initially_estimated: bool
    visibility: Visibility
    title: str
    title_fr: str
    path: Path | None = None
    report_every_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanVersion:
    version: int
    effective_on: date
    calendar: PlanCalendar
    indicators: dict[str, Definition]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All versions of a plan, the newest last. `measure_id` names what is kept by item."""

    code: str
    measure_id: int
    versions: tuple[PlanVersion, ...]

    @property
    def calendar(self) -> PlanCalendar:
        return self.versions[-1].calendar

    def in_force(self, *, day: date) -> PlanVersion:
        """The version in force on a day; before the first one, the first."""
        begun = [version for version in self.versions if version.effective_on <= day]
        return begun[-1] if begun else self.versions[0]

    def definition(self, *, key: str, day: date) -> Definition | None:
        """An indicator as it is defined on a day; None where that version has none of the key."""
        return self.in_force(day=day).indicators.get(key)

    def indicator_keys(self, *, first: int | None = None) -> tuple[str, ...]:
        """The indicators of all versions, each once, in the order of the newest.

        `first` is the version whose order goes before that of all others.
        """
        versions = [*reversed(self.versions)]
        versions.sort(key=lambda one: one.version != first)
        return tuple(dict.fromkeys(key for one in versions for key in one.indicators))
