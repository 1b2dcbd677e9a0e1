"""Contracted doctors: sign-up and the boxes of the year as data, and their words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.forms.answers import Choice, Date, Eligible, Money, Possible, YesNo
from app.forms.form import Condition, Field, Form, Step
from app.screens.professions import household
from app.screens.professions.base import Defaults, SetAside, SheetRow
from app.words import N_
from contract.accounts import Overview
from contract.i18n import Words
from regimes.dated import RateTable
from regimes.doctor_pamc import REGIME, Declaration, Profile, boxes
from regimes.doctor_pamc.profile import EARLIEST
from regimes.money import plain
from regimes.regime import Alert, Period

SECTORS = (
    Possible("S1", N_("Secteur 1"), N_("Tarifs de la convention.")),
    Possible("S2", N_("Secteur 2"), N_("Honoraires libres, avec dépassements.")),
    Possible("NC", N_("Non conventionné"), N_("Secteur 3.")),
)
PAYMENTS = (
    Possible("monthly_5", N_("Le 5 de chaque mois")),
    Possible("monthly_20", N_("Le 20 de chaque mois")),
    Possible("quarterly", N_("Chaque trimestre"), N_("5 février, 5 mai, 5 août, 5 novembre.")),
)
OUTCOMES = (
    Possible("profit", N_("Un bénéfice"), N_("Case DSDE")),
    Possible("loss", N_("Un déficit"), N_("Case DSDG")),
)
ORDINARY = N_(
    "En secteur 2, le régime PAMC se choisit seulement à la première installation. Sans ce choix, "
    "vous relevez du régime des indépendants, qui n’est pas encore dans Quittance."
)
EXTRA = N_("S’il y a lieu")


class DoctorPamcScreens(Defaults):
    """Answers of the Profession protocol."""

    code = REGIME.code
    year_label = N_("Recettes de l’année")
    nil = ""
    other_bodies = N_("Appelé par la Carmf, estimation")

    def profile_form(self, today: date) -> Form:
        """The sector, the start, how one pays, and the last known income."""
        return Form(
            "pamc-medecin-profile", 1,
            (
                Step(
                    "activity", N_("Votre activité"),
                    (
                        Field("sector", N_("Dans quel secteur exercez-vous ?"),
                              Choice(options=SECTORS)),
                        Field("pamc_chosen",
                              N_("Avez-vous choisi le régime PAMC à votre première installation ?"),
                              Eligible(because=ORDINARY), when=(Condition("sector", ("S2",)),)),
                        Field("replacement", N_("Êtes-vous remplaçant ?"), YesNo()),
                        Field("retired", N_("Cumulez-vous cette activité avec une retraite ?"),
                              YesNo()),
                        Field("start_date", N_("Quand vous êtes-vous installé ?"),
                              Date(earliest=EARLIEST, latest=today),
                              hint=N_("Par exemple 15/03/2020.")),
                    ),
                ),
                Step(
                    "income", N_("Vos cotisations"),
                    (
                        Field("payment", N_("Quand payez-vous l’Urssaf ?"),
                              Choice(options=PAYMENTS)),
                        Field("known", N_("Revenu professionnel d’il y a deux ans"),
                              Money(declared=False), required=False,
                              hint=N_("S’il est connu : vos appels "
                                      "provisionnels en dépendent.")),
                    ),
                ),
            ),
        )  # fmt: skip

    def to_profile(self, answers: Mapping[str, Any], today: date) -> dict[str, Any]:
        """The profile that these answers describe."""
        year = today.year - 2
        known = []
        if answers.get("known") is not None and answers["start_date"] <= f"{year}-12-31":
            known = [{"year": year, "income": answers["known"], "on": f"{year + 1}-06-30"}]
        return {
            "start_date": answers["start_date"], "sector": answers["sector"],
            "replacement": answers["replacement"], "retired": answers["retired"],
            "payment": answers["payment"], "known": known,
        }  # fmt: skip

    def simulation_form(self, today: date) -> Form:
        """What if I received… a year, then the household."""
        return Form(
            "pamc-medecin-simulation", 1,
            (
                Step(
                    "year", N_("Votre année"),
                    (
                        Field("receipts", N_("Recettes de l’année"), Money(declared=False)),
                        Field("expenses", N_("Frais professionnels, hors cotisations"),
                              Money(declared=False), required=False),
                        Field("sector", N_("Secteur"), Choice(options=(
                            Possible("S1", N_("Secteur 1")), Possible("S2", N_("Secteur 2"))))),
                        household.year_field(today),
                        *household.household_fields(),
                    ),
                ),
            ),
        )  # fmt: skip

    def simulation_start(self, today: date) -> dict[str, str]:
        """Raw answers that a simulation starts with."""
        return household.start(today) | {"sector": "S1"}

    def to_scenario(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """The scenario of these answers."""
        return {
            "year": answers["year"],
            "receipts": answers["receipts"],
            "expenses": answers.get("expenses") or "0",
            "sector": answers["sector"],
            "household": household.household(answers),
        }

    def declaration_form(self, profile: Profile, period: Period, rates: RateTable) -> Form:
        """The boxes of the year, each with where to find it."""
        usual = (Condition("micro", ("no",)),)
        fields = (
            Field("receipts", N_("Recettes brutes totales, avant rétrocessions (DSCS)"), Money(),
                  help=N_("Annexe A de la 2035, lignes AA et AF ; ou le total de votre relevé "
                          "SNIR.")),
            Field("contracted", N_("Honoraires conventionnés, sans les dépassements (DSAV)"),
                  Money(), help=N_("Le montant remboursable de votre relevé SNIR.")),
            Field("overruns", N_("Dépassements d’honoraires (DSAW)"), Money(),
                  help=N_("La colonne des dépassements de votre relevé SNIR.")),
            Field("micro", N_("Êtes-vous au régime micro-BNC ?"), YesNo(),
                  help=N_("Alors l’assiette est 66 % des recettes, et il n’y a pas de 2035.")),
            Field("outcome", N_("L’année se termine par"), Choice(options=OUTCOMES), when=usual),
            Field("income", N_("Revenu brut social"), Money(), when=usual,
                  help=N_("Annexe B de la 2035, cadre 8 : recettes moins dépenses, sans déduire "
                          "les cotisations sociales. Avant 2025 : le bénéfice.")),
            Field("structures", N_("Recettes nettes en Ehpad, HAD, Ssiad ou CMPP (DSAT)"), Money(),
                  required=False, group=EXTRA),
            Field("sick_pay", N_("Indemnités journalières de la CPAM, hors longue durée (DSDX)"),
                  Money(), required=False, group=EXTRA),
            Field("insurance_pay", N_("Indemnités Madelin, AJPA, incapacité Carmf (DSCZ)"),
                  Money(), required=False, group=EXTRA),
            Field("vouchers", N_("Chèques-vacances commandés (DSCN)"), Money(), required=False,
                  group=EXTRA),
            Field("exempt", N_("Permanence des soins exonérée (DSFA)"), Money(), required=False,
                  group=EXTRA),
            Field("filed_on", N_("Déclaration de revenus déposée aux impôts le"),
                  Date(earliest=date(period.end.year + 1, 1, 1)), required=False,
                  hint=N_("Si c’est déjà fait : pour votre mémoire.")),
        )  # fmt: skip
        return Form(
            "pamc-medecin-declaration", REGIME.form_version,
            (
                Step(
                    "amounts", N_("Montants"), fields,
                    intro=N_("Les montants de l’année, pour vos cases de la 2042-C PRO. Rien ne "
                             "part aux impôts : vous recopierez les cases dans votre déclaration "
                             "de revenus."),
                ),
            ),
        )  # fmt: skip

    def to_declaration(
        self, answers: Mapping[str, Any], profile: Profile, period: Period, rates: RateTable
    ) -> dict[str, Any]:
        """The boxes of these answers."""
        micro = answers.get("micro") is True
        income = answers.get("income", "0")
        loss = answers.get("outcome") == "loss"
        day = str(answers.get("filed_on", ""))
        extra = ("overruns", "structures", "sick_pay", "insurance_pay", "vouchers", "exempt")
        return {
            "regime": self.code, "receipts": answers["receipts"],
            "contracted": answers["contracted"], "micro": micro,
            "profit": None if micro or loss else income, "loss": income if loss and not micro
            else None, "filed_on": day if len(day) == 10 else None,
            **{name: answers.get(name, "0") for name in extra},
        }  # fmt: skip

    def from_declaration(self, declaration: Mapping[str, Any]) -> dict[str, str]:
        """Raw answers that give these boxes again."""
        raw = {
            name: str(declaration[name]).replace(".", ",")
            for name in ("receipts", "contracted", "overruns")
        }
        for name in ("structures", "sick_pay", "insurance_pay", "vouchers", "exempt"):
            if declaration.get(name) not in (None, "0"):
                raw[name] = str(declaration[name]).replace(".", ",")
        raw["micro"] = "yes" if declaration.get("micro") else "no"
        if not declaration.get("micro"):
            loss = declaration.get("loss") is not None
            raw["outcome"] = "loss" if loss else "profit"
            raw["income"] = str(declaration["loss" if loss else "profit"]).replace(".", ",")
        if declaration.get("filed_on"):
            raw["filed_on"] = str(declaration["filed_on"])
        return raw

    def sheet(self, declaration: Declaration) -> list[SheetRow]:
        """The boxes to copy: whole euros, and the ratio with two decimals."""
        return [
            SheetRow(
                box.code, box.label, box.where,
                plain(box.value.quantize(Decimal(1))) if box.money
                else format(box.value, "f").replace(".", ","),
            )
            for box in boxes(declaration)
        ]  # fmt: skip

    def set_aside(self, profile: Profile, today: date, rates: RateTable) -> list[SetAside]:
        """None: no single rate tells what a receipt will cost."""
        return []

    def year(self, overview: Overview) -> list[tuple[date, Decimal]]:
        """None: the picture of the year is that of the payments."""
        return []

    def alert(self, alert: Alert, words: Words) -> tuple[str, str]:
        """Title and sentence of an alert."""
        p = alert.params

        def day(name: str) -> str:
            value = p[name]
            return words.date(value if isinstance(value, date) else date.fromisoformat(value))

        def euros(name: str) -> str:
            return words.money(Decimal(str(p[name])))

        if alert.code == "pamc_to_prepare":
            return words.t("Préparez vos cases de l’année {year}").format(year=p["year"]), words.t(
                "À reporter dans la déclaration de revenus avant le {due}. Votre revenu fixe aussi "
                "vos cotisations."
            ).format(due=day("due"))
        if alert.code == "pamc_refund":
            return words.t("Remboursement à venir"), words.t(
                "Vos cotisations de {year} ont été trop appelées : {amount} vous sont rendus le "
                "{on}."
            ).format(year=p["year"], amount=euros("amount"), on=day("on"))
        if alert.code == "pamc_regularisation":
            return words.t("Régularisation à venir"), words.t(
                "Vos cotisations de {year} n’ont pas été assez appelées : {amount} de plus le {on}."
            ).format(year=p["year"], amount=euros("amount"), on=day("on"))
        if alert.code == "pamc_new_base":
            return words.t("La base de vos cotisations a changé"), words.t(
                "Depuis le revenu de {year}, une seule base, après 26 % d’abattement, remplace les "
                "deux anciennes. Appelé d’abord sur l’ancienne base : {before} pour l’année ; sur "
                "la nouvelle : {after}."
            ).format(year=p["year"], before=euros("before"), after=euros("after"))
        return words.t("À savoir"), alert.law


PROFESSION = DoctorPamcScreens()
