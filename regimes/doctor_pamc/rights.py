"""What a contracted doctor's contributions give: CNAVPL quarters, allowances of the CPAM."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from regimes.assessment import Assessment
from regimes.dated import RateTable
from regimes.doctor_pamc.assess import assess_facts, facts_of, profile_facts, rounded_base
from regimes.doctor_pamc.compute import Facts, compute
from regimes.doctor_pamc.declaration import Declaration
from regimes.doctor_pamc.profile import FIRST_YEAR, Profile
from regimes.money import ZERO, percent_of
from regimes.regime import History
from regimes.rights import (
    HUNDRED,
    More,
    Rights,
    Said,
    average_of,
    maternity_of,
    quarters_of,
    sickness_of,
)

NOTE_LAST = "Revenu de {year}, le dernier connu."
NOTE_ESTIMATE = "Revenu estimé par vous pour {year}."
NOTE_LEAST = (
    "La retraite de base est cotisée sur {least} au moins (450 heures de SMIC) à partir de 90 "
    "jours d’affiliation : trois trimestres au moins (CSS D642-4)."
)
NOTE_SICK_LEAST = (
    "Les indemnités journalières sont cotisées sur 40 % du plafond au moins : ce minimum compte, à "
    "confirmer."
)
MORE_LABELS = {"income": "Revenu"}


def _facts(profile: Profile, history: History, rates: RateTable) -> dict[int, Facts]:
    """What is known of each civil year: an income given, then one declared, which wins."""
    found = {
        known.year: profile_facts(profile, known.year, known.income) for known in profile.known
    }
    for guess in sorted(profile.estimates, key=lambda e: e.on):
        found.setdefault(guess.year, profile_facts(profile, guess.year, guess.income))
        if guess.year not in {k.year for k in profile.known}:
            found[guess.year] = profile_facts(profile, guess.year, guess.income)
    for filed in history:
        if isinstance(filed.declaration, Declaration):
            year = filed.period.end.year
            found[year] = facts_of(profile, year, filed.declaration, rates)
    return {year: facts for year, facts in found.items() if year >= FIRST_YEAR}


def _base(facts: Facts, rates: RateTable) -> Decimal:
    return max(ZERO, compute(rounded_base(facts, rates), rates).base)


def rights(profile: Profile, history: History, today: date, rates: RateTable) -> Rights:
    """Quarters of the last year known (the present one when its income is estimated), allowances,
    and 100 € more of income."""
    known = _facts(profile, history, rates)
    bases = {year: _base(facts, rates) for year, facts in known.items()}
    start = profile.start_date
    quarters, more = None, []
    if known:
        year = max(y for y in known if y <= today.year) if min(known) <= today.year else min(known)
        declared = {f.period.end.year for f in history}
        guessed = year not in declared and year in {e.year for e in profile.estimates}
        on = date(year, 12, 31)
        smic = rates.get("rights.smic", date(year, 1, 1)).value
        least = rates.get("rights.base.hours.liberal", on).value * smic
        days = (on - max(start, date(year, 1, 1))).days + 1
        counted = bases[year]
        if days >= rates.get("rights.base.days.liberal", on).value:
            counted = max(counted, least)
        quarters = quarters_of(
            year, counted, rates, liberal=True,
            notes=[
                Said(NOTE_ESTIMATE if guessed else NOTE_LAST, {"year": year}),
                Said(NOTE_LEAST, {"least": least}),
            ],
        )  # fmt: skip
        more.append(_one_more(known[year], bases[year], rates))
    floor = {year: max(base, _sick_least(year, rates)) for year, base in bases.items()}
    average = average_of(floor, start, today, rates, liberal=True, whole=bases)
    sickness = sickness_of(average, start, today, rates, liberal=True)
    sickness = replace(
        sickness, status="unconfirmed", notes=(*sickness.notes, Said(NOTE_SICK_LEAST))
    )
    return Rights(
        quarters=quarters,
        benefits=(sickness, maternity_of(average, start, today, rates)),
        more=tuple(more),
    )


def _sick_least(year: int, rates: RateTable) -> Decimal:
    on = date(year, 1, 1)
    ceiling = rates.find("pass", on)
    least = rates.find("sickpay.least", on)
    if ceiling is None or least is None:
        return ZERO
    return percent_of(ceiling.value, least.value)


def _one_more(facts: Facts, base: Decimal, rates: RateTable) -> More:
    richer = replace(facts, income=facts.income + HUNDRED)
    if facts.base is not None:  # micro-BNC: the base follows the receipts
        kept = rates.get("base.micro", date(facts.year, 1, 1)).value
        richer = replace(richer, base=facts.base + percent_of(HUNDRED, kept))

    def assessed(given: Facts) -> Assessment:
        return assess_facts(given, str(facts.year), (), rates)

    return More(
        "income", MORE_LABELS["income"], HUNDRED, assessed(facts), assessed(richer),
        _base(richer, rates) - base,
    )  # fmt: skip
