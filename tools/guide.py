"""The pictures of the guide (docs/guide/), taken from the real app: `make guide`.

A demo server of its own for each language, on a fixed day; a phone for all pictures but the wide
table of the VRP. Run again, it gives the same files.
"""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from app.screens.professions.base import profession
from app.services.simulating import token_of
from contract.i18n import words
from tools.gallery import TODAY, Desk, filled
from tools.pictures import settled, small
from tools.screenshots import ARGS, serve

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs/guide/images"
LANGUAGES = {"fr": "fr-FR", "en": "en-GB"}
PHONE, DESKTOP = (412, 915), (1440, 900)
WAIT = 30_000
TYPED = {"fr": "2\u202f480,50", "en": "2\u202f480.50"}
MOVED = 0.01
"""Share of the pixels that a receipt's number and the hour take: another picture says so little
else, and the one kept stays."""
PHONE_SAYS = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Mobile Safari/537.36"
)
STATEMENT = (
    "Date;Libellé;Débit;Crédit\r\n"
    "09/11/2026;VIR SEPA GALERIE DU PORT;;320,00\r\n"
    "12/11/2026;VIR SEPA DUPONT 001;;80,50\r\n"
    "13/11/2026;PRLV ELECTRICITE PRO;45,00;\r\n"
    "14/11/2026;VIR SEPA DUPONT 002;;1 200,00\r\n"
).encode("cp1252")

Act = Callable[[Page, Any], None]


@dataclass(frozen=True)
class Shot:
    """A picture. `says` is the French sentence that proves the screen is there (found in the
    catalog for other languages), `act` what is done before the picture, `top` the heading that is
    scrolled up, `moves` that a number or the hour of the run shows."""

    name: str
    who: str
    route: str
    says: str
    act: Act | None = None
    top: str = ""
    size: tuple[int, int] = PHONE
    moves: bool = False


def _press(name: str) -> Act:
    def act(page: Page, t: Any) -> None:
        page.get_by_role("button", name=t(name), exact=True).first.click()

    return act


def _choose_statement(page: Page, t: Any) -> None:
    with page.expect_file_chooser() as asked:
        _press("Choisir un fichier")(page, t)
    asked.value.set_files({"name": "releve.csv", "mimeType": "text/csv", "buffer": STATEMENT})


_EXAMPLE = profession("auto-entrepreneur").simulation_start(date.fromisoformat(TODAY)) | {
    "categories": "service_bnc", "turnover.service_bnc": "40000",
}  # fmt: skip
YEAR = token_of({"r": "auto-entrepreneur", "a": _EXAMPLE})

SHOTS: tuple[Shot, ...] = (
    Shot("welcome", "", "/", "Essayer avec un compte prêt"),
    Shot("signup", "", "/signup/identity", "Nom ou enseigne"),
    Shot("glossary", "", "/glossaire", "Chercher un mot"),
    Shot("simulator", "", "/simulateur#s=" + YEAR, "Il vous reste",
         top="À mettre de côté sur chaque facture"),

    Shot("home", "vendeuse", "/home", "Prochaine échéance"),
    Shot("declare", "vendeuse", "/declare/2026-10/amounts", "Taux, tout compris : {rate}"),
    Shot("check", "vendeuse", "/declare/2026-10/check", "Le calcul, ligne par ligne"),
    Shot("sent", "vendeuse", "/declare/2026-10/check", "Et ensuite",
         _press("Envoyer la déclaration"), moves=True),
    Shot("pay", "vendeuse", "/pay/declaration.2026-10", "Par virement"),
    Shot("rights", "vendeuse", "/droits", "Trimestres de retraite"),
    Shot("reminders", "vendeuse", "/reminders", "Rappels par e-mail"),
    Shot("security", "vendeuse", "/securite", "Double authentification"),
    Shot("settings", "vendeuse", "/settings", "Taille du texte"),
    Shot("my-data", "vendeuse", "/mes-donnees", "Télécharger mes données"),

    Shot("receipt", "artisan", "/history/2026-Q2", "Ce que vous avez déclaré", moves=True),
    Shot("correct", "artisan", "/correct/2026-Q2/amounts", "Vérifier"),
    Shot("delegates", "artisan", "/qui-agit", "Inviter quelqu’un"),

    Shot("plan", "consultante", "/plans", "En combien de mois ?"),
    Shot("options", "consultante", "/options", "Versement libératoire de l’impôt sur le revenu"),
    Shot("documents", "consultante", "/documents", "Vos documents"),
    Shot("refund", "plateformes", "/refund", "Vers quel compte ?"),

    Shot("journal", "ceramiste", "/journal", "Chercher dans le journal"),
    Shot("import", "ceramiste", "/journal/import", "L’argent reçu, par payeur", _choose_statement),

    Shot("vrp-table", "vrp-plafond", "/vrp", "Remplir d’un coup", size=DESKTOP),
    Shot("vrp-claim", "vrp-plafond", "/vrp/2025/demande", "À demander pour l’année"),
    Shot("doctor-declare", "etudiante", "/declare/2026-Q3/amounts", "Votre année, avec ce montant"),
    Shot("doctor-home", "secteur1", "/home", "Prochain paiement"),
    Shot("sea-log", "pecheur", "/mer", "Ajouter une période"),
    Shot("sea-year", "pecheur", "/mer/valider/2026", "Vos périodes"),
)  # fmt: skip

# Every heading of the screen before is marked: the next one is there when a new one is.
GO = """route => {
  document.querySelectorAll('h1').forEach((old) => { old.dataset.old = ''; });
  history.pushState(null, '', route);
  dispatchEvent(new PopStateEvent('popstate', { state: null }));
}"""
SAYS = """text => {
  const plain = (s) => (s || '').replace(/[\\u00a0\\u202f]/g, ' ');
  const host = document.querySelector('flt-semantics-host');
  if (!host || document.querySelector('h1[data-old]') || !host.querySelector('h1')) return false;
  return plain(host.textContent).includes(text) || [...host.querySelectorAll('[aria-label]')]
    .some((e) => plain(e.getAttribute('aria-label')).includes(text));
}"""


