"""An episode keeps all the terms that it was judged by."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("episode", sa.Column("definition", sa.Text(), nullable=True))
    op.add_column("episode", sa.Column("estimate", sa.Numeric(), nullable=True))


def downgrade() -> None:
    op.drop_column("episode", "estimate")
    op.drop_column("episode", "definition")
