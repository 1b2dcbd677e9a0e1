"""Tables of what the collector decides about an account, and of what a person asks of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage.tables import Base, new_id
from backend.storage.types import FreeText, Moment


class Decision(Base):
    """A penalty, a surcharge, a taxation d'office, or what takes one back: what was booked, and
    why. `cents` is the change booked. Append-only."""

    __tablename__ = "decisions"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    kind: Mapped[str] = mapped_column(String(20))  # penalty, surcharge, office, waiver, remission
    code: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(20))
    cents: Mapped[int] = mapped_column(BigInteger)
    base: Mapped[str] = mapped_column(String(20))
    rate: Mapped[str] = mapped_column(String(20))
    label: Mapped[str] = mapped_column(String(200))
    law: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(FreeText)
    decided_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (
        Index("ix_decisions_account", "account_id", "decided_at"),
        {"info": {"append_only": True}},
    )


class PaymentPlan(Base):
    """An instalment plan. `instalments` are {number, due_on, cents}; `periods` what it covers."""

    __tablename__ = "payment_plans"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    state: Mapped[str] = mapped_column(String(10), index=True)  # active, kept, broken
    total_cents: Mapped[int] = mapped_column(BigInteger)
    instalments: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    periods: Mapped[list[str]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(FreeText)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class Dispute(Base):
    """A complaint, or a request for remission, and how far it went."""

    __tablename__ = "disputes"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(12))  # complaint, remission
    about: Mapped[str] = mapped_column(String(60))  # code of a due; empty: the account
    period: Mapped[str] = mapped_column(String(20))
    stage: Mapped[str] = mapped_column(String(12))  # complaint, mediator, commission
    state: Mapped[str] = mapped_column(String(10), index=True)  # open, answered, closed
    opened_at: Mapped[datetime] = mapped_column(Moment)
    stage_at: Mapped[datetime] = mapped_column(Moment)


class DisputeStep(Base):
    """One step of a dispute: who said what, when, with which files. Append-only."""

    __tablename__ = "dispute_steps"
    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_id)
    dispute_id: Mapped[str] = mapped_column(ForeignKey("disputes.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    stage: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(12))  # opened, answered, escalated, added, closed
    author: Mapped[str] = mapped_column(String(10))  # person, collector
    body: Mapped[str] = mapped_column(FreeText)
    outcome: Mapped[str] = mapped_column(String(12))  # accepted, partial, refused, or empty
    files: Mapped[list[str]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = ({"info": {"append_only": True}},)


class Redistribution(Base):
    """What one fund was sent for one month and one régime. Append-only."""

    __tablename__ = "redistributions"
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    regime: Mapped[str] = mapped_column(String(40), primary_key=True)
    fund: Mapped[str] = mapped_column(String(60), primary_key=True)
    cents: Mapped[int] = mapped_column(BigInteger)
    day: Mapped[date] = mapped_column(Date)
    booked_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = ({"info": {"append_only": True}},)
