"""The journal of receipts in a real browser: keyboard, files, a long list."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from pathlib import Path
from typing import Any

from backend.demo.journal import receipts
from contract.i18n import words
from tests.browser.conftest import DESKTOP, PHONE, TODAY
from tests.browser.sizes import beyond
from tools.gallery import Desk

STATEMENT = (
    "Date;Libellé;Débit;Crédit\r\n"
    "12/11/2026;VIR SEPA DUPONT 001;;80,50\r\n"
    "13/11/2026;PRLV EDF PRO;45,00;\r\n"
    "14/11/2026;VIR SEPA DUPONT 002;;1 200,00\r\n"
    "16/11/2026;CHEQUE;;douze\r\n"
).encode("cp1252")


def pick(person: Any, name: str, content: bytes) -> None:
    """Choose a file in the browser's own dialog."""
    with person.page.expect_file_chooser() as asked:
        person.tap("Choisir un fichier")
    asked.value.set_files({"name": name, "mimeType": "text/csv", "buffer": content})


def test_a_statement_being_sorted_is_sound_with_text_twice_as_large(visit: Any) -> None:
    person = visit((375, 800))
    token = person.server.post("/demo/sessions", {"slug": "ceramiste"})["token"]
    desk = Desk(person.server.url)
    desk.prefer(token, text_size=200)
    person.enter(token)
    try:
        person.open("/journal/import")
        person.see("Choisir un fichier")
        pick(person, "releve.csv", STATEMENT)
        person.see("restent à décider")
        assert person.violations() == []
        assert beyond(person.page) == []
    finally:
        desk.prefer(desk.enter("ceramiste"))


def test_a_statement_is_picked_sorted_and_imported(visit: Any) -> None:
    person = visit(PHONE)
    person.sign_in("reunion")
    person.open("/journal/import")
    person.see("Choisir un fichier")
    pick(person, "releve.csv", STATEMENT)
    person.see("releve.csv : 3 lignes lues.")
    person.see("Ligne 5 : le montant ne se lit pas")
    person.choose("VIR SEPA DUPONT 001 : ce que c’est", "Vente de marchandises (BIC)")
    person.see("2 encaissements à importer")
    person.tap("Importer", exact=True)
    person.at("/journal")
    person.see("2 encaissements importés.")
    person.see("VIR SEPA DUPONT 002")
    api = person.server.url + "/api/v1"
    account = person.context.request.get(api + "/accounts").json()[0]["id"]
    kept = person.context.request.get(f"{api}/accounts/{account}/entries?kind=receipt").json()
    assert [e["data"]["amount"] for e in kept["entries"]] == ["80.5", "1200"]
    person.tap("Annuler")
    person.see("Le journal est comme avant.")


def test_a_receipt_by_the_keyboard_alone(visit: Any) -> None:
    person = visit(DESKTOP)
    person.sign_in("vendeuse")
    person.open("/journal/new")
    person.see("Montant encaissé")
    keys = person.page.keyboard

    person.tab_to("Montant encaissé")
    person.write("80,50", "À mettre de côté")
    person.tab_to("Enregistrer")
    keys.press("Enter")
    person.at("/journal")
    person.see("Encaissement noté.")
    person.tab_to("Annuler")
    keys.press("Enter")
    person.see("Le journal est comme avant.")


def test_the_journal_scrolls_to_its_first_receipt(visit: Any) -> None:
    person = visit(PHONE)
    person.sign_in("ceramiste")
    person.open("/journal")
    person.see("Dû à ce jour")
    person.page.mouse.move(200, 600)

    first = receipts(date.fromisoformat(TODAY))[0]
    shown = f"{first.client}, {words('fr').money(first.amount, cents=True)}"
    last_row = re.compile(r"\s".join(map(re.escape, shown.split())))

    def oldest() -> bool:
        person.page.mouse.wheel(0, 3000)
        person.page.wait_for_timeout(200)  # a hand takes as long between two turns
        return bool(person.page.get_by_role("button", name=last_row).count())

    assert person.until(oldest, 60)


def test_the_book_is_downloaded(visit: Any) -> None:
    person = visit(PHONE)
    person.sign_in("ceramiste")
    person.open("/journal/book")
    person.see("Langue du document")
    with person.page.expect_download() as found:
        person.tap("Télécharger en CSV")
    text = Path(found.value.path()).read_bytes().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert found.value.suggested_filename == "livre-des-recettes-2026.csv"
    assert len(rows) > 300
    with person.page.expect_download() as found:
        person.tap("Télécharger en PDF")
    assert Path(found.value.path()).read_bytes().startswith(b"%PDF-")
