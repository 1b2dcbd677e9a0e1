"""Every route of the app, in one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import flet as ft

from app.components.shell import shell
from app.components.states import loading, not_found_content
from app.services.container import Services, use_services
from app.words import N_
from contract.i18n import Words


@dataclass(frozen=True)
class Screen:
    """One route. `screen` is `module:component` under app.screens, imported when first shown."""

    path: str
    screen: str
    title: str
    signed_in: bool = True
    nav: str = ""
    """Entry of the navigation that is lit while this screen shows."""
    journey: bool = False
    """True for the steps of a declaration, which nothing may interrupt."""
    bare: bool = False
    """True for a screen without the navigation (sign-up, sign-in)."""
    ahead: str = ""
    """What says what to read before it is first drawn, named as `screen`."""


SCREENS: tuple[Screen, ...] = (
    Screen("/", "welcome:Welcome", N_("Bienvenue"), signed_in=False, bare=True),
    Screen("/regime", "finder:Finder", N_("Quel est mon régime ?"), signed_in=False, bare=True),
    Screen("/simulateur", "simulator:Simulator", N_("Simulateur"), signed_in=False, bare=True),
    Screen("/signup", "signup:SignUpStart", N_("Créer un compte"), signed_in=False, bare=True),
    Screen("/signup/:step", "signup:SignUpStep", N_("Créer un compte"), signed_in=False, bare=True),
    Screen("/signin", "signin:SignInScreen", N_("Se connecter"), signed_in=False, bare=True),
    Screen("/forgot", "password:Forgot", N_("Mot de passe oublié"), signed_in=False, bare=True),
    Screen("/reset", "password:Reset", N_("Nouveau mot de passe"), signed_in=False, bare=True),
    Screen("/confirm", "password:Confirm", N_("Confirmer mon adresse"), signed_in=False, bare=True),
    Screen("/perdu", "lost:LossStart", N_("Téléphone perdu"), signed_in=False, bare=True),
    Screen("/perdu/annuler", "lost:LossCancel", N_("Arrêter le délai"), signed_in=False, bare=True),
    Screen(
        "/perdu/retirer",
        "lost:LossRemove",
        N_("Retirer la double authentification"),
        signed_in=False,
        bare=True,
    ),
    Screen("/keep", "my_data:Keep", N_("Garder mon compte"), signed_in=False, bare=True),
    Screen("/about", "about:About", N_("À propos"), signed_in=False),
    Screen("/glossaire", "glossary:Glossary", N_("Les mots, en clair"), signed_in=False),
    Screen("/debut", "start:Start", N_("Découvrir Quittance"), signed_in=False, bare=True),
    Screen(
        "/est-ce-vous",
        "authentic:Authentic",
        N_("Ce message vient-il de vous ?"),
        signed_in=False,
    ),
    Screen(
        "/bloque", "authentic:Frozen", N_("Votre compte est bloqué"), signed_in=False, bare=True
    ),
    Screen("/home", "home:Home", N_("Accueil"), nav="home", ahead="home:read_ahead"),
    Screen("/unsent", "unsent:UnsentScreen", N_("Pas encore envoyé"), nav="home"),
    Screen("/accounts/new", "signup:NewAccount", N_("Ajouter une activité"), bare=True),
    Screen(
        "/declare/:period/:step",
        "declare:Declare",
        N_("Déclarer"),
        nav="home",
        journey=True,
        ahead="declare:read_ahead",
    ),
    Screen(
        "/correct/:period/:step", "declare:Correct", N_("Corriger"), nav="history", journey=True
    ),
    Screen("/history", "history:History", N_("Historique"), nav="history"),
    Screen("/history/:period", "history:Detail", N_("Déclaration"), nav="history"),
    Screen("/payments", "payments:Payments", N_("Paiements"), nav="payments"),
    Screen("/pay/:code", "pay:Pay", N_("Payer"), nav="payments"),
    Screen("/pay/done/:payment", "pay:Done", N_("Paiement"), nav="payments"),
    Screen("/mandates", "mandates:Mandates", N_("Comptes bancaires"), nav="payments"),
    Screen("/mandates/new", "mandates:Sign", N_("Ajouter un compte"), nav="payments"),
    Screen("/statement", "statement:StatementScreen", N_("Relevé"), nav="payments"),
    Screen("/refund", "refund:Refund", N_("Remboursement"), nav="payments"),
    Screen("/documents", "documents:Documents", N_("Documents"), nav="documents"),
    Screen("/documents/ask/:kind", "documents:AskDocument", N_("Attestation"), nav="documents"),
    Screen("/euros", "euros:Euros", N_("Où sont allés mes euros"), nav="home"),
    Screen("/droits", "rights:RightsScreen", N_("Mes droits"), nav="home"),
    Screen("/plans", "plans:PaymentPlans", N_("Payer en plusieurs fois"), nav="home"),
    Screen("/disputes", "disputes:Disputes", N_("Pénalités et réclamations"), nav="home"),
    Screen("/disputes/new", "disputes:NewDispute", N_("Contester"), nav="home"),
    Screen("/disputes/:dispute", "disputes:DisputeDetail", N_("Réclamation"), nav="home"),
    Screen("/messages", "messages:Messages", N_("Messages"), nav="settings"),
    Screen("/messages/new", "messages:NewMessage", N_("Écrire au service"), nav="settings"),
    Screen("/messages/:thread", "messages:Conversation", N_("Messages"), nav="settings"),
    Screen("/reminders", "reminders:Reminders", N_("Rappels et calendrier"), nav="settings"),
    Screen("/operateur", "operator:Inbox", N_("Espace opérateur")),
    Screen("/operateur/messages/:thread", "operator:OperatorThread", N_("Espace opérateur")),
    Screen("/operateur/reclamations/:dispute", "operator:OperatorDispute", N_("Espace opérateur")),
    Screen("/operateur/comptes/:account", "operator:OperatorAccount", N_("Compte consulté")),
    Screen("/journal", "journal:JournalScreen", N_("Journal des recettes"), nav="home"),
    Screen("/journal/new", "receipt:NewReceipt", N_("Ajouter un encaissement"), nav="home"),
    Screen("/journal/import", "bank_import:ImportScreen", N_("Importer un relevé"), nav="home"),
    Screen("/journal/book", "book:BookScreen", N_("Livre des recettes"), nav="home"),
    Screen("/journal/receipt/:id", "receipt:EditReceipt", N_("Encaissement"), nav="home"),
    Screen("/vrp", "vrp.table:Table", N_("Tableau de l’année"), nav="home"),
    Screen("/vrp/employeurs", "vrp.employers:Employers", N_("Employeurs"), nav="home"),
    Screen("/vrp/frais", "vrp.expenses:Expenses", N_("Frais réels"), nav="home"),
    Screen("/vrp/bulletin", "vrp.payslip:PayslipScreen", N_("Vérifier un bulletin"), nav="home"),
    Screen("/vrp/demandes", "vrp.claims:Claims", N_("Mes demandes"), nav="home"),
    Screen("/vrp/:year/demande", "vrp.claim:Claim", N_("Remboursement"), nav="home"),
    Screen("/mer", "sea.log:SeaLog", N_("Journal de mer"), nav="home"),
    Screen("/mer/periode", "sea.period:NewPeriod", N_("Ajouter une période"), nav="home"),
    Screen("/mer/periode/:id", "sea.period:EditPeriod", N_("Période"), nav="home"),
    Screen("/mer/navires", "sea.vessels:Vessels", N_("Navires"), nav="home"),
    Screen("/mer/navires/:id", "sea.vessels:VesselForm", N_("Navire"), nav="home"),
    Screen("/mer/valider/:year", "sea.validate:Validate", N_("Valider l’année"), nav="home"),
    Screen("/mer/echeancier", "sea.schedule:Schedule", N_("Échéancier"), nav="home"),
    Screen("/mer/equipage", "sea.crew:Crew", N_("Équipage"), nav="home"),
    Screen("/options", "options:Options", N_("Options et événements"), nav="options"),
    Screen("/options/:code", "options:OptionDetail", N_("Option"), nav="options"),
    Screen("/profile", "profile:ProfileScreen", N_("Mon profil"), nav="settings"),
    Screen("/securite", "security:SecurityScreen", N_("Sécurité de la connexion"), nav="settings"),
    Screen("/appareil", "device:DeviceScreen", N_("Sur cet appareil"), nav="settings"),
    Screen("/qui-agit", "delegates:Delegates", N_("Qui agit pour moi"), nav="settings"),
    Screen("/invitation", "delegates:Invitation", N_("Agir pour quelqu’un"), bare=True),
    Screen("/mes-donnees", "my_data:MyData", N_("Mes données"), nav="settings"),
    Screen("/settings", "settings:SettingsScreen", N_("Réglages"), nav="settings"),
)

LINKED = frozenset({
    "/simulateur", "/signin", "/reset", "/confirm", "/perdu", "/perdu/annuler", "/perdu/retirer",
    "/keep", "/invitation",
})  # fmt: skip
"""Screens that show what a link says: with other parameters it is another screen."""


def load(screen: str) -> Callable[..., Any]:
    """The component, or function, named `module:component` under app.screens."""
    module, _, name = screen.partition(":")
    return getattr(import_module(f"app.screens.{module}"), name)


def find(route: str) -> tuple[Screen, dict[str, str]] | None:
    """The screen of an address, and what its variable parts are."""
    parts = urlsplit(route).path.strip("/").split("/")
    for entry in SCREENS:
        shape = entry.path.strip("/").split("/")
        pairs = list(zip(shape, parts, strict=False))
        if len(shape) == len(parts) and all(
            own == part or (own.startswith(":") and part) for own, part in pairs
        ):
            return entry, {own[1:]: unquote(part) for own, part in pairs if own.startswith(":")}
    return None


def title_of(entry: Screen, words: Words) -> str:
    """What the window is called while a screen shows."""
    return f"{words.t(entry.title)} – Quittance"


async def read_ahead(services: Services) -> None:
    """Read what the screen of this window shows, and name the window, before it is drawn."""
    found = find(services.page.route or "/")
    if found is None:
        return
    entry, params = found
    if not entry.signed_in or services.session.signed_in:
        services.page.title = title_of(entry, services.words)
    if not entry.ahead or not services.session.signed_in:
        return
    reading = load(entry.ahead)(services, params)
    if reading is not None:
        await services.ahead.read(reading)


def _route(entry: Screen) -> ft.Route:
    @ft.component
    def place() -> ft.View:
        services = use_services()
        path = ft.use_view_path()
        location = services.page.route or path
        # The page may be on its way elsewhere already: what this screen showed is still its own.
        address = ft.use_ref(path)
        if entry.path not in LINKED:
            address.current = path
        elif urlsplit(location).path.rstrip("/") == path:
            address.current = location
        words = services.words
        waiting = services.session.restoring
        allowed = services.session.signed_in or not entry.signed_in

        def title() -> None:
            name = title_of(entry, words)
            if services.page.title != name:
                services.page.title = name
                services.page.update()
            if not allowed and not waiting:
                services.go("/signin?next=" + quote(location, safe=""))

        ft.use_effect(title, [path, words.locale, allowed, waiting])
        content = load(entry.screen)(key=address.current) if allowed else loading(services)
        return shell(services, entry, path, content)

    place.__name__ = "Place" + entry.path.replace("/", "_").replace(":", "")
    return ft.Route(path=entry.path.lstrip("/") or None, index=entry.path == "/", component=place)


@ft.component
def Lost() -> ft.Control:
    """What an unknown address shows."""
    return not_found_content(use_services())


@cache
def routes() -> tuple[ft.Route, ...]:
    """The table as the Flet router reads it."""
    return tuple(_route(entry) for entry in SCREENS)
