"""What a VRP's wages give: quarters of the general scheme, daily allowances of an employee."""

from __future__ import annotations

from datetime import date

from regimes.dated import RateTable
from regimes.money import ZERO, percent_of, round_cent
from regimes.regime import History
from regimes.rights import BENEFIT_LABELS, Quarters, Right, Rights, Said, quarters_of
from regimes.vrp.bases import employer_bases, minimum_month
from regimes.vrp.declaration import Declaration
from regimes.vrp.profile import Profile

NOTE_WAGES = "Salaires soumis à cotisations de {year}, tous employeurs ensemble : {wages}."
NOTE_NONE = "Notez vos bulletins dans le tableau de l’année : vos trimestres seront ici."
NOTE_SICK = (
    "La moitié du salaire brut de trois mois, divisé par 91,25, dans la limite de 1,4 SMIC "
    "par mois ({cap}) : {daily} par jour au plus."
)
NOTE_SICK_OPEN = (
    "Il faut {hours} heures de travail en trois mois, ou {smic} de salaire en six mois "
    "(CSS R313-3)."
)
NOTE_SICK_WAIT = (
    "Rien les {wait} premiers jours d’arrêt ; ensuite {most} indemnités au plus en 3 ans."
)
NOTE_DFS = (
    "Avec la déduction forfaitaire, la base cotisée baisse, et ces droits avec elle ; sa part dans "
    "l’indemnité journalière est à confirmer."
)


def _quarters(history: History, today: date, rates: RateTable) -> Quarters | None:
    years = [f for f in history if isinstance(f.declaration, Declaration)]
    if not years:
        return None
    last = max(years, key=lambda f: f.period.start)
    year = last.period.start.year
    assert isinstance(last.declaration, Declaration)
    wages = sum(
        (employer_bases(e, year, rates).base for e in last.declaration.employers), ZERO
    )  # fmt: skip
    return quarters_of(
        year, wages, rates, notes=[Said(NOTE_WAGES, {"year": year, "wages": round_cent(wages)})]
    )


def rights(profile: Profile, history: History, today: date, rates: RateTable) -> Rights:
    """Quarters of the latest year told, and what an illness would be paid."""
    share = rates.get("rights.wage.sickness.share", today)
    days = rates.get("rights.wage.sickness.days", today)
    times = rates.get("rights.wage.sickness.cap", today)
    smic = rates.get("rights.smic", today).value
    month = minimum_month(today, rates) or ZERO
    cap = round_cent(month * times.value)
    daily = round_cent(percent_of(cap * 3 / days.value, share.value))
    sickness = Right(
        "sickness", BENEFIT_LABELS["sickness"], daily, "day-most",
        (
            Said(NOTE_SICK, {"cap": cap, "daily": daily}),
            Said(
                NOTE_SICK_OPEN,
                {"hours": int(rates.get("rights.wage.sickness.hours", today).value),
                 "smic": round_cent(rates.get("rights.wage.sickness.smic", today).value * smic)},
            ),
            Said(
                NOTE_SICK_WAIT,
                {"wait": int(rates.get("rights.sickness.wait", today).value),
                 "most": int(rates.get("rights.sickness.days", today).value)},
            ),
        ),
        f"{share.law}, R323-4, R313-3", times.source, status="unconfirmed", notes=(Said(NOTE_DFS),),
    )  # fmt: skip
    quarters = _quarters(history, today, rates)
    return Rights(
        quarters=quarters, benefits=(sickness,), notes=() if quarters else (Said(NOTE_NONE),)
    )
