"""What a fisherman's days at sea give: the Enim counts services, not quarters of income."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from regimes.dated import RateTable
from regimes.fisherman.assess import day_wage
from regimes.fisherman.log import assess_declaration
from regimes.fisherman.models import Declaration, Profile, Service
from regimes.money import ZERO, percent_of, round_cent
from regimes.regime import Filed, History
from regimes.rights import BENEFIT_LABELS, More, Right, Rights, Said

BENEFITS_LABELS = {"pension": "Pension de retraite (Enim)", "accident": "Accident en navigation"}
MORE_LABELS = {"day": "Un jour de mer de plus"}
NOTE_DAYS = "{days} jours de services en {year}, sur les {whole} d’une annuité."
NOTE_PENSION = (
    "Chaque annuité donne {rate} % du salaire forfaitaire de votre catégorie ({wage} par an, "
    "catégorie {category}) : ces jours valent {amount} de pension par an."
)
NOTE_YEARS = (
    "Il faut {years} ans de services pour une pension proportionnelle, {old} pour une pension "
    "d’ancienneté."
)
NOTE_QUARTERS = "L’Enim compte des services en jours, pas des trimestres de revenu."
NOTE_SICK = "{share} % du salaire forfaitaire de la catégorie {category} : {daily} par jour."
NOTE_SICK_WAIT = "À partir du quatrième jour ; {most} indemnités au plus en 3 ans."
NOTE_ACCIDENT = (
    "Les deux tiers du salaire forfaitaire de la catégorie {category} : {daily} par jour, à partir "
    "du deuxième mois ; le premier mois est à la charge de l’armateur, sauf exonération."
)
NOTE_NONE = "Aucune année de mer n’est encore validée ici : les droits apparaîtront ensuite."


def _day(service: Service, on: date, rates: RateTable) -> tuple[Decimal, Decimal]:
    """Flat wage of the category, a year and a day, in euros."""
    found = rates.find(f"wage.{service.category}", on)
    return (ZERO, ZERO) if found is None else (found.value, day_wage(found))


def _latest(history: History) -> tuple[Filed, Service] | None:
    for filed in sorted(history, key=lambda f: f.period.start, reverse=True):
        if isinstance(filed.declaration, Declaration) and filed.declaration.periods:
            return filed, max(filed.declaration.periods, key=lambda s: s.end)
    return None


def rights(profile: Profile, history: History, today: date, rates: RateTable) -> Rights:
    """What the days of the latest year told give, allowances, and one day more."""
    found = _latest(history)
    if found is None:
        return Rights(None, notes=(Said(NOTE_QUARTERS), Said(NOTE_NONE)))
    filed, last = found
    declaration = filed.declaration
    assert isinstance(declaration, Declaration)
    days = sum((s.end - s.start).days + 1 for s in declaration.periods)
    wage, daily = _day(last, today, rates)
    rule = rates.get("rights.pension.rate", today)
    whole = rates.get("rights.pension.days", today)
    amount = round_cent(
        percent_of(wage * min(Decimal(days), whole.value), rule.value) / whole.value
    )
    pension = Right(
        "pension", BENEFITS_LABELS["pension"], amount, "year",
        (
            Said(NOTE_PENSION,
                 {"rate": int(rule.value), "wage": wage, "category": last.category,
                  "amount": amount}),
            Said(NOTE_DAYS,
                 {"days": days, "year": filed.period.end.year, "whole": int(whole.value)}),
            Said(NOTE_YEARS,
                 {"years": int(rates.get("rights.pension.years", today).value),
                  "old": int(rates.get("rights.pension.years.old", today).value)}),
        ),
        rule.law, rule.source, status=whole.status, notes=(Said(whole.note),),
    )  # fmt: skip
    share = rates.get("rights.sickness.share.sea", today)
    sick = round_cent(percent_of(daily, share.value))
    sickness = Right(
        "sickness", BENEFIT_LABELS["sickness"], sick, "day",
        (
            Said(NOTE_SICK,
                 {"share": int(share.value), "category": last.category, "daily": sick}),
            Said(NOTE_SICK_WAIT,
                 {"most": int(rates.get("rights.sickness.days", today).value)}),
        ),
        share.law, share.source,
    )  # fmt: skip
    parts = rates.get("rights.accident.parts", today)
    hurt = round_cent(daily * parts.value / 3)
    accident = Right(
        "accident", BENEFITS_LABELS["accident"], hurt, "day",
        (Said(NOTE_ACCIDENT, {"category": last.category, "daily": hurt}),), parts.law, parts.source,
    )  # fmt: skip
    return Rights(
        quarters=None,
        benefits=(pension, sickness, accident),
        more=_one_more(profile, filed, declaration, last, rates),
        notes=(Said(NOTE_QUARTERS),),
    )


def _one_more(
    profile: Profile, filed: Filed, declaration: Declaration, last: Service, rates: RateTable
) -> tuple[More, ...]:
    """One day like the last one of the year: the calculation with it less the one without."""
    one = last.model_copy(update={"start": last.end})
    if last.start == last.end:
        shorter = tuple(s for s in declaration.periods if s is not last)
    else:
        cut = last.model_copy(update={"end": date.fromordinal(last.end.toordinal() - 1)})
        shorter = tuple(cut if s is last else s for s in declaration.periods)
    without = declaration.model_copy(update={"periods": shorter})
    whole = declaration.model_copy(update={"periods": (*shorter, one)})
    end = filed.period.end
    step = round_cent(percent_of(_day(last, last.end, rates)[1], last.ratio))
    return (
        More(
            "day", MORE_LABELS["day"], step,
            assess_declaration(profile, filed.period.code, end, without, rates),
            assess_declaration(profile, filed.period.code, end, whole, rates),
        ),
    )  # fmt: skip
