"""Rows of plans: versions as they were published, estimates and targets by revision."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, Integer, LargeBinary, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from plan_api.core.tables import Row
from shared_kit.db.types import UtcDateTime


class PlanVersionRow(Row):
    """A version of a plan, whole. Nothing in it is ever changed."""

    __tablename__ = "plan_version"

    plan: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    effective_on: Mapped[date] = mapped_column(Date)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    content: Mapped[str] = mapped_column(Text)  # JSON, read back by its contract only
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)


class EstimateRow(Row):
    """The planned figure of an indicator for a period; the first stays beside its revisions."""

    __tablename__ = "estimate"

    indicator: Mapped[str] = mapped_column(Text, primary_key=True)
    period: Mapped[str] = mapped_column(Text, primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    value: Mapped[int] = mapped_column(Integer)
    points: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    reason: Mapped[str | None] = mapped_column(Text)
    stated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    stated_by: Mapped[str] = mapped_column(Text)


class TargetRow(Row):
    """The approved level or range of an observed indicator for a period."""

    __tablename__ = "target"

    indicator: Mapped[str] = mapped_column(Text, primary_key=True)
    period: Mapped[str] = mapped_column(Text, primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    low: Mapped[Decimal] = mapped_column(Numeric(24, 6))
    high: Mapped[Decimal | None] = mapped_column(Numeric(24, 6))
    reason: Mapped[str | None] = mapped_column(Text)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[str] = mapped_column(Text)
