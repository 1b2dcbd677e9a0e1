"""Column types: moments in UTC, and texts encrypted at rest."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, String, Text
from sqlalchemy.types import TypeDecorator

from backend.keys import Keys
from contract.hiding import hidden

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


class FreeText(TypeDecorator[str]):
    """What people write in their words: a NIR or an IBAN in it is kept masked."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        """Mask."""
        return None if value is None else hidden(value)


class FreeLine(FreeText):
    """The same, of bounded length."""

    impl = String  # type: ignore[assignment]
    cache_ok = True


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


class EncryptedJson(TypeDecorator[Any]):
    """A JSON value sealed with the collector's key. One kept before in clear is read as it is,
    and sealed when it is next written, or by `quittance rotate-keys`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        """Seal."""
        if value is None:
            return None
        if _keys is None:
            raise RuntimeError("no key was loaded")
        return _keys.encrypt(json.dumps(value))

    def process_result_value(self, value: str | None, dialect: Any) -> Any:
        """Open."""
        if value is None:
            return None
        if in_clear(value):
            return json.loads(value)
        if _keys is None:
            raise RuntimeError("no key was loaded")
        return json.loads(_keys.decrypt(value))


SEALED = (EncryptedText, EncryptedJson)


def in_clear(value: str) -> bool:
    """True for JSON kept before its column was sealed."""
    return value.startswith(("{", "["))
