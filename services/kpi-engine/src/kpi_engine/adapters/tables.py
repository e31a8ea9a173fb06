"""The engine's tables. The ledger, marks and judgements are append-only; contributions a cache."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared_kit.db.base import metadata
from shared_kit.db.types import UtcDateTime
from shared_kit.delivery.rows import (
    AuditColumns,
    OffsetColumns,
    OutboxColumns,
    ParkedColumns,
    Tables,
)


class Base(DeclarativeBase):
    metadata = metadata()


class OutboxRow(OutboxColumns, Base):
    __tablename__ = "outbox"


class OffsetRow(OffsetColumns, Base):
    __tablename__ = "consumer_offset"


class ParkedRow(ParkedColumns, Base):
    __tablename__ = "parked"


class AuditRow(AuditColumns, Base):
    __tablename__ = "audit"


class FactRow(Base):
    """Every fact that was accepted, as it came. Never updated, never deleted."""

    __tablename__ = "fact"
    __table_args__ = (
        UniqueConstraint("digest"),
        Index("ix_fact_target", "target", postgresql_where="target IS NOT NULL"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)  # 16 bytes of (source, id)
    content: Mapped[bytes] = mapped_column(LargeBinary)  # 16 bytes of what it says
    source: Mapped[str] = mapped_column(Text)
    event_id: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    stated: Mapped[datetime] = mapped_column(UtcDateTime)  # CloudEvents time
    recorded: Mapped[datetime] = mapped_column(UtcDateTime)
    topic: Mapped[str] = mapped_column(Text)
    partition: Mapped[int] = mapped_column(Integer)
    offset: Mapped[int] = mapped_column(BigInteger)
    subject: Mapped[str] = mapped_column(Text)
    effective: Mapped[date | None] = mapped_column(Date)
    target: Mapped[bytes | None] = mapped_column(LargeBinary)  # what a correction names
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    actor: Mapped[str | None] = mapped_column(Text)  # who caused it, where that is known


class MeasureRow(Base):
    """A measure of an indicator, or (indicator "") what is kept by item for a whole plan.

    A measure is known by its content: a plan version that does not change it rebuilds nothing.
    """

    __tablename__ = "measure"
    __table_args__ = (UniqueConstraint("plan", "indicator", "digest"),)

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    plan: Mapped[str] = mapped_column(Text)
    indicator: Mapped[str] = mapped_column(Text)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    active: Mapped[bool] = mapped_column(Boolean)  # its contributions are kept up to date


class ContributionRow(Base):
    """What a fact means to a measure; can be made again from the ledger at any time."""

    __tablename__ = "contribution"
    __table_args__ = (
        Index("ix_contribution_measure_item", "measure", "item"),
        Index("ix_contribution_fact", "fact"),
        Index("ix_contribution_planned", "item", postgresql_where="side = 2"),
    )
    __mapper_args__ = {"primary_key": ["measure", "side", "item", "fact"]}

    measure: Mapped[int] = mapped_column(Integer)
    side: Mapped[int] = mapped_column(SmallInteger)
    item: Mapped[str] = mapped_column(Text)
    counted: Mapped[str | None] = mapped_column(Text)
    member: Mapped[str | None] = mapped_column(Text)
    amount: Mapped[Decimal | None] = mapped_column(Numeric)
    whole: Mapped[Decimal | None] = mapped_column(Numeric)
    listed: Mapped[bool | None] = mapped_column(Boolean)
    period: Mapped[str | None] = mapped_column(Text)
    effective: Mapped[date | None] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    place: Mapped[int | None] = mapped_column(Integer)
    title: Mapped[str | None] = mapped_column(Text)
    title_fr: Mapped[str | None] = mapped_column(Text)
    fact: Mapped[int] = mapped_column(BigInteger)
    stated: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded: Mapped[datetime] = mapped_column(UtcDateTime)


class MarkRow(Base):
    """An indicator and period that must be judged. Rows are added and deleted, never changed."""

    __tablename__ = "mark"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    indicator: Mapped[str] = mapped_column(Text)
    period: Mapped[str] = mapped_column(Text)
    daily: Mapped[bool] = mapped_column(Boolean)
    restates: Mapped[bool] = mapped_column(Boolean)  # a correction of known facts caused it


class StateRow(Base):
    """Its row is the lock of judging; `said` is what the last judgement said, dates apart."""

    __tablename__ = "indicator_state"

    indicator: Mapped[str] = mapped_column(Text, primary_key=True)
    period: Mapped[str] = mapped_column(Text, primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)
    said: Mapped[str | None] = mapped_column(Text)


class JudgementRow(Base):
    """Every judgement, with the log positions that it had read."""

    __tablename__ = "judgement"
    __table_args__ = (
        UniqueConstraint("indicator", "period", "revision"),
        Index("ix_judgement_series", "indicator", "period", "judged_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    indicator: Mapped[str] = mapped_column(Text)
    plan: Mapped[str] = mapped_column(Text)
    period: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(Integer)
    judged_on: Mapped[date] = mapped_column(Date)
    judged_at: Mapped[datetime] = mapped_column(UtcDateTime)
    daily: Mapped[bool] = mapped_column(Boolean)
    result: Mapped[str] = mapped_column(Text)  # the payload of indicator.judged
    offsets: Mapped[dict[str, Any]] = mapped_column(JSONB)


class ReconciliationRow(Base):
    """A check of what is kept against the ledger, and what it found to differ."""

    __tablename__ = "reconciliation"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    day: Mapped[date] = mapped_column(Date)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(Text)
    facts: Mapped[int] = mapped_column(BigInteger)
    rows: Mapped[int] = mapped_column(BigInteger)
    lost: Mapped[int] = mapped_column(BigInteger)
    surplus: Mapped[int] = mapped_column(BigInteger)
    figures: Mapped[int] = mapped_column(Integer)
    waiting: Mapped[int] = mapped_column(Integer)  # to be judged again: not compared
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class PlanStateRow(Base):
    """The last business day that was opened for a plan."""

    __tablename__ = "plan_state"

    plan: Mapped[str] = mapped_column(Text, primary_key=True)
    opened: Mapped[date] = mapped_column(Date)


class EngineStateRow(Base):
    """One row: how often the definitions have changed, so that a cache can tell."""

    __tablename__ = "engine_state"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    definitions: Mapped[int] = mapped_column(BigInteger)


def tables(*, source: str) -> Tables:
    """The rows that delivery works on."""
    return Tables(
        outbox=OutboxRow, offsets=OffsetRow, parked=ParkedRow, audit=AuditRow, source=source
    )
