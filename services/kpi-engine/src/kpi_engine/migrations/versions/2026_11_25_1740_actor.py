"""A fact says who caused it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("fact", sa.Column("actor", sa.Text()))


def downgrade() -> None:
    op.drop_column("fact", "actor")
