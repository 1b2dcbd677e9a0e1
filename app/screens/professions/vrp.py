"""VRP with several cards: sign-up as data, words, and the way to their own screens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.forms.answers import Date, Eligible, Text, YesNo
from app.forms.form import Field, Form, Step
from app.screens.professions.base import Defaults, SetAside, Shortcut
from app.words import N_
from contract.accounts import Overview
from contract.i18n import Words
from regimes.dated import RateTable
from regimes.regime import Alert, Period
from regimes.vrp import REGIME
from regimes.vrp.profile import EARLIEST

ONE_CARD = N_(
    "Avec un seul employeur, le plafond s’applique une seule fois : il n’y a pas de trop-versé à "
    "demander ici."
)
LAW = "C. trav. L7311-1"


class VrpScreens(Defaults):
    """Answers of the Profession protocol."""

    code = REGIME.code
    year_label = N_("Remboursement demandé")
    nil = ""
    optional_note = N_("Rien à demander pour cette année si rien n’a été versé en trop.")
    declare_path = "/vrp/{period}/demande"
    shortcuts = (
        Shortcut(N_("Tableau de l’année"), "/vrp", "TABLE_CHART_OUTLINED"),
        Shortcut(N_("Employeurs"), "/vrp/employeurs", "BUSINESS_OUTLINED"),
        Shortcut(N_("Frais réels"), "/vrp/frais", "RECEIPT_OUTLINED"),
        Shortcut(N_("Vérifier un bulletin"), "/vrp/bulletin", "FACT_CHECK_OUTLINED"),
        Shortcut(N_("Mes demandes"), "/vrp/demandes", "ASSIGNMENT_OUTLINED"),
    )
    shortcuts_title = N_("Votre année de VRP")

    def profile_form(self, today: date) -> Form:
        """Eligibility in plain words, then the account."""
        return Form(
            "vrp-profile", 1,
            (
                Step(
                    "eligible", N_("Ce régime est-il pour vous ?"),
                    (
                        Field("several", N_("Représentez-vous plusieurs employeurs, avec une "
                                            "carte chez chacun ?"),
                              Eligible(because=ONE_CARD), law=LAW),
                    ),
                ),
                Step(
                    "activity", N_("Votre activité"),
                    (
                        Field("start_date", N_("Depuis quand êtes-vous VRP ?"),
                              Date(earliest=EARLIEST, latest=today),
                              hint=N_("Par exemple 15/03/2026.")),
                        Field("card", N_("Numéro de carte d’identité professionnelle"), Text(),
                              required=False),
                        Field("borne", N_("Payez-vous vous-même des frais professionnels ?"),
                              YesNo(),
                              help=N_("Voiture, repas, hôtel… que vos employeurs ne remboursent "
                                      "pas en entier.")),
                    ),
                ),
            ),
        )  # fmt: skip

    def to_profile(self, answers: Mapping[str, Any], today: date) -> dict[str, Any]:
        """The profile on the wire."""
        return {
            "start_date": answers["start_date"], "card": answers.get("card") or "",
            "borne_expenses": bool(answers.get("borne")),
        }  # fmt: skip

    def declaration_form(self, profile: Any, period: Period, rates: RateTable) -> Form:
        """Nothing to ask in a form: the table of the year fills the claim."""
        return Form("vrp-claim", 1, ())

    def to_declaration(
        self, answers: Mapping[str, Any], profile: Any, period: Period, rates: RateTable
    ) -> dict[str, Any]:
        """An empty claim: the table of the year fills it."""
        return {"employers": [], "expenses": []}

    def from_declaration(self, declaration: Mapping[str, Any]) -> dict[str, str]:
        """Nothing to type again."""
        return {}

    def alert(self, alert: Alert, words: Words) -> tuple[str, str]:
        """Title and sentence of an alert."""
        year = str(alert.params.get("year", ""))
        if alert.code == "vrp_year_ending":
            return (
                words.t("Dernier délai pour {year}").format(year=year),
                words.t("Un trop-versé de {year} se demande avant le {date} : après, une part "
                        "peut être perdue.").format(
                            year=year, date=words.date(_day(alert.params["last"]))),
            )  # fmt: skip
        return (
            words.t("L’année {year} peut être demandée").format(year=year),
            words.t("En entier jusqu’au {date}.").format(
                date=words.date(_day(alert.params["due"]))
            ),
        )

    def set_aside(self, profile: Any, today: date, rates: RateTable) -> list[SetAside]:
        """Nothing: employers withhold what is due."""
        return []

    def year(self, overview: Overview) -> list[tuple[date, Decimal]]:
        """No picture by month."""
        return []


def _day(value: Any) -> date:
    """A date of an alert, which crosses the wire as a text."""
    return value if isinstance(value, date) else date.fromisoformat(str(value))


PROFESSION = VrpScreens()
