"""Tables of what keeps people's data: secrets of fingerprints, closures, erasures, retention."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage.tables import Base, new_id
from backend.storage.types import EncryptedText, Moment


class MarkSecret(Base):
    """A secret under which fingerprints are made. Those of generation 0 make them of the text,
    each later one of the fingerprint before: a rotation needs no text."""

    __tablename__ = "mark_secrets"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    generation: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(Integer)
    secret: Mapped[str] = mapped_column(EncryptedText)
    made_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("generation", "position"),)


class Closure(Base):
    """A person who asked to leave. `effective_at` ends the time to think again."""

    __tablename__ = "closures"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), index=True)  # asked, cancelled, closed
    asked_at: Mapped[datetime] = mapped_column(Moment)
    effective_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class Erasure(Base):
    """What was erased, when, and under which rule: `subject` is an account, a submission, a
    dispute. The database lets an append-only row lose its words only once this says so.
    Append-only."""

    __tablename__ = "erasures"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    subject: Mapped[str] = mapped_column(String(32))
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    rule: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (
        Index("ix_erasures_subject", "subject"),
        {"info": {"append_only": True}},
    )


class RetentionRun(Base):
    """The retention job of one day, claimed by the process that runs it; what it removed."""

    __tablename__ = "retention_runs"
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    started_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class DataCopy(Base):
    """A copy of a person's data asked for, kept sealed a day for them to take. `state`: making,
    ready, failed."""

    __tablename__ = "data_copies"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), index=True)
    form: Mapped[str] = mapped_column(String(4))
    locale: Mapped[str] = mapped_column(String(5))
    state: Mapped[str] = mapped_column(String(10))
    key: Mapped[str] = mapped_column(String(80), default="")
    size: Mapped[int] = mapped_column(Integer, default=0)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
