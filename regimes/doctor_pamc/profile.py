"""The facts about a contracted doctor's account that the computation needs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from regimes.money import Euros
from regimes.regime import Model

EARLIEST = date(1960, 1, 1)
FIRST_YEAR = 2023
"""First year of income whose law is held."""

Income = Annotated[Euros, Field(ge=Decimal("-99999999.99"), le=Decimal("99999999.99"))]
Payment = Literal["monthly_5", "monthly_20", "quarterly"]


class YearIncome(Model):
    """An income of a civil year, in euros, known or estimated on a day."""

    year: Annotated[int, Field(ge=FIRST_YEAR, le=2100)]
    income: Income
    on: date


class Profile(Model):
    """A contracted doctor's account. Sector 2 comes here only when PAMC was chosen at the first
    installation: sign-up asks. `known` are incomes of years before the account, `estimates` those
    the person gave to have the provisional calls follow."""

    start_date: date
    end_date: date | None = None
    sector: Literal["S1", "S2", "NC"]
    replacement: bool = False
    retired: bool = False
    overseas: bool = False
    acre: bool = False
    payment: Payment = "monthly_5"
    known: Annotated[tuple[YearIncome, ...], Field(max_length=10)] = ()
    estimates: Annotated[tuple[YearIncome, ...], Field(max_length=60)] = ()

    @field_validator("start_date")
    @classmethod
    def _start(cls, value: date) -> date:
        if value < EARLIEST:
            raise PydanticCustomError("start_date_too_early", "Before 1960")
        if value.year > 2100:
            raise PydanticCustomError("start_date_too_late", "Too far in the future")
        return value

    @model_validator(mode="after")
    def _coherent(self) -> Profile:
        if self.end_date is not None and self.end_date < self.start_date:
            raise PydanticCustomError("end_before_start", "The end precedes the start")
        if len({known.year for known in self.known}) != len(self.known):
            raise PydanticCustomError("known_doubled", "A year is named twice")
        return self
