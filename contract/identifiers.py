"""Checks of public identifiers. Pure, so that the app and the backend agree."""

from __future__ import annotations

_LA_POSTE = "356000000"
_LA_POSTE_HEAD_OFFICE = "35600000000048"


def luhn(digits: str) -> bool:
    """True when `digits` (ASCII digits only) passes the Luhn check (ISO/IEC 7812-1)."""
    total = 0
    for position, char in enumerate(reversed(digits)):
        value = ord(char) - 48
        if position % 2:
            value *= 2
            if value > 9:
                value -= 9
        total += value
    return total % 10 == 0


def compact(text: str) -> str:
    """`text` without the spaces, dots and dashes that people type between groups of digits."""
    return "".join(c for c in text if c not in " .-\u00a0\u202f\u2009\t")


def siret_error(text: str) -> str | None:
    """None when `text` is a valid SIRET, else a code: siret_characters, siret_length, siret_check.

    14 digits that pass Luhn; the establishments of La Poste other than its head office are valid
    when the sum of their digits is a multiple of five (INSEE).
    """
    digits = compact(text)
    if not digits.isascii() or not digits.isdigit():
        return "siret_characters"
    if len(digits) != 14:
        return "siret_length"
    if digits[:9] == "000000000":
        return "siret_check"
    if digits.startswith(_LA_POSTE) and digits != _LA_POSTE_HEAD_OFFICE:
        return None if sum(map(int, digits)) % 5 == 0 else "siret_check"
    return None if luhn(digits) and luhn(digits[:9]) else "siret_check"


def mask(text: str, shown: int = 4) -> str:
    """`text` with all but its last `shown` characters replaced by dots, for screens and logs."""
    return "•" * max(0, len(text) - shown) + text[-shown:]
