"""Facts, what they contribute and what they mark: the rows of the ledger."""

from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum
from typing import NamedTuple

from kpi_engine.domain.corrections import Correction


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
    actor: str | None


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
    title_fr: str | None = None


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
    restates: bool = False


class MeasureKey(NamedTuple):
    """A measure by its content; indicator "" is what is kept by item for the whole plan."""

    plan: str
    indicator: str
    content: bytes


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
    actor: str | None

    def stored(self) -> StoredFact:
        return StoredFact(*self[:8])
