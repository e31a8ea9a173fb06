"""Rows of the directory: units, Members and instruments under their own codes."""

from typing import Any

from sqlalchemy import Index, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from plan_api.core.tables import Row


class EntryRow(Row):
    """One entry. Nothing is decided by its content, so that is kept as the event says it."""

    __tablename__ = "directory_entry"
    __table_args__ = (Index("ix_directory_entry_content", "content", postgresql_using="gin"),)

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)

    __mapper_args__ = {"version_id_col": revision}
