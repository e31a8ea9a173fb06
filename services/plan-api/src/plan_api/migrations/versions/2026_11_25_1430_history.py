"""Versions of rows are kept, and read as of an instant through views of the same names."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Of what is older than its history only the last change is dated: before that it is not known.
_KEPT = {
    "action": ("t.key", "t.key"),
    "carried_over": ("t.deliverable || ' ' || t.period", "t.deliverable"),
    "deliverable": ("t.key", "t.key"),
    "directory_entry": ("t.kind || ' ' || t.code", "t.code"),
}
_STAMPED = {
    "adoption": "adopted_at",
    "audit": "at",
    "correction": "said_at",
    "estimate": "stated_at",
    "fact": "recorded_at",
    "plan_version": "published_at",
    "target": "set_at",
}
_THEN = "CAST(current_setting('wcoplan.as_of') AS timestamptz)"


def upgrade() -> None:
    op.create_table(
        "history",
        sa.Column("seq", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_history"),
    )
    op.create_index("ix_history_version", "history", ["relation", "key", "seq"])
    op.execute("CREATE SCHEMA as_known")
    for table, (key, audited) in _KEPT.items():
        op.execute(
            "INSERT INTO history (relation, key, at, content)"  # noqa: S608 - names of ours
            f" SELECT '{table}', {key}, COALESCE((SELECT max(a.at) FROM audit a"
            f" WHERE a.key = {audited}), now()), to_jsonb(t) FROM {table} t"
        )
        op.execute(
            f"CREATE VIEW as_known.{table} AS SELECT r.* FROM (SELECT DISTINCT ON (key) content"  # noqa: S608 - names of ours
            f" FROM history WHERE relation = '{table}' AND at <= {_THEN}"
            " ORDER BY key, seq DESC) AS h"
            f" CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, h.content) AS r"
        )
    for table, at in _STAMPED.items():
        op.execute(
            f"CREATE VIEW as_known.{table} AS SELECT * FROM {table} WHERE {at} <= {_THEN}"  # noqa: S608 - names of ours
        )
    op.execute(
        "CREATE VIEW as_known.adopted_item AS SELECT i.* FROM adopted_item i JOIN adoption a"  # noqa: S608 - names of ours
        f" USING (plan, period, revision) WHERE a.adopted_at <= {_THEN}"
    )


def downgrade() -> None:
    op.execute("DROP SCHEMA as_known CASCADE")
    op.drop_index("ix_history_version", table_name="history")
    op.drop_table("history")
