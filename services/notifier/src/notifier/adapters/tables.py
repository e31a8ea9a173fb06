"""Rows of the notifier's own database."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared_kit.db.base import metadata
from shared_kit.db.types import UtcDateTime
from shared_kit.delivery.rows import AuditColumns, OffsetColumns, OutboxColumns, ParkedColumns


class Row(DeclarativeBase):
    metadata = metadata()


class OutboxRow(OutboxColumns, Row):
    __tablename__ = "outbox"


class OffsetRow(OffsetColumns, Row):
    __tablename__ = "consumer_offset"


class ParkedRow(ParkedColumns, Row):
    __tablename__ = "parked"


class AuditRow(AuditColumns, Row):
    __tablename__ = "audit"


class PlanRow(Row):
    """The newest version of a plan, whole: titles, owners, periods."""

    __tablename__ = "plan"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSONB)


class UnitRow(Row):
    __tablename__ = "unit"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)
    title_en: Mapped[str] = mapped_column(Text)
    title_fr: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    mailbox: Mapped[str | None] = mapped_column(Text)


class RuleRow(Row):
    """A rule as data; `definition` is what the domain calls Rule, with exact decimals as text."""

    __tablename__ = "rule"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    definition: Mapped[dict[str, Any]] = mapped_column(JSONB)


class SampleRow(Row):
    """A judgement as it came, and what became of it."""

    __tablename__ = "sample"
    __table_args__ = (
        UniqueConstraint("indicator", "period", "revision"),
        Index(
            "ix_sample_awaiting",
            "plan",
            postgresql_where="outcome = 'awaiting-definition'",
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    indicator: Mapped[str] = mapped_column(Text)
    plan: Mapped[str] = mapped_column(Text)
    period: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(BigInteger)
    judged_on: Mapped[date]
    daily: Mapped[bool]
    outcome: Mapped[str] = mapped_column(Text)
    event_id: Mapped[str] = mapped_column(Text)
    judged: Mapped[dict[str, Any]] = mapped_column(JSONB)


class EpisodeRow(Row):
    """One deviation's life. At most one is open per rule, indicator and period."""

    __tablename__ = "episode"
    __table_args__ = (
        Index(
            "uq_episode_open",
            "rule",
            "indicator",
            "period",
            unique=True,
            postgresql_where="condition <> 'closed'",
        ),
        Index("ix_episode_key", "indicator", "period"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, Identity(), unique=True)
    rule: Mapped[str] = mapped_column(Text)
    rule_version: Mapped[int] = mapped_column(Integer)
    indicator: Mapped[str] = mapped_column(Text)
    plan: Mapped[str] = mapped_column(Text)
    period: Mapped[str] = mapped_column(Text)
    owner_unit: Mapped[str | None] = mapped_column(Text)
    condition: Mapped[str] = mapped_column(Text)
    level: Mapped[str] = mapped_column(Text)
    handling: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(Text)
    since: Mapped[date]
    last_on: Mapped[date]
    last_revision: Mapped[int] = mapped_column(BigInteger)
    definition_version: Mapped[int] = mapped_column(Integer)
    definition: Mapped[str | None] = mapped_column(Text)
    estimate: Mapped[Decimal | None] = mapped_column(Numeric)
    terms_due: Mapped[Decimal | None] = mapped_column(Numeric)
    terms_done: Mapped[Decimal | None] = mapped_column(Numeric)
    target_low: Mapped[Decimal | None] = mapped_column(Numeric)
    target_high: Mapped[Decimal | None] = mapped_column(Numeric)
    breaches: Mapped[int] = mapped_column(Integer)
    lower: Mapped[int] = mapped_column(Integer)
    flaps: Mapped[int] = mapped_column(Integer)
    told: Mapped[str | None] = mapped_column(Text)
    raised_on: Mapped[date | None]
    raised_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recovering_since: Mapped[date | None]
    closed_on: Mapped[date | None]
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    close_reason: Mapped[str | None] = mapped_column(Text)
    acknowledged_by: Mapped[str | None] = mapped_column(Text)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    comment: Mapped[str | None] = mapped_column(Text)
    seq: Mapped[int] = mapped_column(Integer)
    reason_en: Mapped[str] = mapped_column(Text)
    reason_fr: Mapped[str] = mapped_column(Text)
    chance: Mapped[Decimal | None] = mapped_column(Numeric)
    closes_on: Mapped[date]
    difference: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class TransitionRow(Row):
    """A step of an episode with its reason and figures: the timeline."""

    __tablename__ = "transition"

    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episode.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    change: Mapped[str] = mapped_column(Text)
    on: Mapped[date]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    level: Mapped[str] = mapped_column(Text)
    previous_level: Mapped[str | None] = mapped_column(Text)
    close_reason: Mapped[str | None] = mapped_column(Text)
    tells: Mapped[bool]
    revision: Mapped[int] = mapped_column(BigInteger)
    reason_en: Mapped[str] = mapped_column(Text)
    reason_fr: Mapped[str] = mapped_column(Text)
    chance: Mapped[Decimal | None] = mapped_column(Numeric)
    by: Mapped[str | None] = mapped_column(Text)
    comment: Mapped[str | None] = mapped_column(Text)


class DeliverableRow(Row):
    """A Deliverable as the events of the work say it stands; `open` and its date are derived."""

    __tablename__ = "deliverable"
    __table_args__ = (Index("ix_deliverable_open", "plan", "current_due", postgresql_where="open"),)

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    plan: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    title_fr: Mapped[str | None] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    due: Mapped[date | None]
    moved_to: Mapped[date | None]
    current_due: Mapped[date | None]
    milestone: Mapped[bool]
    cancelled: Mapped[bool]
    synthetic: Mapped[bool]
    open: Mapped[bool]
    standings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class ReminderRow(Row):
    """A date of a Deliverable that its unit was reminded of: once, whatever happens later."""

    __tablename__ = "reminder"
    __table_args__ = (Index(None, "inbox_item_id"),)

    deliverable: Mapped[str] = mapped_column(Text, primary_key=True)
    due: Mapped[date] = mapped_column(primary_key=True)
    inbox_item_id: Mapped[UUID] = mapped_column(ForeignKey("inbox_item.id"))


class ReminderDayRow(Row):
    """The last business day of a plan whose reminders were looked through; its row is the lock."""

    __tablename__ = "reminder_day"

    plan: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[date]


class InboxRow(Row):
    """A notice, in both languages: one a transition that tells, one a unit's reminder of a day.

    What belongs to an alert is null in a reminder.
    """

    __tablename__ = "inbox_item"
    __table_args__ = (UniqueConstraint("episode_id", "transition"), Index(None, "unit", "number"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, Identity(), unique=True)
    episode_id: Mapped[UUID | None] = mapped_column(ForeignKey("episode.id"))
    transition: Mapped[int | None] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(Text)
    level: Mapped[str | None] = mapped_column(Text)
    indicator: Mapped[str | None] = mapped_column(Text)
    plan: Mapped[str] = mapped_column(Text)
    period: Mapped[str | None] = mapped_column(Text)
    unit: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    messages: Mapped[dict[str, Any]] = mapped_column(JSONB)
    template_error: Mapped[str | None] = mapped_column(Text)


class DeliveryRow(Row):
    """A mail to be written: at least once, under a name that a repetition overwrites."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("inbox_item_id"),
        Index("ix_delivery_pending", "next_attempt_at", postgresql_where="status = 'pending'"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    inbox_item_id: Mapped[UUID] = mapped_column(ForeignKey("inbox_item.id"))
    file_name: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    recipient: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(Integer)
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(Text)
    written_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StreamRow(Row):
    """What the stream tells; numbered in the order of the commits, kept for some days."""

    __tablename__ = "stream_item"

    seq: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, server_default=func.clock_timestamp())
    kind: Mapped[str] = mapped_column(Text)
    plan: Mapped[str] = mapped_column(Text)
    indicator: Mapped[str] = mapped_column(Text)
    secretariat: Mapped[bool]
    data: Mapped[str] = mapped_column(Text)
