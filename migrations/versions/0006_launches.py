"""Launches on platforms, their course, who may approve them, and what was left behind."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _moments(*names: str, required: bool = False) -> list[sa.Column[sa.DateTime]]:
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=not required) for name in names]


def upgrade() -> None:
    """Creates the tables."""
    _launch()
    op.create_table(
        "launch_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("launch_id", sa.Integer(), nullable=False),
        *_moments("at", required=True),
        sa.Column("state", sa.String(20), nullable=False),
        *_text("note"),
        sa.PrimaryKeyConstraint("id", name="pk_launch_event"),
        sa.ForeignKeyConstraint(["launch_id"], ["launch.id"], name="fk_launch_event_launch_id_launch", ondelete="CASCADE"),
    )  # fmt: skip
    op.create_index("ix_launch_event_launch_id", "launch_event", ["launch_id"])
    op.create_table(
        "approver",
        sa.Column("name", sa.String(80), nullable=False),
        *_text("code_hash"),
        *_moments("created_at", required=True),
        sa.PrimaryKeyConstraint("name", name="pk_approver"),
    )
    op.create_table(
        "orphan",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(size), nullable=False) for name, size in (("platform", 40), ("handle", 400), ("launch", 80), ("kind", 80))),
        *_moments("found_at", "seen_at", required=True),
        sa.PrimaryKeyConstraint("id", name="pk_orphan"),
        sa.UniqueConstraint("platform", "handle", name="uq_orphan_platform_handle"),
    )  # fmt: skip
    op.create_index("ix_orphan_seen_at", "orphan", ["seen_at"])


def _launch() -> None:
    op.create_table(
        "launch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(40), nullable=False) for name in ("option", "platform", "way")),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("spec", "sign_in", "money")),
        *_text("order"),
        sa.Column("order_sha256", sa.String(64), nullable=False),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("simulated", "needs_approval")),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approval_hash", sa.String(64), nullable=True),
        *(sa.Column(name, sa.String(20), nullable=False) for name in ("mode", "state", "wish")),
        sa.Column("handle", sa.Text(), nullable=True),
        *_text("said", "result", "trouble"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("cost", sa.Text(), nullable=True),
        *_moments("created_at", "next_at", required=True),
        *_moments("submitted_at", "started_at", "ended_at", "removed_at", "checked_at", "lease_until"),
        sa.Column("lease", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_launch"),
        sa.UniqueConstraint("public_id", name="uq_launch_public_id"),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name="fk_launch_report_id_report", ondelete="CASCADE"),
    )  # fmt: skip
    for name in ("report_id", "state", "next_at"):
        op.create_index(f"ix_launch_{name}", "launch", [name])
