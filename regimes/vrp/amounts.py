"""Amounts as people type and paste them, read strictly: a doubt is refused, never guessed."""

from __future__ import annotations

import re
from decimal import Decimal

SPACES = " \u00a0\u202f\u2009"
_GROUPED = re.compile(rf"[0-9]{{1,3}}(?:[{SPACES}][0-9]{{3}})+(?:[.,][0-9]{{1,2}})?")
_PLAIN = re.compile(r"[0-9]{1,8}(?:[.,][0-9]{1,2})?")
_BORDER = f"{SPACES}\t\r\n"


def parse_amount(text: str) -> Decimal | None:
    """Euros of one cell ("1 234,56", "1234.56", "1 234,56 €"), or None when it is not certain.

    Thousands are parted by single spaces, by three exactly; a comma or a point before one or two
    figures marks the cents. "1,234" and "1.234" could be either: refused. A line break inside is
    never a thousands separator."""
    cell = text.strip(_BORDER)
    sign = 1
    if cell.endswith("€"):
        cell = cell[:-1].strip(_BORDER)
    if cell[:1] in {"-", "−"}:
        sign, cell = -1, cell[1:].strip(_BORDER)
    if not cell.isascii() and any(not c.isascii() and c not in SPACES for c in cell):
        return None
    if not (_PLAIN.fullmatch(cell) or _GROUPED.fullmatch(cell)):
        return None
    digits = "".join(c for c in cell if c not in SPACES).replace(",", ".")
    amount = Decimal(digits)
    return sign * amount if amount <= Decimal("99999999.99") else None
