"""A mark says whether a correction caused it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "mark",
        sa.Column("restates", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.alter_column("mark", "restates", server_default=None)


def downgrade() -> None:
    op.drop_column("mark", "restates")
