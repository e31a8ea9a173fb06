"""Where what an explanation shows comes from: facts, their corrections, versions, restatements."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FactName:
    source: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedField:
    """What a replacement says otherwise, as text."""

    field: str
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What was said of a fact after it. `kind`: retracted, replaced, validated or contested."""

    kind: str
    source: str
    by: str | None = None
    reason: str | None = None
    recorded: datetime | None = None
    in_force: bool = True
    corrects: FactName | None = None
    changed: tuple[ChangedField, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRef:
    """Where a fact lies: who stated it, its place in the log, when it was recorded."""

    source: str
    id: str
    type: str = ""
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
    recorded: datetime | None = None
    evidence: str | None = None
    by: str | None = None
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """One statement of an estimate or a target, or an adoption, with its date and its reason."""

    period: str = ""
    revision: int | None = None
    effective_on: date | None = None
    reason: str | None = None
    in_force: bool = True
    value: Decimal | None = None
    added: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    fact: FactRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionVersion:
    """A version of the plan that defines the indicator. `changed`: it measures otherwise."""

    version: int
    effective_on: date
    next_on: date | None = None
    changed: bool = False
    in_force: bool = True
    fact: FactRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    version: int = 1
    versions: tuple[DefinitionVersion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Until when it is confirmed that nothing is missing."""

    until: date
    fact: FactRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restatement:
    """A judgement that changed what was known. `cause`: correction or late-facts."""

    judged_on: date
    cause: str
    since: datetime
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    numerator_before: Decimal | None = None
    denominator_before: Decimal | None = None
