"""Facts are found by who stated them and by their type, the latest first."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_fact_source_recorded", "fact", ["source", "recorded_at"])
    op.create_index("ix_fact_type_recorded", "fact", ["type", "recorded_at"])


def downgrade() -> None:
    op.drop_index("ix_fact_type_recorded", "fact")
    op.drop_index("ix_fact_source_recorded", "fact")
