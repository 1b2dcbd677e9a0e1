"""Dues, SEPA mandates, debit orders, payments, banking files and refunds.

Revision ID: 0006
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def _account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=f"fk_{table}_account_id")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "dues",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=True),
        sa.Column("issued_at", MOMENT, nullable=False),
        _account("dues"),
        sa.PrimaryKeyConstraint("account_id", "code", name="pk_dues"),
    )
    # What was declared before payments existed is due too.
    op.execute(
        "INSERT INTO dues (account_id, code, period, due_date, label, provisional, issued_at) "
        "SELECT account_id, 'declaration.' || period, period, due_date, 'Déclaration', "
        "false, received_at FROM submissions WHERE version = 1 AND regime <> 'pamc-medecin'"
    )
    op.create_table(
        "mandates",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("rum", sa.String(length=35), nullable=False),
        sa.Column("ics", sa.String(length=35), nullable=False),
        sa.Column("holder", sa.String(length=70), nullable=False),
        sa.Column("iban", sa.Text(), nullable=False),
        sa.Column("bic", sa.String(length=11), nullable=False),
        sa.Column("one_off", sa.Boolean(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("signed_at", MOMENT, nullable=False),
        sa.Column("signature", sa.JSON(), nullable=False),
        sa.Column("first_used_on", sa.Date(), nullable=True),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        _account("mandates"),
        sa.PrimaryKeyConstraint("id", name="pk_mandates"),
        sa.UniqueConstraint("rum", name="uq_mandates_rum"),
    )
    op.create_index("ix_mandates_account_id", "mandates", ["account_id"])
    op.create_table(
        "debit_orders",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("due_code", sa.String(length=60), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("collect_on", sa.Date(), nullable=False),
        sa.Column("cutoff_at", MOMENT, nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("on_time", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        _account("debit_orders"),
        sa.PrimaryKeyConstraint("id", name="pk_debit_orders"),
    )
    op.create_index("ix_debit_orders_account_id", "debit_orders", ["account_id"])
    op.create_index("ix_debit_orders_collect_on", "debit_orders", ["collect_on"])
    op.create_index("ix_debit_orders_state", "debit_orders", ["state"])
    op.create_table(
        "collections",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("message_id", sa.String(length=35), nullable=False),
        sa.Column("execute_on", sa.Date(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("written_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_collections"),
        sa.UniqueConstraint("message_id", name="uq_collections_message_id"),
    )
    op.create_table(
        "payments",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("due_code", sa.String(length=60), nullable=True),
        sa.Column("period", sa.String(length=20), nullable=True),
        sa.Column("reference", sa.String(length=35), nullable=False),
        sa.Column("order_id", sa.String(length=32), nullable=True),
        sa.Column("mandate_id", sa.String(length=32), nullable=True),
        sa.Column("collection_id", sa.String(length=32), nullable=True),
        sa.Column("sequence", sa.String(length=4), nullable=False),
        sa.Column("provider_ref", sa.String(length=80), nullable=True),
        sa.Column("value_date", sa.Date(), nullable=True),
        sa.Column("counts_from", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=10), nullable=False),
        sa.Column("rejected_on", sa.Date(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        _account("payments"),
        sa.ForeignKeyConstraint(["order_id"], ["debit_orders.id"], name="fk_payments_order_id"),
        sa.ForeignKeyConstraint(["mandate_id"], ["mandates.id"], name="fk_payments_mandate_id"),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name="fk_payments_collection_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_payments"),
        sa.UniqueConstraint("reference", name="uq_payments_reference"),
        sa.UniqueConstraint("provider_ref", name="uq_payments_provider_ref"),
    )
    op.create_index("ix_payments_account_id", "payments", ["account_id"])
    op.create_index("ix_payments_collection_id", "payments", ["collection_id"])
    op.create_table(
        "refunds",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.String(length=70), nullable=False),
        sa.Column("iban", sa.Text(), nullable=False),
        sa.Column("reference", sa.String(length=35), nullable=False),
        sa.Column("collection_id", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.String(length=10), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("executed_on", sa.Date(), nullable=True),
        _account("refunds"),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name="fk_refunds_collection_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_refunds"),
        sa.UniqueConstraint("reference", name="uq_refunds_reference"),
    )
    op.create_index("ix_refunds_account_id", "refunds", ["account_id"])
    op.create_index("ix_refunds_collection_id", "refunds", ["collection_id"])
    op.create_table(
        "bank_events",
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("event_id", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("source", "event_id", name="pk_bank_events"),
    )
    op.create_table(
        "sandbox_checkouts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=35), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("return_url", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sandbox_checkouts"),
    )


def downgrade() -> None:
    """There is no way back: it would drop mandates and payments."""
    raise NotImplementedError("this revision cannot be undone")
