"""Reminders, calendar, push notices and messages.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def _id(name: str, size: int = 32, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length=size), nullable=nullable)


def _of(table: str, name: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], [f"{other}.id"], name=f"fk_{table}_{name}")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "notification_choices",
        _id("person_id"),
        sa.Column("email", sa.Boolean(), nullable=False),
        sa.Column("push", sa.Boolean(), nullable=False),
        _of("notification_choices", "person_id", "persons"),
        sa.PrimaryKeyConstraint("person_id", name="pk_notification_choices"),
    )
    op.create_table(
        "reminders_sent",
        _id("account_id"),
        _id("event", 60),
        _id("stage", 10),
        _id("channel", 10),
        sa.Column("sent_at", MOMENT, nullable=False),
        _of("reminders_sent", "account_id", "accounts"),
        sa.PrimaryKeyConstraint(
            "account_id", "event", "stage", "channel", name="pk_reminders_sent"
        ),
    )
    op.create_table(
        "calendar_feeds",
        _id("account_id"),
        _id("token_hash", 64),
        sa.Column("created_at", MOMENT, nullable=False),
        _of("calendar_feeds", "account_id", "accounts"),
        sa.PrimaryKeyConstraint("account_id", name="pk_calendar_feeds"),
        sa.UniqueConstraint("token_hash", name="uq_calendar_feeds_token_hash"),
    )
    op.create_table(
        "push_subscriptions",
        _id("id"),
        _id("person_id"),
        _id("endpoint_hash", 64),
        sa.Column("subscription", sa.Text(), nullable=False),
        _id("device", 120),
        sa.Column("created_at", MOMENT, nullable=False),
        _of("push_subscriptions", "person_id", "persons"),
        sa.PrimaryKeyConstraint("id", name="pk_push_subscriptions"),
        sa.UniqueConstraint("endpoint_hash", name="uq_push_subscriptions_endpoint_hash"),
    )
    op.create_index("ix_push_subscriptions_person_id", "push_subscriptions", ["person_id"])
    op.create_table(
        "threads",
        _id("id"),
        _id("account_id"),
        _id("subject", 30),
        _id("title", 120),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        _of("threads", "account_id", "accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_threads"),
    )
    op.create_index("ix_threads_account_id", "threads", ["account_id"])
    op.create_index("ix_threads_inbox", "threads", ["answered", "changed_at"])
    op.create_table(
        "thread_messages",
        _id("id", 40),
        _id("thread_id"),
        _id("author", 10),
        _id("author_id"),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        _of("thread_messages", "thread_id", "threads"),
        _of("thread_messages", "author_id", "persons"),
        sa.PrimaryKeyConstraint("id", name="pk_thread_messages"),
    )
    op.create_index("ix_thread_messages_thread_id", "thread_messages", ["thread_id"])


def downgrade() -> None:
    """Drop what this revision made."""
    for table in (
        "thread_messages", "threads", "push_subscriptions", "calendar_feeds", "reminders_sent",
        "notification_choices",
    ):  # fmt: skip
        op.drop_table(table)
