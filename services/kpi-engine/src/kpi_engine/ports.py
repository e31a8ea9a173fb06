"""What the engine's steps need of the outside, by need; adapters say how."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum
from typing import NamedTuple, Protocol

from kpi_engine.domain.corrections import Correction
from kpi_engine.domain.definitions import AnyMeasure, Plan
from kpi_engine.domain.figures import Measured, Statements
from shared_kit.calendar import Period


class Side(IntEnum):
    """What a contribution says. Stored as a number: never renumber."""

    NUMERATOR = 1
    PLANNED = 2
    ADOPTED = 3
    RESCHEDULED = 4
    CANCELLED = 5
    REACHED = 6
    REQUEST = 7
    MISSION = 8
    DECLINED = 9
    WITHDRAWN = 10
    INVITED = 11
    ATTENDED = 12
    CALLED_OFF = 13
    AMOUNT = 14
    ESTIMATE = 15
    TARGET = 16
    FIGURE = 17
    CONFIRMED = 18


class Fact(NamedTuple):
    """A fact on its way into the ledger."""

    digest: bytes
    content: bytes
    source: str
    id: str
    name: str
    time: datetime
    recorded: datetime
    topic: str
    partition: int
    offset: int
    subject: str
    effective: date | None
    target: bytes | None
    payload: bytes


class StoredFact(NamedTuple):
    """A fact of the ledger, as far as contributions are made from it."""

    seq: int
    digest: bytes
    name: str
    source: str
    id: str
    time: datetime
    recorded: datetime
    payload: bytes


class StoredCorrection(NamedTuple):
    correction: Correction
    fact: StoredFact


class Draft(NamedTuple):
    """One contribution to each of several measures, before it has its fact."""

    measures: tuple[int, ...]
    side: Side
    item: str
    counted: str | None = None
    member: str | None = None
    amount: Decimal | None = None
    whole: Decimal | None = None
    listed: bool | None = None
    period: str | None = None
    effective: date | None = None
    until: date | None = None
    place: int | None = None
    title: str | None = None


class Contribution(NamedTuple):
    """A draft with what it takes from its fact."""

    draft: Draft
    fact: int
    stated: datetime
    recorded: datetime


class Mark(NamedTuple):
    """An indicator and period that must be judged."""

    indicator: str
    period: str
    daily: bool = False


class MeasureKey(NamedTuple):
    """A measure by its content; indicator "" is what is kept by item for the whole plan."""

    plan: str
    indicator: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An indicator and period whose state row is locked, with the marks read so far."""

    indicator: str
    period: str
    revision: int
    last: str | None
    daily: bool
    marks: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to measure: an indicator as defined then, for a period, up to a day."""

    indicator: str
    plan: Plan
    measure_id: int | None
    measure: AnyMeasure | None
    period: Period
    as_of: date
    service_days: int

    @property
    def until(self) -> date:
        """The earlier of as-of and period end."""
        return min(self.as_of, self.period.end)


Offsets = Mapping[str, Mapping[str, int]]
"""Next offset by topic and partition (as text, it is JSON)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A judgement as it is kept."""

    indicator: str
    plan: str
    period: str
    revision: int
    judged_on: date
    judged_at: datetime
    daily: bool
    result: str
    said: str


class Ledger(Protocol):
    """The append-only facts, and the contributions that are made from them."""

    async def lock_definitions(self, *, exclusive: bool) -> None:
        """Shared for ordinary batches, exclusive where a plan event or a correction is in it."""

    async def append(self, facts: Sequence[Fact]) -> Mapping[bytes, int]:
        """Keep the facts; return the seq of those that are new. Duplicates change nothing."""
        ...

    async def contents(self, digests: Collection[bytes]) -> Mapping[bytes, tuple[bytes, str]]:
        """Return (content digest, name) of facts that are known."""
        ...

    async def corrections_below(self, digests: Collection[bytes]) -> Sequence[StoredCorrection]:
        """Return the corrections of facts, and those of the corrections, all the way."""
        ...

    async def corrected_by(self, digests: Collection[bytes]) -> Sequence[StoredFact]:
        """Return the facts, no corrections themselves, that corrections lead to."""
        ...

    async def add_contributions(self, rows: Sequence[Contribution]) -> None: ...

    async def drop_contributions(self, facts: Collection[int]) -> Sequence[Draft]:
        """Delete those of facts; return what they said, as far as it tells what to mark."""
        ...

    async def drop_measures(self, measures: Collection[int]) -> None:
        """Delete the contributions of measures, before they are made anew."""

    async def measures_listing(self, items: Collection[str]) -> Sequence[int]:
        """Return the measures in which an item is planned."""
        ...

    def scan(self, names: Collection[str]) -> AsyncIterator[Sequence[StoredFact]]:
        """Read the facts of these names in chunks, in the order of the ledger."""
        ...

    async def mark(self, marks: Collection[Mark]) -> None: ...


class DefinitionStore(Protocol):
    """What is kept about definitions beside the ledger that they are read from."""

    async def revision(self) -> int:
        """How often the definitions have changed; a cache of an older number is stale."""
        ...

    async def changed(self) -> int:
        """Count one change more; return the number that readers see from the commit on."""
        ...

    async def measure_ids(
        self, measures: Collection[MeasureKey]
    ) -> tuple[Mapping[MeasureKey, int], frozenset[int]]:
        """The numbers of measures, given out where they are new; and which are not active."""
        ...

    async def activate(self, measures: Collection[int]) -> None:
        """These and no others are kept up to date from now on."""

    async def begin_day(self, *, plan: str, today: date) -> None:
        """A plan that becomes known has its first daily judgements on the next business day."""


class Bench(Protocol):
    """Measures; every answer is a set-based query over contributions."""

    async def measure(
        self, questions: Sequence[Question]
    ) -> Sequence[tuple[Measured, Statements]]: ...


class Judgements(Protocol):
    """Marks, the state of each indicator and period, and what was judged."""

    async def claim(self, *, limit: int) -> Sequence[Claim]: ...
    async def offsets(self) -> Offsets: ...
    async def keep(self, kept: Sequence[Kept], *, offsets: Offsets) -> None: ...
    async def forget(self, marks: Sequence[int]) -> None: ...


class Days(Protocol):
    """The last business day that each plan has opened."""

    async def opened(self, *, lock: bool = False) -> Mapping[str, date]: ...
    async def open(self, *, plan: str, day: date) -> None: ...
