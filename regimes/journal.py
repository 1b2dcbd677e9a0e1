"""Receipts noted between two declarations: what every profession that declares receipts shares.

The book of receipts is kept day by day and tells amount and origin (C. com. L123-28, CGI 50-0 and
102 ter), payments in cash apart, with the references of the vouchers (C. com. D123-205-1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from regimes.money import Euros
from regimes.regime import DeclarationRefused, Model

RECEIPT = "receipt"
LABEL_RULE = "label-rule"
EARLIEST = date(2009, 1, 1)

LAW = "C. com. L123-28 et D123-205-1 ; CGI 50-0 et 102 ter"

Method = Literal["", "transfer", "card", "cash", "cheque", "direct_debit", "platform", "other"]

METHOD_LABELS: dict[str, str] = {
    "": "Non précisé",
    "transfer": "Virement",
    "card": "Carte",
    "cash": "Espèces",
    "cheque": "Chèque",
    "direct_debit": "Prélèvement",
    "platform": "Plateforme",
    "other": "Autre moyen",
}
"""French msgids of the payment methods, the cash apart as the book asks."""


def _printable(value: str) -> str:
    if not all(char.isprintable() for char in value):
        raise PydanticCustomError("text_characters", "A text holds no control character")
    return value


Line = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=120), AfterValidator(_printable)
]
Note = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(_printable)
]
Activity = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{0,40}$")]
Handle = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{0,64}$")]


class Receipt(Model):
    """Money collected on one day, in euros. Negative for what is given back to a client.

    `category` is the code of one of the account's activities. `platform`: a platform already
    withheld the contributions (CSS L613-6-1): not declared again, and counted for the ceilings.
    `bank` tells one line of a bank statement from every other, so that none is taken twice.
    """

    on: date
    amount: Annotated[Euros, Field(ge=Decimal("-99999999.99"), le=Decimal("99999999.99"))]
    category: Activity = ""
    client: Line = ""
    nature: Line = ""
    reference: Line = ""
    method: Method = ""
    note: Note = ""
    platform: bool = False
    attachment: Handle = ""
    bank: Handle = ""
    origin: Line = ""
    """File and line it was imported from; empty when it was typed."""

    @field_validator("amount")
    @classmethod
    def _some(cls, value: Decimal) -> Decimal:
        if value == 0:
            raise PydanticCustomError("amount_zero", "A receipt is not zero")
        return value

    @field_validator("on")
    @classmethod
    def _day(cls, value: date) -> date:
        if value < EARLIEST:
            raise PydanticCustomError("receipt_too_early", "Before 2009")
        return value


class LabelRule(Model):
    """What lines of a bank statement that start with `label` are: remembered when lines are
    sorted, so that the next statement sorts itself."""

    label: Line
    receipt: bool
    category: Activity = ""
    platform: bool = False


ENTRY_MODELS: Mapping[str, type[Model]] = {RECEIPT: Receipt, LABEL_RULE: LabelRule}
"""The kinds of entries of a profession that declares receipts."""


def check_receipts(entries: Iterable[Any], today: date, categories: Sequence[str] = ()) -> None:
    """Whether receipts may be kept. Raises DeclarationRefused for one of tomorrow or later (what
    is due is what was collected), or of an activity that `categories` does not name, if given."""
    # A day more than the clock of Paris: it is already tomorrow in New Caledonia.
    last = today + timedelta(days=1)
    for entry in entries:
        if not isinstance(entry, Receipt):
            continue
        if entry.on > last:
            raise DeclarationRefused("receipt_in_future", "on")
        if categories and entry.category not in categories:
            raise DeclarationRefused("category_unknown", "category")


def in_period(entries: Iterable[Any], start: date, end: date) -> list[Receipt]:
    """The receipts collected from `start` to `end`, both included, oldest first."""
    found = [e for e in entries if isinstance(e, Receipt) and start <= e.on <= end]
    return sorted(found, key=lambda e: e.on)


def facts(receipts: Iterable[Receipt]) -> list[dict[str, Any]]:
    """Receipts as `from_journal` reads them, merged by day, activity and platform: a declaration
    depends on their sums alone."""
    sums: dict[tuple[date, str, bool], Decimal] = {}
    for receipt in receipts:
        key = (receipt.on, receipt.category, receipt.platform)
        sums[key] = sums.get(key, Decimal(0)) + receipt.amount
    return [
        {"on": on, "category": category, "platform": platform, "amount": amount}
        for (on, category, platform), amount in sums.items()
    ]
