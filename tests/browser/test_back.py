"""A page whose connection was cut, or whose server began anew, comes back with its figures."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, WAIT, serving
from tests.support.places import free_port

SOCKETS = """() => {
  const Socket = WebSocket;
  Object.assign(globalThis, { sockets: [], away: false, deaf: false, heard: 0 });
  globalThis.WebSocket = class extends Socket {
    constructor(url, ...given) {
      super(url, ...given);
      if (away) this.close();
      sockets.push(this);
      this.addEventListener('message', (event) => {
        heard = performance.now();
        if (deaf) event.stopImmediatePropagation();
      });
    }
  };
}"""
CUT = "() => { away = true; sockets.at(-1).close(); }"
QUIET = "() => performance.now() - heard > 1000"
"""Nothing is on its way: what a cut connection was carrying is another test's."""
SERVICES = "Autres prestations de services (BNC)"
AWAY = "Connexion perdue"


def simulating(person: Any) -> None:
    """A simulation under way, in a window whose connection can be cut."""
    person.page.add_init_script(f"({SOCKETS})()")
    person.open("/simulateur")
    person.see("Que faites-vous ?")
    person.page.get_by_role("checkbox", name=SERVICES).click()
    person.see("Il manque")
    person.type(SERVICES, "40000", "28 212 €")
    person.page.evaluate("() => { globalThis.before = true; }")


def afresh(person: Any) -> None:
    """Wait for the page that comes after the one marked `before`."""
    person.page.wait_for_function("() => !globalThis.before && document.body", timeout=WAIT)
    person.ready()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_cut_connection_comes_back_under_the_same_page(visit: Any, size: tuple[int, int]) -> None:
    person = visit(size)
    simulating(person)
    for typed, net in (("50000", "34 096 €"), ("40000", "28 212 €")):
        person.page.wait_for_function(QUIET)
        person.page.evaluate(CUT)
        # Typed without a connection, in a field that keeps the focus.
        person.write(typed)
        expect(person.page.get_by_text(AWAY)).to_be_visible()
        assert person.violations() == []
        assert person.saying(net).count() == 0
        person.page.evaluate("() => { away = false; }")
        person.see(net)
        expect(person.page.get_by_text(AWAY)).to_have_count(0)
        assert person.page.evaluate("() => globalThis.before")
    person.write("50000", "34 096 €")
    person.tap("Comparer avec une autre situation")
    person.see("Situation B")
    assert person.page.evaluate("() => globalThis.before")


def test_a_page_whose_scripts_come_late_has_such_a_connection_too(visit: Any) -> None:
    person = visit(PHONE)
    held: list[Any] = []
    person.page.route("**/back.js", lambda route: held.append(route))
    person.page.add_init_script(f"({SOCKETS})()")
    person.page.goto(person.server.url + "/simulateur", wait_until="commit")
    person.page.wait_for_function("() => globalThis.quittanceBoot?.engine")
    assert not person.until(lambda: person.page.evaluate("() => sockets.length") > 0, 2)
    held[0].continue_()
    person.see("Que faites-vous ?")
    assert "line=" in person.page.evaluate("() => sockets[0].url")


def test_a_network_that_is_said_to_be_gone_is_believed_at_once(visit: Any) -> None:
    person = visit(PHONE)
    simulating(person)
    person.page.wait_for_function(QUIET)
    person.page.evaluate("() => { away = true; dispatchEvent(new Event('offline')); }")
    person.write("50000")
    expect(person.page.get_by_text(AWAY)).to_be_visible()
    person.page.evaluate("() => { away = false; dispatchEvent(new Event('online')); }")
    person.see("34 096 €")
    assert person.page.evaluate("() => globalThis.before")


def test_a_page_that_missed_an_answer_opens_afresh_with_what_was_typed(visit: Any) -> None:
    person = visit(DESKTOP)
    simulating(person)
    person.page.evaluate("() => { globalThis.deaf = true; }")
    person.write("45000")
    person.page.evaluate(CUT)
    person.write("50000")
    person.page.evaluate("() => { deaf = away = false; }")
    afresh(person)
    person.see("34 096 €")
    expect(person.enter_field(SERVICES)).to_have_value(re.compile(r"50\s?000$"))
    person.type(SERVICES, "40000", "28 212 €")


def test_a_server_that_began_anew_gives_back_the_screen_and_its_draft(
    visit: Any, tmp_path: Path
) -> None:
    port = str(free_port())
    person = visit(PHONE)
    with serving(tmp_path, QUITTANCE_PORT=port) as person.server:
        person.sign_in("vendeuse")
        person.open("/declare/2026-10/amounts")
        person.see("Étape 1 sur 3")
        person.type("Vente de marchandises (BIC)", "12345", "Brouillon enregistré")
        person.page.evaluate("() => { globalThis.before = true; }")
    person.write("34567")
    expect(person.page.get_by_text(AWAY)).to_be_visible()
    with serving(tmp_path, QUITTANCE_PORT=port) as person.server:
        afresh(person)
        # What was typed meanwhile was for another server's screen: that is said.
        expect(person.page.get_by_text("tapé en dernier. « 34567 »")).to_be_visible()
        expect(person.enter_field("Vente de marchandises (BIC)")).to_have_value(
            re.compile(r"12\s?345$")
        )
        person.type("Vente de marchandises (BIC)", "23456", "Brouillon enregistré")
