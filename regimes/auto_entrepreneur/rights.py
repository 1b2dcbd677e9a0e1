"""What an auto-entrepreneur's contributions give: turnover after the allowance of CSS L613-7 II."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from regimes.auto_entrepreneur.assess import CIPAV, assess
from regimes.auto_entrepreneur.calendar import EARLIEST, periods
from regimes.auto_entrepreneur.categories import LABELS
from regimes.auto_entrepreneur.declaration import Declaration
from regimes.auto_entrepreneur.profile import Profile
from regimes.auto_entrepreneur.spans import parts_for
from regimes.dated import RateTable
from regimes.money import ZERO, percent_of, round_euro
from regimes.regime import History, Period
from regimes.rights import (
    HUNDRED,
    More,
    Quarters,
    Rights,
    Said,
    Way,
    average_of,
    maternity_of,
    paced,
    quarters_of,
    sickness_of,
)

NOTE_MAYOTTE = "Le SMIC de Mayotte est différent : seuils à confirmer."
NOTE_STEP = "Chaque ligne est arrondie à l’euro (CSS L133-10)."


def kept(category: str, on: date, rates: RateTable) -> Decimal:
    """Percent of turnover that counts for benefits (CSS L613-7 II)."""
    return HUNDRED - rates.get(f"rights.allowance.{category}", on).value


def income_of(turnover: Mapping[str, Decimal], on: date, rates: RateTable) -> Decimal:
    """Euros of income for benefits that a turnover by category gives."""
    return sum((percent_of(a, kept(c, on, rates)) for c, a in turnover.items()), ZERO)


def _turnover(history: History) -> dict[int, dict[str, Decimal]]:
    """Whole euros of turnover by civil year and category; platforms' count, contributions being
    withheld on them."""
    found: dict[int, dict[str, Decimal]] = {}
    for filed in history:
        declaration = filed.declaration
        if not isinstance(declaration, Declaration):
            continue
        for part in declaration.parts:
            year = found.setdefault(part.end.year, {})
            for category, amount in part.turnover.items():
                year[category] = year.get(category, ZERO) + round_euro(amount)
        year = found.setdefault(filed.period.end.year, {})
        for category, amount in declaration.platform.items():
            year[category] = year.get(category, ZERO) + round_euro(amount)
    return found


def incomes(history: History, rates: RateTable) -> dict[int, Decimal]:
    """Income for benefits by civil year, of what is declared."""
    return {
        year: income_of(amounts, date(year, 12, 31), rates)
        for year, amounts in _turnover(history).items()
    }


def _whole_years(profile: Profile, history: History, today: date, rates: RateTable) -> set[int]:
    """Civil years of which every period is declared."""
    sent = {filed.period.code for filed in history}
    absent: set[int] = set()
    found: set[int] = set()
    for period in periods(profile, today, rates):
        years = range(period.start.year, period.end.year + 1)
        found.update(years)
        if period.code not in sent:
            absent.update(years)
    first = EARLIEST.year if profile.start_date < EARLIEST else 0
    return {year for year in found - absent if year != first}


def _days(history: History, year: int) -> int:
    """Days of `year` that are declared."""
    return sum(
        (part.end - part.start).days + 1
        for filed in history
        if isinstance(filed.declaration, Declaration)
        for part in filed.declaration.parts
        if part.end.year == year
    )


def quarters(profile: Profile, history: History, today: date, rates: RateTable) -> Quarters:
    """Quarters of the year of `today`."""
    year = today.year
    income = incomes(history, rates).get(year, ZERO)
    ways = [Way(c, LABELS[c], kept(c, today, rates)) for c in profile.categories]
    doubts = [
        value.note
        for c in profile.categories
        if not (value := rates.get(f"rights.allowance.{c}", today)).confirmed
    ]
    if profile.department == "976":
        doubts.append(NOTE_MAYOTTE)
    return quarters_of(
        year, income, rates, liberal=CIPAV in profile.categories, ways=ways,
        expected=paced(income, _days(history, year), profile.start_date, profile.end_date, year),
        status="unconfirmed" if doubts else "confirmed", notes=[Said(note) for note in doubts],
    )  # fmt: skip


def _one_more(
    profile: Profile, period: Period, category: str, step: Decimal, history: History, today: date,
    rates: RateTable,
) -> More:  # fmt: skip
    """`step` euros of one activity in the period of `today`, on top of nothing yet declared."""
    parts = parts_for(profile, period, rates)
    place = next((n for n, (a, b) in enumerate(parts) if a <= today <= b), len(parts) - 1)

    def declared(amount: Decimal) -> Declaration:
        return Declaration.model_validate(
            {
                "parts": [
                    {"start": start, "end": end,
                     "turnover": {
                         c: amount if n == place and c == category else ZERO
                         for c in profile.categories
                     }}
                    for n, (start, end) in enumerate(parts)
                ]
            }
        )  # fmt: skip

    return More(
        category, LABELS[category], step,
        assess(profile, period, declared(ZERO), history, rates),
        assess(profile, period, declared(step), history, rates),
        percent_of(step, kept(category, today, rates)),
    )  # fmt: skip


def rights(profile: Profile, history: History, today: date, rates: RateTable) -> Rights:
    """Quarters of the year, allowances of an illness that begins today, and 100 € more."""
    cipav = CIPAV in profile.categories
    start = profile.start_date
    average = average_of(
        incomes(history, rates), start, today, rates, liberal=cipav,
        whole=_whole_years(profile, history, today, rates),
    )  # fmt: skip
    found = periods(profile, today, rates)
    others = [f for f in history if not found or f.period.code != found[-1].code]
    more = []
    if found and profile.end_date is None:
        more = [
            _one_more(profile, found[-1], c, HUNDRED, others, today, rates)
            for c in profile.categories
        ]
    return Rights(
        quarters=quarters(profile, history, today, rates),
        benefits=(
            sickness_of(average, start, today, rates, liberal=cipav),
            maternity_of(average, start, today, rates),
        ),
        more=tuple(more),
        notes=(Said(NOTE_STEP),) if more else (),
    )
