"""What is planned: Actions and Deliverables with all that they inherit. Verbs never change it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from plan_api.implementation.model.errors import DateError, KindError, SharesError

MILESTONE = "milestone"
KINDS = (
    "instrument",
    "compendium",
    "advice-or-decision",
    "research",
    "joint-operation",
    "mission",
    "meeting",
    "event",
    "workshop",
    MILESTONE,
    "other",
)
"""Known to every plan; a plan may name more."""

_MICRO = Decimal("0.000001")


class Purpose(StrEnum):
    KNOWLEDGE = "knowledge"
    SUPPORT = "support"
    GOVERNANCE = "governance"


class DateCertainty(StrEnum):
    STATED = "stated"
    INFERRED = "inferred"
    SYNTHETIC = "synthetic"
    NOT_GIVEN = "not-given"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityShare:
    """An Action's share in a priority."""

    priority: str
    share: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionPlan:
    """An Action as it was planned; verbs never change it."""

    key: str
    plan: str
    period: str
    title: str
    title_fr: str | None = None
    lead: str
    contributors: tuple[str, ...] = ()
    objectives: tuple[str, ...] = ()
    priorities: tuple[PriorityShare, ...] = ()
    start: date | None = None
    end: date | None = None
    date_certainty: DateCertainty
    synthetic: bool = False
    source_note: str | None = None

    def faults(self) -> Iterator[DateError | SharesError]:
        """What is not consistent in itself."""
        if self.start is not None and self.end is not None and self.end < self.start:
            yield DateError(
                "end",
                f"an end not before the start, {self.start}, is expected",
                f"une fin non antérieure au début, le {self.start}, est attendue",
            )
        if self.date_certainty is DateCertainty.NOT_GIVEN and (self.start or self.end):
            yield _certainty_error()
        yield from _faults_of_shares(self.priorities)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """What an instrument gives to the Deliverables that name it."""

    packages: tuple[str, ...] = ()
    uses_it: bool = False
    data_analysis: bool = False
    compendium: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverablePlan:
    """A Deliverable as it was planned, with all that it inherits; verbs never change it."""

    key: str
    plan: str
    period: str
    title: str
    title_fr: str | None = None
    action: str | None = None
    listed: bool
    kind: str
    objectives: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    unit: str
    due: date | None = None
    date_certainty: DateCertainty
    instrument: str | None = None
    packages: tuple[str, ...] = ()
    uses_it: bool = False
    data_analysis: bool = False
    compendium: bool = False
    purpose: Purpose | None = None
    revenue_advice: bool = False
    weight: Decimal | None = None
    synthetic: bool = False
    source_note: str | None = None
    implicit: bool = False

    def faults(self) -> Iterator[DateError | KindError | SharesError]:
        """What is not consistent in itself."""
        if self.date_certainty is DateCertainty.NOT_GIVEN and self.due is not None:
            yield _certainty_error()
        if self.kind != MILESTONE and self.weight is not None:
            yield KindError(
                "weight",
                "only a milestone has a weight: leave it out, or make it a milestone",
                "seul un jalon a un poids : retirez-le, ou faites-en un jalon",
            )
        if self.kind == MILESTONE and self.listed and self.weight is None:
            yield KindError(
                "weight",
                "a milestone has a weight, its part of the year's 1, such as 0.25",
                "un jalon a un poids, sa part du 1 de l’exercice, par exemple 0.25",
            )
        if self.weight is not None and not 0 < self.weight <= 1:
            yield SharesError(
                "weight",
                "a weight above 0 and at most 1 is expected, such as 0.25",
                "un poids supérieur à 0 et au plus égal à 1 est attendu, par exemple 0.25",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverableDraft:
    """A Deliverable as a caller states it: None is "as the Action or the instrument says"."""

    key: str
    plan: str
    period: str
    title: str
    title_fr: str | None = None
    action: str | None = None
    listed: bool
    kind: str
    objectives: tuple[str, ...] | None = None
    priorities: tuple[str, ...] | None = None
    unit: str
    due: date | None = None
    date_certainty: DateCertainty
    instrument: str | None = None
    packages: tuple[str, ...] | None = None
    uses_it: bool | None = None
    data_analysis: bool | None = None
    compendium: bool | None = None
    purpose: Purpose | None = None
    revenue_advice: bool = False
    weight: Decimal | None = None
    synthetic: bool = False
    source_note: str | None = None

    def resolved(self, *, action: ActionPlan | None, tags: Tags | None) -> DeliverablePlan:
        """Fill in what is inherited, so that nobody has to infer anything later."""
        tags = tags or Tags()
        objectives = self.objectives or (action.objectives if action else ())
        inherited = tuple(one.priority for one in action.priorities) if action else ()
        return DeliverablePlan(
            key=self.key,
            plan=self.plan,
            period=self.period,
            title=self.title,
            title_fr=self.title_fr,
            action=self.action,
            listed=self.listed,
            kind=self.kind,
            objectives=objectives,
            priorities=self.priorities or inherited,
            unit=self.unit,
            due=self.due,
            date_certainty=self.date_certainty,
            instrument=self.instrument,
            packages=tags.packages if self.packages is None else self.packages,
            uses_it=tags.uses_it if self.uses_it is None else self.uses_it,
            data_analysis=tags.data_analysis if self.data_analysis is None else self.data_analysis,
            compendium=tags.compendium if self.compendium is None else self.compendium,
            purpose=self.purpose,
            revenue_advice=self.revenue_advice,
            weight=self.weight,
            synthetic=self.synthetic,
            source_note=self.source_note,
        )


def _faults_of_shares(shares: Sequence[PriorityShare]) -> Iterator[SharesError]:
    for place, one in enumerate(shares):
        if not 0 < one.share <= 1:
            yield SharesError(
                f"priorities/{place}/share",
                "a share above 0 and at most 1 is expected",
                "une part supérieure à 0 et au plus égale à 1 est attendue",
            )
    together = sum((one.share for one in shares), Decimal(0))
    # Thirds do not add to 1 in six places.
    if shares and abs(together - 1) > _MICRO * len(shares):
        yield SharesError(
            "priorities",
            f"the shares add to 1: these add to {together.normalize():f}",
            f"la somme des parts est égale à 1 : elle est ici de {together.normalize():f}",
        )


def _certainty_error() -> DateError:
    return DateError(
        "date_certainty",
        "a date that is given is stated, inferred or synthetic",
        "une date donnée est `stated`, `inferred` ou `synthetic`",
    )
