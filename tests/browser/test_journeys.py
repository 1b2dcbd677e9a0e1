"""What people do, in a real browser: sign up, declare, correct, keep the proof."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pypdf
import pypdfium2
import pytest
import zxingcpp

from tests.browser.conftest import DESKTOP, PHONE


def declare(person: Any, period: str, amount: str) -> None:
    """The three steps with the pointer."""
    person.open(f"/declare/{period}/amounts")
    person.see("Étape 1 sur 3")
    person.type("Vente de marchandises (BIC)", amount, "Total à payer")
    person.tap("Vérifier")
    person.at(f"/declare/{period}/check")
    person.see("Étape 2 sur 3")
    person.tap("Envoyer la déclaration")
    person.at(f"/declare/{period}/sent")
    person.see("Déclaration envoyée")


def test_a_seller_declares_and_the_receipt_reads_back(visit: Any) -> None:
    person = visit(PHONE)
    person.sign_in("vendeuse")
    declare(person, "2026-10", "1 234,56")
    href = person.page.url
    assert href.endswith("/declare/2026-10/sent")
    # 1 235 € × 6.2 % = 77; × 0.1 % = 1; × 0.015 % = 0.
    person.see("78\u00a0€")
    response = person.context.request.get(_receipt_path(person))
    body = response.body()
    assert response.headers["content-type"] == "application/pdf"
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(body)).pages)
    number = re.search(r"Q-2026-[0-9A-Z]{10}", text)
    assert number is not None
    assert "1 234,56" in text.replace("\u202f", " ").replace("\u00a0", " ")
    assert "Léa Martin" in text
    path = _decode_qr(body)
    page = person.context.new_page()
    page.goto(person.server.url + path)
    assert page.get_by_text(number[0]).is_visible()
    assert "Léa" not in page.content()
    assert "78" not in page.inner_text("main").replace(number[0], "").replace(
        page.locator("dd").last.inner_text(), ""
    )


def _receipt_path(person: Any) -> str:
    """Address of the newest receipt of the person signed in."""
    api = person.server.url + "/api/v1"
    account = person.context.request.get(api + "/accounts").json()[0]["id"]
    newest = person.context.request.get(f"{api}/accounts/{account}/declarations").json()[0]
    return f"{api}/accounts/{account}/receipts/{newest['number']}.pdf"


def _decode_qr(body: bytes) -> str:
    document = pypdfium2.PdfDocument(body)
    for page in document:
        for found in zxingcpp.read_barcodes(page.render(scale=3).to_pil()):
            return urlsplit(found.text).path
    raise AssertionError("no QR code in the receipt")


def test_the_receipt_button_downloads_a_pdf(visit: Any) -> None:
    person = visit(PHONE)
    person.sign_in("vendeuse")
    person.open("/history/2026-09")
    person.see("Corriger cette déclaration")
    with person.page.expect_download() as found:
        person.tap("Télécharger le reçu (PDF)")
    assert Path(found.value.path()).read_bytes().startswith(b"%PDF-")
    assert found.value.suggested_filename.startswith("quittance-Q-")


def test_a_new_person_signs_up_confirms_and_declares(visit: Any) -> None:
    person = visit(PHONE)
    email = "camille.essai@example.org"
    person.open("/signup/identity")
    person.type("Nom ou enseigne", "Camille Essai")
    person.type("SIRET", "123 456 789 00011")
    person.tap("Continuer")
    person.see("vérifiez chaque chiffre")
    person.type("SIRET", "123 456 782 00010")
    person.tap("Continuer")
    person.see("Que faites-vous ?")
    person.page.get_by_role("checkbox", name="Vente de marchandises (BIC)").click()
    person.page.get_by_role("radio", name="Commerce").click()
    person.choose("Dans quel département ?", "33 – Gironde")
    person.tap("Continuer")
    person.type("Quand votre activité a-t-elle commencé ?", "15/03/2026")
    person.page.get_by_role("radio", name="Chaque mois").click()
    person.tap("Continuer")
    person.see("Avez-vous obtenu l’ACRE ?")
    for number in range(3):
        person.page.get_by_role("radio", name="Non").nth(number).click()
    person.tap("Continuer")
    person.type("Adresse e-mail", email)
    person.type("Choisissez un mot de passe", "huit mots que rien ne relie")
    person.tap("Continuer")
    person.see("Relire et créer")
    person.tap("Créer le compte")
    person.see("Vous écrivez ce que vous avez encaissé")
    person.tap_to("Passer", "/home")
    person.see("Adresse à confirmer")
    letter = person.server.letters(email)[-1]
    link = re.search(r"(/confirm\?token=\S+)", letter)
    assert link is not None
    person.open(link[1])
    person.see("Votre adresse est confirmée")
    # Start in March, monthly: the first period runs to the end of June.
    declare(person, "2026-06", "2000")
    person.see("À payer")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_correction_shows_what_changes(visit: Any, size: tuple[int, int]) -> None:
    person = visit(size)
    person.sign_in("reunion")
    period = "2026-09" if size == PHONE else "2026-08"
    person.open(f"/history/{period}")
    person.tap("Corriger cette déclaration")
    person.at(f"/correct/{period}/amounts")
    person.see("droit à l’erreur")
    person.type("Vente de marchandises (BIC)", "5000")
    person.tap("Vérifier")
    person.see("que la déclaration envoyée")
    person.see("avant :")
    person.tap("Envoyer la correction")
    person.see("Correction envoyée")
    person.open(f"/history/{period}")
    person.see("Versions précédentes")


def test_a_reload_in_the_middle_keeps_the_figures(visit: Any) -> None:
    person = visit(PHONE)
    person.sign_in("plateformes")
    person.open("/declare/2026-10/amounts")
    person.type("Vente de marchandises (BIC)", "1 111,11")
    person.type("Autres prestations de services (BNC)", "12x", "Brouillon enregistré")
    person.page.reload()
    person.ready()
    person.see("Étape 1 sur 3")
    person.holds("Vente de marchandises (BIC)", "1 111,11")
    # What is not valid is kept as typed too.
    person.holds("Autres prestations de services (BNC)", "12x")


def test_the_back_button_goes_back_with_the_figures(visit: Any) -> None:
    person = visit(PHONE)
    person.sign_in("consultante")
    person.open("/home")
    person.tap("Déclarer", exact=True)
    person.at("/declare/2026-10/amounts")
    person.type("Autres prestations de services (BNC)", "7000", "Total à payer")
    person.tap("Vérifier")
    person.at("/declare/2026-10/check")
    person.page.go_back()
    person.at("/declare/2026-10/amounts")
    person.see("Étape 1 sur 3")
    person.holds("Autres prestations de services (BNC)", "7 000")


def test_the_keyboard_alone_declares(visit: Any) -> None:
    person = visit(DESKTOP)
    person.sign_in("consultante")
    person.open("/declare/2026-10/amounts")
    person.see("Étape 1 sur 3")
    person.tab_to("Autres prestations de services (BNC)")
    person.write("3 456,50", "Total à payer")
    person.tab_to("Vérifier")
    person.page.keyboard.press("Enter")
    person.at("/declare/2026-10/check")
    person.see("Étape 2 sur 3")
    person.tab_to("Envoyer la déclaration")
    person.page.keyboard.press("Enter")
    person.at("/declare/2026-10/sent")
    # 3 457 €: 885 + 7 + 76 (domain examples).
    person.see("968\u00a0€")


def test_nothing_is_asked_of_another_host(visit: Any) -> None:
    person = visit(PHONE)
    person.sign_in("artisan")
    person.open("/home")
    person.see("En retard de")
    assert person.hosts == {urlsplit(person.server.url).netloc}
