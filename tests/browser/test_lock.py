"""The code of a device in a real browser: the key is wrapped, opened, and thrown away."""

from __future__ import annotations

import json

from tests.browser.conftest import Visitor
from tests.browser.test_offline import KEPT
from tests.browser.test_pocket import Phone, folder, phone, shelf, shown  # noqa: F401

CODE, WRONG = "482915", "482916"
KEYS = """new Promise((resolve, reject) => {
  const request = indexedDB.open('quittance');
  request.onerror = () => reject(request.error);
  request.onsuccess = () => {
    const keys = request.result.transaction('keys').objectStore('keys').getAllKeys();
    keys.onsuccess = () => resolve(keys.result.sort());
  };
})"""
NINE = """new Promise((resolve) => {
  indexedDB.open('quittance').onsuccess = (event) => {
    const keys = event.target.result.transaction('keys', 'readwrite').objectStore('keys');
    keys.get('lock').onsuccess = ({ target }) => {
      keys.put({ ...target.result, tries: 9 }, 'lock').onsuccess = resolve;
    };
  };
})"""
"""Nine wrong codes, which would take a while to type."""


def give(person: Visitor, code: str) -> None:
    """Type a code on the locked screen, and Enter."""
    person.type("Code de cet appareil", code)
    person.page.keyboard.press("Enter")


def test_a_code_locks_opens_and_erases(phone: Phone) -> None:  # noqa: F811
    person = phone.start()
    phone.open(person)
    person.tap("Vendeuse, ACRE bientôt finie")
    person.see("Prochaine échéance")
    person.page.goto(f"{phone.wire.url}/pocket/#/appareil")
    person.tap("Choisir un code")
    person.type("Nouveau code", CODE)
    person.type("Le même code", CODE)
    person.tap("Enregistrer le code")
    person.see("Le code est enregistré")
    assert person.page.evaluate(KEYS) == ["generation", "lock"], "no key lies bare any more"
    before = json.loads(person.page.evaluate(KEPT))
    phone.stop()

    # Without a network, the code alone.
    phone.wire.cut()
    try:
        person = phone.start()
        phone.open(person, "/home")
        person.see("Quittance est verrouillée")
        assert person.violations() == []
        give(person, WRONG)
        person.see("Essais restants : 9")
        give(person, CODE)
        person.see("Prochaine échéance")
    finally:
        phone.wire.mend()

    # Two windows: one locks, the other too; one erases, the other signs in.
    other = Visitor(person.server, person.context, person.context.new_page())
    phone.open(other, "/appareil")
    other.see("Quittance est verrouillée")
    give(other, CODE)
    other.tap("Verrouiller", exact=True)
    person.page.bring_to_front()
    person.see("Quittance est verrouillée")
    person.page.evaluate(NINE)
    give(person, WRONG)
    person.see("Dix codes faux")
    assert "lock" not in person.page.evaluate(KEYS)
    assert before
    assert json.loads(person.page.evaluate(KEPT)) == []
    other.page.bring_to_front()
    other.see("Mot de passe oublié")
