"""What the handlers need of the world, as Protocols; one transaction each."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notifier.domain.deliverable import Deliverable
from notifier.domain.difference import Difference
from notifier.domain.episode import Episode, Transition
from notifier.domain.notice import Notice
from notifier.domain.reminder import PlanDays, Reminded, Reminder
from notifier.domain.rule import Rule
from notifier.domain.sample import Sample
from notifier.domain.subject import Subject, Unit
from notifier.ports.stream import NewItem, News
from shared_kit.events.corrections import FactReplaced, FactRetracted
from shared_kit.events.definitions import PlanSnapshot
from shared_kit.events.plans import UnitRegistered
from shared_kit.events.work import (
    DeliverableCancelled,
    DeliverablePlanned,
    DeliverableReleased,
    DeliverableRescheduled,
    MilestoneReached,
)
from shared_kit.messaging.log import Record


class ParkedRecord(NamedTuple):
    """What of a record that could not be used is sent again."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: str


class ParkedBox(Protocol):
    """The records that could not be used."""

    async def record(self, id: int) -> ParkedRecord | None: ...

    async def replayed(self, id: int) -> None: ...


Watched = tuple[str, str]
"""(indicator, period): what has one open episode at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A sample as it came, with the bytes that it is kept as and what the stream tells of it."""

    sample: Sample
    event_id: str
    payload: bytes
    news: NewItem


