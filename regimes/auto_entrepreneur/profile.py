"""The facts about an auto-entrepreneur's account that the computation needs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from regimes.auto_entrepreneur.categories import BNC, CATEGORIES, Category, Nature
from regimes.auto_entrepreneur.departments import DEPARTMENTS, OVERSEAS
from regimes.money import Euros
from regimes.regime import Model

EARLIEST = date(2009, 1, 1)  # the régime did not exist before


class Acre(Model):
    """ACRE granted on a request made on `requested_on` (CSS L131-6-4)."""

    requested_on: date | None = None


class PeriodicityFrom(Model):
    """Monthly or quarterly from a date on (CSS R613-7)."""

    since: date
    value: Literal["monthly", "quarterly"]


class FlatTaxFrom(Model):
    """Versement libératoire in or out from a date on (CGI 151-0)."""

    since: date
    value: bool


class Profile(Model):
    """An auto-entrepreneur's account. Categories are kept in the official order."""

    start_date: date
    end_date: date | None = None
    categories: Annotated[tuple[Category, ...], Field(max_length=5)]
    nature: Nature
    department: str | None = None
    double_registration: bool = False
    acre: Acre | None = None
    periodicity: Annotated[tuple[PeriodicityFrom, ...], Field(max_length=40)]
    flat_tax: Annotated[tuple[FlatTaxFrom, ...], Field(max_length=40)] = ()
    income_per_share: Annotated[Euros, Field(ge=0, le=Decimal("99999999.99"))] | None = None
    vat_registered: bool = False
    seasonal: bool = False
    dedicated_account: bool = False

    @field_validator("start_date")
    @classmethod
    def _start(cls, value: date) -> date:
        if value < EARLIEST:
            raise PydanticCustomError("start_date_too_early", "Before 2009")
        if value.year > 2100:
            raise PydanticCustomError("start_date_too_late", "Too far in the future")
        return value

    @field_validator("department")
    @classmethod
    def _department(cls, value: str | None) -> str | None:
        if value is not None and value not in DEPARTMENTS:
            raise PydanticCustomError("department_unknown", "Not the INSEE code of a département")
        return value

    @field_validator("categories")
    @classmethod
    def _categories(cls, value: tuple[Category, ...]) -> tuple[Category, ...]:
        if not value:
            raise PydanticCustomError("categories_missing", "At least one activity")
        if len(set(value)) != len(value):
            raise PydanticCustomError("categories_doubled", "A category is named twice")
        if set(value) >= BNC:
            raise PydanticCustomError(
                "categories_bnc_and_cipav", "Liberal activity is either general or Cipav"
            )
        return tuple(c for c in CATEGORIES if c in value)

    @field_validator("periodicity")
    @classmethod
    def _periodicity(cls, value: tuple[PeriodicityFrom, ...]) -> tuple[PeriodicityFrom, ...]:
        if not value:
            raise PydanticCustomError("periodicity_missing", "Monthly or quarterly")
        return value

    @model_validator(mode="after")
    def _coherent(self) -> Profile:
        if self.end_date is not None and self.end_date < self.start_date:
            raise PydanticCustomError("end_before_start", "The end precedes the start")
        if self.nature == "liberale" and set(self.categories).isdisjoint(BNC):
            raise PydanticCustomError(
                "nature_without_liberal", "A liberal registration needs a BNC activity"
            )
        if self.nature != "liberale" and set(self.categories) <= BNC:
            raise PydanticCustomError(
                "nature_needs_bic", "A trade or craft registration needs a BIC activity"
            )
        if [p.since for p in self.periodicity] != sorted({p.since for p in self.periodicity}):
            raise PydanticCustomError("periodicity_order", "Dates must grow")
        if [p.since for p in self.flat_tax] != sorted({p.since for p in self.flat_tax}):
            raise PydanticCustomError("flat_tax_order", "Dates must grow")
        return self

    @property
    def overseas(self) -> bool:
        """True when CSS D756-5 applies, which excludes the ACRE."""
        return self.department in OVERSEAS

    def periodicity_on(self, on: date) -> Literal["monthly", "quarterly"]:
        """Periodicity in force on `on` (the first one before it starts)."""
        current = self.periodicity[0].value
        for choice in self.periodicity:
            if choice.since <= on:
                current = choice.value
        return current

    def flat_tax_on(self, on: date) -> bool:
        """True when the versement libératoire is in force on `on`."""
        current = False
        for choice in self.flat_tax:
            if choice.since <= on:
                current = choice.value
        return current
