"""Every screen of the app, where it stands: the address, the ready account that shows it, and a
sentence that proves it is there. Pictures, axe, readings and sizes are all taken from this table.

A route of `app/router.py` without a row fails `tests/ground/test_gallery.py`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.services.simulating import token_of
from contract.i18n import words

ROOT = Path(__file__).resolve().parent.parent
TODAY = "2026-11-23"
LINK = "x" * 24  # as long as the secret of a link, and of nobody's
OPERATOR = "secteur2"
"""The ready account whose person works for the collector too, once `prepare` is over."""


@dataclass(frozen=True)
class Scene:
    """One screen in one state. `path` is its route in the router, `address` where it stands ({…}
    is filled by `prepare`), `who` a ready account or nobody. `en` is asked of the catalog unless
    the sentence is put together from parts."""

    name: str
    path: str
    who: str
    fr: str
    address: str = ""
    en: str = ""

    @property
    def route(self) -> str:
        """Where it stands, before `prepare` fills it in."""
        return self.address or self.path

    def says(self, locale: str) -> str:
        """The sentence in `locale`."""
        if locale == "fr":
            return self.fr
        return self.en or words(locale).t(self.fr)


def _of(who: str, *scenes: tuple[Any, ...] | Scene) -> list[Scene]:
    return [
        scene if isinstance(scene, Scene)
        else Scene(scene[0], scene[1], who, scene[2], *scene[3:])
        for scene in scenes
    ]  # fmt: skip


CONSULTANT = {
    "categories": "service_bnc", "turnover.service_bnc": "40000", "per": "year", "year": TODAY[:4],
    "periodicity": "monthly", "department": "75", "flat_tax": "no", "couple": "no",
    "children": "0", "invoice": "1000",
}  # fmt: skip
ALONE = token_of({"r": "auto-entrepreneur", "a": CONSULTANT})
COMPARED = token_of(
    {"r": "auto-entrepreneur", "a": CONSULTANT, "b": CONSULTANT | {"flat_tax": "yes"}}
)
INCOMPLETE = "Ce lien est incomplet : copiez-le en entier."

# By who looks: a window opens once for each, and goes from screen to screen.
SCENES: tuple[Scene, ...] = (
    Scene("welcome", "/", "", "Essayer avec un compte prêt"),
    Scene("regime", "/regime", "", "Comment gagnez-vous cet argent ?"),
    Scene("signup-start", "/signup", "", "Commencer l’inscription"),
    Scene("signup", "/signup/:step", "", "Nom ou enseigne", "/signup/identity"),
    Scene("signin", "/signin", "", "Mot de passe oublié"),
    Scene("forgot", "/forgot", "", "Recevoir un lien"),
    Scene("reset", "/reset", "", "Changer le mot de passe", f"/reset?token={LINK}"),
    Scene("confirm", "/confirm", "", "La demande n’a pas abouti", f"/confirm?token={LINK}"),
    Scene("loss", "/perdu", "", "Lancer le délai", f"/perdu?token={LINK}"),
    Scene("loss-cancel", "/perdu/annuler", "",
          "La double authentification de votre compte restera active.",
          f"/perdu/annuler?token={LINK}"),
    Scene("loss-remove", "/perdu/retirer", "", "Retirer la double authentification",
          f"/perdu/retirer?token={LINK}"),
    Scene("keep", "/keep", "", "Vous aviez demandé à fermer votre compte.", f"/keep?token={LINK}"),
    Scene("about", "/about", "", "Pas un service officiel"),
    Scene("beginning", "/debut", "", "Suivant"),
    Scene("glossary", "/glossaire", "", "Chercher un mot"),
    Scene("simulator", "/simulateur", "", "Il vous reste", f"/simulateur?s={ALONE}",
          en="You keep"),
    Scene("authentic", "/est-ce-vous", "", "Ce que nous ne faisons jamais"),
    Scene("simulator-two", "/simulateur", "", "La différence", f"/simulateur?s={COMPARED}"),
    Scene("frozen", "/bloque", "", "Toutes les sessions sont fermées."),

    Scene("home-late", "/home", "artisan", "Une déclaration en retard",
          en="One late declaration"),
    Scene("unsent", "/unsent", "artisan", "Rien n’attend sur cet appareil."),
    Scene("account-new", "/accounts/new", "artisan", "Nom ou enseigne"),
    Scene("declare-late", "/declare/:period/:step", "artisan", "Étape 1 sur 3",
          "/declare/2026-Q3/amounts", "Step 1 of 3"),
    Scene("history", "/history", "artisan", "Exporter en CSV"),
    Scene("history-period", "/history/:period", "artisan", "Où vont mes euros",
           "/history/2026-Q2"),
    Scene("correct-amounts", "/correct/:period/:step", "artisan", "droit à l’erreur",
           "/correct/2026-Q2/amounts", "right to make mistakes"),
    Scene("my-data", "/mes-donnees", "artisan", "Fermer mon compte"),
    Scene("documents", "/documents", "artisan", "Vos documents"),
    Scene("certificate", "/documents/ask/:kind", "artisan", "Établir l’attestation",
           "/documents/ask/turnover"),
    Scene("disputes", "/disputes", "artisan", "Ce qui a été décidé"),
    Scene("dispute-new", "/disputes/new", "artisan", "Expliquez en quelques phrases"),
    Scene("dispute", "/disputes/:dispute", "artisan", "La facture est partie en retard.",
          "/disputes/{dispute}", "La facture est partie en retard."),
    Scene("plans", "/plans", "artisan", "Payer en plusieurs fois"),
    Scene("messages", "/messages", "artisan", "Écrire au service"),
    Scene("message-new", "/messages/new", "artisan", "De quoi s’agit-il ?"),
    Scene("message", "/messages/:thread", "artisan", "Je ne retrouve pas mon reçu.",
          "/messages/{thread}", "Je ne retrouve pas mon reçu."),
    Scene("reminders", "/reminders", "artisan", "Rappels par e-mail"),
    Scene("operator-closed", "/operateur", "artisan",
          "Cet espace est réservé à ceux qui travaillent pour le service."),
    Scene("delegates", "/qui-agit", "artisan", "Inviter quelqu’un"),
    Scene("invitation", "/invitation", "artisan", INCOMPLETE),
    Scene("lost", "", "artisan", "Cette page n’existe pas", "/nulle-part"),

    Scene("home", "/home", "consultante", "Votre année 2026", en="Your year 2026"),
    Scene("payments", "/payments", "consultante", "Reste à payer"),
    Scene("pay", "/pay/:code", "consultante", "Par prélèvement", "/pay/declaration.2026-09"),
    Scene("pay-done", "/pay/done/:payment", "consultante", "Paiement",
          "/pay/done/{payment}"),
    Scene("mandates", "/mandates", "consultante", "RUM", en="RUM"),
    Scene("mandate-sign", "/mandates/new", "consultante", "Signer le mandat"),
    Scene("statement", "/statement", "consultante", "Écritures comptables (FEC)"),
    Scene("euros", "/euros", "consultante", "Caisse par caisse"),
    Scene("rights", "/droits", "consultante", "Trimestres de retraite"),
    Scene("options", "/options", "consultante", "Versement libératoire"),
    Scene("option", "/options/:code", "consultante", "Chaque trimestre", "/options/periodicity"),
    Scene("profile", "/profile", "consultante", "Mon profil"),
    Scene("settings", "/settings", "consultante", "Taille du texte"),
    Scene("security", "/securite", "consultante", "Double authentification"),
    Scene("device", "/appareil", "consultante", "Ce qui est gardé"),

    Scene("declare-amounts", "/declare/:period/:step", "plateformes", "Étape 1 sur 3",
           "/declare/2026-10/amounts", "Step 1 of 3"),
    Scene("declare-check", "/declare/:period/:step", "plateformes", "Étape 2 sur 3",
          "/declare/2026-10/check", "Step 2 of 3"),
    Scene("declare-sent", "/declare/:period/:step", "plateformes", "Déclaration envoyée",
          "/declare/2026-09/sent"),
    Scene("payments-credit", "/payments", "plateformes", "Crédit en votre faveur"),
    Scene("refund", "/refund", "plateformes", "Vers quel compte ?"),

    Scene("journal", "/journal", "ceramiste", "Chercher dans le journal"),
    Scene("journal-new", "/journal/new", "ceramiste", "Montant encaissé"),
    Scene("journal-receipt", "/journal/receipt/:id", "ceramiste", "Détails",
           "/journal/receipt/demo-000343"),
    Scene("journal-import", "/journal/import", "ceramiste", "Ce qui se lit"),
    Scene("journal-book", "/journal/book", "ceramiste", "Langue du document"),
    Scene("declare-filled", "/declare/:period/:step", "ceramiste", "encaissements du journal",
           "/declare/2026-10/amounts", "receipts of the journal"),

    Scene("home-replacement-doctor", "/home", "etudiante", "Premier palier", en="First step"),
    Scene("declare-doctor", "/declare/:period/:step", "etudiante", "zéro ne se déclare pas",
          "/declare/2026-Q3/amounts", "zero is not declared"),
    Scene("home-contracted-doctor", "/home", "secteur1", "Vos paiements 2026",
           en="Your payments 2026"),
    Scene("doctor-period", "/history/:period", "secteur1", "Appelé par la Carmf",
           "/history/2025", "Called by Carmf"),

    Scene("sea-home", "/home", "pecheur", "Ajouter une période"),
    Scene("sea-rights", "/droits", "pecheur", "Mes droits"),
    Scene("sea-log", "/mer", "pecheur", "Périodes notées"),
    Scene("sea-period", "/mer/periode", "pecheur", "Ce que cette période change",
           "/mer/periode?jour=2026-11-21"),
    Scene("sea-edit", "/mer/periode/:id", "pecheur", "Ce que cette période change",
          "/mer/periode/{service}"),
    Scene("sea-vessels", "/mer/navires", "pecheur", "Les longueurs se combinent",
          en="Lengths combine"),
    Scene("sea-vessel", "/mer/navires/:id", "pecheur", "Nom du navire",
           "/mer/navires/demo-vessel-1"),
    Scene("sea-year", "/mer/valider/:year", "pecheur", "Vos périodes", "/mer/valider/2026"),
    Scene("sea-schedule", "/mer/echeancier", "debutant", "Déjà dans votre échéancier"),
    Scene("sea-crew", "/mer/equipage", "armateur", "Jours à bord en 2026",
           en="Days on board in 2026"),

    Scene("vrp", "/vrp", "vrp-plafond", "Remplir d’un coup"),
    Scene("vrp-employers", "/vrp/employeurs", "vrp-plafond", "Ajouter un employeur"),
    Scene("vrp-expenses", "/vrp/frais", "vrp-plafond", "Ajouter une dépense"),
    Scene("vrp-payslip", "/vrp/bulletin", "vrp-plafond", "Salaire brut"),
    Scene("vrp-claims", "/vrp/demandes", "vrp-plafond", "Compte du remboursement"),
    Scene("vrp-claim", "/vrp/:year/demande", "vrp-plafond", "À demander pour l’année",
          "/vrp/2025/demande"),

    Scene("operator", "/operateur", OPERATOR, "En attente de réponse"),
    Scene("operator-message", "/operateur/messages/:thread", OPERATOR,
          "Je ne retrouve pas mon reçu.", "/operateur/messages/{thread}",
          "Je ne retrouve pas mon reçu."),
    Scene("operator-dispute", "/operateur/reclamations/:dispute", OPERATOR,
          "Pénalités et majorations remises", "/operateur/reclamations/{dispute}"),
    Scene("operator-account", "/operateur/comptes/:account", OPERATOR,
          "Pourquoi consultez-vous ce compte ?", "/operateur/comptes/{account}"),
)  # fmt: skip


def people() -> list[str]:
    """Who looks, in the order of the table; first nobody."""
    return list(dict.fromkeys(scene.who for scene in SCENES))


class Desk:
    """The API of a demo server, for what must be there before the screens are shown."""

    def __init__(self, url: str) -> None:
        self.url = url + "/api/v1"

    def ask(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        """One call; what it answered."""
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as refused:
            raise RuntimeError(f"{method} {path}: {refused.read().decode()}") from None

    def enter(self, slug: str) -> str:
        """A session of a ready account: its token."""
        return str(self.ask("POST", "/demo/sessions", {"slug": slug})["token"])

    def account(self, token: str) -> str:
        """The first account of whoever holds the token."""
        return str(self.ask("GET", "/accounts", token=token)[0]["id"])

    def lend(self, context: Any, token: str) -> None:
        """Let a browser's context hold the session of `token`, in a cookie."""
        handoff = self.ask("POST", "/sessions/handoff", {}, token)
        address = self.url.removesuffix("/api/v1") + handoff["path"]
        context.request.get(address, max_redirects=0)

    def prefer(
        self, token: str, locale: str = "fr", theme: str = "system", text_size: int = 100
    ) -> None:
        """How the app looks and speaks for this person."""
        chosen = {"locale": locale, "theme": theme, "text_size": text_size}
        self.ask("PATCH", "/me/preferences", chosen, token)


