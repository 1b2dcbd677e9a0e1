"""A passkey in a real browser, with the virtual device that Chromium carries: made from the
settings, then used to sign in without a password."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.conftest import WAIT, Server, Visitor, serving
from tests.support.places import free_port

PASSWORD = "quatre chevaux mangent du foin"
EMAIL = "camille@exemple.fr"


@pytest.fixture
def named(tmp_path: Path) -> Iterator[Server]:
    """A service reached by a name: browsers make no passkey for an IP address."""
    port = free_port()
    url = f"http://localhost:{port}"
    with serving(tmp_path, QUITTANCE_PORT=str(port), QUITTANCE_PUBLIC_URL=url) as server:
        yield server


def device(visitor: Visitor) -> Any:
    """A device built in the computer, whose owner always agrees."""
    session = visitor.context.new_cdp_session(visitor.page)
    session.send("WebAuthn.enable")
    made = session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                "hasUserVerification": True, "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )  # fmt: skip
    return session, made["authenticatorId"]


def serious(visitor: Visitor) -> list[str]:
    """What axe finds on a plain page."""
    found = Axe().run(visitor.page).response["violations"]
    return [v["id"] for v in found if v["impact"] in {"serious", "critical"}]


@pytest.fixture
def visitor(named: Server, browser: Browser) -> Iterator[Visitor]:
    """A person before a window high enough for the whole screen."""
    context = browser.new_context(viewport={"width": 1440, "height": 1800}, locale="fr-FR")
    context.set_default_timeout(WAIT)
    yield Visitor(named, context, context.new_page())
    context.close()


def test_a_passkey_is_made_and_opens_without_password(visitor: Visitor) -> None:
    named, context = visitor.server, visitor.context
    session, key = device(visitor)
    token = named.post("/persons", {"email": EMAIL, "password": PASSWORD, "locale": "fr"})
    link = re.search(r"/confirm\?token=([\w-]+)", named.letters(EMAIL)[-1])
    assert link is not None
    named.post("/email-confirmations", {"token": link[1]})
    visitor.enter(token["token"])
    visitor.open("/securite")
    visitor.tap("Ajouter une clé d’accès")
    visitor.at("/auth/passkey/new")
    page = visitor.page
    page.get_by_label("Nom de la clé").fill("Ordinateur")
    page.get_by_label("Mot de passe actuel").fill("pas le bon")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("pas votre mot de passe")
    assert serious(visitor) == []
    page.get_by_label("Mot de passe actuel").fill(PASSWORD)
    page.keyboard.press("Enter")
    visitor.at("/securite?fait=cle")
    visitor.ready()
    visitor.see("Votre clé d’accès est ajoutée")
    visitor.see("Ordinateur")
    [made] = session.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]
    assert (made["rpId"], made["isResidentCredential"]) == ("localhost", True)

    context.clear_cookies()
    visitor.open("/signin?next=/securite")
    visitor.tap("Utiliser une clé d’accès")
    visitor.at("/auth/passkey/signin")
    assert serious(visitor) == []
    page.get_by_role("button").click()
    visitor.at("/securite")
    visitor.ready()
    visitor.see("Servie la dernière fois")
    [cookie] = [c for c in context.cookies() if c["name"] == "quittance_session"]
    assert cookie["httpOnly"]
    assert not [line for line in visitor.console if "Content Security" in line]
