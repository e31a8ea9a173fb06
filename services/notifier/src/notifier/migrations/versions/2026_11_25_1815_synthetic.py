"""A Deliverable may be invented: messages about its plan say that this is a demonstration."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What is there already was told as a demonstration, if at all: that goes on.
    op.add_column(
        "deliverable", sa.Column("synthetic", sa.Boolean(), nullable=False, server_default="true")
    )
    op.alter_column("deliverable", "synthetic", server_default=None)


def downgrade() -> None:
    op.drop_column("deliverable", "synthetic")
