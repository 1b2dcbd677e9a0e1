"""Marks of what must be translated."""

from __future__ import annotations


def N_(message: str) -> str:
    """`message` itself: marks a French msgid written in data, translated where it is shown."""
    return message
