"""Holding what is kept against the ledger: what a check needs, and what it finds."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, Protocol

from kpi_engine.ports.facts import Side
from kpi_engine.ports.judging import Bench
from kpi_engine.ports.ledger import DefinitionStore, Ledger, Rebuilds


class LooseRow(NamedTuple):
    """A contribution that only one of the two has: the ledger (`lost`) or what is kept."""

    measure: int
    lost: bool
    side: Side
    item: str
    member: str | None
    effective: date | None
    source: str | None
    id: str | None


class Loose(NamedTuple):
    """The rows of a measure that differ: how many, and the first of them."""

    lost: int
    surplus: int
    rows: tuple[LooseRow, ...]


class Standing(NamedTuple):
    """The last judgement of an indicator and period; `marked`: it is to be judged again."""

    result: str
    marked: bool


class Figure(NamedTuple):
    """What is compared of a judgement."""

    numerator: Decimal | None
    denominator: Decimal | None
    judged: tuple[Decimal, Decimal] | None = None
    due: Decimal | None = None
    due_done: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An indicator and period whose figure, or what it is counted from, is not as the ledger's."""

    indicator: str
    plan: str
    period: str
    revision: int
    judged_on: date
    shown: Figure
    live: Figure
    rebuilt: Figure
    lost: int
    surplus: int
    rows: tuple[LooseRow, ...]


class CheckOutcome(StrEnum):
    AGREES = "agrees"
    DIFFERS = "differs"
    UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What one check saw: one snapshot of the database."""

    facts: int = 0
    rows: int = 0
    lost: int = 0
    surplus: int = 0
    figures: int = 0
    waiting: int = 0
    findings: tuple[Finding, ...] = field(default=())


class StoredCheck(NamedTuple):
    """A check as it is kept; `findings` is the JSON of what it found."""

    id: int
    day: date
    began_at: datetime
    ended_at: datetime
    outcome: str
    facts: int
    rows: int
    lost: int
    surplus: int
    figures: int
    waiting: int
    findings: str


class CheckRows(Rebuilds, Protocol):
    """The second set of contributions, looked at row by row and measured."""

    async def complete(self) -> None:
        """All rows are there: make measuring them fast."""

    async def loose(self, *, measures: Collection[int], shown: int) -> Mapping[int, Loose]:
        """What differs, by measure, with the first `shown` rows of each."""
        ...

    async def counted_by(self, items: Collection[str]) -> Mapping[str, Collection[int]]:
        """The measures that have a row of an item, by the ledger."""
        ...

    async def standing(self) -> Sequence[Standing]: ...


class Snapshot(Protocol):
    """One state of the database; what is made in it disappears with it."""

    @property
    def ledger(self) -> Ledger: ...
    @property
    def store(self) -> DefinitionStore: ...
    @property
    def rows(self) -> CheckRows: ...
    def bench(self, *, rebuilt: bool) -> Bench: ...

    async def hold(self) -> bool:
        """Be the only one that checks while this is open; False where another process is."""
        ...

    async def last_day(self) -> date | None:
        """The business day that was checked last."""
        ...


class OpenSnapshot(Protocol):
    def __call__(self) -> AbstractAsyncContextManager[Snapshot]: ...


class Checks(Protocol):
    """What was checked, inside one transaction."""

    async def last_day(self) -> date | None: ...

    async def standing_findings(self) -> Sequence[tuple[str, str]]:
        """Indicators and periods that the last finished check found to differ."""
        ...

    async def keep(
        self,
        *,
        day: date,
        began_at: datetime,
        ended_at: datetime,
        outcome: CheckOutcome,
        found: Comparison,
        findings: str,
    ) -> int:
        """Keep a check; return its number."""
        ...
