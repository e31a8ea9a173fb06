"""Units are reminded of what comes due; a notice need not be about an alert."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OF_ALERTS: dict[str, sa.types.TypeEngine[Any]] = {
    "episode_id": sa.Uuid(),
    "transition": sa.Integer(),
    "level": sa.Text(),
    "indicator": sa.Text(),
    "period": sa.Text(),
}


def upgrade() -> None:
    for name, type_ in _OF_ALERTS.items():
        op.alter_column("inbox_item", name, existing_type=type_, nullable=True)
    op.create_table(
        "deliverable",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_fr", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("moved_to", sa.Date(), nullable=True),
        sa.Column("current_due", sa.Date(), nullable=True),
        sa.Column("milestone", sa.Boolean(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("standings", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_deliverable"),
    )
    op.create_index(
        "ix_deliverable_open", "deliverable", ["plan", "current_due"], postgresql_where="open"
    )
    op.create_table(
        "reminder",
        sa.Column("deliverable", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("inbox_item_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inbox_item_id"], ["inbox_item.id"], name="fk_reminder_inbox_item_id_inbox_item"
        ),
        sa.PrimaryKeyConstraint("deliverable", "due", name="pk_reminder"),
    )
    op.create_index("ix_reminder_inbox_item_id", "reminder", ["inbox_item_id"])
    op.create_table(
        "reminder_day",
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("plan", name="pk_reminder_day"),
    )
    # Plans that are known already begin with their next business day, which may be today.
    op.execute("INSERT INTO reminder_day (plan, day) SELECT code, DATE '1900-01-01' FROM plan")


def downgrade() -> None:
    op.drop_table("reminder_day")
    op.drop_table("reminder")
    op.drop_table("deliverable")
    op.execute(
        "DELETE FROM delivery WHERE inbox_item_id IN"
        " (SELECT id FROM inbox_item WHERE episode_id IS NULL)"
    )
    op.execute("DELETE FROM inbox_item WHERE episode_id IS NULL")
    for name, type_ in _OF_ALERTS.items():
        op.alter_column("inbox_item", name, existing_type=type_, nullable=False)
