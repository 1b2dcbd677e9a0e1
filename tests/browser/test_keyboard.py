"""Keys alone, from sign-in to the receipt: each stop is seen, and comes in the order of reading."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, TODAY

PASSWORD = "quatre chevaux mangent du foin"
PROFILE = {
    "start_date": "2024-08-01", "categories": ["vente"], "nature": "commerciale",
    "department": "33", "periodicity": [{"since": "2024-08-01", "value": "monthly"}],
}  # fmt: skip
# Where the focus is, and the ring around it.
AT = """() => {
  const e = document.activeElement, ring = document.getElementById('ring');
  const box = e.getBoundingClientRect(), drawn = ring.getBoundingClientRect();
  const around = ['left', 'top', 'width', 'height'].every((s) => Math.abs(box[s] - drawn[s]) < 2);
  return {
    name: (e.getAttribute('aria-label') || e.textContent || '').split('\\n')[0],
    box: [box.left, box.top, box.width, box.height],
    ringed: !ring.hidden && around, page: e.id === 'skip',
    width: getComputedStyle(ring).outlineWidth,
    place: [...document.querySelectorAll('flt-semantics-host *')].indexOf(e),
  };
}"""


def newcomer(person: Any, email: str) -> None:
    """Somebody confirmed, with a password and an account."""
    token = person.server.post(
        "/persons", {"email": email, "password": PASSWORD, "locale": "fr"}
    )["token"]  # fmt: skip
    link = re.search(r"/confirm\?token=([\w-]+)", person.server.letters(email)[-1])
    assert link is not None
    person.server.post("/email-confirmations", {"token": link[1]})
    person.server.post(
        "/accounts",
        {"regime": "auto-entrepreneur", "siret": "12345678200010", "name": "Camille Clavier",
         "profile": PROFILE},
        token,
    )  # fmt: skip


def stops(person: Any, name: str) -> list[dict[str, Any]]:
    """Press Tab until the control of this name; every stop on the way, the last one too."""
    found: list[dict[str, Any]] = []
    for _ in range(40):
        before = person.page.evaluate(AT)
        person.page.keyboard.press("Tab")
        person.until(lambda before=before: person.page.evaluate(AT)["place"] != before["place"], 3)
        person.until(lambda: (at := person.page.evaluate(AT))["ringed"] or at["page"], 3)
        found.append(person.page.evaluate(AT))
        if found[-1]["name"].startswith(name):
            return found
    raise AssertionError(f"Tab never reached {name}: {[stop['name'] for stop in found]}")


def seen(passed: list[dict[str, Any]]) -> None:
    """Each stop is ringed (the link past the menu has an outline of its own), in order of the
    tree."""
    assert [stop["name"] for stop in passed if not (stop["ringed"] or stop["page"])] == []
    places = [stop["place"] for stop in passed if not stop["page"]]
    assert places == sorted(places), [stop["name"] for stop in passed]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_from_sign_in_to_the_receipt(visit: Any, size: tuple[int, int]) -> None:
    person = visit(size)
    email = f"clavier{size[0]}@exemple.fr"
    newcomer(person, email)
    keys = person.page.keyboard
    person.open("/signin")
    person.see("Mot de passe oublié")
    seen(stops(person, "Adresse e-mail"))
    person.write(email)
    seen(stops(person, "Mot de passe"))
    person.write(PASSWORD)
    keys.press("Enter")
    person.at("/home")
    person.see("Prochaine échéance")
    seen(stops(person, "Déclarer"))
    keys.press("Enter")
    person.page.wait_for_url(re.compile("/declare/[^/]+/amounts"))
    person.see("Étape 1 sur 3")
    seen(stops(person, "Vente de marchandises (BIC)"))
    person.write("1 234,56", "Total à payer")
    seen(stops(person, "Vérifier"))
    keys.press("Enter")
    person.page.wait_for_url(re.compile("/declare/[^/]+/check"))
    person.see("Étape 2 sur 3")
    assert person.violations() == []
    seen(stops(person, "Envoyer la déclaration"))
    keys.press("Enter")
    person.page.wait_for_url(re.compile("/declare/[^/]+/sent"))
    person.see("Déclaration envoyée")
    assert person.violations() == []
    seen(stops(person, "Télécharger le reçu (PDF)"))
    with person.page.expect_download() as found:
        keys.press("Enter")
    assert found.value.suggested_filename.startswith(f"quittance-Q-{TODAY[:4]}")


def test_the_focus_is_seen_in_the_picture(visit: Any) -> None:
    person = visit(DESKTOP)
    person.open("/signin")
    person.see("Mot de passe oublié")
    for name in ("Adresse e-mail", "Se connecter", "Mot de passe oublié"):
        left, top, width, height = stops(person, name)[-1]["box"]
        around = {"x": left - 8, "y": top - 8, "width": width + 16, "height": height + 16}
        with_ring = person.page.screenshot(clip=around, caret="hide")
        person.page.evaluate("document.getElementById('ring').style.visibility = 'hidden'")
        without = person.page.screenshot(clip=around, caret="hide")
        person.page.evaluate("document.getElementById('ring').style.visibility = ''")
        one, other = (Image.open(io.BytesIO(p)).convert("L") for p in (with_ring, without))
        changed = ImageChops.difference(one, other).point(lambda v: 255 if v > 80 else 0)
        # A frame three pixels thick, far from the colour behind it.
        assert changed.histogram()[255] > 2 * 2 * (width + height)


def test_the_link_past_the_menu_leads_to_the_content(visit: Any) -> None:
    person = visit(DESKTOP)
    person.sign_in("secteur1")
    person.open("/documents")
    person.see("Vos documents")
    keys = person.page.keyboard
    for _ in range(3):
        keys.press("Tab")
        if person.until(lambda: person.page.evaluate(AT)["page"], 2):
            break
    skip = person.page.locator("#skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_visible()
    expect(skip).to_have_text("Aller au contenu")
    keys.press("Enter")
    assert person.until(lambda: person.page.evaluate(AT)["name"] == "Documents")
    keys.press("Tab")
    menu = "document.activeElement.closest('[role=navigation]')"
    assert person.until(lambda: person.page.evaluate(AT)["ringed"])
    assert person.page.evaluate(menu) is None
