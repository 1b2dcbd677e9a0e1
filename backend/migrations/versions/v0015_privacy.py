"""Rotation of keys, closing an account, erasure at the end of retention.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

from backend.migrations.guards import only_erase, protect, re_mark

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables; let the guards of append-only tables know erasure."""
    op.create_table(
        "mark_secrets",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mark_secrets"),
        sa.UniqueConstraint("generation", "position", name="uq_mark_secrets_generation_position"),
    )
    op.create_table(
        "closures",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("effective_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_closures_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_closures"),
    )
    op.create_index("ix_closures_person_id", "closures", ["person_id"])
    op.create_index("ix_closures_state", "closures", ["state"])
    op.create_table(
        "erasures",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_erasures_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
    )
    op.create_index("ix_erasures_subject", "erasures", ["subject"])
    op.create_table(
        "retention_runs",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_retention_runs"),
    )
    op.create_table(
        "data_copies",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("form", sa.String(length=4), nullable=False),
        sa.Column("locale", sa.String(length=5), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_data_copies_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_data_copies"),
    )
    op.create_index("ix_data_copies_person_id", "data_copies", ["person_id"])
    op.add_column(
        "dsn_filings",
        sa.Column("mark_generation", sa.Integer(), nullable=False, server_default="0"),
    )
    with op.batch_alter_table("drafts") as drafts:  # sealed at their next writing
        drafts.alter_column(
            "answers", type_=sa.Text(), existing_type=sa.JSON(), existing_nullable=False,
            postgresql_using="answers::text",
        )  # fmt: skip
    protect("erasures")
    only_erase("profiles", "account_id", "data")
    only_erase("decisions", "account_id", "reason")
    only_erase("dispute_steps", "dispute_id", "body")
    only_erase("claim_steps", "submission_id", "note")
    re_mark("dsn_filings")


def downgrade() -> None:
    """There is no way back: what was erased cannot be told from what never was."""
    raise NotImplementedError("erasures cannot be forgotten")
