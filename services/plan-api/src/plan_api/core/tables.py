"""The base of plan-api's rows, and the rows that belong to no feature."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Identity, Index, LargeBinary, SmallInteger, Text
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


class FactRow(Row):
    """A fact that was announced or accepted here, by the digest of (source, id).

    Tells a repetition from a contradiction, and a correction where the fact lies.
    """

    __tablename__ = "fact"
    __table_args__ = (
        Index("ix_fact_source_recorded", "source", "recorded_at"),
        Index("ix_fact_type_recorded", "type", "recorded_at"),
    )

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    source: Mapped[str] = mapped_column(Text)
    event_id: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(Text)
    topic: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    demands: Mapped[str] = mapped_column(Text, server_default="")
    reporter: Mapped[str] = mapped_column(Text, server_default="")


class CorrectionRow(Row):
    """A retraction or replacement, by its digest; it may be here before the fact that it names."""

    __tablename__ = "correction"
    __table_args__ = (Index("ix_correction_target", "target"),)

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    target: Mapped[bytes] = mapped_column(LargeBinary)
    retracts: Mapped[bool] = mapped_column(Boolean)
    said_at: Mapped[datetime] = mapped_column(UtcDateTime)
    source: Mapped[str] = mapped_column(Text)
    event_id: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class HistoryRow(Row):
    """A version of a row, whole, and since when it was known. Never updated, never deleted."""

    __tablename__ = "history"
    __table_args__ = (Index("ix_history_version", "relation", "key", "seq"),)

    seq: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    relation: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)  # business time
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)


class AnswerRow(Row):
    """The answer that was given under an Idempotency-Key, to be given again."""

    __tablename__ = "idempotency"

    actor: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    request: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int | None] = mapped_column(SmallInteger)
    headers: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


def delivery_tables(*, source: str) -> Tables:
    """The rows that delivery works with; `source` signs the events that we state ourselves."""
    return Tables(
        outbox=OutboxRow, offsets=OffsetRow, parked=ParkedRow, audit=AuditRow, source=source
    )
