"""The collector's halves of the keys of people's devices."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.storage.tables import Base
from backend.storage.types import EncryptedText, Moment


class DeviceKey(Base):
    """Half of a device's key. Without a half it was destroyed: too many wrong codes, or revoked."""

    __tablename__ = "device_keys"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id"), index=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id"))
    """The session of the device: it ends when the key is revoked."""
    device: Mapped[str] = mapped_column(String(120))
    proof_hash: Mapped[str] = mapped_column(String(64))
    half: Mapped[str | None] = mapped_column(EncryptedText)
    tries: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Moment)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
