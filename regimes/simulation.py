"""A year that is not lived yet: what it would cost and leave, and two of them compared.

A régime that can be simulated has a method `simulate(scenario, today, rates) -> Simulation`; the
scenario is its own closed model. Nothing is kept and no account is needed. Euros are Decimal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from regimes.assessment import Assessment
from regimes.income_tax import Household, Tax
from regimes.money import ZERO, DeclaredEuros
from regimes.regime import Model, Period
from regimes.rights import Quarters, Said

OVERSEAS_TAX = {"971": "a", "972": "a", "974": "a", "973": "b", "976": "b"}
"""Which reduction of the income tax a département has (CGI 197, I-3)."""


class HouseholdFacts(Model):
    """Who is taxed together, and their other net taxable income in euros."""

    couple: bool = False
    children: Annotated[int, Field(ge=0, le=20)] = 0
    alone: bool = False
    other: DeclaredEuros = ZERO

    def taxed(self, department: str | None = None) -> Household:
        """The household as the scale reads it."""
        return Household(
            self.couple, self.children, self.alone, self.other,
            OVERSEAS_TAX.get(department or "", ""),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One period of the year: what is collected in it, and what is to pay for it."""

    period: Period
    income: Decimal
    assessment: Assessment

    @property
    def due(self) -> Decimal:
        """Euros to pay, the versement libératoire included."""
        return self.assessment.due


@dataclass(frozen=True, slots=True)
class Keep:
    """What to set aside of each receipt: percent, by activity (French msgid), to `until` when the
    rate changes within the year."""

    label: str
    percent: Decimal
    until: date | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Crossing:
    """A ceiling against the turnover of the year. `on` is the end of the month in which it would be
    crossed, None when it is not; `meaning` says what follows."""

    code: str
    label: str
    value: Decimal
    limit: Decimal
    on: date | None
    law: str
    meaning: str = ""
    status: str = "confirmed"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Simulation:
    """A year. `tax_paid` is income tax paid with the contributions; `tax_later` what the household
    pays more because of this activity; `expenses` what the person said to spend."""

    regime: str
    year: int
    income: Decimal
    contributions: Decimal
    tax_paid: Decimal
    tax_later: Decimal
    steps: tuple[Step, ...]
    keep: tuple[Keep, ...] = ()
    crossings: tuple[Crossing, ...] = ()
    taxable: Decimal = ZERO
    tax_with: Tax | None = None
    tax_without: Tax | None = None
    tax_law: str = ""
    quarters: Quarters | None = None
    expenses: Decimal = ZERO
    partial: bool = False
    apart: Decimal = ZERO
    notes: tuple[Said, ...] = ()
    funds: Mapping[str, tuple[str, Decimal]] = field(default_factory=dict)

    @property
    def tax(self) -> Decimal:
        """Income tax because of this activity, in euros."""
        return self.tax_paid + self.tax_later

    @property
    def net_before_tax(self) -> Decimal:
        """Euros left after contributions and expenses, before income tax."""
        return self.income - self.contributions - self.apart - self.expenses

    @property
    def net(self) -> Decimal:
        """Euros left after contributions, expenses and income tax."""
        return self.net_before_tax - self.tax

    @property
    def burden(self) -> Decimal:
        """Percent of the income that contributions and tax take; zero without income."""
        if not self.income:
            return ZERO
        return (self.contributions + self.apart + self.tax) * 100 / self.income


COMPARED: tuple[str, ...] = (
    "income", "contributions", "apart", "expenses", "tax", "net",
)  # fmt: skip


def difference(one: Simulation, other: Simulation) -> dict[str, Decimal]:
    """What `other` has more than `one`, in euros, figure by figure."""
    return {name: getattr(other, name) - getattr(one, name) for name in COMPARED}


def simulate(regime: Any, scenario: Any, today: date, rates: Any) -> Simulation | None:
    """The simulation of a régime that offers it, else None."""
    known = getattr(regime, "simulate", None)
    found: Simulation | None = known(scenario, today, rates) if known is not None else None
    return found
