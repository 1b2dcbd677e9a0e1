"""Tables of what employers filed for VRP, and of the life of claims."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage.tables import Base, new_id
from backend.storage.types import EncryptedText, FreeText, Moment


class DsnImport(Base):
    """A file of employers' returns, imported once. Append-only."""

    __tablename__ = "dsn_imports"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    operator_id: Mapped[str | None] = mapped_column(String(32))
    lines: Mapped[int] = mapped_column(Integer)
    returns: Mapped[int] = mapped_column(Integer)
    people: Mapped[int] = mapped_column(Integer)
    kept: Mapped[int] = mapped_column(Integer)
    imported_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = ({"info": {"append_only": True}},)


class DsnReturn(Base):
    """One return of one establishment for one month, in the order of arrival. Append-only."""

    __tablename__ = "dsn_returns"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    import_id: Mapped[str] = mapped_column(ForeignKey("dsn_imports.id"))
    position: Mapped[int] = mapped_column(Integer)
    siret: Mapped[str] = mapped_column(String(14))
    employer: Mapped[str] = mapped_column(String(120))
    declared: Mapped[str] = mapped_column(String(7))
    kind: Mapped[str] = mapped_column(String(2))
    received_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (
        Index("ix_dsn_returns_siret", "siret", "declared"),
        {"info": {"append_only": True}},
    )


class DsnFiling(Base):
    """What a return says of one VRP and one month of work, in cents. The NIR itself is not kept:
    `nir_mark` is a keyed fingerprint of it (backend/usecases/marks.py), which alone may change:
    made again under a newer secret, or emptied at the end of its retention. Append-only."""

    __tablename__ = "dsn_filings"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    return_id: Mapped[str] = mapped_column(ForeignKey("dsn_returns.id"), index=True)
    nir_mark: Mapped[str] = mapped_column(String(64))
    mark_generation: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    month: Mapped[str] = mapped_column(String(7))
    gross_cents: Mapped[int | None] = mapped_column(BigInteger)
    capped_cents: Mapped[int | None] = mapped_column(BigInteger)
    uncapped_cents: Mapped[int | None] = mapped_column(BigInteger)
    csg_cents: Mapped[int | None] = mapped_column(BigInteger)
    dfs_cents: Mapped[int | None] = mapped_column(BigInteger)
    dfs_rate_hundredths: Mapped[int | None] = mapped_column(Integer)
    started: Mapped[date | None] = mapped_column(Date)
    ended: Mapped[date | None] = mapped_column(Date)
    __table_args__ = (
        Index("ix_dsn_filings_person", "nir_mark", "month"),
        {"info": {"append_only": True}},
    )


class ClaimStep(Base):
    """A step of a claim after it was received. `files` names attachments, by commas.
    Append-only: a claim moves on, it is never rewritten."""

    __tablename__ = "claim_steps"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submissions.id"))
    position: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(10))
    by_id: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    note: Mapped[str] = mapped_column(FreeText, default="")
    files: Mapped[str] = mapped_column(Text, default="")
    amount_cents: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (
        UniqueConstraint("submission_id", "position"),
        {"info": {"append_only": True}},
    )


class RefundAccount(Base):
    """Where an account's refunds are paid."""

    __tablename__ = "refund_accounts"
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    iban: Mapped[str] = mapped_column(EncryptedText)
    holder: Mapped[str] = mapped_column(EncryptedText)
    changed_at: Mapped[datetime] = mapped_column(Moment)
