"""Replacement doctors: sign-up and declaration forms as data, and their words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.forms.answers import Choice, Date, Eligible, Money, Possible
from app.forms.form import Field, Form, Step
from app.screens.professions import household
from app.screens.professions.base import Defaults, SetAside
from app.screens.professions.household import PERS
from app.words import N_
from contract.accounts import Overview
from contract.i18n import Words
from regimes.dated import RateTable
from regimes.doctor_rspm import REGIME, Profile
from regimes.doctor_rspm.profile import EARLIEST
from regimes.journal import Receipt
from regimes.regime import Alert, Period

STATUSES = (
    Possible("doctor", N_("Médecin"), N_("Docteur en médecine, inscrit à l’Ordre.")),
    Possible("student", N_("Étudiant avec licence de remplacement"),
             N_("Licence délivrée par le conseil de l’Ordre.")),
)  # fmt: skip
ACTIVITIES = (
    Possible("replacement", N_("Des remplacements seulement")),
    Possible("regulation", N_("De la régulation médicale seulement"),
             N_("Service d’accès aux soins, permanence des soins.")),
    Possible("both", N_("Des remplacements et de la régulation")),
)  # fmt: skip
COVERS = (
    Possible("100", N_("100 % de la classe la plus basse"), N_("Couverture entière.")),
    Possible("25", N_("25 % de la classe la plus basse"), N_("Couverture d’un quart.")),
)
RHYTHMS = (
    Possible("quarterly", N_("Chaque trimestre"), N_("Le rythme ordinaire.")),
    Possible("monthly", N_("Chaque mois"), N_("Sur option, pour une année civile entière.")),
)
NOT_DOCTOR = N_(
    "Ce régime est réservé aux médecins et aux étudiants qui ont leur licence de remplacement."
)
OTHER = N_(
    "Une autre activité indépendante exclut ce régime : il faut le régime des praticiens "
    "conventionnés (PAMC)."
)
AID = N_(
    "L’ACRE ne se cumule pas avec ce régime : renoncez-y, ou choisissez le régime des praticiens "
    "conventionnés (PAMC)."
)
TOO_MUCH = N_(
    "Au-dessus de 19 000 € d’honoraires par an, ce régime n’est pas ouvert à l’inscription : il "
    "faut le régime des praticiens conventionnés (PAMC)."
)


class DoctorRspmScreens(Defaults):
    """Answers of the Profession protocol."""

    code = REGIME.code
    year_label = N_("Honoraires déclarés")
    nil = ""
    optional_note = N_(
        "Rien encaissé ? Il n’y a rien à faire : zéro ne se déclare pas dans ce régime."
    )
    live_gauges = True
    other_bodies = N_("À part, une fois par an")

    def profile_form(self, today: date) -> Form:
        """Eligibility in plain words, then the account."""
        return Form(
            "rspm-medecin-profile", 1,
            (
                Step(
                    "eligible", N_("Ce régime est-il pour vous ?"),
                    (
                        Field("licensed", N_("Êtes-vous médecin, ou étudiant avec une licence de "
                                             "remplacement ?"),
                              Eligible(because=NOT_DOCTOR), law="CSS L642-4-2"),
                        Field("only", N_("Est-ce votre seule activité indépendante ?"),
                              Eligible(because=OTHER),
                              help=N_("Une activité salariée, à l’hôpital par exemple, est "
                                      "possible. Une autre activité libérale, commerciale ou "
                                      "artisanale ne l’est pas.")),
                        Field("aid", N_("Bénéficiez-vous de l’ACRE ?"),
                              Eligible(out="yes", because=AID)),
                        Field("small", N_("Pensez-vous rester sous 19 000 € d’honoraires bruts "
                                          "cette année ?"),
                              Eligible(because=TOO_MUCH),
                              help=N_("Le total perçu, avant tout abattement. Si vous le dépassez "
                                      "ensuite, un second taux s’applique au-delà, jusqu’à "
                                      "38 000 €.")),
                    ),
                ),
                Step(
                    "activity", N_("Votre activité"),
                    (
                        Field("status", N_("Vous êtes"), Choice(options=STATUSES)),
                        Field("activity", N_("Vous faites"), Choice(options=ACTIVITIES)),
                        Field("start_date", N_("Quand votre premier remplacement a-t-il "
                                               "commencé ?"),
                              Date(earliest=EARLIEST, latest=today),
                              hint=N_("Par exemple 15/03/2026.")),
                        Field("periodicity", N_("À quel rythme déclarez-vous ?"),
                              Choice(options=RHYTHMS),
                              help=N_("Vous pourrez en changer pour l’année civile suivante, "
                                      "jusqu’au 30 novembre.")),
                        Field("disability", N_("Quelle couverture invalidité-décès ?"),
                              Choice(options=COVERS),
                              help=N_("Une cotisation annuelle à part de vos déclarations. "
                                      "À 25 %, ce qui vous serait versé est divisé par quatre. "
                                      "Vérifiez aussi votre affiliation à la Carmf : elle est "
                                      "obligatoire, et ce service ne s’en charge pas.")),
                    ),
                ),
            ),
        )  # fmt: skip

    def to_profile(self, answers: Mapping[str, Any], today: date) -> dict[str, Any]:
        """The profile that these answers describe."""
        start = answers["start_date"]
        monthly = answers["periodicity"] == "monthly"
        return {
            "start_date": start,
            "status": answers["status"],
            "activity": answers["activity"],
            "disability_option": int(answers["disability"]),
            "periodicity": [{"since": start, "value": "monthly"}] if monthly else [],
        }

    def simulation_form(self, today: date) -> Form:
        """What if I received… a year, then the household."""
        return Form(
            "rspm-medecin-simulation", 1,
            (
                Step(
                    "year", N_("Votre année"),
                    (
                        Field("per", N_("Vous comptez…"), Choice(options=PERS)),
                        Field("fees", N_("Honoraires bruts perçus"), Money(declared=False)),
                        household.year_field(today),
                        *household.household_fields(),
                    ),
                ),
            ),
        )  # fmt: skip

    def simulation_start(self, today: date) -> dict[str, str]:
        """Raw answers that a simulation starts with."""
        return household.start(today) | {"per": "year"}

    def to_scenario(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """The scenario of these answers."""
        return {
            "year": answers["year"],
            "fees": answers["fees"],
            "per": answers["per"],
            "household": household.household(answers),
        }

    def declaration_form(self, profile: Profile, period: Period, rates: RateTable) -> Form:
        """One figure: the gross fees received."""
        return Form(
            "rspm-medecin-declaration", REGIME.form_version,
            (
                Step(
                    "amounts", N_("Montants"),
                    (
                        Field("fees", N_("Honoraires bruts perçus"), Money(declared=False),
                              hint=N_("Rétrocessions reçues, sans rien déduire."),
                              help=N_("Le total des honoraires rétrocédés que vous avez encaissés, "
                                      "avant l’abattement de 34 % de l’impôt : il est déjà compris "
                                      "dans le taux."),
                              law="CSS L642-4-2"),
                    ),
                    intro=N_("Les honoraires bruts encaissés sur la période. Rien encaissé ? "
                             "Il n’y a rien à faire : zéro ne se déclare pas."),
                ),
            ),
        )  # fmt: skip

    def to_declaration(
        self, answers: Mapping[str, Any], profile: Profile, period: Period, rates: RateTable
    ) -> dict[str, Any]:
        """The declaration of these answers."""
        return {"regime": self.code, "fees": answers["fees"]}

    def from_declaration(self, declaration: Mapping[str, Any]) -> dict[str, str]:
        """Raw answers that give this declaration again."""
        return {"fees": str(declaration["fees"]).replace(".", ",")}

    def objection(self, declaration: Any, correcting: bool) -> str:
        """Zero is not declared; only a correction may come down to it."""
        if declaration.fees or correcting:
            return ""
        return N_("Zéro ne se déclare pas dans ce régime : pour une période sans honoraires, "
                  "il n’y a rien à envoyer.")  # fmt: skip

    def activities(self, profile: Profile) -> list[tuple[str, str]]:
        """The one figure declared."""
        return list(REGIME.activity_labels.items())

    def journal_path(
        self, receipt: Receipt, profile: Profile, period: Period, rates: RateTable
    ) -> str:
        """Every receipt counts in the fees."""
        return "fees"

    def set_aside(self, profile: Profile, today: date, rates: RateTable) -> list[SetAside]:
        """The rate of each band."""
        return [
            SetAside(N_("Jusqu’à 19 000 € dans l’année"), rates.get("fees.first", today).value),
            SetAside(N_("De 19 000 à 38 000 €"), rates.get("fees.second", today).value),
        ]

    def year(self, overview: Overview) -> list[tuple[date, Decimal]]:
        """Fees of each month of the civil year (a quarter spreads evenly)."""
        months = [date(overview.today.year, m, 1) for m in range(1, 13)]
        found = dict.fromkeys(months, Decimal(0))
        spans = {p.code: (p.start, p.end) for p in overview.periods}
        for filed in overview.filed:
            start, end = spans[filed.period]
            count = end.month - start.month + 1
            for month in months:
                if month.year == end.year and start.month <= month.month <= end.month:
                    found[month] += Decimal(filed.declaration["fees"]) / count
        return list(found.items())

    def alert(self, alert: Alert, words: Words) -> tuple[str, str]:
        """Title and sentence of an alert."""
        p = alert.params

        def day(name: str) -> str:
            value = p[name]
            return words.date(value if isinstance(value, date) else date.fromisoformat(value))

        def euros(name: str) -> str:
            return words.money(Decimal(str(p[name])))

        code = alert.code
        if code == "rspm_step_near":
            return words.t("19 000 € bientôt atteints"), words.t(
                "{value} cette année. Au-delà de {limit}, le second taux s’applique à la suite."
            ).format(value=euros("value"), limit=euros("limit"))
        if code == "rspm_step_above":
            return words.t("Au-dessus de 19 000 €"), words.t(
                "{value} cette année. Une seconde année de suite au-dessus de {limit} fait sortir "
                "du régime."
            ).format(value=euros("value"), limit=euros("limit"))
        if code == "rspm_second_year":
            return words.t("Seconde année : attention à 19 000 €"), words.t(
                "L’an dernier a dépassé {limit}. Si cette année le dépasse aussi (il reste "
                "{left}), vous sortez du régime le {on}."
            ).format(limit=euros("limit"), left=euros("left"), on=day("on"))
        if code == "rspm_upper_near":
            return words.t("38 000 € bientôt atteints"), words.t(
                "{value} cette année. Au-delà de {upper}, vous sortez du régime au 1er janvier."
            ).format(value=euros("value"), upper=euros("upper"))
        if code == "rspm_exit_band":
            return words.t("Vous sortez du régime le {on}").format(on=day("on")), words.t(
                "Deux années de suite au-dessus de {limit}. Préparez le passage au régime des "
                "praticiens conventionnés : votre compte et votre historique vous suivent."
            ).format(limit=euros("limit"))
        if code == "rspm_exit_above":
            return words.t("Vous sortez du régime le {on}").format(on=day("on")), words.t(
                "Plus de {upper} dans l’année. Préparez le passage au régime des praticiens "
                "conventionnés : votre compte et votre historique vous suivent."
            ).format(upper=euros("upper"))
        if code == "rspm_empty":
            count = int(p["count"])
            return words.n(
                "Une période sans déclaration", "{count} périodes sans déclaration", count
            ).format(count=count), words.t(
                "Si vous n’avez rien encaissé, il n’y a rien à faire. Sinon, déclarez-la."
            )
        if code == "window_periodicity":
            return words.t("Changer de rythme de déclaration"), words.t(
                "Jusqu’au {closes}, pour l’année qui commence le {effective}."
            ).format(closes=day("closes"), effective=day("effective"))
        return words.t("À savoir"), alert.law


PROFESSION = DoctorRspmScreens()
