"""Plan files sent from a page are kept as they came."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plan_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_plan_file"),
    )
    op.create_index("ix_plan_file_created_at", "plan_file", ["created_at"])


def downgrade() -> None:
    op.drop_index("ix_plan_file_created_at", table_name="plan_file")
    op.drop_table("plan_file")