def plain(text: str) -> str:
    """With ordinary spaces, as the page is searched."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def wait(page: Page, text: str) -> None:
    """Until the screen says `text`."""
    for _ in range(WAIT // 200):
        if page.evaluate(SAYS, text):
            return
        page.wait_for_timeout(200)  # the policy of the page lets nothing be polled inside it
    raise LookupError(f"{page.url} never said {text!r}\n" + page.locator("body").aria_snapshot())


def alike(one: Image.Image, other: Image.Image) -> bool:
    """Whether two pictures differ by no more than a number."""
    if one.size != other.size:
        return False
    changed = ImageChops.difference(one.convert("RGB"), other.convert("RGB")).convert("L")
    return sum(changed.histogram()[24:]) <= MOVED * one.width * one.height


def keeps(shot: Shot, found: Image.Image, path: Path) -> bool:
    """Whether the picture that is there shows the same."""
    if not path.exists():
        return False
    with Image.open(path) as old:
        if shot.moves:
            return alike(found, old)
        return found.convert("RGB") == old.convert("RGB")


def keep(shot: Shot, page: Page, path: Path) -> None:
    """Write what a page shows, unless the picture there shows the same. One that differs is drawn
    anew and taken again: a busy machine may leave a letter out."""
    found = small(settled(page))
    if not keeps(shot, found, path):
        page.set_viewport_size({"width": shot.size[0] + 8, "height": shot.size[1]})
        settled(page)
        page.set_viewport_size({"width": shot.size[0], "height": shot.size[1]})
        found = small(settled(page))
        if not keeps(shot, found, path):
            found.save(path, optimize=True)


def prepare(url: str, locale: str) -> None:
    """What the ready accounts lack: figures typed and not yet sent."""
    desk = Desk(url)
    seller = desk.enter("vendeuse")
    desk.ask(
        "PUT", f"/accounts/{desk.account(seller)}/drafts/2026-10",
        {"sequence": 1, "form_version": 1, "key": "guide-declare-october",
         "answers": {"parts.0.vente": TYPED[locale]}},
        seller,
    )  # fmt: skip


def enter(context: BrowserContext, desk: Desk, who: str, locale: str) -> None:
    """Hold the cookie of a ready account that reads `locale`."""
    context.clear_cookies()
    if who:
        token = desk.enter(who)
        desk.prefer(token, locale, "light")
        desk.lend(context, token)


def take(browser: Browser, url: str, locale: str, only: set[str]) -> list[str]:
    """The pictures of one language; what did not come."""
    lost: list[str] = []
    folder = TARGET / locale
    folder.mkdir(parents=True, exist_ok=True)
    t = words(locale).t
    for size in (PHONE, DESKTOP):
        phone = {"user_agent": PHONE_SAYS, "has_touch": True, "device_scale_factor": 1.5}
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale=LANGUAGES[locale],
            **(phone if size == PHONE else {}),
        )  # fmt: skip
        context.set_default_timeout(WAIT)
        page, desk, who = context.new_page(), Desk(url), None
        for shot in SHOTS:
            if shot.size != size or (only and shot.name not in only):
                continue
            if shot.who != who or "#" in shot.route:
                if shot.who != who:
                    who = shot.who
                    enter(context, desk, who, locale)
                page.goto(url + filled(shot.route, {}))
            elif not page.url.endswith(shot.route):
                page.evaluate(GO, shot.route)
            try:
                if shot.act:
                    wait(page, "")
                    settled(page)
                    shot.act(page, t)
                wait(page, plain(t(shot.says)).split("{")[0].rstrip())
                if shot.top:
                    settled(page)
                    _scroll(page, plain(t(shot.top)))
                keep(shot, page, folder / f"{shot.name}.png")
                print(locale, shot.name, flush=True)
            except (LookupError, PlaywrightError) as error:
                lost.append(f"{locale} {shot.name}: {error}")
                print(lost[-1], flush=True)
        context.close()
    return lost


def _scroll(page: Page, text: str) -> None:
    """Bring a heading up to the upper third, what it follows above it."""
    place = page.get_by_role("heading", name=text, exact=True).last
    page.mouse.move(200, 500)
    for _ in range(30):
        box = place.bounding_box()
        if box and box["y"] < 340:
            return
        page.mouse.wheel(0, min(600, box["y"] - 320) if box else 600)
        page.wait_for_timeout(300)  # the list comes after the wheel


def _named() -> dict[str, str]:
    """Settings of a server that has a name: passkeys ask for one."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    return {"QUITTANCE_PORT": port, "QUITTANCE_PUBLIC_URL": f"http://localhost:{port}"}


def main() -> None:
    """Take every picture, or those named: `python -m tools.guide home pay`."""
    only, lost = set(sys.argv[1:]), []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ["QUITTANCE_CHROMIUM"], args=ARGS
        )
        for locale in LANGUAGES:
            with tempfile.TemporaryDirectory() as folder:
                process, url = serve(folder, **_named())
                try:
                    prepare(url, locale)
                    lost += take(browser, url, locale, only)
                finally:
                    process.terminate()
                    process.wait(timeout=20)
        browser.close()
    if not only:
        known = {f"{shot.name}.png" for shot in SHOTS}
        for path in TARGET.glob("*/*.png"):
            if path.name not in known:
                path.unlink()
    if lost:
        raise SystemExit(f"{len(lost)} pictures did not come")


if __name__ == "__main__":
    main()
