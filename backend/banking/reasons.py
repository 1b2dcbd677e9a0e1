"""Why a bank returns a debit (ISO 20022 external codes), and what it means for the mandate."""

from __future__ import annotations

BLOCKING = frozenset({"AC01", "AC04", "AC06", "AC13", "AG01", "MD01", "MD07", "RC01", "BE05"})
"""Codes after which the same account cannot be debited again."""


def blocks(code: str) -> bool:
    """True when the mandate must not be used again."""
    return code in BLOCKING
