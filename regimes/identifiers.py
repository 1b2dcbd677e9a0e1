"""Checks of public identifiers (SIRET, NIR). Pure, so that the app and the backend agree."""

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


def nir_error(text: str) -> str | None:
    """None when `text` is a valid NIR with its key, else a code: nir_characters, nir_length,
    nir_check. 13 characters (2A and 2B for Corsica) and a key of two digits: 97 − number mod 97
    (INSEE)."""
    characters = compact(text).upper()
    digits = characters
    if characters[5:7] in {"2A", "2B"}:
        digits = characters[:5] + {"2A": "19", "2B": "18"}[characters[5:7]] + characters[7:]
    if not digits.isascii() or not digits.isdigit():
        return "nir_characters"
    if len(digits) != 15:
        return "nir_length"
    if digits[0] not in "123478":
        return "nir_check"
    return None if 97 - int(digits[:13]) % 97 == int(digits[13:]) else "nir_check"
