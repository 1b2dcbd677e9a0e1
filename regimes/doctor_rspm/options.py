"""Rights and events of a replacement doctor."""

from __future__ import annotations

from datetime import date, timedelta

from regimes.dated import RateTable
from regimes.days import month_day
from regimes.doctor_rspm.calendar import periods
from regimes.doctor_rspm.profile import PeriodicityFrom, Profile
from regimes.ending import ending_option, read_end
from regimes.regime import Choice, History, Move, Option, OptionRefused, PeriodStatus

ENDED = "Votre activité a pris fin."


def options(profile: Profile, history: History, today: date, rates: RateTable) -> list[Option]:
    """Every option, open or not."""
    return [
        _periodicity(profile, today, rates),
        _disability(profile, today, rates),
        _pamc(profile, history, today, rates),
        ending_option(
            profile.start_date,
            profile.end_date,
            law="CSS R642-3",
            source="https://www.medecins-remplacants.urssaf.fr",
        ),
    ]


def _periodicity(profile: Profile, today: date, rates: RateTable) -> Option:
    rule = rates.get("option.periodicity", today)
    closes = month_day(rule.value, today.year)
    if today > closes:
        closes = month_day(rule.value, today.year + 1)
    effective = date(closes.year + 1, 1, 1)
    ended = profile.end_date is not None
    return Option(
        code="periodicity",
        label="Périodicité des déclarations",
        summary="Déclarer chaque trimestre, ou chaque mois sur option. Le choix vaut pour une "
        "année civile entière et se reconduit.",
        current=profile.periodicity_on(effective),
        choices=(
            Choice("quarterly", "Chaque trimestre", "Quatre déclarations par an."),
            Choice("monthly", "Chaque mois", "Une déclaration par mois où vous avez encaissé."),
        ),
        open=not ended,
        closes=closes,
        effective=effective,
        reason=ENDED if ended else "",
        law=rule.law,
        source=rule.source,
        status=rule.status,
        note=rule.note,
    )


def _disability(profile: Profile, today: date, rates: RateTable) -> Option:
    value = rates.get("disability.class_a", today)
    return Option(
        code="disability",
        label="Invalidité-décès : niveau de couverture",
        summary="Une cotisation annuelle de 25 % ou de 100 % de la classe la plus basse de la "
        "Carmf, à part de vos déclarations. À 25 %, la couverture est d’un quart.",
        current=str(profile.disability_option),
        choices=(
            Choice("25", "25 % de la classe", "Cotisation et couverture d’un quart."),
            Choice("100", "100 % de la classe", "Cotisation et couverture entières."),
        ),
        open=False,
        reason="Ce choix se fait à l’inscription.",
        law=value.law,
        source=value.source,
        status=value.status,
        note=value.note,
    )


NOTE_END_FIRST = (
    "Indiquez d’abord la fin de vos remplacements (option « Fin d’activité ») : le PAMC commence "
    "le lendemain."
)
NOTE_NOT_YET = "Le PAMC commence le lendemain de la fin indiquée."
NOTE_DECLARE_FIRST = (
    "Déclarez d’abord vos honoraires jusqu’à la fin indiquée : ce sera possible dès qu’ils seront "
    "envoyés, ou passé leur échéance si vous n’en avez pas eu."
)


def _pamc(profile: Profile, history: History, today: date, rates: RateTable) -> Option:
    """The account goes on under the other régime the day after this one's end; until then, and
    until what was earned before is declared, its own periods are still to be sent."""
    rule = rates.get("ceiling.upper", today)
    ended = profile.end_date
    effective = ended + timedelta(days=1) if ended is not None else None
    sent = {filed.period.code for filed in history}
    waiting = [
        period
        for period in periods(profile, today, rates)
        if period.status in {PeriodStatus.OPEN, PeriodStatus.UPCOMING} and period.code not in sent
    ]
    reason = ""
    if effective is None:
        reason = NOTE_END_FIRST
    elif today < effective:
        reason = NOTE_NOT_YET
    elif waiting:
        reason = NOTE_DECLARE_FIRST
    return Option(
        code="pamc",
        label="Passer au régime des praticiens conventionnés (PAMC)",
        summary="Vous vous installez, ou un plafond vous fait sortir. Votre compte continue : "
        "l’historique reste, les écrans suivent.",
        current="",
        choices=(
            Choice("S1", "Secteur 1", "Tarifs de la convention ; l’Assurance maladie prend une "
                   "part de vos cotisations."),
            Choice("S2", "Secteur 2, régime PAMC choisi",
                   "Choix ouvert seulement à la première installation en secteur 2."),
            Choice("replacement", "Encore remplaçant",
                   "Mêmes cotisations que le médecin remplacé, sans la contribution aux unions "
                   "régionales."),
            Choice("NC", "Non conventionné",
                   "Cotisations du régime des indépendants, sans part de l’Assurance maladie."),
        ),
        open=not reason,
        effective=effective,
        reason=reason,
        law=rule.law,
        source=rule.source,
        status=rule.status,
        note=rule.note,
    )  # fmt: skip


def choose(
    profile: Profile, option: str, value: str, history: History, today: date, rates: RateTable
) -> Profile | Move:
    """The profile once `option` is used; a Move for the passage to PAMC. Raises OptionRefused."""
    found = {o.code: o for o in options(profile, history, today, rates)}.get(option)
    if found is None:
        raise OptionRefused("option_unknown", "option")
    if not found.open:
        raise OptionRefused("option_closed", "option")
    if found.choices and value not in {choice.value for choice in found.choices}:
        raise OptionRefused("choice_unknown")
    if found.choices and value == found.current:
        raise OptionRefused("choice_unchanged")
    data = profile.model_dump()
    if option == "pamc":
        return _move(profile, value, found.effective or today)
    if option == "periodicity" and found.effective is not None:
        kept = [p for p in profile.periodicity if p.since < found.effective]
        data["periodicity"] = [*kept, PeriodicityFrom.model_validate(
            {"since": found.effective, "value": value})]  # fmt: skip
    elif option == "cessation":
        data["end_date"] = read_end(value, profile.start_date, today)
    changed = Profile.model_validate(data)
    codes = {period.code for period in periods(changed, today, rates)}
    if any(filed.period.code not in codes for filed in history):
        raise OptionRefused("period_already_declared")
    return changed


def _move(profile: Profile, value: str, since: date) -> Move:
    return Move(
        "pamc-medecin",
        {
            "start_date": since.isoformat(),
            "sector": "S1" if value == "replacement" else value,
            "replacement": value == "replacement",
        },
    )
