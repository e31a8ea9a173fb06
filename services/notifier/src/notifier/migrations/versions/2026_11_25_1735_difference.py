"""An alert may be about a figure that the ledger contradicts: by what."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("episode", sa.Column("difference", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("episode", "difference")
