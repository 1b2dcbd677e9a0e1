"""A civil year of a contracted doctor: income, contributions of both bodies, what is left."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from regimes.dated import RateTable
from regimes.doctor_pamc.assess import CODE, assess
from regimes.doctor_pamc.calendar import periods
from regimes.doctor_pamc.declaration import Declaration
from regimes.doctor_pamc.profile import Profile
from regimes.doctor_pamc.rights import rights
from regimes.income_tax import household_tax, scale_value
from regimes.money import ZERO, DeclaredEuros
from regimes.regime import Filed, Model
from regimes.rights import Said
from regimes.simulation import HouseholdFacts, Simulation, Step

NOTE_BNC = (
    "Impôt compté sur le bénéfice après cotisations déductibles, sans la part non déductible de la "
    "CSG et sans avantage particulier."
)
NOTE_FUND = "La part de la Carmf est une estimation sur le revenu de l’année."
NOTE_ALL_SHARED = "Toutes les recettes sont prises dans les tarifs conventionnels."
NOTE_YEAR = "Les taux de {year} ne sont pas tous publiés : ceux que l’on connaît servent ici."


class Scenario(Model):
    """What if I received `receipts` euros in the year and spent `expenses`, contributions left
    out."""

    year: Annotated[int, Field(ge=2023, le=2100)]
    receipts: DeclaredEuros
    expenses: DeclaredEuros = ZERO
    sector: Literal["S1", "S2"] = "S1"
    household: HouseholdFacts = HouseholdFacts()


def simulate(scenario: Scenario, today: date, rates: RateTable) -> Simulation:
    """The year of the scenario, as if the doctor had long been in activity."""
    year = scenario.year
    on = date(year, 12, 31)
    profile = Profile(start_date=date(year - 10, 1, 1), sector=scenario.sector)
    result = scenario.receipts - scenario.expenses
    declaration = Declaration(
        receipts=scenario.receipts, contracted=scenario.receipts,
        profit=result if result >= 0 else None, loss=-result if result < 0 else None,
    )  # fmt: skip
    period = next(p for p in periods(profile, on, rates) if p.end.year == year)
    assessment = assess(profile, period, declaration, rates)
    fund = sum((line.amount for line in assessment.lines if line.apart == "carmf"), ZERO)
    blocked = sum((ln.amount for ln in assessment.lines if ln.code.startswith("csg.other")), ZERO)
    taxable = max(ZERO, result - assessment.due - fund + blocked)
    household = scenario.household.taxed()
    without = household_tax(household.other, household, on, rates)
    with_it = household_tax(household.other + taxable, household, on, rates)
    scale = scale_value(on, rates)
    notes = [Said(NOTE_BNC), Said(NOTE_FUND), Said(NOTE_ALL_SHARED)]
    if year > today.year:
        notes.append(Said(NOTE_YEAR, {"year": year}))
    if not scale.confirmed:
        notes.append(Said(scale.note))
    known = rights(profile, [Filed(period, declaration, assessment, on)], on, rates)
    return Simulation(
        regime=CODE, year=year, income=scenario.receipts, contributions=assessment.due,
        tax_paid=ZERO, tax_later=with_it.due - without.due,
        steps=(Step(period, scenario.receipts, assessment),), taxable=taxable, tax_with=with_it,
        tax_without=without, tax_law=scale.law, quarters=known.quarters,
        expenses=scenario.expenses, partial=assessment.partial, apart=fund, notes=tuple(notes),
    )  # fmt: skip
