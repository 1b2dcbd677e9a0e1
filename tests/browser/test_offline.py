"""The pocket from a cold start with the network cut: open, declare, sign; received once after."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.browser.conftest import Visitor
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
        person.type("Vente de marchandises (BIC)", "1 234,56", "Total à payer")
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


def go(phone: Phone, person: Visitor, route: str) -> None:  # noqa: F811
    """Follow an address inside the app."""
    person.page.goto(f"{phone.wire.url}/pocket/#{route}")


def held(phone: Phone, slug: str, path: str) -> list[dict[str, Any]]:  # noqa: F811
    """What the collector holds of a demo account."""
    token = phone.server.post("/demo/sessions", {"slug": slug})["token"]
    account = phone.server.get("/accounts", token)[0]["id"]
    found = phone.server.get(f"/accounts/{account}{path}", token)
    return list(found["entries"] if isinstance(found, dict) else found)


def enter(phone: Phone, person: Visitor, title: str) -> None:  # noqa: F811
    """Sign in to a demo account, out of another if need be."""
    phone.open(person, "/settings")
    person.saying("Se déconnecter").or_(person.saying("Se connecter")).first.wait_for()
    if person.saying("Se déconnecter").count():
        person.tap("Se déconnecter")
    else:
        person.page.goto(f"{phone.wire.url}/pocket/#/")
    person.see("Essayer avec un compte prêt")
    person.tap(title)


def test_three_periods_noted_without_a_network_leave_once_each_in_order(
    phone: Phone,  # noqa: F811
) -> None:
    notes = "/entries?kind=service"
    before = {entry["id"] for entry in held(phone, "debutant", notes)}
    person = phone.start()
    enter(phone, person, "Jeune patron, deuxième année")
    person.see("En mer")
    go(phone, person, "/mer")
    person.see("Périodes notées")
    phone.wire.cut()
    try:
        for day in ("20", "21", "22"):
            go(phone, person, "/mer/periode")
            person.see("1. Navire")
            person.tap(f"{day} novembre 2026")
            person.tap("Noter la période")
            person.see("Période notée ici")
        person.see("3 éléments pas encore envoyés")
        person.page.reload()
        person.see("3 éléments pas encore envoyés")
    finally:
        phone.wire.mend()
    person.gone("pas encore envoyés")
    fresh = [entry for entry in held(phone, "debutant", notes) if entry["id"] not in before]
    fresh.sort(key=lambda entry: str(entry["changed_at"]))
    assert [entry["data"]["start"] for entry in fresh] == [
        "2026-11-20", "2026-11-21", "2026-11-22"
    ]  # fmt: skip
    assert {entry["version"] for entry in fresh} == {1}


@pytest.mark.parametrize(
    ("mode", "slug", "title", "period"),
    [
        ("500", "consultante", "Libérale près du plafond", "2026-10"),
        ("hang", "reunion", "Outre-mer", "2026-10"),
        ("cut", "plateformes", "Activité mixte et plateformes", "2026-10"),
    ],
)
def test_signed_once_whatever_the_server_does(
    phone: Phone,  # noqa: F811
    mode: str,
    slug: str,
    title: str,
    period: str,
) -> None:
    person = phone.start()
    enter(phone, person, title)
    person.see("Prochaine échéance")
    go(phone, person, f"/declare/{period}/amounts")
    person.see("Étape 1 sur 3")
    person.tap("Rien encaissé sur cette période")
    person.see("Total à payer")
    person.tap("Vérifier")
    person.see("Étape 2 sur 3")
    phone.wire.fault(mode, b"PUT /api/v1/accounts/")
    try:
        person.tap("Envoyer la déclaration")
        person.see("Prête, pas encore envoyée")
        assert bool(phone.wire.stored) is (mode == "cut")
    finally:
        phone.wire.mend()
    person.see("Télécharger le reçu (PDF)")
    person.gone("pas encore envoyée")
    assert len(held(phone, slug, f"/declarations/{period}")) == 1
