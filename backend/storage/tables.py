"""Every table. Submissions, profiles and ledger are append-only: the database refuses changes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from backend.storage.types import EncryptedJson, EncryptedText, FreeLine, Moment

APPEND_ONLY = ("profiles", "submissions", "ledger_transactions", "ledger_lines")


def new_id() -> str:
    """An identifier nobody can guess or order."""
    return uuid4().hex


class Base(DeclarativeBase):
    """Declarative base, with names for constraints so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Person(Base):
    """Someone who signs in. May hold several accounts."""

    __tablename__ = "persons"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    email_confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    pending_email: Mapped[str | None] = mapped_column(String(254))
    password_hash: Mapped[str] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(String(5), default="fr")
    theme: Mapped[str] = mapped_column(String(10), default="system")
    text_size: Mapped[int] = mapped_column(Integer, default=100)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Session(Base):
    """An open session. Only the hash of its token is kept."""

    __tablename__ = "sessions"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(10))  # bearer, cookie
    device: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    last_seen_at: Mapped[datetime] = mapped_column(Moment)
    idle_expires_at: Mapped[datetime] = mapped_column(Moment)
    absolute_expires_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class OneTimeToken(Base):
    """A link or code that works once. `data` holds what it will do (a new address…)."""

    __tablename__ = "one_time_tokens"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class Throttle(Base):
    """Failed tries of one bucket (hash of an address or of an account) in the running window."""

    __tablename__ = "throttle"
    bucket: Mapped[str] = mapped_column(String(64), primary_key=True)
    window_start: Mapped[datetime] = mapped_column(Moment)
    count: Mapped[int] = mapped_column(Integer, default=0)


class Account(Base):
    """One profession of one person. `chain_*` is the head of its chain of submissions."""

    __tablename__ = "accounts"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), index=True)
    regime: Mapped[str] = mapped_column(String(40))
    siret: Mapped[str] = mapped_column(String(14))
    name: Mapped[str] = mapped_column(FreeLine(120))
    nir: Mapped[str | None] = mapped_column(EncryptedText)
    iban: Mapped[str | None] = mapped_column(EncryptedText)
    created_at: Mapped[datetime] = mapped_column(Moment)
    chain_length: Mapped[int] = mapped_column(Integer, default=0)
    chain_head: Mapped[str] = mapped_column(String(64), default="0" * 64)
    __table_args__ = (UniqueConstraint("person_id", "regime", "siret"),)


class ProfileVersion(Base):
    """A version of an account's profile. Append-only."""

    __tablename__ = "profiles"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    version: Mapped[int] = mapped_column(Integer)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("account_id", "version"),)


class Draft(Base):
    """What was typed for a period and not sent yet."""

    __tablename__ = "drafts"
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    period: Mapped[str] = mapped_column(String(20), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
    form_version: Mapped[int] = mapped_column(Integer)
    step: Mapped[str] = mapped_column(String(30))
    answers: Mapped[dict[str, str]] = mapped_column(EncryptedJson)
    key: Mapped[str] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(40))
    corrects: Mapped[str | None] = mapped_column(String(40))
    saved_at: Mapped[datetime] = mapped_column(Moment)


class Submission(Base):
    """A link of an account's chain: one declaration or correction, as received. Append-only."""

    __tablename__ = "submissions"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    regime: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(20))
    period_start: Mapped[date] = mapped_column(Date)
    period_end: Mapped[date] = mapped_column(Date)
    due_date: Mapped[date] = mapped_column(Date)
    version: Mapped[int] = mapped_column(Integer)
    corrects: Mapped[str | None] = mapped_column(String(40))
    form_version: Mapped[int] = mapped_column(Integer)
    rates_version: Mapped[str] = mapped_column(String(64))
    profile_version: Mapped[int] = mapped_column(Integer)
    received_at: Mapped[datetime] = mapped_column(Moment)
    late: Mapped[bool] = mapped_column(Boolean)
    due_cents: Mapped[int] = mapped_column(BigInteger)
    fingerprint: Mapped[str] = mapped_column(String(64))
    commitment: Mapped[str] = mapped_column(String(64))
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    chain_index: Mapped[int] = mapped_column(Integer)
    verification_code: Mapped[str] = mapped_column(String(40), unique=True)
    idempotency_key: Mapped[str] = mapped_column(String(64))
    __table_args__ = (
        UniqueConstraint("account_id", "chain_index"),
        UniqueConstraint("account_id", "period", "version"),
        Index("ix_submissions_ends", "account_id", "period_end"),
    )


