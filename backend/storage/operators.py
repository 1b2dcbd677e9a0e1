"""Tables of those who work for the collector, and of their looks at an account."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage.tables import Base, new_id
from backend.storage.types import FreeLine, Moment


class Operator(Base):
    """A person who works for the collector, until removed."""

    __tablename__ = "operators"
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    added_at: Mapped[datetime] = mapped_column(Moment)


class Look(Base):
    """Leave for an operator to read an account for a while, with the reason given."""

    __tablename__ = "looks"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    operator_id: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    reason: Mapped[str] = mapped_column(FreeLine(200))
    opened_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (Index("ix_looks_pair", "operator_id", "account_id"),)
