"""The chain of what happens on an account beside its submissions: ledger, mandates, delegations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage.tables import Base
from backend.storage.types import Moment


class Event(Base):
    """One link. `what`: transaction, mandate.signed, mandate.kept (signed before there was a
    chain), mandate.revoked, mandate.used, mandate.blocked; delegation.given, delegation.accepted,
    delegation.revoked, delegation.left, delegation.refused. `subject`: its row. Append-only."""

    __tablename__ = "events"
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    what: Mapped[str] = mapped_column(String(30))
    subject: Mapped[str] = mapped_column(String(32), index=True)
    at: Mapped[datetime] = mapped_column(Moment)
    prev_hash: Mapped[str] = mapped_column(String(64))
    commitment: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    __table_args__ = ({"info": {"append_only": True}},)


class EventHead(Base):
    """Where the chain of an account ends: a link cut off its end is missed here."""

    __tablename__ = "event_heads"
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    length: Mapped[int] = mapped_column(Integer)
    head: Mapped[str] = mapped_column(String(64))
