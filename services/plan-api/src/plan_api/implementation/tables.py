"""Rows of Implementation Plans, Actions and Deliverables."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, LargeBinary, Numeric, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from plan_api.core.tables import Row
from shared_kit.db.types import UtcDateTime


class AdoptionRow(Row):
    """The revisions of a yearly Implementation Plan."""

    __tablename__ = "adoption"

    plan: Mapped[str] = mapped_column(Text, primary_key=True)
    period: Mapped[str] = mapped_column(Text, primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    adopted_on: Mapped[date] = mapped_column(Date)
    adopted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    adopted_by: Mapped[str] = mapped_column(Text)


class AdoptedItemRow(Row):
    """A Deliverable in a year's plan, with the date that this year's first adoption fixed."""

    __tablename__ = "adopted_item"

    deliverable: Mapped[str] = mapped_column(Text, primary_key=True)
    plan: Mapped[str] = mapped_column(Text)
    period: Mapped[str] = mapped_column(Text, primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)
    due: Mapped[date | None] = mapped_column(Date)


class CarriedOverRow(Row):
    """That a Deliverable is listed in a later year too, and when it is due there."""

    __tablename__ = "carried_over"

    deliverable: Mapped[str] = mapped_column(ForeignKey("deliverable.key"), primary_key=True)
    period: Mapped[str] = mapped_column(Text, primary_key=True)
    due: Mapped[date | None] = mapped_column(Date)


class ActionRow(Row):
    __tablename__ = "action"
    __table_args__ = (Index("ix_action_plan_period", "plan", "period", "key"),)

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    plan: Mapped[str] = mapped_column(Text)
    period: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    title_fr: Mapped[str | None] = mapped_column(Text)
    lead: Mapped[str] = mapped_column(Text)
    contributors: Mapped[list[str]] = mapped_column(ARRAY(Text))
    objectives: Mapped[list[str]] = mapped_column(ARRAY(Text))
    priorities: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    start: Mapped[date | None] = mapped_column(Date)
    end: Mapped[date | None] = mapped_column(Date)
    date_certainty: Mapped[str] = mapped_column(Text)
    synthetic: Mapped[bool] = mapped_column(Boolean)
    source_note: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    started_on: Mapped[date | None] = mapped_column(Date)
    completed_on: Mapped[date | None] = mapped_column(Date)
    cancelled_on: Mapped[date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}


class DeliverableRow(Row):
    __tablename__ = "deliverable"
    __table_args__ = (
        Index("ix_deliverable_plan_period", "plan", "period", "key"),
        Index("ix_deliverable_action", "action"),
    )

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    plan: Mapped[str] = mapped_column(Text)
    period: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    title_fr: Mapped[str | None] = mapped_column(Text)
    action: Mapped[str | None] = mapped_column(ForeignKey("action.key"))
    listed: Mapped[bool] = mapped_column(Boolean)
    kind: Mapped[str] = mapped_column(Text)
    objectives: Mapped[list[str]] = mapped_column(ARRAY(Text))
    priorities: Mapped[list[str]] = mapped_column(ARRAY(Text))
    unit: Mapped[str] = mapped_column(Text)
    due: Mapped[date | None] = mapped_column(Date)
    date_certainty: Mapped[str] = mapped_column(Text)
    instrument: Mapped[str | None] = mapped_column(Text)
    packages: Mapped[list[str]] = mapped_column(ARRAY(Text))
    uses_it: Mapped[bool] = mapped_column(Boolean)
    data_analysis: Mapped[bool] = mapped_column(Boolean)
    compendium: Mapped[bool] = mapped_column(Boolean)
    purpose: Mapped[str | None] = mapped_column(Text)
    revenue_advice: Mapped[bool] = mapped_column(Boolean)
    weight: Mapped[Decimal | None] = mapped_column(Numeric(7, 6))
    synthetic: Mapped[bool] = mapped_column(Boolean)
    source_note: Mapped[str | None] = mapped_column(Text)
    implicit: Mapped[bool] = mapped_column(Boolean)
    # What the caller stated, before anything was inherited: tells a repeated request.
    stated: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(Text)
    stage: Mapped[str | None] = mapped_column(Text)
    released_on: Mapped[date | None] = mapped_column(Date)
    body: Mapped[str | None] = mapped_column(Text)
    evidence: Mapped[str | None] = mapped_column(Text)
    share: Mapped[Decimal | None] = mapped_column(Numeric(7, 6))
    reached_on: Mapped[date | None] = mapped_column(Date)
    new_due: Mapped[date | None] = mapped_column(Date)
    approved_by: Mapped[str | None] = mapped_column(Text)
    # `due`, or the last date that was approved: kept to be searched by, and what says which.
    current_due: Mapped[date | None] = mapped_column(Date)
    cancelled_on: Mapped[date | None] = mapped_column(Date)
    # The latest year that it was carried over into.
    carried_to: Mapped[str | None] = mapped_column(Text)
    fact_source: Mapped[str | None] = mapped_column(Text)
    fact_id: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}
