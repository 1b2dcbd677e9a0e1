"""Paying in a real browser: a rejected debit explained, a card payment there and back, by keyboard
alone for the debit."""

from __future__ import annotations

import re
from typing import Any

from contract.people import DEMO_PASSWORD
from tests.browser.conftest import DESKTOP, PHONE

DUE = "/pay/declaration.2026-09"


def test_a_rejected_debit_is_paid_by_card_on_the_bank_pages(visit: Any) -> None:
    person = visit(PHONE)
    person.sign_in("consultante")
    person.open("/home")
    person.see("Prélèvement refusé par votre banque")
    person.see("AM04")
    person.open(DUE)
    person.see("Par carte")
    assert person.violations() == []
    person.tap("par carte")
    person.page.wait_for_url(re.compile("/banque-essai/chk_"))
    assert person.page.get_by_role("heading", level=1).inner_text().startswith("Payer")
    assert [
        v["id"]
        for v in person.axe.run(person.page).response["violations"]
        if v["impact"] in {"serious", "critical"}
    ] == []
    person.page.get_by_role("button", name="Accepter, l’annonce arrive deux fois").click()
    person.page.wait_for_url(re.compile("/pay/done/"))
    person.ready()
    person.see("Paiement reçu")
    person.open("/payments")
    person.see("Carte du 23 novembre 2026, reçu")
    # Nothing is asked of September again; October may be due, whoever declared it before.
    assert person.page.get_by_role("button", name="Payer de nouveau").count() == 0


def test_an_account_is_signed_by_keyboard_alone(visit: Any) -> None:
    person = visit(DESKTOP)
    person.sign_in("artisan")
    person.open("/mandates/new")
    person.see("Signer le mandat")
    person.type("Titulaire du compte", "Hugo Weber")
    person.tab_to("IBAN")
    person.write("DE89370400440532013000")
    person.tab_to("Oui")
    person.page.keyboard.press("Space")
    person.tab_to("Votre mot de passe")
    person.write(DEMO_PASSWORD)
    person.tab_to("Signer le mandat")
    person.page.keyboard.press("Enter")
    person.see("DE89 •••• •••• 3000")
