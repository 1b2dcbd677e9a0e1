"""The characters of a file, whatever tool wrote it."""

from __future__ import annotations

from app.imports.statement import FileRefused


def decode(data: bytes) -> str:
    """UTF-8 (with a mark or not), UTF-16 with its mark, else Windows-1252. Raises FileRefused."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            raise FileRefused("encoding") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            raise FileRefused("encoding") from None
    if "\x00" in text:
        raise FileRefused("encoding")
    return text
