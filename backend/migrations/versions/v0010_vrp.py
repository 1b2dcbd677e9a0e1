"""What employers filed for VRP, and the life of claims.

Revision ID: 0010
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

from backend.migrations.guards import protect

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def _text(name: str, size: int = 32, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length=size), nullable=nullable)


def _whole(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), nullable=False)


def _cents(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=True)


def _of(table: str, name: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], [f"{other}.id"], name=f"fk_{table}_{name}")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "dsn_imports",
        _text("id"),
        _text("sha256", 64),
        _text("operator_id", nullable=True),
        _whole("lines"),
        _whole("returns"),
        _whole("people"),
        _whole("kept"),
        sa.Column("imported_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dsn_imports"),
        sa.UniqueConstraint("sha256", name="uq_dsn_imports_sha256"),
    )
    op.create_table(
        "dsn_returns",
        _text("id"),
        _text("import_id"),
        _whole("position"),
        _text("siret", 14),
        _text("employer", 120),
        _text("declared", 7),
        _text("kind", 2),
        sa.Column("received_at", MOMENT, nullable=False),
        _of("dsn_returns", "import_id", "dsn_imports"),
        sa.PrimaryKeyConstraint("id", name="pk_dsn_returns"),
    )
    op.create_index("ix_dsn_returns_siret", "dsn_returns", ["siret", "declared"])
    op.create_table(
        "dsn_filings",
        _text("id"),
        _text("return_id"),
        _text("nir_mark", 64),
        _text("month", 7),
        *(_cents(f"{name}_cents") for name in ("gross", "capped", "uncapped", "csg", "dfs")),
        sa.Column("dfs_rate_hundredths", sa.Integer(), nullable=True),
        sa.Column("started", sa.Date(), nullable=True),
        sa.Column("ended", sa.Date(), nullable=True),
        _of("dsn_filings", "return_id", "dsn_returns"),
        sa.PrimaryKeyConstraint("id", name="pk_dsn_filings"),
    )
    op.create_index("ix_dsn_filings_return_id", "dsn_filings", ["return_id"])
    op.create_index("ix_dsn_filings_person", "dsn_filings", ["nir_mark", "month"])
    op.create_table(
        "claim_steps",
        _text("id"),
        _text("submission_id"),
        _whole("position"),
        _text("state", 20),
        _text("by", 10),
        _text("by_id"),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        _cents("amount_cents"),
        sa.Column("at", MOMENT, nullable=False),
        _of("claim_steps", "submission_id", "submissions"),
        _of("claim_steps", "by_id", "persons"),
        sa.PrimaryKeyConstraint("id", name="pk_claim_steps"),
        sa.UniqueConstraint(
            "submission_id", "position", name="uq_claim_steps_submission_id_position"
        ),
    )
    op.create_table(
        "refund_accounts",
        _text("account_id"),
        sa.Column("iban", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        _of("refund_accounts", "account_id", "accounts"),
        sa.PrimaryKeyConstraint("account_id", name="pk_refund_accounts"),
    )
    protect("dsn_imports", "dsn_returns", "dsn_filings", "claim_steps")


def downgrade() -> None:
    """Drop the tables."""
    for table in (
        "refund_accounts", "claim_steps", "dsn_filings", "dsn_returns", "dsn_imports",
    ):  # fmt: skip
        op.drop_table(table)
