"""Sentences that a régime gives: filled as the person's language writes figures and days."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from contract.i18n import Words
from regimes.rights import Said


def written(value: Any, words: Words) -> str:
    """One figure: euros, a day, a count, or words already."""
    if isinstance(value, Decimal):
        return words.money(value)
    if isinstance(value, date):
        return words.date(value)
    return str(value)


def told(said: Said, words: Words) -> str:
    """The sentence in the person's language."""
    filled = {name: written(value, words) for name, value in said.params.items()}
    return words.t(said.text).format(**filled)
