"""Column types: moments in UTC, and texts encrypted at rest."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Text
from sqlalchemy.types import TypeDecorator

from backend.keys import Keys

_keys: Keys | None = None


def use_keys(keys: Keys) -> None:
    """Name the keys that encrypted columns of this process use."""
    global _keys
    _keys = keys


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps no time zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """UTC, always."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """UTC, always."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EncryptedText(TypeDecorator[str]):
    """A text sealed with the collector's key (NIR, IBAN): the database never holds it in clear."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        """Seal."""
        if value is None:
            return None
        if _keys is None:
            raise RuntimeError("no key was loaded")
        return _keys.encrypt(value)

    def process_result_value(self, value: str | None, dialect: Any) -> str | None:
        """Open."""
        if value is None:
            return None
        if _keys is None:
            raise RuntimeError("no key was loaded")
        return _keys.decrypt(value)
