"""The figures of one period: turnover collected, by part and category."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from regimes.auto_entrepreneur.categories import Category
from regimes.money import ZERO, DeclaredEuros, round_euro
from regimes.regime import Model

Turnover = dict[Category, DeclaredEuros]


class Part(Model):
    """Turnover collected from `start` to `end`, both included, in euros by category."""

    start: date
    end: date
    turnover: Turnover


class Declaration(Model):
    """What an auto-entrepreneur declares (CSS L613-8): turnover collected in the period.

    `platform` is turnover on which a platform already withheld the contributions (CSS L613-6-1):
    it is not declared again, and counts towards the ceilings.
    """

    regime: Literal["auto-entrepreneur"] = "auto-entrepreneur"
    parts: Annotated[tuple[Part, ...], Field(max_length=6)]
    platform: Turnover = Field(default_factory=dict)

    @field_validator("parts")
    @classmethod
    def _parts_follow(cls, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        # A minimum length on the field would blame the list for one bad amount inside it.
        if not parts:
            raise PydanticCustomError("parts_missing", "A declaration has at least one part")
        for before, after in itertools.pairwise(parts):
            if after.start <= before.end:
                raise PydanticCustomError("parts_overlap", "Parts overlap or are out of order")
        if any(part.end < part.start for part in parts):
            raise PydanticCustomError("parts_reversed", "A part ends before it starts")
        return parts

    def declared(self) -> dict[str, Decimal]:
        """Turnover declared by category over the whole period, as typed (euros and cents)."""
        total: dict[str, Decimal] = {}
        for part in self.parts:
            for category, amount in part.turnover.items():
                total[category] = total.get(category, ZERO) + amount
        return total

    def counted(self) -> dict[str, Decimal]:
        """Turnover that counts towards the ceilings: declared (to the euro) and by platforms."""
        total: dict[str, Decimal] = {}
        for part in self.parts:
            for category, amount in part.turnover.items():
                total[category] = total.get(category, ZERO) + round_euro(amount)
        for category, amount in self.platform.items():
            total[category] = total.get(category, ZERO) + round_euro(amount)
        return total
