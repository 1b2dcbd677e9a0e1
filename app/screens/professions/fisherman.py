"""Sea fishermen: sign-up as data, words, and the way to their own screens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.forms.answers import Choice, Date, Eligible, Possible, YesNo
from app.forms.form import Condition, Field, Form, Step
from app.screens.professions.base import Defaults, SetAside, Shortcut
from app.words import N_
from contract.accounts import Overview
from contract.i18n import Words
from regimes.dated import RateTable
from regimes.fisherman import REGIME
from regimes.fisherman.models import Profile
from regimes.regime import Alert, Period

ROLES = (
    Possible("owner", N_("Patron ou propriétaire embarqué"),
             N_("Vous naviguez sur votre navire, seul ou avec un équipage.")),
    Possible("spouse", N_("Conjoint collaborateur"),
             N_("Vous travaillez dans l’entreprise de pêche de votre conjoint.")),
)  # fmt: skip
EMPLOYED = N_(
    "Les marins salariés n’ont rien à déclarer ici : l’armateur déclare leurs jours en DSN."
)
EARLIEST = date(1960, 1, 1)


class FishermanScreens(Defaults):
    """Answers of the Profession protocol."""

    code = REGIME.code
    year_label = N_("Salaire forfaitaire déclaré")
    nil = ""
    declare_path = "/mer/valider/{period}"
    shortcuts = (
        Shortcut(N_("Ajouter une période"), "/mer/periode", "ADD"),
        Shortcut(N_("Journal de mer"), "/mer", "CALENDAR_MONTH_OUTLINED"),
        Shortcut(N_("Navires"), "/mer/navires", "DIRECTIONS_BOAT_OUTLINED"),
        Shortcut(N_("Équipage"), "/mer/equipage", "GROUPS_OUTLINED"),
        Shortcut(N_("Échéancier"), "/mer/echeancier", "EVENT_NOTE_OUTLINED"),
    )
    shortcuts_title = N_("En mer")

    def profile_form(self, today: date) -> Form:
        """Eligibility in plain words, then the account."""
        return Form(
            "marin-pecheur-profile", 1,
            (
                Step(
                    "eligible", N_("Ce régime est-il pour vous ?"),
                    (
                        Field("selfemployed", N_("Êtes-vous non salarié de la pêche ou des "
                                                 "cultures marines ?"),
                              Eligible(because=EMPLOYED), law="C. transports L5553-5"),
                    ),
                ),
                Step(
                    "activity", N_("Votre activité"),
                    (
                        Field("role", N_("Vous êtes"), Choice(options=ROLES)),
                        Field("start_date", N_("Quand avez-vous commencé ?"),
                              Date(earliest=EARLIEST, latest=today),
                              hint=N_("Par exemple 15/03/2026.")),
                        Field("birth_date", N_("Votre date de naissance"),
                              Date(earliest=date(1920, 1, 1), latest=today),
                              hint=N_("Après 65 ans, la part personnelle de retraite n’est plus "
                                      "due.")),
                        Field("honoured", N_("Cultures marines : êtes-vous bénéficiaire de "
                                             "l’article L43 ?"),
                              YesNo(), required=False, when=(Condition("role", ("owner",)),),
                              help=N_("Un taux réduit de retraite s’applique alors aux navires de "
                                      "12 mètres au plus."),
                              law="Décret 2008-338"),
                    ),
                ),
            ),
        )  # fmt: skip

    def to_profile(self, answers: Mapping[str, Any], today: date) -> dict[str, Any]:
        """The profile that these answers describe."""
        return {
            "start_date": answers["start_date"],
            "birth_date": answers["birth_date"],
            "role": answers["role"],
            "honoured": answers.get("honoured") == "yes",
        }

    def declaration_form(self, profile: Profile, period: Period, rates: RateTable) -> Form:
        """No question: the year is validated from the log, on a screen of its own."""
        return Form("marin-pecheur-declaration", REGIME.form_version,
                    (Step("amounts", N_("Journal de mer"), ()),))  # fmt: skip

    def to_declaration(
        self, answers: Mapping[str, Any], profile: Profile, period: Period, rates: RateTable
    ) -> dict[str, Any]:
        """An empty year: the log fills it elsewhere."""
        return {"regime": self.code, "vessels": {}, "periods": []}

    def from_declaration(self, declaration: Mapping[str, Any]) -> dict[str, str]:
        """No answer: the log is what a correction starts from."""
        return {}

    def set_aside(self, profile: Profile, today: date, rates: RateTable) -> list[SetAside]:
        """Nothing by receipt: contributions come from days, not from sales."""
        return []

    def year(self, overview: Overview) -> list[tuple[date, Decimal]]:
        """No figure by month."""
        return []

    def alert(self, alert: Alert, words: Words) -> tuple[str, str]:
        """Title and sentence of an alert."""
        p = alert.params
        due = p.get("due")
        day = due if isinstance(due, date) else date.fromisoformat(str(due)) if due else None
        if alert.code == "sea_validate" and day is not None:
            title = words.t("Validez vos jours de mer de {year}").format(year=p["year"])
            if alert.level == "urgent":
                return title, words.t(
                    "C’était à faire avant le {due}. Validez dès maintenant : vos appels de "
                    "cotisations suivront."
                ).format(due=words.date(day))
            return title, words.t(
                "À faire avant le {due} : la régularisation et le nouvel échéancier en dépendent."
            ).format(due=words.date(day))
        return words.t("À savoir"), alert.law


PROFESSION = FishermanScreens()
