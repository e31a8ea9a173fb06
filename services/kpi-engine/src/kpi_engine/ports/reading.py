"""Judgements, explanations and parked records: what the API needs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, Protocol

from kpi_engine.domain.definitions import Plan
from kpi_engine.ports.checking import StoredCheck
from kpi_engine.ports.facts import Contribution, FactRecord, Side, StoredCorrection, StoredFact
from kpi_engine.ports.judging import Bench, Question, StoredJudgement
from kpi_engine.ports.parts import PartsBench


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

    async def status_since(self, *, judgement: int) -> date:
        """The day of the first judgement since which each has had the status of this one."""
        ...

    async def series(
        self, *, indicator: str, period: str, as_of: datetime | None, window: Window
    ) -> Sequence[StoredJudgement]:
        """The judgements of an indicator and period made by then, in their order."""
        ...

    async def facts(
        self,
        *,
        subject: str | None,
        name: str | None,
        topic: str | None,
        as_of: datetime | None,
        window: Window,
    ) -> Sequence[FactRecord]:
        """The ledger; with `as_of` what was recorded by then."""
        ...

    async def fact(self, *, digest: bytes) -> FactRecord | None: ...

    async def last_fact(self) -> int:
        """The number of the fact that came last; 0 where there is none."""
        ...

    async def corrections_of(self, *, digest: bytes) -> Sequence[FactRecord]: ...

    async def counts_in(self, *, seq: int) -> Sequence[str]:
        """The indicators that a fact contributes to now, in any period."""
        ...

    async def parked(self, *, code: str | None, window: Window) -> Sequence[ParkedRecord]: ...

    async def parked_record(self, *, id: int) -> ParkedRecord | None: ...


class CheckReads(Protocol):
    """What the API shows of the checks against the ledger."""

    async def checks(self, *, window: Window) -> Sequence[StoredCheck]:
        """The checks, newest first."""
        ...

    async def check(self, *, id: int) -> StoredCheck | None: ...


class PlanBook(Protocol):
    """The plans that the engine knows now."""

    async def plan(self, code: str) -> Plan | None: ...


class Explainer(Protocol):
    """Makes a judgement again from the ledger, fact by fact."""

    async def explain(
        self, *, judged: StoredJudgement, language: str, by_now: bool = False
    ) -> Mapping[str, object]:
        """What made the judgement, and what was left out and why.

        From what it had read; `by_now`: from all that the ledger has, as long as that says the
        same. A correction that moves no figure makes no judgement, and is to be seen all the same.
        """
        ...

    async def state_of(self, *, fact: FactRecord, as_of: datetime | None = None) -> str:
        """What a fact is now: reported, validated, contested, replaced or retracted."""
        ...


class Comparer(Protocol):
    """Says why a figure moved between two judgements of an indicator and period."""

    async def compare(
        self,
        *,
        before: StoredJudgement,
        after: StoredJudgement,
        language: str,
        since: date | None = None,
    ) -> Mapping[str, object]:
        """Its change in parts that add up exactly, each with the items behind it.

        `since` is the day from which the later status has stood.
        """
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
    title_fr: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """The lines behind a measure, the facts behind each listed item, and Members to be told apart.

    `added`: how much of what is planned each adoption is the first to list, by its fact.
    `partly`: served on some of what they asked; `unasked`: supported without an open request.
    """

    numerator: Sequence[DetailRow] = ()
    denominator: Sequence[DetailRow] = ()
    done_by: Mapping[str, int] = field(default_factory=dict)
    listed_by: Mapping[str, int] = field(default_factory=dict)
    added: Mapping[int, Decimal] = field(default_factory=dict)
    partly: Sequence[str] = ()
    unasked: Sequence[str] = ()


class SaidRow(NamedTuple):
    """What was stated of an indicator for a period, or that a year was adopted.

    `place` is its revision.
    """

    side: Side
    period: str
    place: int | None
    amount: Decimal | None
    whole: Decimal | None
    until: date | None
    fact: int


class Restated(NamedTuple):
    """A judgement that changed what was known of a period, and what was said before it.

    `corrected`: a correction was among its causes; else facts came after the period was over.
    """

    revision: int
    judged_on: date
    judged_at: datetime
    corrected: bool
    numerator: Decimal | None
    denominator: Decimal | None
    numerator_before: Decimal | None
    denominator_before: Decimal | None
    before_at: datetime


class History(Protocol):
    """The ledger as it stood at log positions; everything of one explanation is one session."""

    async def published(self) -> tuple[Sequence[StoredFact], Sequence[StoredCorrection]]:
        """The plan versions below the positions, with their corrections."""
        ...

    async def prepare(
        self, *, measures: Collection[int], names: Collection[str]
    ) -> tuple[Sequence[StoredFact], Sequence[StoredCorrection]]:
        """Copy the contributions of uncorrected facts; return the facts that were corrected.

        Where nothing that came since concerns the measures, what is kept is taken as it is.
        """
        ...

    async def corrected(
        self, *, names: Collection[str]
    ) -> tuple[Sequence[StoredFact], Sequence[StoredCorrection]]:
        """The facts of some names that corrections lead to, with the corrections."""
        ...

    async def add(self, rows: Sequence[Contribution]) -> None: ...

    def bench(self) -> Bench:
        """A bench over what was prepared."""
        ...

    def parts(self) -> PartsBench:
        """Counts in parts over what was prepared."""
        ...

    async def detail(self, question: Question) -> Detail: ...

    async def said(self, question: Question) -> Sequence[SaidRow]:
        """Estimates, targets and confirmations of an indicator, and the adoptions of its plan.

        Of each period in the order in which they hold: by revision, then by (time, source, id).
        """
        ...

    async def restated(self, judged: StoredJudgement) -> Sequence[Restated]:
        """The judgements of its indicator and period, up to it, that changed what was known."""
        ...

    async def records(self, seqs: Collection[int]) -> Mapping[int, FactRecord]: ...

    async def corrections(self, digests: Collection[bytes]) -> Sequence[StoredCorrection]: ...

    async def candidates(self, *, names: Collection[str], limit: int) -> Sequence[FactRecord]:
        """The newest facts of some names below the positions."""
        ...
