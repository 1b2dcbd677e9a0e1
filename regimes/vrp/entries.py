"""What a VRP notes during the year: employers, one entry a month and employer, expenses.

A cell of the year's table is part of one small entry, so that typing it writes that entry alone,
on paper-thin data that a device can keep and send once later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from regimes.money import DeclaredEuros
from regimes.regime import DeclarationRefused, Model
from regimes.vrp.declaration import (
    Category,
    Declaration,
    EmployerYear,
    ExpenseTotal,
    FiledBases,
    Label,
    MonthPay,
    Siret,
)
from regimes.vrp.profile import CardNumber

EmployerId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,32}$")]
MonthCode = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]
AttachmentId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,40}$")]


class Employer(Model):
    """An employer. Its identifier is drawn at random by the device (never the SIRET)."""

    siret: Siret
    name: Label
    start: date
    end: date | None = None
    card: CardNumber = ""
    agricultural: bool = False

    @model_validator(mode="after")
    def _coherent(self) -> Employer:
        if not self.name:
            raise PydanticCustomError("name_missing", "An employer has a name")
        if self.end is not None and self.end < self.start:
            raise PydanticCustomError("end_before_start", "The end precedes the start")
        return self


class Pay(Model):
    """One month with one employer, as the person's own papers say it. Euros; None: empty cell.
    Its identifier is `pay_id(employer, month)`, so that two devices write the same entry."""

    employer: EmployerId
    month: MonthCode
    gross: DeclaredEuros | None = None
    capped: DeclaredEuros | None = None
    uncapped: DeclaredEuros | None = None
    csg: DeclaredEuros | None = None
    dfs: bool | None = None


class Expense(Model):
    """An expense really borne for work: euros including VAT, and how much was paid back."""

    on: date
    category: Category
    amount: DeclaredEuros
    refunded: DeclaredEuros = Decimal(0)
    label: Label = ""
    employer: EmployerId | None = None
    proofs: Annotated[tuple[AttachmentId, ...], Field(max_length=10)] = ()

    @model_validator(mode="after")
    def _coherent(self) -> Expense:
        if self.refunded > self.amount:
            raise PydanticCustomError("refunded_above_amount", "More was paid back than spent")
        return self


MODELS: Mapping[str, type[Model]] = {"employer": Employer, "month": Pay, "expense": Expense}
LINKED = frozenset({"employer", "month"})
CELLS = ("gross", "capped", "uncapped", "csg")
"""Amount cells of a month, in the order of the table."""


def pay_id(employer: str, month: str) -> str:
    """Identifier of the entry of `employer` (its entry identifier) for `month` (2026-03)."""
    return f"{employer}-{month.replace('-', '')}"


def check_entries(entries: Mapping[str, Mapping[str, Any]]) -> None:
    """One employer a SIRET, one entry a month and employer, under its own identifier, of an
    employer that exists. Raises DeclarationRefused."""
    employers = entries.get("employer", {})
    seen: set[str] = set()
    for name, employer in employers.items():
        if employer.siret in seen:
            raise DeclarationRefused("employer_twice", f"{name}.siret")
        seen.add(employer.siret)
    for name, pay in entries.get("month", {}).items():
        if pay.employer not in employers:
            raise DeclarationRefused("employer_unknown", f"{name}.employer")
        if name != pay_id(pay.employer, pay.month):
            raise DeclarationRefused("month_identifier", f"{name}.month")


def from_entries(
    year: int,
    employers: Mapping[str, Employer],
    months: Sequence[Pay],
    expenses: Sequence[Expense],
    filed: Mapping[tuple[str, int], FiledBases] | None = None,
) -> Declaration:
    """The declaration of `year` that the entries make. `filed` (SIRET, month): bases that the
    employers filed; a base typed by the person stands where nothing was filed. An employer
    outside the year is left out; so is a month with no figure."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    found = []
    for name, employer in sorted(employers.items(), key=lambda item: (item[1].name, item[0])):
        if employer.start > last or (employer.end is not None and employer.end < first):
            continue
        paid = []
        for pay in sorted(months, key=lambda p: p.month):
            if pay.employer != name or pay.month[:4] != str(year):
                continue
            number = int(pay.month[5:])
            told = (filed or {}).get((employer.siret, number), FiledBases())
            bases = FiledBases(
                capped=_either(told.capped, pay.capped),
                uncapped=_either(told.uncapped, pay.uncapped),
                csg=_either(told.csg, pay.csg),
            )
            known = [bases.capped, bases.uncapped, bases.csg]
            if pay.gross is None and all(base is None for base in known):
                continue
            paid.append(
                MonthPay(
                    month=number,
                    gross=pay.gross if pay.gross is not None else Decimal(0),
                    dfs=bool(pay.dfs),
                    filed=bases if any(base is not None for base in known) else None,
                )
            )
        found.append(
            EmployerYear(
                siret=employer.siret, name=employer.name, agricultural=employer.agricultural,
                start=employer.start, end=employer.end, months=tuple(paid),
            )
        )  # fmt: skip
    totals: dict[tuple[Category, str | None], Decimal] = {}
    for expense in expenses:
        if expense.on.year != year or expense.amount <= expense.refunded:
            continue
        known_employer = employers.get(expense.employer) if expense.employer else None
        key = (expense.category, known_employer.siret if known_employer else None)
        totals[key] = totals.get(key, Decimal(0)) + expense.amount - expense.refunded
    return Declaration(
        employers=tuple(found),
        expenses=tuple(
            ExpenseTotal(category=category, amount=amount, siret=siret)
            for (category, siret), amount in sorted(
                totals.items(), key=lambda item: (item[0][0], item[0][1] or "")
            )
        ),
    )


def _either(first: Decimal | None, second: Decimal | None) -> Decimal | None:
    return second if first is None else first


def from_rows(year: int, rows: Sequence[Mapping[str, Any]]) -> Declaration | None:
    """The declaration of `year` from entries as mappings with `id` and `kind`; kind `filed` is what
    an employer filed: {siret, month, capped, uncapped, csg}. None without an employer."""

    def of(kind: str) -> list[tuple[str, dict[str, Any]]]:
        return [
            (row["id"], {k: v for k, v in row.items() if k not in {"id", "kind"}})
            for row in rows
            if row.get("kind") == kind
        ]

    employers = {name: Employer.model_validate(data) for name, data in of("employer")}
    if not employers:
        return None
    filed = {
        (row["siret"], int(str(row["month"])[5:])): FiledBases(
            capped=row.get("capped"), uncapped=row.get("uncapped"), csg=row.get("csg")
        )
        for row in rows
        if row.get("kind") == "filed" and str(row["month"])[:4] == str(year)
    }
    return from_entries(
        year, employers, [Pay.model_validate(data) for _, data in of("month")],
        [Expense.model_validate(data) for _, data in of("expense")], filed,
    )  # fmt: skip
