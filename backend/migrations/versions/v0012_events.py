"""The chain of ledger and mandates, begun with what is kept already.

Revision ID: 0012
Revises: 0011
"""

import secrets
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

import sqlalchemy as sa
from alembic import op

from backend import chain, events
from backend.migrations import guards
from backend.storage.types import Moment

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

Link = tuple[datetime, str, str, str]
"""When, what, subject, commitment."""
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables, then chain each account's transactions and mandates in their order."""
    op.add_column("mandates", sa.Column("salt", sa.String(length=64), nullable=True))
    op.create_table(
        "events",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=30), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_events_account_id"),
        sa.PrimaryKeyConstraint("account_id", "position", name="pk_events"),
    )
    op.create_index("ix_events_subject", "events", ["subject"])
    op.create_table(
        "event_heads",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_event_heads_account_id"),
        sa.PrimaryKeyConstraint("account_id", name="pk_event_heads"),
    )
    begin(op.get_bind())
    guards.protect("events")


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("event_heads")
    op.drop_table("events")
    with op.batch_alter_table("mandates") as table:
        table.drop_column("salt")


def begin(connection: sa.Connection) -> None:
    """Chain what is kept, account by account."""
    seen = sa.MetaData()
    event = sa.Table("events", seen, autoload_with=connection)
    head = sa.Table("event_heads", seen, autoload_with=connection)
    account = sa.table("accounts", sa.column("id"))
    for (name,) in connection.execute(sa.select(account.c.id)).all():
        found = sorted([*_transactions(connection, name), *_mandates(connection, name)])
        last, rows = chain.START, []
        for position, (at, what, subject, commitment) in enumerate(found, start=1):
            sealed = events.event_hash(name, position, last, what, subject, commitment, at)
            rows.append(
                {
                    "account_id": name, "position": position, "what": what, "subject": subject,
                    "at": at, "prev_hash": last, "commitment": commitment, "hash": sealed,
                }
            )  # fmt: skip
            last = sealed
        if rows:
            connection.execute(event.insert(), rows)
            connection.execute(
                head.insert(), {"account_id": name, "length": len(rows), "head": last}
            )


def _transactions(connection: sa.Connection, account_id: str) -> Iterator[Link]:
    found = connection.execute(
        sa.text(
            "SELECT t.id, t.kind, t.origin_kind, t.origin_id, t.booked_at, t.value_date,"
            " l.position, l.ledger_account, l.period, l.line_code, l.amount_cents"
            " FROM ledger_transactions t JOIN ledger_lines l ON l.transaction_id = t.id"
            " WHERE t.account_id = :account ORDER BY t.id"
        ).columns(booked_at=Moment, value_date=sa.Date),
        {"account": account_id},
    )
    for _, group in groupby(found, key=lambda row: row.id):
        lines = list(group)
        one = lines[0]
        yield (
            one.booked_at, events.TRANSACTION, one.id,
            events.transaction_commitment(
                one.id, one.kind, (one.origin_kind, one.origin_id), one.booked_at, one.value_date,
                [tuple(line[6:]) for line in lines],
            ),
        )  # fmt: skip


def _mandates(connection: sa.Connection, account_id: str) -> Iterator[Link]:
    found = connection.execute(
        sa.text(
            "SELECT id, rum, ics, holder, one_off, state, signed_at, revoked_at, last_used_on,"
            " signature FROM mandates WHERE account_id = :account ORDER BY id"
        ).columns(signed_at=Moment, revoked_at=Moment, one_off=sa.Boolean, signature=sa.JSON),
        {"account": account_id},
    ).all()
    for row in found:
        salt = secrets.token_hex(32)
        connection.execute(
            sa.text("UPDATE mandates SET salt = :salt WHERE id = :id"), {"salt": salt, "id": row.id}
        )
        yield (
            row.signed_at, events.MANDATE + "kept", row.id,
            events.mandate_commitment(
                salt, row.id, row.rum, row.ics, row.holder, None, row.one_off, row.signed_at,
                row.signature,
            ),
        )  # fmt: skip
        if row.state != "active":
            yield (
                row.revoked_at or row.signed_at, events.MANDATE + row.state, row.id,
                events.state_commitment(row.id, row.state),
            )  # fmt: skip
