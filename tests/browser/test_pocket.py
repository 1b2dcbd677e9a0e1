"""The pocket in a real browser: installed, opened without a network, brought up to date."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import ARGS, PHONE, WAIT, Server, Visitor, serving
from tests.support.relay import Relay
from tools.pocket.build import DIST, LIMIT, build

QUICK = 5  # Brotli for a build that only tests read; a better one that is there already is kept


@pytest.fixture(scope="module")
def folder() -> Path:
    """dist/pocket, built if the source changed."""
    return build(DIST, QUICK)


@dataclass
class Phone:
    """A browser with a profile of its own, which outlives its windows."""

    browser: Browser
    profile: Path
    server: Server
    wire: Relay
    context: BrowserContext | None = None
    asked: list[str] = field(default_factory=list)
    """Addresses asked by pages, workers and the service worker."""
    complaints: list[str] = field(default_factory=list)
    """What the console says that it should not."""

    def start(self) -> Visitor:
        """Start the browser anew, as after a reboot, and open a window."""
        self.stop()
        context = self.browser.browser_type.launch_persistent_context(
            self.profile, executable_path=self._path, args=ARGS, locale="fr-FR",
            viewport={"width": PHONE[0], "height": PHONE[1]}, accept_downloads=True,
        )  # fmt: skip
        context.set_default_timeout(WAIT)
        context.on("request", lambda request: self.asked.append(request.url))
        context.on("console", lambda message: self._heard(message.type, message.text))
        self.context = context
        return Visitor(self.server, context, context.pages[0])

    _path: str = ""

    def _heard(self, kind: str, text: str) -> None:
        if kind == "error" or "Content Security Policy" in text:
            self.complaints.append(text)

    def stop(self) -> None:
        """Close every window and the browser."""
        if self.context is not None:
            self.context.close()
            self.context = None

    def open(self, person: Visitor, route: str = "/") -> None:
        """Open the pocket at a route."""
        person.page.goto(f"{self.wire.url}/pocket/#{route}")
        shown(person.page)


def shown(page: Page) -> None:
    """Wait until the app has drawn a screen."""
    expect(page.locator("#loading")).to_have_count(0, timeout=60_000)
    page.locator("flt-semantics").nth(4).wait_for(state="attached")


@pytest.fixture(scope="module")
def shelf(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server finds the pocket: a link, so that a test may put another version there."""
    link = tmp_path_factory.mktemp("shelf") / "pocket"
    link.symlink_to(folder, target_is_directory=True)
    return link


@pytest.fixture(scope="module")
def phone(
    browser: Browser, chromium_path: str, shelf: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Phone]:
    """A phone before its first visit, on a wire that can be cut."""
    data = tmp_path_factory.mktemp("pocket-server")
    with serving(data, QUITTANCE_POCKET_DIR=str(shelf)) as server:
        wire = Relay(int(server.url.rsplit(":", 1)[1]))
        found = Phone(browser, tmp_path_factory.mktemp("profile"), server, wire)
        found._path = chromium_path
        yield found
        found.stop()
        wire.close()


def test_it_installs_from_its_own_host_within_twelve_megabytes(phone: Phone) -> None:
    person = phone.start()
    phone.open(person)
    person.see("Essayer avec un compte prêt")
    hosts = {urlsplit(url).netloc for url in phone.asked if not url.startswith(("blob:", "data:"))}
    assert hosts == {f"127.0.0.1:{phone.wire.port}"}
    assert any("pyodide.asm.wasm" in url for url in phone.asked), "the worker was not watched"
    assert phone.wire.received <= LIMIT, "the whole installation, headers and answers included"
    assert phone.complaints == []


OFFER = """() => {
  const offer = new Event('beforeinstallprompt', { cancelable: true });
  offer.prompt = async () => { globalThis.asked = true; };
  offer.userChoice = Promise.resolve({ outcome: 'accepted' });
  globalThis.asked = false;
  if (dispatchEvent(offer)) throw new Error('the browser would ask at once');
}"""


def test_chromium_finds_it_installable(phone: Phone) -> None:
    person = phone.start()
    phone.open(person)
    session = person.context.new_cdp_session(person.page)
    told = session.send("Page.getAppManifest")
    assert told["errors"] == []
    assert json.loads(told["data"])["display"] == "standalone"
    errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [error["errorId"] for error in errors] == []
    # The browser's offer, played: it waits for the person, who takes it in the app.
    person.page.evaluate(OFFER)
    person.tap("Vendeuse, ACRE bientôt finie")
    person.see("Prochaine échéance")
    person.page.goto(f"{phone.wire.url}/pocket/#/appareil")
    assert not person.page.evaluate("globalThis.asked")
    person.tap("Installer", exact=True)
    assert person.until(lambda: person.page.evaluate("globalThis.asked"))
    expect(person.page.get_by_role("button", name="Installer", exact=True)).to_have_count(0)


