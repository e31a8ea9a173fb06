"""A figure in parts: what is asked of the ledger, and what the API asks for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, Protocol

from kpi_engine.domain.parts import Cell
from kpi_engine.ports.judging import Question, StoredJudgement


class By(StrEnum):
    """What a figure can be divided by."""

    MEMBER = "member"
    REGION = "region"
    UNIT = "unit"
    PACKAGE = "package"
    PRIORITY = "priority"


class Place(NamedTuple):
    """Where the value of a part stands: a column of the contributions, or a field of the facts.

    `regions` (Member to region) turns Members into regions; `only` are the values that are parts,
    all others are none (None: every value is one).
    """

    column: str | None = None
    field: str | None = None
    regions: Mapping[str, str] | None = None
    only: Collection[str] | None = None


class PartsBench(Protocol):
    """Measures one question in parts, over what `History.prepare` laid out."""

    async def parts(
        self, question: Question, place: Place, *, said: Mapping[int, str]
    ) -> Sequence[Cell]:
        """The parts, in one grouped query. `said`: what corrected facts say now, as JSON."""
        ...

    async def listed(self, question: Question) -> Mapping[tuple[str, str], int]:
        """The fact that first lists each (year, item) of the question's measure."""
        ...


class Named(NamedTuple):
    """What a part is called, as the directory or the plan writes it."""

    title: str | None
    title_fr: str | None


class PartRow(NamedTuple):
    """A part, or the total, as it is shown."""

    code: str | None
    numerator: Decimal | None
    denominator: Decimal | None = None
    ratio: Decimal | None = None
    unplanned: int | None = None
    pairs: int | None = None


class Beyond(NamedTuple):
    """By how much the parts together exceed the total."""

    numerator: Decimal
    denominator: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Divided:
    """A figure in parts as the Secretariat sees it, with what may go no further.

    `reason` says why it is not divided (then there are none), `denominator_reason` why the
    parts have no denominator; `beside` is what of the denominator is of no part; `small` are the
    places of the parts that are withheld from others. `of_members`: each part is one Member's.
    """

    key: str
    plan: str
    period: str
    judged_on: date
    revision: int
    by: By
    total: PartRow
    parts: Sequence[PartRow] = ()
    names: Mapping[str, Named] = field(default_factory=dict)
    reason: str | None = None
    denominator_reason: str | None = None
    additive: bool | None = None
    overlap: Beyond | None = None
    beside: Decimal | None = None
    small: frozenset[int] = frozenset()
    of_members: bool = False
    statement: str | None = None


class Divider(Protocol):
    """Divides the figure of a judgement."""

    async def parts(
        self, *, judged: StoredJudgement, by: Sequence[By], language: str
    ) -> Sequence[Divided]:
        """The judgement's figure by each dimension, from the facts below its positions.

        The judgement is made again once, however many they are: ask for all at a time.
        """
        ...