WorkEvent = (
    DeliverablePlanned
    | DeliverableReleased
    | DeliverableRescheduled
    | DeliverableCancelled
    | MilestoneReached
    | FactRetracted
    | FactReplaced
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What happened to a Deliverable; `digest` names the fact, for corrections of it."""

    deliverable: str
    digest: str
    event: WorkEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check of kpi-engine says of a figure; no difference: it agrees again."""

    indicator: str
    plan: str
    period: str
    check: int
    on: date
    difference: Difference | None


Incoming = Judged | Checked | PlanSnapshot | UnitRegistered | Fact
Read = Callable[[Record], Incoming | None]
"""Reads a record; None for a type that is not for us; raises InvalidEventError."""


class Outcome(StrEnum):
    """What became of a sample; written with it, so that no suppression is silent."""

    KEPT = "kept"
    AWAITING = "awaiting-definition"
    EVALUATED = "evaluated"
    OUT_OF_ORDER = "out-of-order"
    REPEATS_YEAR = "repeats-its-year"
    UNKNOWN_PERIOD = "unknown-period"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A notice in both languages; `error` names what went wrong where the fallback stands in."""

    en: Message
    fr: Message
    error: str | None = None


class Writer(Protocol):
    """Puts a notice into words, always: a template that fails is replaced by a plain text."""

    def write(self, notice: Notice) -> Written: ...

    def remind(self, reminder: Reminder) -> Written: ...

    def reason(self, notice: Notice) -> tuple[str, str]:
        """One sentence, in English and French, that names the items."""
        ...


class Definitions(Protocol):
    async def lock(self, *, exclusive: bool) -> None:
        """Else a sample and its definition can miss each other in two transactions."""

    async def keep_plan(self, snapshot: PlanSnapshot) -> None: ...

    async def plan(self, code: str) -> PlanSnapshot | None:
        """The newest version of a plan."""

    async def keep_unit(self, unit: UnitRegistered) -> None: ...

    async def subjects(self, indicators: Collection[str]) -> Mapping[str, Subject]:
        """Those that the newest version of their plan defines."""

    async def names(self, indicators: Collection[str]) -> Mapping[str, Subject]:
        """The same, and by its code alone what a newer version no longer has."""

    async def units(self, codes: Collection[str]) -> Mapping[str, Unit]: ...

    async def rule(self) -> Rule: ...

    async def days(self) -> Sequence[PlanDays]:
        """The business days of every plan, by code."""


class Samples(Protocol):
    async def last_revisions(self, keys: Collection[Watched]) -> Mapping[Watched, int]: ...

    async def keep(self, judged: Sequence[tuple[Judged, Outcome]]) -> None:
        """Keep each once; a repeated (indicator, period, revision) changes nothing."""

    async def known(self, judged: Sequence[Judged]) -> Collection[tuple[str, str, int]]: ...

    async def awaiting(self, plan: str) -> Sequence[Sample]:
        """Daily samples of a plan that no definition was known for, in order of revision."""

    async def settle(self, samples: Sequence[Sample], outcome: Outcome) -> None: ...

    async def get(self, *, indicator: str, period: str, revision: int) -> Sample: ...

    async def latest(self, *, indicator: str, period: str, until: int) -> Sample | None:
        """The newest that was heard of, up to a revision."""

    async def before(self, sample: Sample) -> Sample | None:
        """The sample before one, daily or not."""

    async def last_on_track(self, *, indicator: str, period: str, before: date) -> date | None:
        """The last day before another that was judged to be on track."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What an episode shows beside its state: as of its last sample."""

    reason_en: str
    reason_fr: str
    chance: Fraction | None
    closes_on: date


class Episodes(Protocol):
    async def open(
        self, keys: Collection[Watched], *, in_doubt: bool = False
    ) -> Mapping[Watched, Episode]:
        """The open episodes, locked: of deviations, or of figures that the ledger contradicts."""

    async def ended(self, keys: Collection[Watched]) -> Collection[Watched]:
        """Those whose period is over: nothing opens there again."""

    async def overrun(self, *, plan: str, before: date) -> Sequence[Episode]:
        """Open episodes whose last judgement should have come before that day, locked."""

    async def open_of(self, plan: str, *, besides: Collection[str] = ()) -> Sequence[Episode]:
        """The open episodes of a plan, those of some indicators left out, locked."""

    async def get(self, id: UUID) -> Episode | None:
        """The episode, locked."""

    async def save(self, episode: Episode, *, shown: Shown | None) -> None: ...

    async def add_transition(
        self, episode: Episode, transition: Transition, *, at: datetime, shown: Shown
    ) -> None: ...

    async def shown(self, id: UUID) -> Shown: ...


class Notices(Protocol):
    async def add(
        self,
        *,
        episode: Episode,
        transition: Transition,
        notice: Notice,
        written: Written,
        unit: Unit | None,
        at: datetime,
    ) -> None:
        """Put it into the inbox, exactly once a transition, and queue its mail."""

    async def remind(
        self, *, plan: str, reminder: Reminder, written: Written, unit: Unit | None
    ) -> UUID:
        """Put it into the inbox, exactly once a plan, unit and day, and queue its mail."""
        ...


class Deliverables(Protocol):
    async def known(self, keys: Collection[str]) -> Mapping[str, Deliverable]:
        """Those that were heard of, locked."""

    async def keep(self, deliverables: Sequence[Deliverable]) -> None: ...

    async def due_between(self, plan: str, *, first: date, last: date) -> Sequence[Deliverable]:
        """Open ones with such a date that nobody was reminded of."""

    async def any_synthetic(self, plan: str) -> bool:
        """Whether invented work is among that of a plan: then its messages say so."""
        ...

    async def note_reminded(self, items: Iterable[Reminded], *, item: UUID) -> None:
        """Each date of a Deliverable once: a second time fails."""


class ReminderDays(Protocol):
    """The business days, by plan, whose reminders were looked through."""

    async def opened(self, *, lock: bool) -> Mapping[str, date]: ...

    async def begin(self, *, plan: str, day: date) -> None:
        """A plan that is new today is looked through from its next business day on."""

    async def open(self, *, plan: str, day: date) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    definitions: Definitions
    samples: Samples
    episodes: Episodes
    notices: Notices
    deliverables: Deliverables
    days: ReminderDays
    news: News


OpenStores = Callable[[AsyncSession], Stores]
