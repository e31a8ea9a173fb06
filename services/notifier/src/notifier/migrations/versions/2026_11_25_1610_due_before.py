"""An episode keeps how much was due and done: less due with nothing done is no recovery."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("terms_due", "terms_done"):
        op.add_column("episode", sa.Column(name, sa.Numeric(), nullable=True))


def downgrade() -> None:
    for name in ("terms_done", "terms_due"):
        op.drop_column("episode", name)
