"""The journal of receipts, as a person meets it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import flet as ft
import httpx
import pytest

from app.services.gateway import InProcess
from tests.journal.files import Dialect, Operation, cii, facturx, operations, table
from tests.screens.harness import open_app, run

SIRETS = ("12345678200010", "12345678200028", "98765432400019")
Account = tuple[str, str]


@pytest.fixture
def seller(call: Any, newcomer: tuple[str, str]) -> Account:
    """Somebody who sells and repairs, monthly since 2024: (token, account)."""
    return _open(call, newcomer[1], ["vente", "service_bic"], "artisanale")


@pytest.fixture
def adviser(call: Any, newcomer: tuple[str, str]) -> Account:
    """Somebody with one activity: (token, account)."""
    return _open(call, newcomer[1], ["service_bnc"], "liberale")


def _open(call: Any, token: str, categories: list[str], nature: str) -> Account:
    profile = {
        "start_date": "2026-06-01", "categories": categories, "nature": nature,
        "department": "75", "periodicity": [{"since": "2026-06-01", "value": "monthly"}],
    }  # fmt: skip
    answer = call("POST", "/accounts", token=token, json={
        "regime": "auto-entrepreneur", "siret": SIRETS[0], "name": "Alix Test",
        "profile": profile,
    })  # fmt: skip
    assert answer.status_code == 201, answer.text
    return token, answer.json()["id"]


def keep(call: Any, account: Account, *receipts: dict[str, Any]) -> None:
    entries = [
        {"id": f"receipt-{n:04}", "kind": "receipt", "data": data}
        for n, data in enumerate(receipts)
    ]
    answer = call("POST", f"/accounts/{account[1]}/entries/batch", token=account[0],
                  json={"entries": entries})  # fmt: skip
    assert answer.status_code == 200, answer.text


def kept(call: Any, account: Account, kind: str = "receipt") -> list[dict[str, Any]]:
    found = call("GET", f"/accounts/{account[1]}/entries?kind={kind}", token=account[0]).json()
    return [entry["data"] for entry in found["entries"]]


def test_a_receipt_is_noted_in_three_taps(api: Any, call: Any, adviser: Account) -> None:
    async def scenario() -> None:
        async with open_app("/home", backend=api, token=adviser[0]) as app:
            await app.until(lambda: app.shows("Journal des recettes"))
            await app.tap("Ajouter un encaissement")  # one
            await app.until(lambda: app.shows("Montant encaissé"))
            assert app.value("Date de l’encaissement") == "23/11/2026"
            await app.type("Montant encaissé", "1000", leave=False)  # two
            # 25.6 % and 0.2 %.
            await app.until(lambda: app.shows("À mettre de côté : 258 €"))
            await app.tap("Enregistrer")  # three
            await app.until(lambda: app.route == "/journal")
            await app.until(lambda: app.shows("Mettez 258 € de côté."))
            assert app.shows("Novembre 2026")
            assert app.shows("1 000,00 €")

    run(scenario)
    assert kept(call, adviser) == [
        {"on": "2026-11-23", "amount": "1000", "category": "service_bnc"}
    ]


def test_what_is_missing_is_said_and_nothing_is_kept(api: Any, call: Any, seller: Account) -> None:
    async def scenario() -> None:
        async with open_app("/journal/new", backend=api, token=seller[0]) as app:
            await app.until(lambda: app.shows("Montant encaissé"))
            await app.type("Montant encaissé", "0")
            await app.type("Date de l’encaissement", "24/11/2026")
            await app.tap("Enregistrer")
            await app.until(lambda: app.shows("3 réponses sont à revoir"))
            assert app.shows("Indiquez un montant plus grand que zéro.")
            assert app.shows("La date doit être le 23 novembre 2026 ou avant.")

    run(scenario)
    assert kept(call, seller) == []


def test_details_a_photo_and_a_platform(api: Any, call: Any, seller: Account) -> None:
    async def scenario() -> None:
        async with open_app("/journal/new", backend=api, token=seller[0]) as app:
            await app.until(lambda: app.shows("Montant encaissé"))
            await app.type("Montant encaissé", "64")
            await app.choose("Activité", "service_bic")
            await app.tap("Ajouter le client, une photo, une note…")
            await app.type("Client", "Uber Eats")
            await app.choose("Mode de règlement", "Plateforme")
            await app.choose("Une plateforme a-t-elle déjà retenu", "Oui")
            await app.until(lambda: app.shows("Rien à mettre de côté"))
            app.picked = [("photo.jpg", b"\xff\xd8\xff\xe0 une photo")]
            await app.tap("Joindre une photo ou un PDF")
            await app.until(lambda: app.shows("Un justificatif est joint."))
            await app.tap("Enregistrer")
            await app.until(lambda: app.shows("cotisations déjà retenues"))
            assert app.shows("avec justificatif")

    run(scenario)
    found = kept(call, seller)[0]
    assert found["platform"] is True
    path = f"/accounts/{seller[1]}/attachments/{found['attachment']}"
    assert call("GET", path, token=seller[0]).content.startswith(b"\xff\xd8\xff")


def test_a_file_that_is_no_photo_is_refused(api: Any, adviser: Account) -> None:
    async def scenario() -> None:
        async with open_app("/journal/new", backend=api, token=adviser[0]) as app:
            await app.until(lambda: app.shows("Montant encaissé"))
            await app.tap("Ajouter le client, une photo, une note…")
            app.picked = [("photo.jpg", b"MZ not a photo")]
            await app.tap("Joindre une photo ou un PDF")
            await app.until(lambda: app.shows("La demande n’a pas abouti"))

    run(scenario)


def test_change_delete_and_undo(api: Any, call: Any, adviser: Account) -> None:
    keep(call, adviser, {"on": "2026-11-02", "amount": "500", "category": "service_bnc",
                         "client": "Dupont", "bank": "abc", "origin": "r.csv, 4"})  # fmt: skip

    async def scenario() -> None:
        async with open_app("/journal", backend=api, token=adviser[0]) as app:
            await app.until(lambda: app.shows("Dupont"))
            await app.tap("Dupont, 500,00 €")
            await app.until(lambda: app.shows("Importé de r.csv, 4"))
            await app.type("Montant encaissé", "400")
            await app.tap("Enregistrer")
            await app.until(lambda: app.shows("Encaissement modifié."))
            assert app.shows("400,00 €")
            await app.tap("Annuler")
            await app.until(lambda: app.shows("Le journal est comme avant."))
            assert app.shows("500,00 €")
            await app.tap("Dupont, 500,00 €")
            await app.until(lambda: app.shows("Supprimer"))
            await app.tap("Supprimer")
            await app.until(lambda: app.shows("Encaissement supprimé."))
            assert not app.shows("Dupont")
            await app.tap("Annuler")
            await app.until(lambda: app.shows("Dupont"))
            await app.go("/home")
            await app.until(lambda: app.shows("Ouvrir le journal"))
            await app.go("/journal")
            await app.until(lambda: app.shows("Dupont"))
            assert not app.shows("Annuler")  # told once

    run(scenario)
    found = kept(call, adviser)
    assert [(f["amount"], f["bank"], f["origin"]) for f in found] == [("500", "abc", "r.csv, 4")]


def test_a_change_made_elsewhere_is_not_written_over(api: Any, call: Any, adviser: Account) -> None:
    data = {"on": "2026-11-02", "amount": "500", "category": "service_bnc", "client": "Dupont"}
    keep(call, adviser, data)

    async def scenario() -> None:
        async with open_app("/journal/receipt/receipt-0000", backend=api, token=adviser[0]) as app:
            await app.until(lambda: app.shows("Montant encaissé"))
            call("PUT", f"/accounts/{adviser[1]}/entries/receipt-0000", token=adviser[0],
                 json={"kind": "receipt", "data": {**data, "amount": "7"}, "base": 1})  # fmt: skip
            await app.type("Montant encaissé", "400")
            await app.tap("Enregistrer")
            await app.until(lambda: app.shows("Modifié ailleurs"))

    run(scenario)
    assert kept(call, adviser)[0]["amount"] == "7"


def year(call: Any, account: Account, count: int = 130) -> None:
    keep(call, account, *(
        {"on": f"2026-{6 + n % 6:02}-{1 + n % 23:02}", "amount": f"{100 + n}.50",
         "category": "service_bnc", "client": f"Client {n}"}
        for n in range(count)
    ))  # fmt: skip


def test_months_search_and_a_list_that_grows(api: Any, call: Any, adviser: Account) -> None:
    year(call, adviser)

    async def scenario() -> None:
        async with open_app("/journal", backend=api, token=adviser[0]) as app:
            await app.until(lambda: app.shows("Novembre 2026"))
            assert not app.shows("Juin 2026")
            rows = app.find(ft.ListView)
            assert len(rows.controls) < 80
            await app.tap("Afficher les 60 suivants")
            await app.tap("Afficher les 10 suivants")
            await app.until(lambda: app.shows("Juin 2026"))
            await app.type("Chercher dans le journal", "JUIN", leave=False)
            await app.until(lambda: app.shows("Aucun encaissement ne correspond."))
            await app.type("Chercher dans le journal", "/06/2026 CLIENT", leave=False)
            await app.until(lambda: app.shows("22 encaissements trouvés"))
            await app.type("Chercher dans le journal", "112,50", leave=False)
            await app.until(lambda: app.shows("1 encaissement trouvé, 112,50 €"))
            await app.type("Chercher dans le journal", "rien de tel", leave=False)
            await app.until(lambda: app.shows("Aucun encaissement ne correspond."))

    run(scenario)


def test_the_shares_to_keep_add_up_to_what_is_due(api: Any, call: Any, seller: Account) -> None:
    keep(call, seller,
         {"on": "2026-11-02", "amount": "333.33", "category": "vente"},
         {"on": "2026-11-03", "amount": "120.40", "category": "service_bic"},
         {"on": "2026-11-09", "amount": "-12", "category": "vente"},
         {"on": "2026-11-11", "amount": "640", "category": "service_bic", "platform": True},
         {"on": "2026-11-11", "amount": "77", "category": "service_bnc"})  # fmt: skip

    async def scenario() -> None:
        from app.screens.journal import open_book

        async with open_app("/journal", backend=api, token=seller[0]) as app:
            await app.until(lambda: app.shows("Dû à ce jour"))
            assert app.shows("À part : 640 € par des plateformes")
            book = await open_book(app.services)
            assert book is not None
            bill = book.bills[-1]
            assert bill.collected == Decimal("441.73")
            assert sum(bill.aside.values()) == bill.due > 0
            assert app.shows(f"{bill.due} €")

    run(scenario)


def test_a_declaration_fills_itself_and_says_so(api: Any, call: Any, seller: Account) -> None:
    keep(
        call, seller,
        {"on": "2026-10-02", "amount": "100.40", "category": "vente"},
        {"on": "2026-10-03", "amount": "20", "category": "vente"},
        {"on": "2026-10-03", "amount": "640", "category": "service_bic", "platform": True},
    )  # fmt: skip

    async def scenario() -> None:
        async with open_app("/declare/2026-10/amounts", backend=api, token=seller[0]) as app:
            await app.until(lambda: app.shows("Étape 1 sur 3"))
            assert app.value("Vente de marchandises (BIC)") == "120,40"
            assert app.shows("2 encaissements du journal")
            assert app.shows("Aucun encaissement dans le journal")
            assert app.shows("Déjà retenu par une plateforme")
            assert app.shows("1 encaissement du journal")
            # What a person types is theirs: said, and never taken back.
            await app.type("Vente de marchandises (BIC)", "150")
            await app.until(lambda: app.shows("Vous avez écrit un autre montant."))
            assert app.shows("2 encaissements du journal : 120,40 €")
            await app.until(lambda: app.shows("Brouillon enregistré"))

    def keep_more() -> None:
        call("PUT", f"/accounts/{seller[1]}/entries/receipt-9999", token=seller[0],
             json={"kind": "receipt", "data": {"on": "2026-10-09", "amount": "30",
                                               "category": "vente"}})  # fmt: skip

    async def later() -> None:
        async with open_app("/declare/2026-10/amounts", backend=api, token=seller[0]) as app:
            await app.until(lambda: app.shows("Étape 1 sur 3"))
            assert app.value("Vente de marchandises (BIC)") == "150"
            assert app.shows("3 encaissements du journal : 150,40 €")
            await app.tap("Reprendre le montant du journal")
            await app.until(lambda: app.value("Vente de marchandises (BIC)") == "150,40")
            assert not app.shows("Vous avez écrit un autre montant.")

    run(scenario)
    keep_more()
    run(later)


def test_a_figure_of_the_journal_follows_it_until_a_person_changes_it(
    api: Any, call: Any, adviser: Account
) -> None:
    keep(call, adviser, {"on": "2026-09-02", "amount": "100", "category": "service_bnc"})

    async def scenario() -> None:
        async with open_app("/declare/2026-09/amounts", backend=api, token=adviser[0]) as app:
            await app.until(lambda: app.shows("1 encaissement du journal"))
            await app.tap("Vérifier")
            await app.until(lambda: app.route.endswith("/check"))

    async def later() -> None:
        async with open_app("/declare/2026-09/amounts", backend=api, token=adviser[0]) as app:
            await app.until(lambda: app.shows("2 encaissements du journal"))
            assert app.value("Autres prestations de services (BNC)") == "130"

    run(scenario)
    call("PUT", f"/accounts/{adviser[1]}/entries/receipt-9999", token=adviser[0],
         json={"kind": "receipt", "data": {"on": "2026-09-09", "amount": "30",
                                           "category": "service_bnc"}})  # fmt: skip
    run(later)


STATEMENT = (
    "Date;Libellé;Débit;Crédit\r\n"
    "12/11/2026;VIR SEPA DUPONT 001;;80,50\r\n"
    "13/11/2026;PRLV EDF PRO;45,00;\r\n"
    "14/11/2026;VIR SEPA DUPONT 002;;1 200,00\r\n"
    "15/11/2026;VIR CAF DU RHONE;;120,00\r\n"
    "16/11/2026;CHEQUE;;douze\r\n"
    "17/11/2026;VIR LEROUX;;64,00\r\n"
).encode()


def test_a_statement_is_sorted_in_one_pass_and_remembered(
    api: Any, call: Any, seller: Account
) -> None:
    keep(call, seller, {"on": "2026-11-16", "amount": "64", "category": "vente"})

    async def scenario() -> None:
        async with open_app("/journal/import", backend=api, token=seller[0]) as app:
            await app.until(lambda: app.shows("Choisir un fichier"))
            app.picked = [("releve.csv", STATEMENT)]
            await app.tap("Choisir un fichier")
            await app.until(lambda: app.shows("releve.csv : 5 lignes lues."))
            assert app.shows("Ligne 6 : le montant ne se lit pas")
            assert app.shows("Une ligne d’argent sorti, écartée.")
            assert app.shows("peut-être déjà noté")
            assert app.shows("2 lignes restent à décider.")
            assert app.find(ft.FilledButton, "Importer").disabled
            await app.choose("VIR SEPA DUPONT 001", "vente")
            await app.until(lambda: app.shows("2 encaissements à importer, 1 280,50 €"))
            await app.tap("Importer")
            await app.until(lambda: app.shows("2 encaissements importés."))
            assert app.route == "/journal"

    async def again() -> None:
        async with open_app("/journal/import", backend=api, token=seller[0]) as app:
            await app.until(lambda: app.shows("Choisir un fichier"))
            app.picked = [("releve2.csv", STATEMENT.replace(b"12/11", b"20/11"))]
            await app.tap("Choisir un fichier")
            await app.until(lambda: app.shows("comme la dernière fois"))
            assert app.shows("déjà dans le journal")
            assert app.shows("1 encaissement à importer, 80,50 €")

    run(scenario)
    found = kept(call, seller)
    assert [(f["amount"], f.get("origin")) for f in found[1:]] == [
        ("80.5", "releve.csv, 2"), ("1200", "releve.csv, 4"),
    ]  # fmt: skip
    assert kept(call, seller, "label-rule") == [
        {"label": "dupont", "receipt": True, "category": "vente"}
    ]
    run(again)


def test_an_import_is_undone_whole(api: Any, call: Any, adviser: Account) -> None:
    items = [i for i in operations(5, 30) if i.amount > 0]

    async def scenario() -> None:
        async with open_app("/journal/import", backend=api, token=adviser[0]) as app:
            await app.until(lambda: app.shows("Choisir un fichier"))
            app.picked = [("r.csv", table(items, Dialect()))]
            await app.tap("Choisir un fichier")
            await app.until(lambda: app.shows("lignes lues"))
            await app.tap("Importer")
            await app.until(lambda: app.shows("encaissements importés."))
            assert len(kept(call, adviser)) > 5
            await app.tap("Annuler")
            await app.until(lambda: app.shows("Le journal est comme avant."))

    run(scenario)
    assert kept(call, adviser) == []


class Cut(httpx.AsyncBaseTransport):
    """Stores the batch, then loses the answer, the first time."""

    def __init__(self, api: Any) -> None:
        self.inner = InProcess(api)
        self.lost = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self.inner.handle_async_request(request)
        if request.url.path.endswith("/batch") and not self.lost:
            self.lost = True
            await answer.aread()
            raise httpx.ReadError("cut")
        return answer


def test_a_lost_answer_imports_nothing_twice(api: Any, call: Any, adviser: Account) -> None:
    items = [Operation(i.on, abs(i.amount), f"VIR {n}", i.reference)
             for n, i in enumerate(operations(6, 8))]  # fmt: skip

    async def scenario() -> None:
        async with open_app("/journal/import", backend=Cut(api), token=adviser[0]) as app:
            await app.until(lambda: app.shows("Choisir un fichier"))
            app.picked = [("r.csv", table(items, Dialect()))]
            await app.tap("Choisir un fichier")
            await app.until(lambda: app.shows("8 encaissements à importer"))
            await app.tap("Importer")
            await app.until(lambda: app.shows("8 encaissements importés."))
            await app.until(lambda: not app.shows("pas encore envoyé"))

    run(scenario)
    assert len(kept(call, adviser)) == 8


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"bonjour", "Aucune ligne d’en-tête"),
        (b"", "Ce fichier est vide."),
        (b'Date;Libelle;Montant\n13/10/2026;"A;1,00\n', "Le tableau est cassé à la ligne"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(
    api: Any, adviser: Account, content: bytes, said: str
) -> None:
    async def scenario() -> None:
        async with open_app("/journal/import", backend=api, token=adviser[0]) as app:
            await app.until(lambda: app.shows("Choisir un fichier"))
            app.picked = [("fichier.csv", content)]
            await app.tap("Choisir un fichier")
            await app.until(lambda: app.shows(said))
            assert app.shows("Rien n’est importé")

    run(scenario)


def test_an_invoice_fills_a_receipt_but_its_day(api: Any, call: Any, adviser: Account) -> None:
    async def scenario() -> None:
        async with open_app("/journal/import", backend=api, token=adviser[0]) as app:
            await app.until(lambda: app.shows("Choisir un fichier"))
            app.picked = [("facture.pdf", facturx(cii("F-12", "Café & Fils", "1234.50")))]
            await app.tap("Choisir un fichier")
            await app.until(lambda: app.shows("Facture lue, du 12 octobre 2026."))
            assert app.value("Montant encaissé") == "1\u202f234,50"
            assert app.value("Date de l’encaissement") == ""
            await app.type("Date de l’encaissement", "20/11/2026")
            await app.tap("Enregistrer")
            await app.until(lambda: app.shows("Encaissement noté."))

    run(scenario)
    found = kept(call, adviser)[0]
    assert (found["client"], found["reference"], found["on"]) == (
        "Café & Fils", "F-12", "2026-11-20",
    )  # fmt: skip


def test_the_book_is_given_as_pdf_and_csv(api: Any, call: Any, adviser: Account) -> None:
    keep(call, adviser, {"on": "2026-11-02", "amount": "500", "category": "service_bnc"},
         {"on": "2025-11-02", "amount": "5", "category": "service_bnc"})  # fmt: skip

    async def scenario() -> None:
        async with open_app("/journal/book", backend=api, token=adviser[0]) as app:
            await app.until(lambda: app.shows("500,00 €"))
            assert app.shows("Un encaissement n’a pas de client")
            await app.tap("Télécharger en PDF")
            await app.until(lambda: "livre-des-recettes-2026.pdf" in app.saved)
            assert app.saved["livre-des-recettes-2026.pdf"].startswith(b"%PDF-")
            await app.choose("Année", "2025")
            await app.tap("Télécharger en CSV")
            await app.until(lambda: "livre-des-recettes-2025.csv" in app.saved)

    run(scenario)


def test_a_profession_without_receipts_is_told(api: Any, demo: Callable[[str], str]) -> None:
    async def scenario() -> None:
        async with open_app("/journal", backend=api, token=demo("secteur1")) as app:
            await app.until(lambda: app.shows("Cette profession ne déclare pas de recettes ici."))
            await app.go("/home")
            await app.until(lambda: app.shows("Vos paiements"))
            assert not app.shows("Journal des recettes")

    run(scenario)


def test_typing_a_receipt_redraws_little(api: Any, adviser: Account) -> None:
    async def scenario() -> None:
        async with open_app("/journal/new", backend=api, token=adviser[0]) as app:
            await app.until(lambda: app.shows("Montant encaissé"))
            await app.type("Montant encaissé", "12", leave=False)
            app.mark()
            await app.type("Montant encaissé", "123", leave=False)
            assert app.patched() <= 6, app.patched_places()

    run(scenario)


def test_a_receipt_of_a_declared_period_asks_for_a_correction(
    api: Any, call: Any, demo: Callable[[str], str]
) -> None:
    token = demo("vendeuse")

    async def scenario() -> None:
        async with open_app("/journal/new", backend=api, token=token) as app:
            await app.until(lambda: app.shows("Montant encaissé"))
            await app.type("Montant encaissé", "10")
            await app.type("Date de l’encaissement", "12/09/2026")
            assert not app.shows("À mettre de côté")
            await app.tap("Enregistrer")
            await app.until(lambda: app.shows("La période est déjà déclarée (septembre 2026)"))
            await app.go("/correct/2026-09/amounts")
            await app.until(lambda: app.shows("1 encaissement du journal : 10,00 €"))

    run(scenario)
    account = call("GET", "/accounts", token=token).json()[0]["id"]
    for entry in call("GET", f"/accounts/{account}/entries", token=token).json()["entries"]:
        call("PUT", f"/accounts/{account}/entries/{entry['id']}", token=token,
             json={"kind": "receipt", "data": {}, "base": 1, "deleted": True})  # fmt: skip


def test_a_replacement_doctor_notes_fees(api: Any, demo: Callable[[str], str]) -> None:
    async def scenario() -> None:
        async with open_app("/journal/new", backend=api, token=demo("remplacant")) as app:
            await app.until(lambda: app.shows("Montant encaissé"))
            await app.type("Montant encaissé", "300")
            await app.tap("Ajouter le client, une photo, une note…")
            assert not app.shows("Une plateforme a-t-elle déjà retenu")
            await app.choose("Est-ce un remboursement", "Non")
            await app.until(lambda: app.shows("À mettre de côté"))
            await app.tap("Enregistrer")
            await app.until(lambda: app.shows("Encaissement noté."))
            assert app.shows("Honoraires")
            await app.tap("Annuler")
            await app.until(lambda: app.shows("Le journal est comme avant."))

    run(scenario)


def test_the_journal_speaks_english(api: Any, call: Any, adviser: Account) -> None:
    keep(call, adviser, {"on": "2026-11-02", "amount": "500", "category": "service_bnc",
                         "method": "cash"})  # fmt: skip
    call("PATCH", "/me/preferences", token=adviser[0],
         json={"locale": "en", "theme": "system", "text_size": 100})  # fmt: skip

    async def scenario() -> None:
        async with open_app("/journal", backend=api, token=adviser[0], locale="en") as app:
            await app.until(lambda: app.shows("Due so far"))
            assert app.shows("Cash")
            assert app.shows("1 receipt")
            await app.go("/journal/import")
            await app.until(lambda: app.shows("Choose a file"))

    run(scenario)


def test_too_much_at_once_is_refused_whole(api: Any, call: Any, adviser: Account) -> None:
    items = [Operation(i.on, abs(i.amount), f"VIR DUPONT {n}", i.reference)
             for n, i in enumerate(operations(8, 2001, date(2018, 1, 1)))]  # fmt: skip

    async def scenario() -> None:
        async with open_app("/journal/import", backend=api, token=adviser[0]) as app:
            await app.until(lambda: app.shows("Choisir un fichier"))
            app.picked = [("r.csv", table(items, Dialect()))]
            await app.tap("Choisir un fichier")
            await app.until(lambda: app.shows("2001 lignes lues"))
            await app.tap("Importer")
            await app.until(lambda: app.shows("Plus de 2 000 lignes d’un coup"))

    run(scenario)
    assert kept(call, adviser) == []
