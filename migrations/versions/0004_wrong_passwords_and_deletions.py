"""Wrong passwords of share links, and what was deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Adds columns and a table."""
    op.add_column("share_link", sa.Column("wrong_passwords", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("share_link", sa.Column("last_wrong_at", MOMENT))
    op.create_table(
        "deletion",
        sa.Column("public_id", sa.String(22), nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("public_id", name="pk_deletion"),
    )
    op.create_index("ix_deletion_deleted_at", "deletion", ["deleted_at"])
