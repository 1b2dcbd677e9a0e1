"""The table of documents issued: each made once, sealed, and kept as issued."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage.tables import Base, new_id
from backend.storage.types import Moment


class IssuedDocument(Base):
    """A sealed PDF of an account. `origin` names what it speaks of (a submission, a mandate…) and
    makes it one of its kind in a language; `key` finds its bytes in the file store. Append-only."""

    __tablename__ = "documents"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    kind: Mapped[str] = mapped_column(String(30))
    origin: Mapped[str] = mapped_column(String(80))
    locale: Mapped[str] = mapped_column(String(5))
    title: Mapped[str] = mapped_column(String(200))
    year: Mapped[int] = mapped_column(Integer)
    number: Mapped[str] = mapped_column(String(40))
    code: Mapped[str | None] = mapped_column(String(40), unique=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(Integer)
    key: Mapped[str] = mapped_column(String(80))
    issued_at: Mapped[datetime] = mapped_column(Moment)
    valid_until: Mapped[date | None] = mapped_column(Date)
    __table_args__ = (
        UniqueConstraint("account_id", "kind", "origin", "locale"),
        Index("ix_documents_account", "account_id", "issued_at"),
        {"info": {"append_only": True}},
    )
