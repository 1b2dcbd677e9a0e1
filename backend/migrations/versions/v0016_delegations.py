"""People who act on the account of another.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

from backend.migrations.guards import protect

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "delegations",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("scopes", sa.String(length=40), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("invited_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("accepted_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("how_ended", sa.String(length=10), nullable=False),
        sa.Column("reminded_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_delegations_account_id"),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_delegations_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_delegations"),
        sa.UniqueConstraint("token_hash", name="uq_delegations_token_hash"),
    )
    op.create_index("ix_delegations_account_id", "delegations", ["account_id"])
    op.create_index("ix_delegations_person_id", "delegations", ["person_id"])
    op.create_table(
        "delegated_acts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("delegation_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["delegation_id"], ["delegations.id"], name="fk_delegated_acts_delegation_id"
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_delegated_acts_account_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_delegated_acts"),
    )
    op.create_index("ix_delegated_acts_account_id", "delegated_acts", ["account_id"])
    op.create_index("ix_delegated_acts_delegation", "delegated_acts", ["delegation_id", "at"])
    protect("delegated_acts")


def downgrade() -> None:
    """There is no way back: what was done for somebody would be forgotten."""
    raise NotImplementedError("what was done for somebody is kept")
