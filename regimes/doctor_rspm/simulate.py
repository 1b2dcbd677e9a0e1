"""A civil year of a replacement doctor: four quarters of fees, by the régime's own assessment."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from regimes.dated import RateTable
from regimes.doctor_rspm.assess import CODE, FEES_LABEL, assess, bands
from regimes.doctor_rspm.calendar import periods
from regimes.doctor_rspm.ceilings import gauges
from regimes.doctor_rspm.declaration import Declaration
from regimes.doctor_rspm.profile import Profile
from regimes.income_tax import household_tax, scale_value
from regimes.money import CENT, ZERO, DeclaredEuros, largest_remainder, percent_of
from regimes.regime import Filed, Model
from regimes.rights import Said, Way, quarters_of
from regimes.simulation import Crossing, HouseholdFacts, Keep, Simulation, Step

NOTE_STEP = (
    "Au-dessus de 19 000 €, le second taux s’applique ; deux années de suite, fin du régime."
)
NOTE_UPPER = "Au-dessus de 38 000 €, le régime prend fin au 1er janvier suivant."
NOTE_MICRO = "Impôt compté au micro-BNC : abattement de 34 %, 305 € au moins."
NOTE_YEAR = "Les taux de {year} ne sont pas tous publiés : ceux que l’on connaît servent ici."


class Scenario(Model):
    """What if I received `fees` euros, a month or a year."""

    year: Annotated[int, Field(ge=2023, le=2100)]
    fees: DeclaredEuros
    per: Literal["month", "year"] = "year"
    household: HouseholdFacts = HouseholdFacts()


def simulate(scenario: Scenario, today: date, rates: RateTable) -> Simulation:
    """The year of the scenario, a whole one, declared by quarter."""
    year = scenario.year
    on = date(year, 12, 31)
    profile = Profile(start_date=date(year, 1, 1), status="doctor", disability_option=25)
    total = scenario.fees * 12 if scenario.per == "month" else scenario.fees
    parts = largest_remainder(total, [Decimal(1)] * 4, CENT)
    history: list[Filed] = []
    steps = []
    for period, fees in zip(periods(profile, on, rates), parts, strict=True):
        declaration = Declaration(fees=fees)
        assessment = assess(profile, period, declaration, history, rates)
        history.append(Filed(period, declaration, assessment, period.due))
        steps.append(Step(period, fees, assessment))
    kept = rates.get("rights.kept", on)
    cut = max(total - percent_of(total, kept.value), rates.get("tax.allowance.least", on).value)
    taxable = total - min(total, cut)
    household = scenario.household.taxed()
    without = household_tax(household.other, household, on, rates)
    with_it = household_tax(household.other + taxable, household, on, rates)
    scale = scale_value(on, rates)
    notes = [Said(NOTE_MICRO)]
    if year > today.year:
        notes.append(Said(NOTE_YEAR, {"year": year}))
    if not scale.confirmed:
        notes.append(Said(scale.note))
    crossings = []
    for gauge, meaning in zip(gauges(profile, history, on, rates), (NOTE_STEP, NOTE_UPPER),
                              strict=True):  # fmt: skip
        running, when = ZERO, None
        for step in steps:
            running += step.income
            if when is None and running > gauge.limit:
                when = step.period.end
        crossings.append(
            Crossing(gauge.code, gauge.label, total, gauge.limit, when, gauge.law, meaning,
                     gauge.status, gauge.note)
        )  # fmt: skip
    reached = [code for code, part in bands(total, ZERO, on, rates).items() if part]
    return Simulation(
        regime=CODE, year=year, income=total,
        contributions=sum((step.due for step in steps), ZERO), tax_paid=ZERO,
        tax_later=with_it.due - without.due, steps=tuple(steps),
        keep=tuple(
            Keep(rates.get(code, on).label, rates.get(code, on).value, code=code)
            for code in reached or ["fees.first"]
        ),
        crossings=tuple(crossings), taxable=taxable, tax_with=with_it, tax_without=without,
        tax_law=scale.law,
        quarters=quarters_of(
            year, percent_of(total, kept.value), rates, liberal=True,
            ways=[Way("fees", FEES_LABEL, kept.value)], status=kept.status,
        ),
        apart=sum((x.amount for x in steps[-1].assessment.lines if x.apart == "yearly"), ZERO),
        notes=tuple(notes),
    )  # fmt: skip
