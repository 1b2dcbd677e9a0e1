"""What each period was asked and has received, added up from the ledger's lines.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TO_MOVE = sa.text("received_cents > called_cents OR received_cents < 0")


def upgrade() -> None:
    """Create the table from the lines there are; index lines and submissions as they are read."""
    op.create_table(
        "period_balances",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("called_cents", sa.BigInteger(), nullable=False),
        sa.Column("received_cents", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_period_balances_account_id"
        ),
        sa.PrimaryKeyConstraint("account_id", "period", name="pk_period_balances"),
    )
    op.execute(
        "INSERT INTO period_balances (account_id, period, called_cents, received_cents) "
        "SELECT account_id, period, "
        "SUM(CASE WHEN ledger_account = 'receivable' AND line_code = '' "
        "THEN amount_cents ELSE 0 END), "
        "SUM(CASE WHEN ledger_account = 'receivable' AND line_code <> '' "
        "THEN -amount_cents ELSE 0 END) "
        "FROM ledger_lines GROUP BY account_id, period"
    )
    op.create_index(
        "ix_period_balances_to_move", "period_balances", ["account_id"],
        sqlite_where=TO_MOVE, postgresql_where=TO_MOVE,
    )  # fmt: skip
    op.drop_index("ix_ledger_lines_account", "ledger_lines")
    op.create_index("ix_ledger_lines_period", "ledger_lines", ["account_id", "period"])
    op.drop_index("ix_debit_orders_account_id", "debit_orders")
    op.create_index("ix_debit_orders_account", "debit_orders", ["account_id", "state"])
    op.create_index("ix_submissions_ends", "submissions", ["account_id", "period_end"])


def downgrade() -> None:
    """Back to sums made at each reading."""
    op.drop_index("ix_submissions_ends", "submissions")
    op.drop_index("ix_debit_orders_account", "debit_orders")
    op.create_index("ix_debit_orders_account_id", "debit_orders", ["account_id"])
    op.drop_index("ix_ledger_lines_period", "ledger_lines")
    op.create_index("ix_ledger_lines_account", "ledger_lines", ["account_id", "ledger_account"])
    op.drop_index("ix_period_balances_to_move", "period_balances")
    op.drop_table("period_balances")
