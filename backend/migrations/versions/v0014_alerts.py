"""Where people have signed in from, and frozen accounts.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "seen_devices",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_seen_devices_person_id"),
        sa.PrimaryKeyConstraint("person_id", "mark", name="pk_seen_devices"),
    )
    op.create_table(
        "freezes",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_freezes_person_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_freezes"),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("freezes")
    op.drop_table("seen_devices")
