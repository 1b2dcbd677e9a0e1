"""Second factors, passkeys, linked providers.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def _person(table: str, nullable: bool = False) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("person_id", sa.String(length=32), nullable=nullable),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=f"fk_{table}_person_id"),
    ]


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "factors",
        *_person("factors"),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("lost_at", MOMENT, nullable=True),
        sa.Column("removable_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("person_id", name="pk_factors"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        *_person("recovery_codes"),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("code_hash", name="pk_recovery_codes"),
    )
    op.create_index("ix_recovery_codes_person_id", "recovery_codes", ["person_id"])
    op.create_table(
        "passkeys",
        sa.Column("id", sa.String(length=32), nullable=False),
        *_person("passkeys"),
        sa.Column("credential_id", sa.String(length=1400), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("synced", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        sa.UniqueConstraint("credential_id", name="uq_passkeys_credential_id"),
    )
    op.create_index("ix_passkeys_person_id", "passkeys", ["person_id"])
    op.create_table(
        "ceremonies",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        *_person("ceremonies", nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name="pk_ceremonies"),
    )
    op.create_index("ix_ceremonies_person_id", "ceremonies", ["person_id"])
    op.create_index("ix_ceremonies_expires_at", "ceremonies", ["expires_at"])
    op.create_table(
        "linked_identities",
        sa.Column("id", sa.String(length=32), nullable=False),
        *_person("linked_identities"),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("linked_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_linked_identities"),
        sa.UniqueConstraint("issuer", "subject", name="uq_linked_identities_issuer_subject"),
        sa.UniqueConstraint("person_id", "issuer", name="uq_linked_identities_person_id_issuer"),
    )
    op.create_index("ix_linked_identities_person_id", "linked_identities", ["person_id"])
    op.create_table(
        "provider_sessions",
        sa.Column("session_id", sa.String(length=32), nullable=False),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("sid", sa.String(length=255), nullable=False),
        sa.Column("id_token", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name="fk_provider_sessions_session_id"
        ),
        sa.PrimaryKeyConstraint("session_id", name="pk_provider_sessions"),
    )
    op.create_index("ix_provider_sessions_subject", "provider_sessions", ["subject"])


def downgrade() -> None:
    """Drop the tables."""
    for table in (
        "provider_sessions", "linked_identities", "ceremonies", "passkeys", "recovery_codes",
        "factors",
    ):  # fmt: skip
        op.drop_table(table)
