"""What a VRP does around the table: employers ended and taken back, files looked at before they are
kept, what employers filed beside what is typed, a claim followed to its end."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import flet as ft
import pytest

from app.services import vrp as book_of_a_year
from app.theme import CHOSEN_CELL_BORDER
from backend.dsn.sample import Sent, Slip, dsn
from backend.usecases.operators import add_operator
from contract.i18n import words as words_of
from regimes.vrp.overpayment import year_result
from tests.screens.conftest import PASSWORD
from tests.screens.harness import App, open_app, run
from tests.screens.test_access import link_of

Call = Callable[..., Any]
SIRETS = (
    "12345678200010", "98765432400019", "99999999800019", "90000001900019", "90000002700012",
    "90000003500015", "90000004300019", "90000005000014", "90000006800016", "90000007600019",
)  # fmt: skip
IBAN = "FR76 3000 6000 0112 3456 7890 189"
CSV = """siret;mois;brut;plafonnee
12345678200010;2025-03;2500,50;2400
12345678200010;2025-04;1,200;
98765432400019;2025-05;900;
11111111111111;2025-06;10;
"""


class Vrp:
    """A person with a VRP account and `count` employers, seen from outside the app."""

    def __init__(self, call: Call, email: str, token: str, count: int) -> None:
        self.call, self.email, self.token = call, email, token
        body = {
            "regime": "vrp", "siret": SIRETS[0], "name": "Camille Démo",
            "profile": {"start_date": "2020-01-01"},
        }  # fmt: skip
        self.path = f"/accounts/{self.ask('POST', '/accounts', body)['id']}"
        entries = [
            {"id": f"employer-{n:04}", "kind": "employer",
             "data": {"siret": siret, "name": f"Maison {n}", "start": "2020-01-01"}}
            for n, siret in enumerate(SIRETS[:count])
        ]  # fmt: skip
        self.ask("POST", f"{self.path}/entries/batch", {"entries": entries})

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.call(method, path, self.token, json=body) if body else self.call(
            method, path, self.token
        )  # fmt: skip
        assert answer.status_code < 300, answer.text
        return answer.json()

    def entries(self, kind: str) -> dict[str, Any]:
        found = self.ask("GET", f"{self.path}/entries?kind={kind}")["entries"]
        return {entry["id"]: entry["data"] for entry in found}

    def month(self, employer: int, month: str, **figures: str) -> None:
        name = f"employer-{employer:04}"
        self.ask(
            "PUT", f"{self.path}/entries/{name}-{month.replace('-', '')}",
            {"kind": "month", "data": {"employer": name, "month": month, **figures}},
        )  # fmt: skip


@pytest.fixture
def vrp(call: Call, newcomer: tuple[str, str], request: pytest.FixtureRequest) -> Vrp:
    return Vrp(call, *newcomer, count=getattr(request, "param", 2))


def cells(app: App) -> list[ft.TextField]:
    return [c for c in app.find_all(ft.TextField) if str(c.label).count(", ") >= 2]


@pytest.mark.parametrize("vrp", [10], indirect=True)
def test_a_cell_of_ten_employers_and_twelve_months_redraws_itself_alone(api: Any, vrp: Vrp) -> None:
    async def scenario() -> None:
        async with open_app("/vrp", backend=api, token=vrp.token, width=1280, height=900) as app:
            await app.until(lambda: len(cells(app)) == 120)
            whole = len(list(app.controls()))
            assert whole > 400
            field = next(c for c in cells(app) if c.label == "Maison 6, Août, Brut")
            await app.event(field, "focus")
            for text in ("1", "12", "123"):
                await app.settle()
                app.mark()
                app.session.apply_patch(field._i, {"value": text})
                await app.event(field, "change", text)
                # The cell, the three totals, the note of what is saved: never the other 119.
                assert 1 <= app.patched() <= 12, app.patched_places()

    run(scenario)


def test_a_block_that_overflows_says_so_and_can_be_taken_back(api: Any, vrp: Vrp) -> None:
    vrp.month(1, "2025-12", gross="700")

    async def scenario() -> None:
        async with open_app("/vrp", backend=api, token=vrp.token, width=1440, height=900) as app:
            await app.until(lambda: len(cells(app)) == 24)
            await app.type("Maison 0, Décembre, Brut", "1\t2\t3\n4\t5\t6")
            await app.until(lambda: app.shows("2 cases collées."))
            assert app.shows("4 cases tombaient hors du tableau")
            assert app.value("Maison 1, Décembre, Brut") == "2"
            await app.tap("Annuler le collage")
            await app.until(lambda: app.value("Maison 1, Décembre, Brut") == "700,00")
            assert app.value("Maison 0, Décembre, Brut") == ""
            await app.until(lambda: app.shows("Brouillon enregistré"))

    run(scenario)
    assert vrp.entries("month")["employer-0001-202512"]["gross"] == "700"


def test_an_employer_is_ended_removed_and_taken_back(api: Any, vrp: Vrp) -> None:
    vrp.month(0, "2025-03", gross="1000")

    async def scenario() -> None:
        route = "/vrp/employeurs"
        async with open_app(route, backend=api, token=vrp.token) as app:
            await app.until(lambda: app.shows("Maison 1"))
            await app.tap("Terminer chez Maison 0")
            await app.type("Dernier jour chez cet employeur", "01/01/2019")
            await app.tap("Noter la fin")
            assert not vrp.entries("employer")["employer-0000"].get("end")
            await app.type("Dernier jour chez cet employeur", "30/06/2026")
            await app.tap("Noter la fin")
            await app.until(lambda: app.shows("Fin notée chez Maison 0."))
            assert vrp.entries("employer")["employer-0000"]["end"] == "2026-06-30"
            await app.tap("Annuler")
            await app.until(lambda: app.shows("Terminer chez Maison 0"))
            assert not vrp.entries("employer")["employer-0000"].get("end")
            await app.tap("Retirer Maison 0")
            await app.until(lambda: app.shows("Maison 0 est retiré, avec 1 mois de ses montants."))
            assert "employer-0000" not in vrp.entries("employer")
            assert app.shows("seul employeur")
            await app.tap("Annuler")
            await app.until(lambda: app.shows("Modifier Maison 0"))
            assert vrp.entries("month")["employer-0000-202503"]["gross"] == "1000"

    run(scenario)


def test_what_the_service_refuses_of_an_employer_is_said_at_its_field(api: Any, vrp: Vrp) -> None:
    async def scenario() -> None:
        route = "/vrp/employeurs"
        async with open_app(route, backend=api, token=vrp.token) as app:
            await app.until(lambda: app.shows("Maison 1"))
            await app.type("Nom de l’employeur", "La même")
            await app.type("SIRET de l’employeur", SIRETS[0])
            await app.type("Depuis quand ?", "01/02/2024")
            await app.tap("Enregistrer l’employeur")
            await app.until(lambda: app.shows("Un employeur de votre liste a déjà ce SIRET."))
            await app.type("SIRET de l’employeur", SIRETS[5])
            await app.type("Jusqu’à quand ?", "01/02/2023")
            await app.tap("Enregistrer l’employeur")
            await app.until(lambda: app.shows("La fin ne peut pas précéder le début."))
            assert app.value("Nom de l’employeur") == "La même"

    run(scenario)


def test_a_file_is_looked_at_before_it_is_kept(api: Any, vrp: Vrp) -> None:
    vrp.month(0, "2025-03", gross="2000", csg="1965")

    async def scenario() -> None:
        async with open_app("/vrp", backend=api, token=vrp.token, width=1440, height=900) as app:
            await app.until(lambda: len(cells(app)) == 24)
            app.picked = [("paie.csv", CSV.encode())]
            await app.tap("Importer un fichier CSV ou XLSX")
            await app.until(lambda: app.shows("Avant de garder"))
            assert app.shows("Ligne 3, colonne Brut, « 1,200 » : ce n’est pas un montant")
            assert app.shows("Ligne 5, colonne SIRET, « 11111111111111 »")
            assert app.shows("1 montant déjà noté sera remplacé.")
            assert app.shows("Maison 0 · mars : brut 2 500,50 €, base plafonnée 2 400,00 €")
            assert vrp.entries("month")["employer-0000-202503"]["gross"] == "2000"
            await app.tap("Garder ces lignes")
            await app.until(lambda: app.shows("2 mois remplis."))
            await app.until(lambda: app.value("Maison 0, Mars, Brut") == "2500,50")

    run(scenario)
    kept = vrp.entries("month")
    assert kept["employer-0000-202503"]["csg"] == "1965"  # not in the file: as it was
    assert set(kept) == {"employer-0000-202503", "employer-0001-202505"}


def test_what_an_employer_filed_stands_beside_what_is_typed(
    api: Any, api_folder: Path, call: Call, vrp: Vrp
) -> None:
    nir = f"18505780{hash_of(vrp.email):05}"
    vrp.ask("PUT", f"{vrp.path}/refund/nir", {"nir": f"{nir}{97 - int(nir) % 97:02}"})
    operator = add(api, call, api_folder, vrp)
    sent = dsn(Sent(SIRETS[0], "2025-03", slips=[Slip(nir=nir)]))
    answer = call("POST", "/operator/dsn", operator, content=sent,
                  headers={"Content-Type": "application/octet-stream"})  # fmt: skip
    assert answer.status_code < 300, answer.text
    vrp.month(0, "2025-03", gross="2600")

    async def scenario() -> None:
        async with open_app("/vrp", backend=api, token=vrp.token, width=1440, height=900) as app:
            await app.until(lambda: app.shows("déposé : 2 500,00 €"))
            assert app.value("Maison 0, Mars, Brut") == "2600,00"
            await app.tap("Reprendre ce que les employeurs ont déposé")
            await app.until(lambda: app.shows("1 mois rempli."))
            await app.choose("Ce que montre le tableau", "Base plafonnée")
            await app.until(lambda: app.value("Maison 0, Mars, Base plafonnée") == "2500,00")

    run(scenario)
    assert vrp.entries("month")["employer-0000-202503"]["gross"] == "2600"


def hash_of(email: str) -> int:
    return sum(at * ord(letter) for at, letter in enumerate(email, 7)) % 100_000


def add(api: Any, call: Call, folder: Path, vrp: Vrp) -> str:
    """Somebody who works for the collector: their token."""
    email = f"agent-{vrp.email}"
    answer = call("POST", "/persons", address=f"10.9.{hash_of(email) % 250}.7",
                  json={"email": email, "password": PASSWORD, "locale": "fr"})  # fmt: skip
    assert answer.status_code == 201, answer.text
    confirm(call, folder, email)
    add_operator(api.state.services, email)
    return str(answer.json()["token"])


def confirm(call: Call, folder: Path, email: str) -> None:
    """Open the link of the message that confirms an address."""
    link = {"token": link_of(folder, email, "confirm")}
    assert call("POST", "/email-confirmations", json=link).status_code == 204


def test_a_claim_is_signed_followed_answered_paid_and_contested(
    api: Any, api_folder: Path, call: Call, vrp: Vrp
) -> None:
    for month in range(1, 13):
        for employer in (0, 1):
            vrp.month(employer, f"2025-{month:02}", gross="3000.00")
    confirm(call, api_folder, vrp.email)
    operator = add(api, call, api_folder, vrp)

    def move(state: str, **more: str) -> None:
        number = vrp.ask("GET", f"{vrp.path}/claims")[0]["number"]
        answer = call("POST", f"/operator/claims/{number}/moves", operator,
                      json={"state": state, **more})  # fmt: skip
        assert answer.status_code == 200, answer.text

    async def scenario() -> None:
        route = "/vrp/2025/demande"
        async with open_app(route, backend=api, token=vrp.token) as app:
            await app.until(lambda: app.shows("1 718,10 €"))  # 6,9 % of 72 000 − 47 100
            assert app.shows("Maison 0")
            assert app.shows("− Plafond des mois travaillés")
            assert app.shows("Le collecteur décide.")
            assert app.shows("Payé en plus par l’employeur")
            assert app.shows("Taux de 2025 non publiés ici : ")
            box = app.find(ft.Checkbox, "Je certifie")
            app.session.apply_patch(box._i, {"value": True})
            await app.event(box, "change", True)
            await app.tap("Signer et envoyer")
            await app.until(lambda: app.shows("Demande envoyée sous le numéro"))
            move("proofs_asked", note="Les bulletins de décembre.")
            await app.tap("Suivre ma demande")
            await app.until(lambda: app.shows("Le service attend vos preuves."))
            app.picked = [("bulletin.pdf", b"MZ not a pdf"), ("bulletin.pdf", b"%PDF-1.7 x")]
            await app.tap("Joindre un fichier")
            await app.until(lambda: app.shows("Retirer bulletin.pdf"))
            assert app.shows("Ce fichier n’est ni un PDF, ni une image JPEG ou PNG.")
            await app.type("Votre réponse", "Voici le bulletin.")
            await app.tap("Envoyer les preuves")
            await app.until(lambda: app.shows("1 fichier joint"))
            await app.type("Titulaire du compte", "Camille Démo")
            await app.type("IBAN du remboursement", IBAN)
            await app.type("Votre mot de passe", PASSWORD + "x")
            await app.tap("Enregistrer ce compte")
            await app.until(lambda: app.shows("Ce n’est pas votre mot de passe actuel."))
            await app.type("Votre mot de passe", PASSWORD)
            await app.tap("Enregistrer ce compte")
            await app.until(lambda: app.shows("FR76 •••• •••• 0189"))
            move("accepted_in_part", amount="1000.00", note="Un mois sans base.")
            move("paid")
            await app.go("/home")
            await app.go("/vrp/demandes")
            await app.until(lambda: app.shows("Payée"))
            assert app.shows("1 000,00 €")
            assert app.shows("Jusqu’au 4 février 2028.")
            await app.tap("Contester")
            await app.type("Pourquoi contestez-vous ?", "Décembre est là.")
            await app.tap("Contester la décision")
            await app.until(lambda: app.shows("Contestée"))

    run(scenario)
    states = [e["state"] for e in vrp.ask("GET", f"{vrp.path}/claims")[0]["events"]]
    assert states == ["received", "proofs_asked", "proofs_sent", "accepted_in_part", "paid",
                      "contested"]  # fmt: skip


def test_an_expense_is_noted_with_its_proof(api: Any, vrp: Vrp) -> None:
    async def scenario() -> None:
        route = "/vrp/frais?annee=2025"
        async with open_app(route, backend=api, token=vrp.token) as app:
            await app.until(lambda: app.shows("Ajouter une dépense"))
            app.picked = [("hotel.png", b"\x89PNG\r\n\x1a\n a photo")]
            await app.tap("Joindre un fichier")
            await app.until(lambda: app.shows("Retirer hotel.png"))
            await app.choose("Nature", "Hébergement")
            await app.type("Jour de la dépense", "12/03/2025")
            await app.type("Montant payé", "120")
            await app.type("Remboursé par l’employeur", "20")
            await app.tap("Enregistrer la dépense")
            await app.until(lambda: app.shows("1 preuve"))
            assert app.shows("100,00 €")

    run(scenario)
    (expense,) = vrp.entries("expense").values()
    assert (expense["category"], len(expense["proofs"])) == ("lodging", 1)


def block_of(rows: int, columns: int, text: str) -> str:
    return "\n".join("\t".join([text] * columns) for _ in range(rows))


@pytest.mark.parametrize("vrp", [10], indirect=True)
def test_a_block_pasted_is_one_message_and_one_calculation(
    api: Any, vrp: Vrp, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[int] = []

    def counted(*given: Any) -> Any:
        found.append(1)
        return year_result(*given)

    async def scenario() -> None:
        async with open_app("/vrp", backend=api, token=vrp.token, width=1680, height=1000) as app:
            await app.until(lambda: len(cells(app)) == 120)
            monkeypatch.setattr(book_of_a_year, "year_result", counted)
            first = cells(app)[0]
            fields = {c._i for c in app.find_all(ft.TextField)}
            await app.session.dispatch_event(first._i, "focus", None)
            block = block_of(12, 10, "1000,5")
            app.session.apply_patch(first._i, {"value": block})
            app.mark()
            await app.session.dispatch_event(first._i, "change", block)
            # At once, before anything is drawn again: 120 cells, each total's words and figure.
            (told,) = [body for body in app._patched if len(body["patch"]) > 100]
            names = [operation[2] for operation in told["patch"][1:]]
            assert sorted(set(names)) == ["label", "value"]
            assert names.count("label") == 10 + 12 + 1
            assert names.count("value") == 120 + 10 + 12 + 1
            await app.until(lambda: app.shows("Brouillon enregistré"))
            # Besides them, what was just done and what the year comes to: no cell once more.
            assert len(app._patched) <= 8
            assert app.patched() <= 120 + 2 * 23 + 30, app.patched_places()
            assert {c._i for c in app.find_all(ft.TextField)} == fields
            assert found == [1]
            assert app.shows("120 cases collées.")
            assert app.shows("Total de l’année 120 060,00 €")
            assert app.value("Maison 9, Décembre, Brut") == "1000,5"
            app.mark()
            await app.tap("Annuler le collage")
            assert app.value("Maison 9, Décembre, Brut") == ""
            assert app.shows("Total de l’année 0,00 €")

    run(scenario)


async def press(app: App, key: str, **held: bool) -> None:
    keys = {"key": key, "shift": False, "ctrl": False, "alt": False, "meta": False, **held}
    await app.event(app.page, "keyboard_event", keys)


def chosen(app: App) -> list[str]:
    return [str(c.label) for c in cells(app) if c.border == CHOSEN_CELL_BORDER]


@pytest.mark.parametrize("vrp", [3], indirect=True)
def test_a_block_is_chosen_with_shift_and_copied(api: Any, vrp: Vrp) -> None:
    vrp.month(0, "2025-03", gross="1500.5")
    vrp.month(1, "2025-04", gross="12")

    async def scenario() -> None:
        async with open_app("/vrp", backend=api, token=vrp.token, width=1440, height=900) as app:
            await app.until(lambda: len(cells(app)) == 36)
            await app.type("Maison 0, Avril, Brut", "douze", leave=False)
            await app.event(app.find_label("Maison 0, Avril, Brut"), "blur")
            await app.event(app.find_label("Maison 1, Avril, Brut"), "focus")
            app.mark()
            await press(app, "Shift Left", shift=True)
            await press(app, "Arrow Left", shift=True)
            await press(app, "Arrow Up", shift=True)
            assert app.shows("4 cases choisies, jusqu’à Maison 1, Avril.")
            assert chosen(app) == [
                "Maison 0, Mars, Brut", "Maison 1, Mars, Brut",
                "Maison 0, Avril, Brut, ce n’est pas un montant", "Maison 1, Avril, Brut",
            ]  # fmt: skip
            assert app.patched() <= 4 + 12, app.patched_places()
            await press(app, "C", ctrl=True)
            await app.until(lambda: app.shows("4 cases copiées : collez-les dans un tableur."))
            # Figures that a spreadsheet reads, and what is none as it was typed.
            assert app.clipboard == "1500,50\t\ndouze\t12,00"
            for _ in range(4):  # never out of the table
                await press(app, "Arrow Up", shift=True)
            assert app.shows("8 cases choisies, jusqu’à Maison 1, Avril.")
            await press(app, "5")  # what writes gives the block up
            assert chosen(app) == []
            assert not app.shows("cases choisies")
            await press(app, "Arrow Right", shift=True)
            await app.tap("Copier le bloc")
            assert app.clipboard == "12,00\t"
            await app.event(app.find_label("Maison 0, Mai, Brut"), "focus")
            assert chosen(app) == []

    run(scenario)


@pytest.mark.parametrize(
    ("locale", "shown"),
    [("en", "1666.66"), ("es", "1666,66"), ("pt", "1666,66"), ("ar", "1666,66")],
)
def test_a_cell_shows_and_takes_amounts_as_the_language_writes_them(
    api: Any, vrp: Vrp, locale: str, shown: str
) -> None:
    vrp.month(0, "2025-03", gross="1666.66")
    vrp.ask("PATCH", "/me/preferences", {"locale": locale, "theme": "system", "text_size": 100})
    words = words_of(locale)

    async def scenario() -> None:
        async with open_app(
            "/vrp", backend=api, token=vrp.token, width=1440, height=900, locale=locale
        ) as app:
            await app.until(lambda: len(cells(app)) == 24)
            mars, june = (
                ", ".join(("Maison 0", words.t(month), words.t("Brut")))
                for month in ("Mars", "Juin")
            )
            assert app.value(mars) == shown
            for typed in ("1200.5", "1200,5", "1 200,50"):
                await app.keys(june, typed)
                assert app.value(june) == typed  # never written over
                assert app.shows(words.money(Decimal("2867.16"), cents=True)), typed
            for doubt in ("1,200", "1.200"):
                await app.type(june, doubt)
                assert app.value(june + ", " + words.t("ce n’est pas un montant")) == doubt
            await app.type(june, "7.25")
            await app.until(lambda: app.shows(words.t("Brouillon enregistré")))
            await app.go("/home")
            await app.go("/vrp")
            await app.until(lambda: len(cells(app)) == 24)
            assert app.value(june) == "7.25".replace(".", words.decimal_mark)

    run(scenario)