class SubmissionPayload(Base):
    """The payload of a submission and the salt of its commitment, erasable apart from the chain."""

    __tablename__ = "submission_payloads"
    submission_id: Mapped[str] = mapped_column(ForeignKey("submissions.id"), primary_key=True)
    salt: Mapped[str] = mapped_column(String(64))
    payload: Mapped[str] = mapped_column(Text)


class Idempotency(Base):
    """An answer kept under its key, so that a retry gets it again."""

    __tablename__ = "idempotency"
    scope: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10))  # running, done
    status: Mapped[int | None] = mapped_column(Integer)
    response: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


class LedgerTransaction(Base):
    """A balanced set of ledger lines with its origin. Append-only."""

    __tablename__ = "ledger_transactions"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))  # declaration, correction, payment, penalty…
    origin_kind: Mapped[str] = mapped_column(String(20))
    origin_id: Mapped[str] = mapped_column(String(40))
    booked_at: Mapped[datetime] = mapped_column(Moment)
    value_date: Mapped[date] = mapped_column(Date)
    __table_args__ = (UniqueConstraint("origin_kind", "origin_id", "kind"),)


class LedgerLine(Base):
    """One line: debit positive, credit negative, in cents; a transaction sums to zero."""

    __tablename__ = "ledger_lines"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    transaction_id: Mapped[str] = mapped_column(ForeignKey("ledger_transactions.id"))
    position: Mapped[int] = mapped_column(Integer)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    ledger_account: Mapped[str] = mapped_column(String(60))
    period: Mapped[str] = mapped_column(String(20))
    line_code: Mapped[str] = mapped_column(String(80), default="")
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (
        UniqueConstraint("transaction_id", "position"),
        Index("ix_ledger_lines_period", "account_id", "period"),
    )


class Audit(Base):
    """Who did what, when; without personal figures."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    at: Mapped[datetime] = mapped_column(Moment)
    person_id: Mapped[str | None] = mapped_column(String(32), index=True)
    account_id: Mapped[str | None] = mapped_column(String(32))
    session_id: Mapped[str | None] = mapped_column(String(32))
    action: Mapped[str] = mapped_column(String(60))
    outcome: Mapped[str] = mapped_column(String(30), default="done")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Due(Base):
    """Something called from an account: a declaration paid at once, or one call of a scheduled
    year. Its amount is the ledger's to know; `amount_cents` is what a scheduled call said."""

    __tablename__ = "dues"
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    period: Mapped[str] = mapped_column(String(20))
    due_date: Mapped[date] = mapped_column(Date)
    label: Mapped[str] = mapped_column(String(120))
    provisional: Mapped[bool] = mapped_column(Boolean, default=False)
    amount_cents: Mapped[int | None] = mapped_column(BigInteger)
    issued_at: Mapped[datetime] = mapped_column(Moment)


class Mandate(Base):
    """A SEPA mandate: the leave to debit one bank account. `signature` is how it was given."""

    __tablename__ = "mandates"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    rum: Mapped[str] = mapped_column(String(35), unique=True)
    ics: Mapped[str] = mapped_column(String(35))
    holder: Mapped[str] = mapped_column(FreeLine(70))
    iban: Mapped[str] = mapped_column(EncryptedText)
    bic: Mapped[str] = mapped_column(String(11), default="")
    one_off: Mapped[bool] = mapped_column(Boolean, default=False)
    share: Mapped[int] = mapped_column(Integer)  # percent of an amount that this account bears
    state: Mapped[str] = mapped_column(String(10))  # active, revoked, used, blocked
    signed_at: Mapped[datetime] = mapped_column(Moment)
    signature: Mapped[dict[str, Any]] = mapped_column(JSON)
    first_used_on: Mapped[date | None] = mapped_column(Date)
    last_used_on: Mapped[date | None] = mapped_column(Date)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    salt: Mapped[str | None] = mapped_column(String(64))  # of its link; none once erased


