"""Pictures of every screen, phone and desktop, light and dark, into docs/screens/.

A demo server of its own, on a fixed day: `make screenshots`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from app.services.simulating import token_of

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs/screens"
TODAY = "2026-11-23"
ARGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
BLANK = 12_000  # bytes under which a picture shows the client still starting
SIZES = {"phone": (412, 915), "desktop": (1440, 900)}

CONSULTANT = {
    "categories": "service_bnc", "turnover.service_bnc": "40000", "per": "year",
    "year": str(date.today().year), "periodicity": "monthly", "department": "75",
    "flat_tax": "no", "couple": "no", "children": "0", "invoice": "1000",
}  # fmt: skip
EXAMPLE = token_of({"r": "auto-entrepreneur", "a": CONSULTANT})
COMPARED = token_of(
    {"r": "auto-entrepreneur", "a": CONSULTANT, "b": CONSULTANT | {"flat_tax": "yes"}}
)

# name: (demo account or none, route, a sentence that shows the screen is there)
SCREENS: dict[str, tuple[str, str, str]] = {
    "welcome": ("", "/", "Essayer avec un compte prêt"),
    "regime": ("", "/regime", "Comment gagnez-vous cet argent ?"),
    "signup": ("", "/signup/identity", "SIRET"),
    "signin": ("", "/signin", "Mot de passe oublié"),
    "about": ("", "/about", "Pas un service officiel"),
    "home": ("consultante", "/home", "Votre année 2026"),
    "home-late": ("artisan", "/home", "Une déclaration en retard"),
    "declare-amounts": ("plateformes", "/declare/2026-10/amounts", "Étape 1 sur 3"),
    "history": ("artisan", "/history", "Exporter en CSV"),
    "history-period": ("artisan", "/history/2026-Q2", "Où vont mes euros"),
    "correct-amounts": ("artisan", "/correct/2026-Q2/amounts", "droit à l’erreur"),
    "home-rejected": ("consultante", "/home", "Payer de nouveau"),
    "payments": ("consultante", "/payments", "Reste à payer"),
    "payments-credit": ("plateformes", "/payments", "Crédit en votre faveur"),
    "pay": ("consultante", "/pay/declaration.2026-09", "Par prélèvement"),
    "mandates": ("consultante", "/mandates", "RUM"),
    "mandate-sign": ("consultante", "/mandates/new", "Signer le mandat"),
    "statement": ("consultante", "/statement", "Écritures comptables"),
    "refund": ("plateformes", "/refund", "Vers quel compte"),
    "options": ("consultante", "/options", "Versement libératoire"),
    "option": ("consultante", "/options/periodicity", "Chaque trimestre"),
    "home-replacement-doctor": ("etudiante", "/home", "Premier palier"),
    "home-contracted-doctor": ("secteur1", "/home", "Vos paiements 2026"),
    "doctor-period": ("secteur1", "/history/2025", "Appelé par la Carmf"),
    "journal": ("ceramiste", "/journal", "Chercher dans le journal"),
    "journal-new": ("ceramiste", "/journal/new", "Montant encaissé"),
    "journal-receipt": ("ceramiste", "/journal/receipt/demo-000343", "Détails"),
    "journal-import": ("ceramiste", "/journal/import", "Ce qui se lit"),
    "journal-book": ("ceramiste", "/journal/book", "Langue du document"),
    "declare-filled": ("ceramiste", "/declare/2026-10/amounts", "encaissements du journal"),
    "my-data": ("artisan", "/mes-donnees", "Fermer mon compte"),
    "device": ("consultante", "/appareil", "Ce qui est gardé"),
    "documents": ("artisan", "/documents", "Vos documents"),
    "certificate": ("artisan", "/documents/ask/turnover", "Établir l’attestation"),
    "euros": ("consultante", "/euros", "Caisse par caisse"),
    "rights": ("consultante", "/droits", "Trimestres de retraite"),
    "simulator": ("", "/simulateur#s=" + EXAMPLE, "Il vous reste"),
    "simulator-two": ("", "/simulateur#s=" + COMPARED, "La différence"),
    "disputes": ("artisan", "/disputes", "Ce qui a été décidé"),
    "dispute-new": ("artisan", "/disputes/new", "Expliquez en quelques phrases"),
    "plans": ("artisan", "/plans", "Payer en plusieurs fois"),
    "messages": ("artisan", "/messages", "Écrire au service"),
    "message-new": ("artisan", "/messages/new", "De quoi s’agit-il"),
    "reminders": ("artisan", "/reminders", "Rappels par e-mail"),
    "sea-home": ("pecheur", "/home", "Ajouter une période"),
    "sea-log": ("pecheur", "/mer", "Périodes notées"),
    "sea-period": ("pecheur", "/mer/periode?jour=2026-11-21", "Ce que cette période change"),
    "sea-vessel": ("pecheur", "/mer/navires/demo-vessel-1", "Nom du navire"),
    "sea-year": ("pecheur", "/mer/valider/2026", "Vos périodes"),
    "sea-schedule": ("debutant", "/mer/echeancier", "Déjà dans votre échéancier"),
    "sea-crew": ("armateur", "/mer/equipage", "Jours à bord"),
    "profile": ("consultante", "/profile", "Mon profil"),
    "settings": ("consultante", "/settings", "Taille du texte"),
    "security": ("consultante", "/securite", "Double authentification"),
}


def serve(folder: str) -> tuple[subprocess.Popen[bytes], str]:
    """A demo server on a free port, and its address."""
    log = Path(folder) / "serve.log"
    process = subprocess.Popen(
        [sys.executable, "-m", "backend.cli", "serve", "--demo", "--today", TODAY],
        env={**os.environ, "QUITTANCE_DATA_DIR": folder, "QUITTANCE_PORT": "0"},
        stdout=log.open("w"), stderr=subprocess.STDOUT, cwd=ROOT,
    )  # fmt: skip
    for _ in range(600):
        found = re.search(r"(http://127\.0\.0\.1:\d+)", log.read_text())
        if found:
            return process, found[1]
        time.sleep(0.1)
    raise SystemExit(log.read_text())


def shoot(browser: Browser, url: str, size: str, scheme: str) -> None:
    """Every screen in one window shape and one scheme."""
    width, height = SIZES[size]
    for name, (slug, route, shown) in SCREENS.items():
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, locale="fr-FR"
        )
        if slug:
            headers = {"Content-Type": "application/json"}
            opened = context.request.post(
                url + "/api/v1/demo/sessions", data=json.dumps({"slug": slug}), headers=headers
            ).json()
            handoff = context.request.post(
                url + "/api/v1/sessions/handoff",
                headers={"Authorization": f"Bearer {opened['token']}"},
            ).json()
            context.request.get(url + handoff["path"], max_redirects=0)
        page = context.new_page()
        page.goto(url + route)
        quoted = json.dumps(shown, ensure_ascii=False)
        page.locator(f"[aria-label*={quoted}]").or_(
            page.locator("flt-semantics").filter(has_text=shown)
        ).first.wait_for(state="attached", timeout=60_000)
        for _ in range(8):
            page.wait_for_timeout(1500)  # the frame after the tree; a picture, not a test
            picture = page.screenshot()
            if len(picture) > BLANK:
                break
        (TARGET / f"{name}-{size}-{scheme}.png").write_bytes(picture)
        context.close()


def main() -> None:
    """Take every picture."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        process, url = serve(folder)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=os.environ["QUITTANCE_CHROMIUM"], args=ARGS
                )
                for size in SIZES:
                    for scheme in ("light", "dark"):
                        shoot(browser, url, size, scheme)
                browser.close()
        finally:
            process.terminate()
            process.wait(timeout=20)


if __name__ == "__main__":
    main()
