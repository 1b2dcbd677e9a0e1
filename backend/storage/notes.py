"""Tables of what a person notes between declarations, and of the files kept with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage.tables import Base, new_id
from backend.storage.types import FreeLine, Moment


class EntryRow(Base):
    """A receipt, a day at sea, an employer… `change` grows at each write of the account, so that
    a device asks for what changed since its last visit."""

    __tablename__ = "entries"
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(Integer)
    deleted: Mapped[bool] = mapped_column(Boolean, default=False)
    change: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (
        Index("ix_entries_kind", "account_id", "kind"),
        Index("ix_entries_change", "account_id", "change"),
    )


class Attachment(Base):
    """A file of an account (a proof, a photo, a letter). Its bytes are in the file store."""

    __tablename__ = "attachments"
    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(FreeLine(120))
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(Moment)
