"""Decisions, instalment plans, disputes and redistributions.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

from backend.migrations.guards import protect

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def _text(name: str, size: int = 32) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length=size), nullable=False)


def _of(table: str, name: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], [f"{other}.id"], name=f"fk_{table}_{name}")


def upgrade() -> None:
    """Create the tables, and protect those that nobody edits."""
    op.create_table(
        "decisions",
        _text("id"), _text("account_id"), _text("kind", 20), _text("code", 40), _text("period", 20),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        _text("base", 20), _text("rate", 20), _text("label", 200), _text("law", 120),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=False),
        _of("decisions", "account_id", "accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
    )  # fmt: skip
    op.create_index("ix_decisions_account", "decisions", ["account_id", "decided_at"])
    op.create_table(
        "payment_plans",
        _text("id"), _text("account_id"), _text("number", 40), _text("state", 10),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("instalments", sa.JSON(), nullable=False),
        sa.Column("periods", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        _of("payment_plans", "account_id", "accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_payment_plans"),
        sa.UniqueConstraint("number", name="uq_payment_plans_number"),
    )  # fmt: skip
    op.create_index("ix_payment_plans_account_id", "payment_plans", ["account_id"])
    op.create_index("ix_payment_plans_state", "payment_plans", ["state"])
    op.create_table(
        "disputes",
        _text("id"), _text("account_id"), _text("number", 40), _text("kind", 12),
        _text("about", 60), _text("period", 20), _text("stage", 12), _text("state", 10),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("stage_at", MOMENT, nullable=False),
        _of("disputes", "account_id", "accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_disputes"),
        sa.UniqueConstraint("number", name="uq_disputes_number"),
    )  # fmt: skip
    op.create_index("ix_disputes_account_id", "disputes", ["account_id"])
    op.create_index("ix_disputes_state", "disputes", ["state"])
    op.create_table(
        "dispute_steps",
        _text("id", 40), _text("dispute_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        _text("stage", 12), _text("kind", 12), _text("author", 10),
        sa.Column("body", sa.Text(), nullable=False),
        _text("outcome", 12),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        _of("dispute_steps", "dispute_id", "disputes"),
        sa.PrimaryKeyConstraint("id", name="pk_dispute_steps"),
    )  # fmt: skip
    op.create_index("ix_dispute_steps_dispute_id", "dispute_steps", ["dispute_id"])
    op.create_table(
        "redistributions",
        _text("month", 7), _text("regime", 40), _text("fund", 60),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("booked_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("month", "regime", "fund", name="pk_redistributions"),
    )  # fmt: skip
    protect("decisions", "dispute_steps", "redistributions")


def downgrade() -> None:
    """Drop what this revision made."""
    for table in ("redistributions", "dispute_steps", "disputes", "payment_plans", "decisions"):
        op.drop_table(table)