def prepare(url: str, data: Path) -> dict[str, str]:
    """What the ready accounts lack, made once for a server; the parts of addresses it gives.
    `data` is the server's folder."""
    desk = Desk(url)
    artisan, payer = desk.enter("artisan"), desk.enter("consultante")
    mine = desk.account(artisan)
    thread = desk.ask(
        "POST", f"/accounts/{mine}/threads",
        {"subject": "certificate", "title": "Mon reçu",
         "message": {"id": "gallery-message", "body": "Je ne retrouve pas mon reçu."}},
        artisan,
    )  # fmt: skip
    dispute = desk.ask(
        "POST", f"/accounts/{mine}/disputes",
        {"id": "gallery-dispute", "kind": "remission",
         "body": "La facture est partie en retard."},
        artisan,
    )  # fmt: skip
    paid = desk.ask("GET", f"/accounts/{desk.account(payer)}/paying", token=payer)
    fisher = desk.enter("pecheur")
    sailed = desk.ask(
        "GET", f"/accounts/{desk.account(fisher)}/entries?kind=service", token=fisher
    )["entries"]
    seller = desk.enter("plateformes")
    desk.ask(
        "PUT", f"/accounts/{desk.account(seller)}/drafts/2026-10",
        {"sequence": 1, "form_version": 1, "key": "gallery-declare-check",
         "answers": {"parts.0.vente": "1234,56", "parts.0.service_bic": "0",
                     "parts.0.service_bnc": "78"}},
        seller,
    )  # fmt: skip
    operator = desk.enter(OPERATOR)
    subprocess.run(
        [sys.executable, "-m", "backend.cli", "operator", "add",
         desk.ask("GET", "/me", token=operator)["email"], "--demo"],
        env={**os.environ, "QUITTANCE_DATA_DIR": str(data)}, cwd=ROOT, check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return {
        "thread": thread["thread"]["id"], "dispute": dispute["id"], "account": mine,
        "payment": next(due["payment"]["id"] for due in paid["dues"] if due["payment"]),
        "service": sailed[0]["id"],
    }  # fmt: skip


def filled(route: str, found: dict[str, str]) -> str:
    """A route with the parts that `prepare` gave."""
    return re.sub(r"\{(\w+)\}", lambda part: found[part[1]], route)
