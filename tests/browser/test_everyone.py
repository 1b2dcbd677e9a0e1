"""Every screen is usable by everyone: axe on an accessibility tree proven not empty, narrow phones,
large text, both languages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import DESKTOP, PHONE

# Each screen with a sentence that shows it is there, in French and in English.
OPEN = {
    "/": ("Essayer avec un compte prêt", "Try with a ready account"),
    "/regime": ("Comment gagnez-vous cet argent ?", "How do you earn this money?"),
    "/signup": ("Commencer l’inscription", "Start the sign-up"),
    "/signup/identity": ("Nom ou enseigne", "Name or trading name"),
    "/signin": ("Mot de passe oublié", "Forgotten password"),
    "/forgot": ("Recevoir un lien", "Receive a link"),
    "/about": ("Pas un service officiel", "Not an official service"),
}
SIGNED = {
    "/home": ("Votre année 2026", "Votre année 2026"),
    "/declare/2026-Q3/amounts": ("Étape 1 sur 3", "Étape 1 sur 3"),
    "/history": ("Exporter en CSV", "Exporter en CSV"),
    "/history/2026-Q2": ("Où vont mes euros", "Où vont mes euros"),
    "/correct/2026-Q2/amounts": ("droit à l’erreur", "droit à l’erreur"),
    "/payments": ("Relevé de compte", "Relevé de compte"),
    "/mandates": ("Ajouter un compte bancaire", "Ajouter un compte bancaire"),
    "/mandates/new": ("Signer le mandat", "Signer le mandat"),
    "/statement": ("Écritures comptables", "Écritures comptables"),
    "/options": ("Versement libératoire", "Versement libératoire"),
    "/options/periodicity": ("Chaque trimestre", "Chaque trimestre"),
    "/profile": ("Mon profil", "Mon profil"),
    "/settings": ("Taille du texte", "Taille du texte"),
    "/documents": ("Vos documents", "Vos documents"),
    "/documents/ask/turnover": ("Établir l’attestation", "Établir l’attestation"),
    "/messages": ("Écrire au service", "Écrire au service"),
    "/messages/new": ("De quoi s’agit-il", "De quoi s’agit-il"),
    "/reminders": ("Rappels par e-mail", "Rappels par e-mail"),
    "/operateur": ("réservé à ceux", "réservé à ceux"),
    "/accounts/new": ("Nom ou enseigne", "Nom ou enseigne"),
}


def faults(person: Any, routes: dict[str, tuple[str, str]], english: bool) -> list[str]:
    """Serious and critical violations of each route."""
    found = []
    for route, shown in routes.items():
        person.open(route)
        person.see(shown[english])
        found += [f"{route}: {fault}" for fault in person.violations()]
    return found


@pytest.mark.parametrize(
    ("size", "locale", "scheme"),
    [(PHONE, "fr-FR", "light"), (DESKTOP, "en-GB", "dark")],
    ids=["phone-fr-light", "desktop-en-dark"],
)
def test_axe_finds_nothing_serious(
    visit: Any, size: tuple[int, int], locale: str, scheme: str
) -> None:
    person = visit(size, locale, scheme)
    found = faults(person, OPEN, locale.startswith("en"))
    person.sign_in("artisan")
    # A demo person speaks French: the account's language wins over the browser's.
    found += faults(person, SIGNED, False)
    assert found == []


def test_axe_would_find_an_unnamed_button(visit: Any) -> None:
    person = visit(PHONE)
    person.open("/signin")
    person.see("Mot de passe oublié")
    person.page.evaluate(
        "document.querySelector('flt-semantics-host').insertAdjacentHTML("
        "'beforeend', '<button></button>')"
    )
    assert any("button-name" in fault for fault in person.violations())


@pytest.mark.parametrize(
    ("route", "shown"),
    [
        ("/home", "Votre année 2026"),
        ("/declare/2026-Q3/amounts", "Étape 1 sur 3"),
        ("/history/2026-Q2", "Où vont mes euros"),
        ("/payments", "Relevé de compte"),
        ("/statement", "Écritures comptables"),
        ("/settings", "Taille du texte"),
    ],
)
def test_a_narrow_phone_with_text_twice_as_large_cuts_nothing(
    visit: Any, route: str, shown: str
) -> None:
    person = visit((375, 800))
    token = person.server.post("/demo/sessions", {"slug": "artisan"})["token"]
    _prefer(person, token, 200)
    person.enter(token)
    try:
        person.open(route)
        person.see(shown)
        assert _beyond(person.page.locator("flt-semantics"), 375) == []
    finally:
        _prefer(person, person.server.post("/demo/sessions", {"slug": "artisan"})["token"], 100)


def _prefer(person: Any, token: str, size: int) -> None:
    answer = person.context.request.patch(
        person.server.url + "/api/v1/me/preferences",
        data={"locale": "fr", "theme": "system", "text_size": size},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.ok


def _beyond(nodes: Locator, width: int) -> list[str]:
    """Names of what stands out of the window on the right or on the left."""
    found: list[str] = nodes.evaluate_all(
        """(all, width) => all.map(e => [e, e.getBoundingClientRect()])
             .filter(([e, r]) => r.width > 0 && (r.right > width + 1 || r.left < -1))
             .map(([e, r]) => (e.getAttribute('aria-label') || e.textContent || '').slice(0, 60)
                  + ' ' + Math.round(r.left) + '..' + Math.round(r.right))""",
        width,
    )
    return found


def test_english_speakers_are_met_in_english(visit: Any) -> None:
    person = visit(PHONE, "en-GB")
    person.open("/")
    person.see("Sign in")
    expect(person.page.locator("html")).to_have_attribute("lang", re.compile("^en"))


def test_the_language_of_the_page_is_french_by_default(visit: Any) -> None:
    person = visit(PHONE)
    person.open("/signin")
    expect(person.page.locator("html")).to_have_attribute("lang", re.compile("^fr"))


def axe_on(person: Any) -> list[str]:
    """Every violation of a plain page."""
    return [v["id"] for v in person.axe.run(person.page).response["violations"]]


def test_the_page_that_asks_for_notices_is_plain_and_sound(visit: Any) -> None:
    person = visit(PHONE)
    person.page.goto(f"{person.server.url}/notify/?lang=en")
    button = person.page.get_by_role("button", name="Accept notifications")
    expect(button).to_be_visible()
    assert person.page.evaluate("document.documentElement.lang") == "en"
    assert axe_on(person) == []
    button.click()  # a headless browser refuses: the page says so, beside the button
    expect(person.page.get_by_role("status")).to_contain_text("refused")
