"""Rights and events of an auto-entrepreneur, each with its window and what it changes."""

from __future__ import annotations

from datetime import date, timedelta

from regimes.auto_entrepreneur import thresholds
from regimes.auto_entrepreneur.calendar import month_end, periods
from regimes.auto_entrepreneur.profile import Acre, FlatTaxFrom, PeriodicityFrom, Profile
from regimes.auto_entrepreneur.spans import acre_end
from regimes.dated import DatedValue, RateTable
from regimes.days import add_months
from regimes.ending import ending_option, read_end
from regimes.regime import Choice, History, Option, OptionRefused

YES, NO = Choice("yes", "Oui"), Choice("no", "Non")


def options(profile: Profile, history: History, today: date, rates: RateTable) -> list[Option]:
    """Every option, open or not, in the order people look for them."""
    return [
        _periodicity(profile, today, rates),
        _flat_tax(profile, today, rates),
        _acre(profile, today, rates),
        _dedicated_account(profile, history, today, rates),
        ending_option(
            profile.start_date,
            profile.end_date,
            law="CSS R613-14",
            source="https://entreprendre.service-public.fr/vosdroits/F20678",
            params={"latest": today},
        ),
        _radiation(profile, history, today, rates),
    ]


def _yearly(value: DatedValue | None, today: date) -> tuple[date, date]:
    """Closing day and effect of an option used before a day of the year, for the next year."""
    number = int(value.value) if value else 1231
    closes = date(today.year, number // 100, number % 100)
    if today > closes:
        closes = date(today.year + 1, number // 100, number % 100)
    return closes, date(closes.year + 1, 1, 1)


def _periodicity(profile: Profile, today: date, rates: RateTable) -> Option:
    value = rates.find("option.periodicity", today)
    closes, effective = _yearly(value, today)
    new = add_months(profile.start_date, 1)
    if today <= new:
        # CSS R613-7: a beginner chooses within the month that follows the start.
        closes, effective = new, profile.start_date
    ended = profile.end_date is not None
    return Option(
        code="periodicity",
        label="Périodicité des déclarations",
        summary="Déclarer chaque mois ou chaque trimestre.",
        current=profile.periodicity_on(effective),
        choices=(
            Choice("monthly", "Chaque mois",
                   "Vous déclarez et payez chaque mois, à la fin du mois suivant."),
            Choice("quarterly", "Chaque trimestre",
                   "Vous déclarez et payez fin avril, fin juillet, fin octobre et fin janvier."),
        ),
        open=not ended,
        closes=closes,
        effective=effective,
        reason="Votre activité a pris fin." if ended else "",
        law="CSS R613-7",
        source=value.source if value else "",
        status=value.status if value else "confirmed",
        note=value.note if value else "",
    )  # fmt: skip


def _flat_tax(profile: Profile, today: date, rates: RateTable) -> Option:
    value = rates.find("option.versement_liberatoire", today)
    closes, effective = _yearly(value, today)
    months = rates.find("vl.start_months", today)
    # CGI 151-0 IV: the last day of the third month that follows the one of the start.
    beginner = month_end(profile.start_date, int(months.value)) if months else None
    note, status = "", "confirmed"
    if beginner is not None and months is not None and today <= beginner:
        closes, effective = beginner, profile.start_date
        note, status = months.note, months.status
    limit = rates.find("vl.income_limit", effective)
    current = profile.flat_tax_on(effective)
    reason = ""
    if profile.end_date is not None:
        reason = "Votre activité a pris fin."
    elif (
        not current
        and limit is not None
        and profile.income_per_share is not None
        and profile.income_per_share > limit.value
    ):
        reason = "Votre revenu fiscal de référence par part dépasse le plafond de l’option."
    if limit is not None and not limit.confirmed:
        note, status = limit.note, limit.status
    return Option(
        code="flat_tax",
        label="Versement libératoire de l’impôt sur le revenu",
        summary="Payer l’impôt sur le revenu en même temps que les cotisations, "
        "à un taux fixe du chiffre d’affaires.",
        current="yes" if current else "no",
        choices=(
            Choice("yes", "Avec versement libératoire",
                   "1 % des ventes, 1,7 % des prestations BIC ou 2,2 % des prestations BNC "
                   "s’ajoutent à chaque déclaration ; plus d’impôt à payer ensuite sur ce revenu."),
            Choice("no", "Sans versement libératoire",
                   "Votre revenu, après abattement, est imposé avec celui de votre foyer."),
        ),
        open=not reason,
        closes=closes,
        effective=effective,
        reason=reason,
        law="CGI 151-0",
        source=value.source if value else "",
        status=status,
        note=note,
        params={"income_limit": limit.value, "year": effective.year} if limit else {},
    )  # fmt: skip


def _acre(profile: Profile, today: date, rates: RateTable) -> Option:
    days = rates.find("acre.request_days", profile.start_date)
    closes = profile.start_date + timedelta(days=int(days.value)) if days else None
    reason = ""
    if profile.overseas:
        reason = "Les taux réduits d’outre-mer remplacent l’ACRE."
    elif profile.acre is not None:
        reason = "L’ACRE est déjà enregistrée sur ce compte."
    elif closes is None or today > closes:
        reason = "Le délai pour demander l’ACRE est passé."
    return Option(
        code="acre",
        label="ACRE, aide au début d’activité",
        summary="Des cotisations réduites jusqu’à la fin du troisième trimestre civil "
        "qui suit celui du début.",
        current="yes" if profile.acre is not None else "no",
        choices=(
            Choice("yes", "Demander l’ACRE",
                   "L’ACRE n’est jamais automatique : elle suppose d’en remplir une condition "
                   "(demandeur d’emploi, 18 à 25 ans, RSA, quartier prioritaire, zone France "
                   "ruralités revitalisation…) et de ne pas l’avoir eue depuis trois ans."),
        ),
        open=not reason,
        closes=closes,
        effective=profile.start_date,
        reason=reason,
        law=days.law if days else "CSS L131-6-4",
        source=days.source if days else "",
        params={"end": acre_end(profile, rates)} if profile.acre is not None else {},
    )  # fmt: skip


def _dedicated_account(profile: Profile, history: History, today: date, rates: RateTable) -> Option:
    limit = rates.find("account.dedicated", today)
    required = limit is not None and all(
        thresholds.year_turnover(history, today.year - n).total > limit.value for n in (1, 2)
    )
    return Option(
        code="dedicated_account",
        label="Compte bancaire dédié",
        summary="Obligatoire après deux années civiles de suite au-dessus de 10 000 € "
        "de chiffre d’affaires.",
        current="yes" if profile.dedicated_account else "no",
        choices=(
            Choice("yes", "J’ai un compte dédié",
                   "Le rappel disparaît de votre accueil."),
            Choice("no", "Je n’en ai pas encore",
                   "Un rappel vous est fait tant que le compte est obligatoire."),
        ),
        open=True,
        law=limit.law if limit else "CSS L613-10",
        source=limit.source if limit else "",
        params={"required": required},
    )  # fmt: skip


def _radiation(profile: Profile, history: History, today: date, rates: RateTable) -> Option:
    limit = rates.find("inactive.months", today)
    months = thresholds.months_without_turnover(profile, history)
    bound = int(limit.value) if limit else 24
    return Option(
        code="radiation",
        label="Sortie après 24 mois sans chiffre d’affaires",
        summary="Après 24 mois (8 trimestres) de suite à zéro, le statut prend fin. "
        "Une seule déclaration positive repart de zéro.",
        current=str(months),
        choices=(),
        open=False,
        reason="Rien à demander : ce compteur suit vos déclarations.",
        law=limit.law if limit else "CSS L613-4",
        source=limit.source if limit else "",
        status=limit.status if limit else "confirmed",
        note=limit.note if limit else "",
        asks="nothing",
        params={"months": months, "limit": bound},
    )


def choose(
    profile: Profile, option: str, value: str, history: History, today: date, rates: RateTable
) -> Profile:
    """The profile once `option` is set to `value`. Raises OptionRefused with a stable code."""
    known = {o.code: o for o in options(profile, history, today, rates)}
    found = known.get(option)
    if found is None:
        raise OptionRefused("option_unknown", "option")
    if not found.open:
        raise OptionRefused("option_closed", "option")
    if found.choices and value not in {choice.value for choice in found.choices}:
        raise OptionRefused("choice_unknown")
    if found.choices and value == found.current:
        raise OptionRefused("choice_unchanged")
    data = profile.model_dump()
    if option == "periodicity" and found.effective is not None:
        kept = [p for p in profile.periodicity if p.since < found.effective]
        data["periodicity"] = [*kept, PeriodicityFrom(since=found.effective, value=value)]
    elif option == "flat_tax" and found.effective is not None:
        stays = [c for c in profile.flat_tax if c.since < found.effective]
        data["flat_tax"] = [*stays, FlatTaxFrom(since=found.effective, value=value == "yes")]
    elif option == "acre":
        data["acre"] = Acre(requested_on=today)
    elif option == "dedicated_account":
        data["dedicated_account"] = value == "yes"
    elif option == "cessation":
        data["end_date"] = read_end(value, profile.start_date, today)
    changed = Profile.model_validate(data)
    codes = {period.code for period in periods(changed, today, rates)}
    if any(filed.period.code not in codes for filed in history):
        # A choice never takes away a period that was already declared.
        raise OptionRefused("period_already_declared")
    return changed
