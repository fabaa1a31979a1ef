"""Share links and the browsers that opened one."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "share_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text()),
        sa.Column("allow_download", sa.Boolean(), nullable=False),
        sa.Column("count_opens", sa.Boolean(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("last_opened_at", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_share_link"),
        sa.UniqueConstraint("token_hash", name="uq_share_link_token_hash"),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name="fk_share_link_report_id_report", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_share_link_report_id", "share_link", ["report_id"])
    op.create_table(
        "viewing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_viewing"),
        sa.UniqueConstraint("token_hash", name="uq_viewing_token_hash"),
        sa.ForeignKeyConstraint(
            ["link_id"], ["share_link.id"], name="fk_viewing_link_id_share_link", ondelete="CASCADE"
        ),
    )
    for column in ("link_id", "expires_at"):
        op.create_index(f"ix_viewing_{column}", "viewing", [column])
