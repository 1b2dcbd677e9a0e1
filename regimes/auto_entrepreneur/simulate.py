"""A civil year of an auto-entrepreneur who may not exist yet: same calendar, same assessment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from regimes.auto_entrepreneur import thresholds
from regimes.auto_entrepreneur.assess import CIPAV, assess, plan_for, situation_of
from regimes.auto_entrepreneur.calendar import periods
from regimes.auto_entrepreneur.categories import BNC, CATEGORIES, LABELS, SALES, Category, Nature
from regimes.auto_entrepreneur.declaration import Declaration
from regimes.auto_entrepreneur.profile import Acre, FlatTaxFrom, PeriodicityFrom, Profile
from regimes.auto_entrepreneur.rights import income_of, kept
from regimes.auto_entrepreneur.spans import parts_for
from regimes.dated import RateTable
from regimes.days import month_end
from regimes.income_tax import household_tax, scale_value
from regimes.money import CENT, ZERO, DeclaredEuros, largest_remainder, percent_of, round_euro
from regimes.regime import Filed, Model
from regimes.rights import Said, Way, quarters_of
from regimes.simulation import Crossing, HouseholdFacts, Keep, Simulation, Step

NOTE_YEAR = "Les taux de {year} ne sont pas tous publiés : ceux que l’on connaît servent ici."
NOTE_RICH = (
    "Votre revenu fiscal de référence par part ({income}) dépasse {limit} : l’option pour le "
    "versement libératoire n’est pas ouverte en {year}."
)
NOTE_LIMIT = (
    "Le versement libératoire suppose un revenu fiscal de référence de {before} d’au plus {limit} "
    "par part."
)
NOTE_MICRO = (
    "Une seule année au-dessus ne change rien ; après deux années de suite, le régime micro prend "
    "fin le 1er janvier."
)
NOTE_VAT = "La TVA est à facturer à partir du 1er janvier suivant."
NOTE_VAT_UPPER = "La TVA est à facturer dès le jour du dépassement."
NOTE_ACRE_OVERSEAS = "L’ACRE ne se cumule pas avec les taux réduits d’outre-mer."


class Scenario(Model):
    """What if I earned… `turnover` euros a month or a year, by category; without `start_date` the
    activity is an old one."""

    year: Annotated[int, Field(ge=2023, le=2100)]
    turnover: Annotated[dict[Category, DeclaredEuros], Field(min_length=1)]
    per: Literal["month", "year"] = "year"
    nature: Nature = "commerciale"
    start_date: date | None = None
    acre: bool = False
    periodicity: Literal["monthly", "quarterly"] = "monthly"
    flat_tax: bool = False
    income_per_share: DeclaredEuros | None = None
    department: str | None = None
    household: HouseholdFacts = HouseholdFacts()

    def profile(self) -> Profile:
        """The account that this would be. Raises ValidationError when the law has none such."""
        start = self.start_date or date(self.year - 5, 1, 1)
        categories = tuple(c for c in CATEGORIES if c in self.turnover)
        nature = self.nature
        if set(categories) <= BNC:
            nature = "liberale"
        elif nature == "liberale" and BNC.isdisjoint(categories):
            nature = "commerciale"
        return Profile(
            start_date=start, categories=categories, nature=nature, department=self.department,
            acre=Acre() if self.acre else None,
            periodicity=(PeriodicityFrom(since=start, value=self.periodicity),),
            flat_tax=(FlatTaxFrom(since=start, value=True),) if self.flat_tax else (),
            income_per_share=self.income_per_share,
        )  # fmt: skip


def _months(scenario: Scenario, profile: Profile) -> list[date]:
    """A day of each month of activity of the year."""
    days = [date(scenario.year, month, 1) for month in range(1, 13)]
    return [max(day, profile.start_date) for day in days if month_end(day) >= profile.start_date]


def _amounts(scenario: Scenario, months: Sequence[date]) -> Iterator[tuple[date, str, Decimal]]:
    """Euros of each activity each month; a yearly turnover is spread evenly, to the cent."""
    for category, amount in scenario.turnover.items():
        if scenario.per == "month":
            yield from ((day, category, amount) for day in months)
        elif months:
            split = largest_remainder(amount, [Decimal(1)] * len(months), CENT)
            yield from ((day, category, part) for day, part in zip(months, split, strict=True))


def _steps(
    scenario: Scenario, profile: Profile, cells: Sequence[tuple[date, str, Decimal]],
    rates: RateTable,
) -> list[Step]:  # fmt: skip
    """Each period of the year with its declaration assessed, in order."""
    history: list[Filed] = []
    steps = []
    for period in periods(profile, date(scenario.year, 12, 31), rates):
        if period.end < date(scenario.year, 1, 1):
            continue
        parts = []
        total = ZERO
        for start, end in parts_for(profile, period, rates):
            turnover = dict.fromkeys(profile.categories, ZERO)
            for day, category, amount in cells:
                if start <= day <= end:
                    turnover[category] += amount  # type: ignore[index]
                    total += amount
            parts.append({"start": start, "end": end, "turnover": turnover})
        declaration = Declaration.model_validate({"parts": parts})
        assessment = assess(profile, period, declaration, history, rates)
        history.append(Filed(period, declaration, assessment, period.due))
        steps.append(Step(period, total, assessment))
    return steps


def taxable_income(turnover: dict[str, Decimal], on: date, rates: RateTable) -> Decimal:
    """Income that the scale taxes: turnover less the allowance, 305 € at least for each activity
    (CGI 50-0 and 102 ter). Euros."""
    least = rates.get("tax.allowance.least", on).value
    total = ZERO
    for category, amount in turnover.items():
        rate = rates.get(f"allowance.{category}", on).value
        total += amount - min(amount, max(percent_of(amount, rate), least))
    return total


def _keeps(profile: Profile, months: Sequence[date], rates: RateTable) -> list[Keep]:
    """Sum of the rates of each activity, and until when where it changes within the year."""
    found: list[Keep] = []
    for category in profile.categories:
        spans: list[tuple[date, date, Decimal]] = []
        for day in months:
            plan = plan_for(category, day, situation_of(profile, day, rates), rates)
            percent = sum((item.rate for item in plan.lines), ZERO)
            if spans and spans[-1][2] == percent:
                spans[-1] = (spans[-1][0], month_end(day), percent)
            else:
                spans.append((day, month_end(day), percent))
        for number, (_, end, percent) in enumerate(spans):
            last = number == len(spans) - 1
            found.append(Keep(LABELS[category], percent, None if last else end, category))
    return found


def _crossings(
    scenario: Scenario, profile: Profile, cells: Sequence[tuple[date, str, Decimal]],
    steps: Sequence[Step], rates: RateTable,
) -> list[Crossing]:  # fmt: skip
    """The year against the micro and VAT ceilings, with the month in which each is crossed."""
    total: dict[bool, Decimal] = {True: ZERO, False: ZERO}
    running: list[tuple[date, Decimal, Decimal]] = []
    for day in sorted({cell[0] for cell in cells}):
        for on, category, amount in cells:
            if on == day:
                total[category in SALES] += amount
        running.append((month_end(day), total[True] + total[False], total[False]))
    whole = round_euro(total[True] + total[False])
    services = round_euro(total[False])
    found = []
    for gauge in thresholds.gauges(profile, [], date(scenario.year, 12, 31), rates):
        serves = gauge.code.endswith("services")
        value = services if serves else whole

        def crossed(limit: Decimal, serves: bool = serves) -> date | None:
            return next((end for end, all_, part in running if (part if serves else all_) > limit),
                        None)  # fmt: skip

        vat = gauge.code.startswith("vat")
        found.append(
            Crossing(
                gauge.code, gauge.label, value, gauge.limit, crossed(gauge.limit), gauge.law,
                NOTE_VAT if vat else NOTE_MICRO, gauge.status, gauge.note,
            )
        )  # fmt: skip
        if vat and gauge.upper is not None and value > gauge.upper:
            found[-1] = Crossing(
                gauge.code, gauge.label, value, gauge.upper, crossed(gauge.upper), gauge.law,
                NOTE_VAT_UPPER, gauge.status, gauge.note,
            )  # fmt: skip
    return found


def simulate(scenario: Scenario, today: date, rates: RateTable) -> Simulation:
    """The year of the scenario. Raises ValidationError for an account that the law does not know
    (liberal activity both general and Cipav)."""
    profile = scenario.profile()
    on = date(scenario.year, 12, 31)
    months = _months(scenario, profile)
    cells = list(_amounts(scenario, months))
    steps = _steps(scenario, profile, cells, rates)
    turnover: dict[str, Decimal] = dict.fromkeys(profile.categories, ZERO)
    for _, category, amount in cells:
        turnover[category] += amount
    income = sum(turnover.values(), ZERO)
    paid = sum(
        (line.amount for s in steps for line in s.assessment.lines if line.group == "tax"), ZERO
    )
    contributions = sum((s.due for s in steps), ZERO) - paid
    taxable = taxable_income(turnover, on, rates)
    household = scenario.household.taxed(profile.department)
    without = household_tax(household.other, household, on, rates)
    with_it = household_tax(household.other + taxable, household, on, rates)
    later = with_it.due - without.due
    notes = _notes(scenario, profile, today, rates)
    if scenario.flat_tax:
        later = ZERO
        if household.other and taxable:
            share = with_it.due * household.other / (household.other + taxable)
            later = round_euro(share) - without.due
            notes.append(Said(rates.get("tax.effective", on).note))
    scale = scale_value(on, rates)
    if not scale.confirmed and not scenario.flat_tax:
        notes.append(Said(scale.note))
    notes += [Said(note) for note in dict.fromkeys(n for s in steps for n in s.assessment.notes)]
    funds: dict[str, tuple[str, Decimal]] = {}
    for step in steps:
        for part in step.assessment.shares:
            before = funds.get(part.fund, (part.label, ZERO))[1]
            funds[part.fund] = (part.label, before + part.amount)
    return Simulation(
        regime="auto-entrepreneur", year=scenario.year, income=income, contributions=contributions,
        tax_paid=paid, tax_later=later, steps=tuple(steps),
        keep=tuple(_keeps(profile, months, rates)),
        crossings=tuple(_crossings(scenario, profile, cells, steps, rates)), taxable=taxable,
        tax_with=with_it, tax_without=without, tax_law=scale.law,
        quarters=quarters_of(
            scenario.year, income_of(turnover, on, rates), rates,
            liberal=CIPAV in profile.categories,
            ways=[Way(c, LABELS[c], kept(c, on, rates)) for c in profile.categories],
        ),
        partial=any(s.assessment.partial for s in steps), notes=tuple(notes), funds=funds,
    )  # fmt: skip


def _notes(scenario: Scenario, profile: Profile, today: date, rates: RateTable) -> list[Said]:
    found = []
    if scenario.year > today.year:
        found.append(Said(NOTE_YEAR, {"year": scenario.year}))
    if scenario.acre and profile.overseas:
        found.append(Said(NOTE_ACRE_OVERSEAS))
    limit = rates.find("vl.income_limit", date(scenario.year, 1, 1))
    if scenario.flat_tax and limit is not None:
        told = scenario.income_per_share
        if told is not None and told > limit.value:
            found.append(
                Said(NOTE_RICH, {"income": told, "limit": limit.value, "year": scenario.year})
            )
        elif told is None:
            found.append(Said(NOTE_LIMIT, {"before": scenario.year - 2, "limit": limit.value}))
    return found
