"""Rate tables by version.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

from backend.migrations.guards import protect

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "rate_tables",
        sa.Column("regime", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("regime", "version", name="pk_rate_tables"),
    )
    protect("rate_tables")


def downgrade() -> None:
    """Drop what this revision made."""
    op.drop_table("rate_tables")
