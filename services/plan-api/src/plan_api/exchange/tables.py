"""Rows of the spreadsheets and plan files that came in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Integer, LargeBinary, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from plan_api.core.tables import Row
from shared_kit.db.types import UtcDateTime


class ImportRow(Row):
    """A spreadsheet, kept as it came: it is read again when it is applied."""

    __tablename__ = "spreadsheet_import"
    __table_args__ = (Index("ix_spreadsheet_import_state", "state", "created_at"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    plan: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[dict[str, Any]] = mapped_column(JSONB)
    attempts: Mapped[int] = mapped_column(Integer)
    rows_done: Mapped[int] = mapped_column(Integer)
    rows_total: Mapped[int | None] = mapped_column(Integer)
    preview: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PlanFileRow(Row):
    """A plan file, kept as it came; what is wrong with it is found anew whenever it is shown."""

    __tablename__ = "plan_file"
    __table_args__ = (Index("ix_plan_file_created_at", "created_at"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
