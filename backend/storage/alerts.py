"""Where people have signed in from, and accounts that were frozen."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage.tables import Base
from backend.storage.types import Moment


class SeenDevice(Base):
    """A kind of device on a network that this person signed in from. `mark` is keyed: neither can
    be read back from it."""

    __tablename__ = "seen_devices"
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    first_at: Mapped[datetime] = mapped_column(Moment)
    last_at: Mapped[datetime] = mapped_column(Moment)


class Freeze(Base):
    """Someone whom nobody may sign in as, until a new password is chosen by e-mail."""

    __tablename__ = "freezes"
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    how: Mapped[str] = mapped_column(String(10))  # screen, link
