"""A Deliverable can be carried over into a later year, and is then adopted once in each."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "carried_over",
        sa.Column("deliverable", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("deliverable", "period", name="pk_carried_over"),
        sa.ForeignKeyConstraint(
            ["deliverable"], ["deliverable.key"], name="fk_carried_over_deliverable_deliverable"
        ),
    )
    op.add_column("deliverable", sa.Column("carried_to", sa.Text(), nullable=True))
    op.drop_constraint("pk_adopted_item", "adopted_item", type_="primary")
    op.create_primary_key("pk_adopted_item", "adopted_item", ["deliverable", "period"])


def downgrade() -> None:
    # Of what was adopted twice, the first adoption stays.
    op.execute(
        "DELETE FROM adopted_item later USING adopted_item first "
        "WHERE later.deliverable = first.deliverable AND later.period > first.period"
    )
    op.drop_constraint("pk_adopted_item", "adopted_item", type_="primary")
    op.create_primary_key("pk_adopted_item", "adopted_item", ["deliverable"])
    op.drop_column("deliverable", "carried_to")
    op.drop_table("carried_over")
