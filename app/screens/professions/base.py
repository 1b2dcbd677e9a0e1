"""What the app must know of a profession, and where to find it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import Any, Protocol

from app.forms.form import Form
from app.words import N_
from contract.accounts import Overview
from contract.i18n import Words
from regimes.dated import RateTable
from regimes.regime import Alert, Kind, Model, Period, Regime
from regimes.registry import REGISTRY


@dataclass(frozen=True)
class Wording:
    """How the shared screens speak of what is sent: French msgids, by kind of régime."""

    title: str
    correct: str
    sent_step: str
    total: str
    """What the sum on the check screen is called."""
    when: str
    late: str
    send: str
    send_again: str
    sent: str
    sent_again: str
    received: str
    thanks: str
    certify: str
    begin: str
    resume: str
    due_before: str
    was_due: str
    nothing: str
    coming: str
    latest: str
    sent_on: str
    figures: str
    correcting: str = N_(
        "Vous corrigez une déclaration envoyée. Le droit à l’erreur s’applique : une "
        "première erreur de bonne foi, corrigée, n’est pas sanctionnée."
    )
    more: str = N_("Soit {amount} de plus que la déclaration envoyée ({before}).")
    less: str = N_("Soit {amount} de moins que la déclaration envoyée ({before}).")
    same: str = N_("Même total que la déclaration envoyée ({before}).")
    already: str = N_("Cette période est déjà déclarée. Vous pouvez la corriger.")
    see: str = N_("Voir la déclaration")
    not_yet: str = N_("Rien n’a encore été envoyé pour cette période.")
    nothing_sent: str = N_("Rien d’envoyé pour l’instant.")
    owed: str = N_("Pour ce que vous avez déjà déclaré.")
    none_owed: str = N_("Aucun montant à venir pour ce que vous avez déclaré.")
    fix: str = N_("Corriger cette déclaration")


WORDINGS: dict[Kind, Wording] = {
    Kind.DECLARATION: Wording(
        N_("Déclarer"), N_("Corriger"), N_("Envoyée"), N_("Total à payer"),
        N_("À payer le {date}."), N_("L’échéance du {date} est passée : à payer dès l’envoi."),
        N_("Envoyer la déclaration"), N_("Envoyer la correction"), N_("Déclaration envoyée"),
        N_("Correction envoyée"), N_("Reçue le {moment} sous le numéro {number}."),
        N_("Un message d’accusé de réception vous est envoyé."),
        N_("En envoyant, vous certifiez l’exactitude de ces montants. Vous pourrez les "
           "corriger ensuite. Calcul automatique, expliqué ligne par ligne "
           "(CRPA L311-3-1) ; taux version {version}."),
        N_("Déclarer"), N_("Reprendre la déclaration"),
        N_("À déclarer avant le {due} à {hour}, heure de Paris."),
        N_("Était à déclarer avant le {due} à {hour}, heure de Paris."),
        N_("Rien à déclarer aujourd’hui"),
        N_("{period} sera à déclarer du {opens} au {due} à {hour}."),
        N_("Dernières déclarations"), N_("Envoyée le {date}"), N_("Ce que vous avez déclaré"),
    ),
    Kind.CLAIM: Wording(
        N_("Demander"), N_("Corriger"), N_("Envoyée"), N_("Total demandé"),
        N_("À demander avant le {date}."), N_("Le {date} est passé : demandez dès maintenant."),
        N_("Envoyer la demande"), N_("Envoyer la correction"), N_("Demande envoyée"),
        N_("Correction envoyée"), N_("Reçue le {moment} sous le numéro {number}."),
        N_("Un message d’accusé de réception vous est envoyé."),
        N_("En envoyant, vous certifiez l’exactitude de ces montants. Vous pourrez les "
           "corriger ensuite. Calcul automatique, expliqué ligne par ligne "
           "(CRPA L311-3-1) ; taux version {version}."),
        N_("Demander"), N_("Reprendre la demande"),
        N_("À demander avant le {due} à {hour}, heure de Paris."),
        N_("Était à demander avant le {due} à {hour}, heure de Paris."),
        N_("Rien à demander aujourd’hui"),
        N_("{period} sera à demander du {opens} au {due} à {hour}."),
        N_("Dernières demandes"), N_("Envoyée le {date}"), N_("Ce que vous avez demandé"),
    ),
    Kind.PREPARATION: Wording(
        N_("Préparer"), N_("Corriger"), N_("Enregistrée"), N_("Cotisations de l’année, Urssaf"),
        N_("À reporter dans la déclaration de revenus avant le {date}."),
        N_("La date du {date} est passée : voyez les impôts pour une déclaration rectificative."),
        N_("Enregistrer mon revenu"), N_("Enregistrer la correction"), N_("Revenu enregistré"),
        N_("Correction enregistrée"), N_("Enregistrée le {moment} sous le numéro {number}."),
        N_("Vos cotisations provisionnelles suivront ce revenu. La déclaration de revenus, elle, "
           "se dépose aux impôts, avec les cases ci-dessous."),
        N_("L’Urssaf reçoit ce revenu pour régulariser vos cotisations ; rien n’est transmis aux "
           "impôts. Calcul automatique, expliqué ligne par ligne (CRPA L311-3-1) ; taux version "
           "{version}."),
        N_("Préparer"), N_("Reprendre la préparation"),
        N_("À reporter dans votre déclaration de revenus avant le {due}."),
        N_("Était à reporter dans votre déclaration de revenus avant le {due}."),
        N_("Rien à préparer aujourd’hui"),
        N_("{period} se préparera du {opens} au {due}."),
        N_("Années préparées"), N_("Enregistrée le {date}"), N_("Ce que vous avez préparé"),
        correcting=N_("Vous corrigez un revenu enregistré ici. Si votre déclaration de revenus "
                      "est déjà déposée, corrigez-la aussi sur impots.gouv.fr."),
        more=N_("Soit {amount} de plus que le revenu enregistré ({before})."),
        less=N_("Soit {amount} de moins que le revenu enregistré ({before})."),
        same=N_("Même total que le revenu enregistré ({before})."),
        already=N_("Cette année est déjà préparée. Vous pouvez la corriger."),
        see=N_("Voir l’année"),
        not_yet=N_("Rien n’est encore enregistré pour cette année."),
        nothing_sent=N_("Rien d’enregistré pour l’instant."),
        owed=N_("Prochain appel de l’Urssaf."),
        none_owed=N_("Aucun appel à venir."),
        fix=N_("Corriger cette année"),
    ),
}  # fmt: skip


def wording(code: str) -> Wording:
    """How the shared screens speak of the régime of this wire name."""
    return WORDINGS[REGISTRY.get(code).kind]


@dataclass(frozen=True)
class SheetRow:
    """A box to copy elsewhere: its code, French msgids of what it holds and where it is found,
    and the value as it is to be written there."""

    code: str
    label: str
    where: str
    value: str


@dataclass(frozen=True)
class Shortcut:
    """A button of the home screen to a screen of the profession: a French msgid, a route and the
    name of an icon."""

    label: str
    route: str
    icon: str


class Defaults:
    """What most professions answer to the questions that the shared screens may leave out."""

    shortcuts: tuple[Shortcut, ...] = ()
    """Buttons to the profession's own screens, the first one being the main one."""
    shortcuts_title: str = ""
    declare_path: str = ""
    """Where a period is declared and corrected, with `{period}`; empty: the shared screens."""

    year_label: str = N_("Chiffre d’affaires déclaré")
    """What the picture of the year adds up."""
    nil: str = N_("Rien encaissé sur cette période")
    """Button that fills every figure with zero; empty when zero is not to be declared."""
    optional_note: str = ""
    """What the home screen says of a period that need not be sent when nothing was earned."""
    live_gauges: bool = False
    """True when the ceilings of the year stand beside the figures and follow the typing."""
    other_bodies: str = ""
    """Title of the lines that are shown beside what is due, and never called here."""
    withholding: bool = False
    """True when platforms may withhold the contributions of a receipt (CSS L613-6-1)."""

    def objection(self, declaration: Any, correcting: bool) -> str:
        """Why these figures need not be sent, as a French msgid; empty when they may."""
        return ""

    def sheet(self, declaration: Any) -> list[SheetRow]:
        """Boxes to copy into a form filed elsewhere."""
        return []

    def part_dates(self, profile: Any, period: Period, rates: RateTable) -> list[tuple[date, date]]:
        """First and last days of the parts of a period, when it is asked in several."""
        return []

    def activities(self, profile: Any) -> list[tuple[str, str]]:
        """Codes and French msgids of what a receipt of the journal may be of; none: no journal."""
        return []

    def journal_path(self, receipt: Any, profile: Any, period: Period, rates: RateTable) -> str:
        """The figure of the declaration in which a receipt counts, or nothing."""
        return ""

    def simulation_form(self, today: date) -> Form | None:
        """The questions of a simulated year; None: this profession has no simulator."""
        return None

    def simulation_start(self, today: date) -> dict[str, str]:
        """Raw answers that a simulation starts with."""
        return {}

    def to_scenario(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """The scenario, as the régime's model reads it, from exported answers."""
        return {}


@dataclass(frozen=True)
class SetAside:
    """Share of each receipt to keep for the contributions: percent, by activity."""

    label: str
    percent: Decimal


class Profession(Protocol):
    """A profession's forms as data, and its words."""

    code: str
    shortcuts: tuple[Shortcut, ...]
    shortcuts_title: str
    declare_path: str
    year_label: str
    nil: str
    optional_note: str
    live_gauges: bool
    other_bodies: str
    withholding: bool

    def objection(self, declaration: Any, correcting: bool) -> str:
        """Why these figures need not be sent, or nothing."""
        ...

    def sheet(self, declaration: Any) -> list[SheetRow]:
        """Boxes to copy into a form filed elsewhere."""
        ...

    def profile_form(self, today: date) -> Form:
        """The questions of sign-up."""
        ...

    def to_profile(self, answers: Mapping[str, Any], today: date) -> dict[str, Any]:
        """The profile, as it crosses the wire, from normalised answers."""
        ...

    def declaration_form(self, profile: Any, period: Period, rates: RateTable) -> Form:
        """The figures of one period."""
        ...

    def part_dates(self, profile: Any, period: Period, rates: RateTable) -> list[tuple[date, date]]:
        """First and last days of the parts of a period, when it is asked in several."""
        ...

    def activities(self, profile: Any) -> list[tuple[str, str]]:
        """Codes and French msgids of what a receipt of the journal may be of; none: no journal."""
        ...

    def journal_path(self, receipt: Any, profile: Any, period: Period, rates: RateTable) -> str:
        """The figure of the declaration in which a receipt counts, or nothing."""
        ...

    def to_declaration(
        self, answers: Mapping[str, Any], profile: Any, period: Period, rates: RateTable
    ) -> dict[str, Any]:
        """The declaration, as it crosses the wire, from normalised answers."""
        ...

    def from_declaration(self, declaration: Mapping[str, Any]) -> dict[str, str]:
        """Raw answers that give this declaration again (a correction starts from them)."""
        ...

    def simulation_form(self, today: date) -> Form | None:
        """The questions of a simulated year; None: this profession has no simulator."""
        ...

    def simulation_start(self, today: date) -> dict[str, str]:
        """Raw answers that a simulation starts with."""
        ...

    def to_scenario(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """The scenario, as the régime's model reads it, from exported answers."""
        ...

    def alert(self, alert: Alert, words: Words) -> tuple[str, str]:
        """Title and sentence of an alert."""
        ...

    def set_aside(self, profile: Any, today: date, rates: RateTable) -> list[SetAside]:
        """What to keep of each receipt today."""
        ...

    def year(self, overview: Overview) -> list[tuple[date, Decimal]]:
        """Figures of the civil year by month, for the home picture."""
        ...


@cache
def profession(code: str) -> Profession:
    """The profession of this wire name: the module named after its régime's package.

    Raises LookupError for a profession that this app does not have.
    """
    regime: Regime = REGISTRY.get(code)
    name = regime.package.rsplit(".", 1)[-1]
    found: Profession = import_module(f"app.screens.professions.{name}").PROFESSION
    return found


def read_profile(code: str, data: Mapping[str, Any]) -> Model:
    """The régime's profile from what the backend answered."""
    return REGISTRY.get(code).Profile.model_validate(data)
