"""Columns of the four tables that delivery needs; each service mixes them into its own rows."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, Integer, LargeBinary, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, declared_attr, mapped_column
from sqlalchemy.schema import SchemaItem

from shared_kit.db.types import UtcDateTime
from shared_kit.delivery.signal import Signal


class OutboxColumns:
    """An event on its way to the log; `seq` is the order in which the relay sends."""

    seq: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    topic: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    event_id: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(Text)
    subject: Mapped[str | None] = mapped_column(Text)
    value: Mapped[bytes | None] = mapped_column(LargeBinary)
    headers: Mapped[str] = mapped_column(Text)  # packed, see messaging.headers
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)  # the server's clock: ages are real
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[SchemaItem, ...]:
        name = cls.__tablename__  # type: ignore[attr-defined]  # the row class has it
        return (Index(f"ix_{name}_unpublished", "seq", postgresql_where="published_at IS NULL"),)


class OffsetColumns:
    """The next offset to apply, moved in the transaction of what was applied."""

    topic: Mapped[str] = mapped_column(Text, primary_key=True)
    partition: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    next_offset: Mapped[int] = mapped_column(BigInteger)


class ParkedColumns:
    """A record that cannot be used, whole and with its reason, until it is replayed."""

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    topic: Mapped[str] = mapped_column(Text)
    partition: Mapped[int] = mapped_column(Integer)
    offset: Mapped[int] = mapped_column(BigInteger)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)  # the record's timestamp
    key: Mapped[bytes | None] = mapped_column(LargeBinary)
    value: Mapped[bytes | None] = mapped_column(LargeBinary)
    headers: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    parked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(Integer, server_default="1")
    replayed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[SchemaItem, ...]:
        return (UniqueConstraint("topic", "partition", "offset"),)


class AuditColumns:
    """Who did what to what, written with the change itself."""

    seq: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


@dataclass(frozen=True, kw_only=True)
class Tables:
    """A service's row classes, and the CloudEvents source that it signs its events with."""

    outbox: type[OutboxColumns]
    offsets: type[OffsetColumns]
    parked: type[ParkedColumns]
    audit: type[AuditColumns]
    source: str
    signal: Signal = field(default_factory=Signal, compare=False, repr=False)