class DebitOrder(Base):
    """The order to debit one due on one day, split between mandates. `parts` are
    {mandate, cents}. Amendable until `cutoff_at`."""

    __tablename__ = "debit_orders"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    due_code: Mapped[str] = mapped_column(String(60))
    period: Mapped[str] = mapped_column(String(20))
    collect_on: Mapped[date] = mapped_column(Date, index=True)
    cutoff_at: Mapped[datetime] = mapped_column(Moment)
    parts: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10), index=True)  # scheduled, sent, cancelled
    on_time: Mapped[bool] = mapped_column(Boolean)  # given by the due date: no surcharge
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    # Together: by the state alone, one account's orders would be looked for among everybody's.
    __table_args__ = (Index("ix_debit_orders_account", "account_id", "state"),)


class Payment(Base):
    """Money that comes in, or should: one debit of one mandate, one card payment, one transfer.
    `counts_from` is the day it counts from for surcharges."""

    __tablename__ = "payments"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    method: Mapped[str] = mapped_column(String(10))  # debit, card, transfer
    state: Mapped[str] = mapped_column(String(10))  # pending, paid, rejected, failed
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    due_code: Mapped[str | None] = mapped_column(String(60))
    period: Mapped[str | None] = mapped_column(String(20))
    reference: Mapped[str] = mapped_column(String(35), unique=True)
    order_id: Mapped[str | None] = mapped_column(ForeignKey("debit_orders.id"))
    mandate_id: Mapped[str | None] = mapped_column(ForeignKey("mandates.id"))
    collection_id: Mapped[str | None] = mapped_column(ForeignKey("collections.id"), index=True)
    sequence: Mapped[str] = mapped_column(String(4), default="")  # FRST, RCUR, OOFF
    provider_ref: Mapped[str | None] = mapped_column(String(80), unique=True)
    value_date: Mapped[date | None] = mapped_column(Date)
    counts_from: Mapped[date | None] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(10), default="")  # why it was rejected
    rejected_on: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Collection(Base):
    """One banking file: debits (pain.008) or refunds (pain.001) of one day, made again from its
    rows when its writing was cut short."""

    __tablename__ = "collections"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(10))  # debits, refunds
    message_id: Mapped[str] = mapped_column(String(35), unique=True)
    execute_on: Mapped[date] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(Moment)
    written_at: Mapped[datetime | None] = mapped_column(Moment)


class Refund(Base):
    """A credit paid back, on the bank account that the person gave."""

    __tablename__ = "refunds"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    state: Mapped[str] = mapped_column(String(10))  # asked, sent, rejected
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    holder: Mapped[str] = mapped_column(FreeLine(70))
    iban: Mapped[str] = mapped_column(EncryptedText)
    reference: Mapped[str] = mapped_column(String(35), unique=True)
    collection_id: Mapped[str | None] = mapped_column(ForeignKey("collections.id"), index=True)
    reason: Mapped[str] = mapped_column(String(10), default="")
    asked_at: Mapped[datetime] = mapped_column(Moment)
    executed_on: Mapped[date | None] = mapped_column(Date)


class BankEvent(Base):
    """What a bank or a payment provider told us, once: a second telling changes nothing."""

    __tablename__ = "bank_events"
    source: Mapped[str] = mapped_column(String(20), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(120), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    received_at: Mapped[datetime] = mapped_column(Moment)


class SandboxCheckout(Base):
    """A card payment at the sandbox provider: its own books, apart from the collector's."""

    __tablename__ = "sandbox_checkouts"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    reference: Mapped[str] = mapped_column(String(35))
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    return_url: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))  # open, paid, refused, abandoned
    created_at: Mapped[datetime] = mapped_column(Moment)
