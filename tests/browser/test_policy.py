"""The content security policy in a real browser: every kind of page runs under it without one
violation, and what somebody slips into a page does not run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import PHONE, WAIT, Server, Visitor
from tests.browser.test_pocket import Phone, folder, phone, shelf  # noqa: F401

# A Chromium that lacks what the faster renderer asks for takes the other, as Firefox does.
OLDER = "delete Intl.v8BreakIterator; delete globalThis.ImageDecoder;"
WATCH = """
globalThis.violations = [];
document.addEventListener('securitypolicyviolation', (event) => {
  violations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
});
"""
SLIPPED = """() => {
  const script = document.createElement('script');
  script.textContent = 'globalThis.slipped = true';
  document.head.append(script);
  const button = document.createElement('button');
  button.setAttribute('onclick', 'globalThis.slipped = true');
  document.body.append(button);
  button.click();
  return globalThis.slipped === true;
}"""


def violations(person: Visitor) -> list[str]:
    """What the page and its workers were refused."""
    told: list[str] = person.page.evaluate("globalThis.violations")
    return told + [line for line in person.console if "Content Security Policy" in line]


@pytest.fixture
def watched(server: Server, browser: Browser) -> Iterator[Any]:
    """watched(script=""): somebody whose pages note what the policy refuses."""
    contexts = []

    def make(script: str = "") -> Visitor:
        context = browser.new_context(
            viewport={"width": PHONE[0], "height": PHONE[1]}, locale="fr-FR"
        )
        contexts.append(context)
        context.set_default_timeout(WAIT)
        context.add_init_script(WATCH + script)
        found = Visitor(server, context, context.new_page())
        context.on("console", lambda line: found.console.append(line.text))  # workers too
        return found

    yield make
    for context in contexts:
        context.close()


@pytest.mark.parametrize("older", ["", OLDER], ids=["skwasm", "canvaskit"])
def test_the_app_runs_with_nothing_refused(watched: Any, older: str) -> None:
    person = watched(older)
    person.sign_in("artisan")
    person.open("/home")
    person.see("Prochaine échéance")
    drawn = person.page.evaluate("quittanceBoot.renderer")
    assert drawn == ("canvaskit" if older else "skwasm")
    for route in ("/history", "/reminders", "/securite", "/journal"):
        person.open(route)
    assert violations(person) == []


@pytest.mark.parametrize(
    "path", ["/", "/notify/", "/verifier/ABCD", "/auth/passkey/signin", "/auth/freeze?token=x",
             "/banque-essai/nothing"],
)  # fmt: skip
def test_what_is_slipped_into_a_page_does_not_run(watched: Any, path: str) -> None:
    person = watched()
    person.page.goto(person.server.url + path)
    assert person.page.evaluate("globalThis.violations") == []
    assert person.page.evaluate(SLIPPED) is False
    person.page.wait_for_function("violations.length > 1")
    assert {told.split()[0] for told in violations(person)[:2]} <= {
        "script-src-elem", "script-src-attr",
    }  # fmt: skip


def test_the_page_that_asks_for_notices_runs_its_script(watched: Any) -> None:
    person = watched()
    person.page.goto(f"{person.server.url}/notify/?lang=fr")
    person.page.get_by_role("button").click()
    expect(person.page.get_by_role("status")).not_to_be_empty()
    assert violations(person) == []


def test_the_pocket_runs_with_nothing_refused(phone: Phone) -> None:  # noqa: F811
    person = phone.start()
    assert phone.context is not None
    phone.context.add_init_script(WATCH)
    phone.open(person)
    person.see("Essayer avec un compte prêt")
    assert violations(person) == []
    assert [line for line in phone.complaints if "Content Security" in line] == []
    assert person.page.evaluate(SLIPPED) is False
