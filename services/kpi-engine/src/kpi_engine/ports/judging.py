"""Questions and their answers, claims and days: what judging needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol

from kpi_engine.domain.definitions import AnyMeasure, Plan
from kpi_engine.domain.figures import Measured, Statements
from shared_kit.calendar import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An indicator and period whose state row is locked, with the marks read so far."""

    indicator: str
    period: str
    revision: int
    last: str | None
    daily: bool
    restated: bool
    marks: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to measure: an indicator as defined then, for a period, up to a day.

    `carries`: a level on a path; a cycle has the latest figure of its years.
    """

    indicator: str
    plan: Plan
    measure_id: int | None
    measure: AnyMeasure | None
    period: Period
    as_of: date
    service_days: int
    carries: bool = False

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


class Bench(Protocol):
    """Measures; every answer is a set-based query over contributions."""

    async def measure(
        self, questions: Sequence[Question]
    ) -> Sequence[tuple[Measured, Statements]]: ...


class Judgements(Protocol):
    """Marks, the state of each indicator and period, and what was judged."""

    async def claim(self, *, limit: int, aside: Sequence[int] = ()) -> Sequence[Claim]: ...
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
