"""What the engine's steps need of the outside, by need; adapters say how."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
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


class StoredJudgement(NamedTuple):
    """A judgement as it was kept; `id` rises with every judgement."""

    id: int
    result: str
    offsets: Offsets


class FactRecord(NamedTuple):
    """A fact with everything that the ledger knows of it."""

    seq: int
    digest: bytes
    name: str
    source: str
    id: str
    time: datetime
    recorded: datetime
    payload: bytes
    topic: str
    partition: int
    offset: int
    subject: str
    effective: date | None
    target: bytes | None

    def stored(self) -> StoredFact:
        return StoredFact(*self[:8])


class ParkedRecord(NamedTuple):
    """A record that could not be used."""

    id: int
    topic: str
    partition: int
    offset: int
    recorded_at: datetime
    key: bytes | None
    value: bytes | None
    headers: str
    code: str
    reason: str
    parked_at: datetime
    attempts: int
    replayed_at: datetime | None


class Window(NamedTuple):
    """A page by a rising number: up to `limit` rows after or before one."""

    limit: int
    after: int | None
    backward: bool


class Reads(Protocol):
    """What the API shows of what is kept. Each call is one short session."""

    async def last_judgements(
        self, *, plan: str, period: str, as_of: datetime | None
    ) -> Sequence[StoredJudgement]:
        """The last judgement of each indicator, made by then."""
        ...

    async def last_judgement(
        self, *, indicator: str, period: str, as_of: datetime | None
    ) -> StoredJudgement | None: ...

    async def series(
        self, *, indicator: str, period: str, window: Window
    ) -> Sequence[StoredJudgement]:
        """The judgements of an indicator and period, in the order in which they were made."""
        ...

    async def facts(
        self, *, subject: str | None, name: str | None, topic: str | None, window: Window
    ) -> Sequence[FactRecord]: ...

    async def fact(self, *, digest: bytes) -> FactRecord | None: ...

    async def corrections_of(self, *, digest: bytes) -> Sequence[FactRecord]: ...

    async def parked(self, *, code: str | None, window: Window) -> Sequence[ParkedRecord]: ...

    async def parked_record(self, *, id: int) -> ParkedRecord | None: ...


class PlanBook(Protocol):
    """The plans that the engine knows now."""

    async def plan(self, code: str) -> Plan | None: ...


class Explainer(Protocol):
    """Makes a judgement again from the ledger, fact by fact."""

    async def explain(self, *, judged: StoredJudgement, language: str) -> Mapping[str, object]:
        """What made the judgement, and what was left out and why."""
        ...

    async def state_of(self, *, fact: FactRecord) -> str:
        """What a fact is now: reported, validated, contested, replaced or retracted."""
        ...


class Replays(Protocol):
    """Sends a parked record through the log once more."""

    async def replay(self, *, id: int, actor: str) -> None:
        """Raises:
        UnknownRecordError: there is no such parked record.
        NotReplayableError: its bytes are no event, whatever the contracts say.
        """


class UnknownRecordError(Exception):
    """There is no parked record of that number."""


class NotReplayableError(Exception):
    """The record is no CloudEvent: sending it again cannot help."""


class ParkedBox(Protocol):
    """Notes that a parked record was sent again."""

    async def replayed(self, id: int) -> None: ...


class DetailRow(NamedTuple):
    """One line of a side: what was counted, and the fact that says so."""

    item: str
    effective: date | None
    fact: int
    amount: Decimal | None = None
    member: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """The lines behind a measure, and the facts behind each listed item."""

    numerator: Sequence[DetailRow] = ()
    denominator: Sequence[DetailRow] = ()
    done_by: Mapping[str, int] = field(default_factory=dict)


class History(Protocol):
    """The ledger as it stood at log positions; everything of one explanation is one session."""

    async def published(self) -> tuple[Sequence[StoredFact], Sequence[StoredCorrection]]:
        """The plan versions below the positions, with their corrections."""
        ...

    async def prepare(
        self, *, measures: Collection[int], names: Collection[str]
    ) -> tuple[Sequence[StoredFact], Sequence[StoredCorrection]]:
        """Copy the contributions of uncorrected facts; return the facts that were corrected."""
        ...

    async def add(self, rows: Sequence[Contribution]) -> None: ...

    def bench(self) -> Bench:
        """A bench over what was prepared."""
        ...

    async def detail(self, question: Question) -> Detail: ...

    async def records(self, seqs: Collection[int]) -> Mapping[int, FactRecord]: ...

    async def corrections(self, digests: Collection[bytes]) -> Sequence[StoredCorrection]: ...

    async def candidates(self, *, names: Collection[str], limit: int) -> Sequence[FactRecord]:
        """The newest facts of some names below the positions."""
        ...


class Rebuilds(Protocol):
    """A second set of contributions, to hold the live ones against."""

    async def begin(self) -> None:
        """Make an empty copy of the table."""

    async def add(self, rows: Sequence[Contribution]) -> None: ...

    async def differences(self, *, measures: Collection[int]) -> tuple[int, int, int]:
        """How many rows were made, how many of them the live table lacks, how many it has more."""
        ...

    async def take_over(self) -> None:
        """Put the copy in the place of the live contributions."""
