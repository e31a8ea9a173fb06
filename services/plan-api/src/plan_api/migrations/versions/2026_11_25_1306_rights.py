"""Facts keep what right they demand and who reported them; corrections are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("demands", "reporter"):
        op.add_column("fact", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.create_table(
        "correction",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("target", sa.LargeBinary(), nullable=False),
        sa.Column("retracts", sa.Boolean(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_correction"),
    )
    op.create_index("ix_correction_target", "correction", ["target"])
    # Of facts from before, whose right was not kept: the Deliverable's unit, else the office.
    op.execute(
        "UPDATE fact SET demands = 'unit:' || deliverable.unit FROM deliverable "
        "WHERE deliverable.key = fact.subject AND fact.topic = 'work'"
    )
    op.execute(
        "UPDATE fact SET demands = 'office' WHERE demands = '' AND type LIKE ANY (ARRAY["
        "'%.effort.recorded.v1', '%.resources.allocated.v1', '%.figure.stated.v1', "
        "'%.reporting.confirmed.v1', '%.fact.%'])"
    )


def downgrade() -> None:
    op.drop_index("ix_correction_target", table_name="correction")
    op.drop_table("correction")
    op.drop_column("fact", "reporter")
    op.drop_column("fact", "demands")
