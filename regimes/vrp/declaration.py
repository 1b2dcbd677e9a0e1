"""The figures of one year: what each employer paid and filed, month by month, and the expenses."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from regimes.identifiers import compact, siret_error
from regimes.money import DeclaredEuros
from regimes.regime import Model

EMPLOYERS = 40
"""Employers of one year, at most."""


def _siret(value: str) -> str:
    error = siret_error(value)
    if error is not None:
        raise PydanticCustomError(error, "Not a valid SIRET")
    return compact(value)


def _printable(value: str) -> str:
    if not all(char.isprintable() for char in value):
        raise PydanticCustomError("name_characters", "A name holds no control character")
    return value


Siret = Annotated[str, StringConstraints(max_length=40), AfterValidator(_siret)]
Label = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=120), AfterValidator(_printable)
]
Category = Literal["travel", "vehicle", "meals", "lodging", "phone", "office", "samples", "other"]
"""Professional expenses really borne, by nature."""
CATEGORY_LABELS = {
    "travel": "Transports (train, avion, péages)",
    "vehicle": "Véhicule",
    "meals": "Repas",
    "lodging": "Hôtel",
    "phone": "Téléphone et internet",
    "office": "Bureau et fournitures",
    "samples": "Échantillons et collection",
    "other": "Autres frais",
}


class FiledBases(Model):
    """What the employer filed for a month (DSN block S21.G00.78), in euros: `capped` code 02,
    `uncapped` code 03, `csg` code 04. None: not filed or not known."""

    capped: DeclaredEuros | None = None
    uncapped: DeclaredEuros | None = None
    csg: DeclaredEuros | None = None


class MonthPay(Model):
    """One month with one employer: gross pay in euros, whether the flat-rate deduction (DFS) was
    applied, and the bases filed."""

    month: Annotated[int, Field(ge=1, le=12)]
    gross: DeclaredEuros
    dfs: bool = False
    filed: FiledBases | None = None


class EmployerYear(Model):
    """A year with one employer. `start` and `end` are those of the work when they are known: they
    say which months count; without `start`, the months listed do."""

    siret: Siret
    name: Label = ""
    agricultural: bool = False
    start: date | None = None
    end: date | None = None
    months: Annotated[tuple[MonthPay, ...], Field(max_length=12)] = ()

    @model_validator(mode="after")
    def _coherent(self) -> EmployerYear:
        numbers = [pay.month for pay in self.months]
        if len(set(numbers)) < len(numbers):
            raise PydanticCustomError("month_twice", "A month is given twice")
        if self.start is not None and self.end is not None and self.end < self.start:
            raise PydanticCustomError("end_before_start", "The end precedes the start")
        return self


class ExpenseTotal(Model):
    """Expenses of the year really borne and not paid back, of one category, in euros. `siret` names
    the employer they were borne for, when it is one only."""

    category: Category
    amount: DeclaredEuros
    siret: Siret | None = None


class Declaration(Model):
    """What a VRP asks back for a year (one claim a year)."""

    regime: Literal["vrp"] = "vrp"
    employers: Annotated[tuple[EmployerYear, ...], Field(max_length=EMPLOYERS)] = ()
    expenses: Annotated[tuple[ExpenseTotal, ...], Field(max_length=400)] = ()

    @model_validator(mode="after")
    def _coherent(self) -> Declaration:
        sirets = [employer.siret for employer in self.employers]
        if len(set(sirets)) < len(sirets):
            raise PydanticCustomError("employer_twice", "An employer is given twice")
        return self
