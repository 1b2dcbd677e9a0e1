"""What a ready account of the demo is made of: its facts and its figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from backend.services import Services
from backend.storage.tables import Account, Person
from regimes.journal import Receipt
from regimes.regime import Period

Figures = Callable[[date, str], Decimal]


def nothing(_month: date, _category: str) -> Decimal:
    """No receipt."""
    return Decimal(0)


@dataclass(frozen=True)
class Story:
    """One ready account: profile, figures, and periods left undeclared. Figures are receipts by
    month and category, or with `declarations` the whole declaration of a period (None: nothing
    is sent for it)."""

    slug: str
    title: str
    summary: str
    name: str
    siret: str
    regime: str
    profile: dict[str, Any]
    figures: Figures = nothing
    platform: Figures = nothing
    left: int = 1
    """How many of the latest declarable periods are left to declare."""
    declarations: Callable[[Period], dict[str, Any] | None] | None = None
    pays: str = "debit"
    """How the story pays: debit, none, rejected (the last debit comes back), credit (a last
    correction leaves one)."""
    receipts: Sequence[Receipt] = ()
    """What the person noted in the journal."""
    more: Callable[[Services, Person, Account], None] | None = None
    """What else happened, by the real use cases, as of today."""
    notes: Sequence[tuple[str, str, dict[str, Any]]] = ()
    """Other entries: identifier, kind, data."""


def months_ago(day: date, months: int) -> date:
    """The first of the month `months` before the one of `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, 1)
