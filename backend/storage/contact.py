"""Tables of what reaches a person and what they write: reminders, calendar, push, messages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage.tables import Base, new_id
from backend.storage.types import EncryptedText, FreeLine, FreeText, Moment


class NotificationChoice(Base):
    """Which channels a person wants. No row: e-mail alone."""

    __tablename__ = "notification_choices"
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    email: Mapped[bool] = mapped_column(Boolean)
    push: Mapped[bool] = mapped_column(Boolean)


class ReminderSent(Base):
    """A reminder claimed by the process that sends it: once, however many processes there are."""

    __tablename__ = "reminders_sent"
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    event: Mapped[str] = mapped_column(String(60), primary_key=True)
    stage: Mapped[str] = mapped_column(String(10), primary_key=True)
    channel: Mapped[str] = mapped_column(String(10), primary_key=True)
    sent_at: Mapped[datetime] = mapped_column(Moment)


class CalendarFeed(Base):
    """The private address of an account's calendar; only the hash of its token is kept."""

    __tablename__ = "calendar_feeds"
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment)


class PushSubscription(Base):
    """A browser that accepts notices. The endpoint is the browser maker's."""

    __tablename__ = "push_subscriptions"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), index=True)
    endpoint_hash: Mapped[str] = mapped_column(String(64), unique=True)
    subscription: Mapped[str] = mapped_column(EncryptedText)
    device: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime] = mapped_column(Moment)


class Thread(Base):
    """A conversation of an account with the collector."""

    __tablename__ = "threads"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    subject: Mapped[str] = mapped_column(String(30))
    title: Mapped[str] = mapped_column(FreeLine(120))
    created_at: Mapped[datetime] = mapped_column(Moment)
    answered: Mapped[bool] = mapped_column(Boolean, default=False)
    """True when the last word is the collector's."""
    changed_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (Index("ix_threads_inbox", "answered", "changed_at"),)


class ThreadMessage(Base):
    """One message. `author` is person or collector; `files` names attachments, by commas."""

    __tablename__ = "thread_messages"
    id: Mapped[str] = mapped_column(String(40), primary_key=True, default=new_id)
    thread_id: Mapped[str] = mapped_column(ForeignKey("threads.id"), index=True)
    author: Mapped[str] = mapped_column(String(10))
    author_id: Mapped[str] = mapped_column(ForeignKey("persons.id"))
    body: Mapped[str] = mapped_column(FreeText)
    files: Mapped[str] = mapped_column(Text, default="")
    sent_at: Mapped[datetime] = mapped_column(Moment)
    read_at: Mapped[datetime | None] = mapped_column(Moment)
