"""People who act on the account of another, and what they did there."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage.tables import Base, new_id
from backend.storage.types import Moment


class Delegation(Base):
    """One invitation and what became of it. `scopes`: joined by commas. `ends_on`: the last day.
    `how_ended`: revoked, left, refused."""

    __tablename__ = "delegations"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("persons.id"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(20))
    scopes: Mapped[str] = mapped_column(String(40))
    ends_on: Mapped[date] = mapped_column(Date)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    invited_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    accepted_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    how_ended: Mapped[str] = mapped_column(String(10), default="")
    reminded_at: Mapped[datetime | None] = mapped_column(Moment)


class DelegatedAct(Base):
    """Something done by somebody for another; never a figure. Append-only."""

    __tablename__ = "delegated_acts"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    delegation_id: Mapped[str] = mapped_column(ForeignKey("delegations.id"))
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    at: Mapped[datetime] = mapped_column(Moment)
    act: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(60), default="")
    __table_args__ = (
        Index("ix_delegated_acts_delegation", "delegation_id", "at"),
        {"info": {"append_only": True}},
    )
