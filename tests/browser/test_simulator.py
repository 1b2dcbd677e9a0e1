"""The simulator in a real browser: typed, copied as a link, opened again by somebody else."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from tests.browser.conftest import DESKTOP, PHONE


def test_a_link_opens_the_simulation_again_and_no_server_receives_it(visit: Any) -> None:
    person = visit(PHONE)
    person.context.grant_permissions(["clipboard-read", "clipboard-write"])
    person.open("/simulateur")
    person.see("Que faites-vous ?")
    box = person.page.get_by_role("checkbox", name="Autres prestations de services (BNC)")
    box.click()
    person.see("Il manque")
    person.type("Autres prestations de services (BNC)", "40000", "28 212 €")
    assert person.violations() == []
    person.tap("Copier le lien")
    person.see("Le lien est copié.")
    link = person.page.evaluate("navigator.clipboard.readText()")
    parts = urlsplit(link)
    assert f"{parts.scheme}://{parts.netloc}" == person.server.url
    assert (parts.path, parts.query) == ("/simulateur", "")
    assert re.fullmatch(r"s=[\w-]+", parts.fragment)
    assert "40000" not in link

    other = visit(DESKTOP)
    asked: list[str] = []
    other.page.on("request", lambda request: asked.append(request.url))
    other.page.goto(link)
    other.ready()
    other.see("28 212 €")
    other.holds("Autres prestations de services (BNC)", "40 000")
    token = parts.fragment[2:]
    sent = [url for url in asked if token in url.split("#")[0]]
    assert sent == []
    assert token not in (other.server.data / "serve.log").read_text()
    # The address keeps it where it is not sent: a reload finds it again.
    other.until(lambda: other.page.url.endswith(f"/simulateur#s={token}"))
    other.page.reload()
    other.ready()
    other.see("28 212 €")
    sent = [url for url in asked if token in url.split("#")[0]]
    assert sent == []
    assert other.violations() == []
    # Another link, in the window that shows this one.
    person.type("Autres prestations de services (BNC)", "50000", "34 096 €")
    person.tap("Copier le lien")
    person.until(lambda: person.page.evaluate("navigator.clipboard.readText()") != link)
    second = person.page.evaluate("navigator.clipboard.readText()")
    other.page.goto(second)
    other.see("34 096 €")
    other.holds("Autres prestations de services (BNC)", "50 000")
    sent = [url for url in asked if second.partition("#s=")[2] in url.split("#")[0]]
    assert sent == []


def test_two_situations_are_compared_by_keyboard(visit: Any) -> None:
    person = visit(DESKTOP)
    person.open("/")
    person.see("Simuler mon année")
    person.tab_to("Simuler mon année")
    person.page.keyboard.press("Enter")
    person.see("Que faites-vous ?")
    person.tab_to("Vente de marchandises (BIC)")
    person.page.keyboard.press("Space")
    person.see("Il manque")
    person.type("Vente de marchandises (BIC)", "30000", "Il vous reste")
    person.tab_to("Comparer avec une autre situation")
    person.page.keyboard.press("Enter")
    person.see("A et B vous laissent autant.")
    assert person.violations() == []
