"""A contribution keeps the French title of what it lists."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contribution", sa.Column("title_fr", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("contribution", "title_fr")
