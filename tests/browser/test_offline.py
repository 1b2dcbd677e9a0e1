"""The pocket from a cold start with the network cut: open, declare, sign; received once after."""

from __future__ import annotations

import json

from tests.browser.test_pocket import Phone, folder, phone, shelf  # noqa: F401

KEPT = """new Promise((resolve, reject) => {
  const request = indexedDB.open('quittance');
  request.onerror = () => reject(request.error);
  request.onsuccess = () => {
    const all = request.result.transaction('values').objectStore('values').getAll();
    all.onsuccess = () => resolve(JSON.stringify(all.result.map(
      (one) => new TextDecoder().decode(one.sealed))));
  };
})"""


def test_signed_from_a_cold_start_without_a_network(phone: Phone) -> None:  # noqa: F811
    person = phone.start()
    phone.open(person)
    person.tap("Vendeuse, ACRE bientôt finie")
    person.see("Prochaine échéance")
    phone.stop()
    phone.wire.cut()
    try:
        person = phone.start()
        phone.open(person, "/home")
        person.see("Prochaine échéance")
        person.see("dernier état connu le")
        person.page.goto(f"{phone.wire.url}/pocket/#/declare/2026-10/amounts")
        person.see("Étape 1 sur 3")
        person.type("Vente de marchandises (BIC)", "1 234,56")
        person.see("Total à payer")
        person.tap("Vérifier")
        person.see("Étape 2 sur 3")
        person.tap("Envoyer la déclaration")
        person.see("À recevoir au plus tard le")
        kept = json.loads(person.page.evaluate(KEPT))
        assert kept
        assert not any("fingerprint" in one or "overview" in one for one in kept)
    finally:
        phone.wire.mend()
    person.see("Télécharger le reçu (PDF)")
    person.page.goto(f"{phone.wire.url}/pocket/#/history/2026-10")
    person.see("78\u00a0€")