def test_it_opens_from_cold_without_a_network_and_says_so(phone: Phone) -> None:
    person = phone.start()
    phone.open(person)  # installed, if this test runs alone
    phone.stop()
    phone.wire.cut()
    try:
        person = phone.start()
        phone.open(person, "/signin")
        person.see("Mot de passe oublié")
        person.type("Adresse e-mail", "camille@exemple.fr")
        person.type("Mot de passe", "quatre chevaux mangent du foin")
        person.tap("Se connecter", exact=True)
        person.see("Pas de réponse")
    finally:
        phone.wire.mend()


def test_a_seller_declares_from_the_pocket(phone: Phone) -> None:
    person = phone.start()
    phone.open(person)
    person.tap("Vendeuse, ACRE bientôt finie")
    person.see("Prochaine échéance")
    person.page.goto(f"{phone.wire.url}/pocket/#/declare/2026-10/amounts")
    person.see("Étape 1 sur 3")
    person.type("Vente de marchandises (BIC)", "1 234,56", "Total à payer")
    person.tap("Vérifier")
    person.see("Étape 2 sur 3")
    person.tap("Envoyer la déclaration")
    person.see("Déclaration envoyée")
    person.see("78\u00a0€")
    with person.page.expect_download() as download:
        person.tap("Télécharger le reçu (PDF)")
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    assert person.context.cookies() == [], "the pocket keeps a token, never a cookie"


@pytest.fixture
def newer(shelf: Path, folder: Path, tmp_path: Path) -> Iterator[Any]:
    """newer(): the server hands out another version from now on."""

    def change() -> None:
        other = build(tmp_path / "pocket", QUICK, label="newer")
        shelf.unlink()
        shelf.symlink_to(other, target_is_directory=True)

    yield change
    shelf.unlink()
    shelf.symlink_to(folder, target_is_directory=True)


def version(page: Page) -> str:
    """The version that a window runs."""
    return str(page.locator("#start").get_attribute("data-build"))


def test_a_new_version_waits_for_the_end_of_a_declaration(phone: Phone, newer: Any) -> None:
    person = phone.start()
    phone.open(person)
    before = version(person.page)
    person.tap("Artisan, un trimestre en retard")
    person.see("Prochaine échéance")
    person.page.goto(f"{phone.wire.url}/pocket/#/declare/2026-Q3/amounts")
    person.see("Étape 1 sur 3")
    newer()
    took = phone.wire.received
    person.page.evaluate("navigator.serviceWorker.getRegistration().then(r => r.update())")
    assert person.until(
        lambda: person.page.evaluate(
            "navigator.serviceWorker.getRegistration().then(r => Boolean(r.waiting))"
        ),
        30,
    )
    assert phone.wire.received - took < 300_000, "files that did not change are not asked again"
    expect(person.page.get_by_text("Une nouvelle version est prête.")).to_have_count(0)
    assert version(person.page) == before
    person.page.goto(f"{phone.wire.url}/pocket/#/home")
    person.see("Une nouvelle version est prête.")
    assert version(person.page) == before
    person.tap("Mettre à jour")
    person.page.wait_for_event("load")
    shown(person.page)
    assert version(person.page) != before


def test_a_start_that_failed_says_so_and_is_tried_again(
    phone: Phone, shelf: Path, folder: Path, tmp_path: Path
) -> None:
    """A file of the version is missing: the page says that it could not open, and opens by its
    button once the file is there."""
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken, copy_function=os.link)
    missing = list(broken.glob("packages-*.pack*"))
    assert missing
    for file in missing:
        file.unlink()
    new = Phone(phone.browser, tmp_path / "profile", phone.server, phone.wire)
    new._path = phone._path
    shelf.unlink()
    shelf.symlink_to(broken, target_is_directory=True)
    try:
        person = new.start()
        person.page.goto(f"{new.wire.url}/pocket/#/signin")
        again = person.page.get_by_role("button", name="Réessayer")
        expect(again).to_be_visible(timeout=60_000)
        expect(person.page.get_by_role("status")).to_contain_text("n’a pas pu s’ouvrir")
        shelf.unlink()
        shelf.symlink_to(folder, target_is_directory=True)
        again.click()
        shown(person.page)
        person.see("Mot de passe oublié")
    finally:
        new.stop()
        shelf.unlink(missing_ok=True)
        shelf.symlink_to(folder, target_is_directory=True)
