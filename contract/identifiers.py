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


IBAN_LENGTHS = {
    "AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18,
    "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28,
    "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31,
    "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
    "VA": 22,
}  # fmt: skip
"""Length of an IBAN in each country whose accounts SEPA can debit (ISO 13616)."""
_RIB = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789")


def iban_error(text: str) -> str | None:
    """None when `text` is a valid IBAN of the SEPA area, else a code: iban_format, iban_country,
    iban_length, iban_check, iban_rib.

    ISO 13616: remainder 1 modulo 97, the length of the country. French and Monegasque accounts
    carry the key of the RIB too, which must agree.
    """
    iban = compact(text).upper()
    head, digits, rest = iban[:2], iban[2:4], iban[4:]
    plain = iban.isascii() and iban.isalnum()
    if not plain or not head.isalpha() or not digits.isdigit() or len(rest) < 8:
        return "iban_format"
    if head not in IBAN_LENGTHS:
        return "iban_country"
    if len(iban) != IBAN_LENGTHS[head]:
        return "iban_length"
    if _mod97(rest + head + digits) != 1:
        return "iban_check"
    if head in {"FR", "MC"} and not _rib_key(rest):
        return "iban_rib"
    return None


def _mod97(text: str) -> int:
    return int("".join(str(int(char, 36)) for char in text)) % 97


def _rib_key(account: str) -> bool:
    """True when the two last digits of a French account are its key."""
    if not account[21:].isdigit():
        return False
    bank, branch, number = (
        part.translate(_RIB) for part in (account[:5], account[5:10], account[10:21])
    )
    key = 97 - (89 * int(bank) + 15 * int(branch) + 3 * int(number)) % 97
    return key == int(account[21:])


def grouped_iban(iban: str) -> str:
    """An IBAN in groups of four, as people read it."""
    return " ".join(iban[i : i + 4] for i in range(0, len(iban), 4))


def masked_iban(iban: str) -> str:
    """The country and the last four characters alone: FR76 •••• •••• 0189."""
    return f"{iban[:4]} •••• •••• {iban[-4:]}"


def creditor_reference(body: str) -> str:
    """`body` (letters and digits, 21 at most) as a reference with its check digits (ISO 11649)."""
    key = 98 - _mod97(body + "RF00")
    return f"RF{key:02}{body}"


def reference_valid(text: str) -> bool:
    """True when `text` is an ISO 11649 reference whose check digits agree."""
    reference = compact(text).upper()
    return (
        reference.startswith("RF") and 5 <= len(reference) <= 25
        and reference.isascii() and reference.isalnum() and reference[2:4].isdigit()
        and _mod97(reference[4:] + reference[:4]) == 1
    )  # fmt: skip
