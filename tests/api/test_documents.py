"""Documents: delivered on their conditions, sealed, kept as issued, checked by anyone."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pypdf
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import DocumentSecurityStore, validate_pdf_signature
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.documents.seal import load_seal
from tests.api.test_receipt import words
from tests.support.world import API, PASSWORD, Opened, World


def asked(account: Opened, kind: str, **more: Any) -> dict[str, Any]:
    answer = account.call("POST", "/documents", {"kind": kind, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def refusal(account: Opened, kind: str, **more: Any) -> tuple[str, str]:
    answer = account.call("POST", "/documents", {"kind": kind, **more})
    assert answer.status_code in {409, 422}, answer.text
    fault = answer.json()["errors"][0]
    return fault["field"], fault["code"]


def body(account: Opened, view: dict[str, Any]) -> bytes:
    answer = account.someone.get(view["path"])
    assert answer.status_code == 200, answer.text
    return answer.content


def facts(document: bytes) -> dict[str, Any]:
    """What the document says to machines."""
    (content,) = pypdf.PdfReader(io.BytesIO(document)).attachments["quittance.json"]
    found: dict[str, Any] = json.loads(content)
    return found


def sound(world: World, document: bytes) -> bool:
    """Whether the seal holds, with what the file itself carries, a day later and offline."""
    reader = PdfFileReader(io.BytesIO(document))
    (signature,) = reader.embedded_signatures
    store = DocumentSecurityStore.read_dss(reader)
    context = store.as_validation_context(
        {
            "trust_roots": list(load_seal(world.settings).roots), "allow_fetching": False,
            "revocation_mode": "hard-fail",
            "moment": world.clock.now().astimezone(UTC) + timedelta(days=1),
        }
    )  # fmt: skip
    status = validate_pdf_signature(signature, context, context)
    assert status.timestamp_validity is not None
    assert status.timestamp_validity.timestamp == world.clock.now()
    return bool(status.bottom_line)


@pytest.fixture
def account(world: World) -> Opened:
    """Begun in July 2026: its first declaration is open, and due on 30 November."""
    return world.person().account(start_date="2026-07-06")


def quarterly(world: World) -> Opened:
    return world.person().account(
        start_date="2025-11-20", periodicity=[{"since": "2025-11-20", "value": "quarterly"}]
    )


def test_a_beginner_gets_a_provisional_attestation_until_the_first_due_date(
    account: Opened, world: World
) -> None:
    safe = account.get("/documents").json()
    offer = next(o for o in safe["offers"] if o["kind"] == "vigilance")
    assert (offer["available"], offer["provisional"]) == (True, True)
    view = asked(account, "vigilance")
    assert view["valid_until"] == "2026-11-30"  # R613-12: end of the month after the third full one
    document = body(account, view)
    said = words(document)
    for expected in ("Provisoire", "30 novembre 2026", "L243-15", "D243-15", view["number"],
                     view["code"], "123 456 782 00010", "sans lien avec l’Urssaf"):  # fmt: skip
        assert expected in said, expected
    assert not re.search(r"\d €", said.replace("5 000 €", ""))  # says nothing of amounts
    assert facts(document)["provisional"] is True


def test_what_is_not_declared_or_not_paid_is_in_the_way(world: World) -> None:
    account = world.person().account(start_date="2026-05-04")
    offer = account.get("/documents").json()["offers"][0]
    assert (offer["kind"], offer["reason"]) == ("vigilance", "declarations_missing")
    assert offer["missing"]
    assert refusal(account, "vigilance") == ("kind", "declarations_missing")
    for period in offer["missing"]:
        account.declare(period, vente="1000")
    assert refusal(account, "vigilance") == ("kind", "amounts_unpaid")


def test_declaring_zero_on_time_is_being_up_to_date(world: World) -> None:
    account = world.person().account(start_date="2026-05-04")
    for period in account.get("/documents").json()["offers"][0]["missing"]:
        account.declare(period, vente="0")
    view = asked(account, "vigilance")
    assert view["valid_until"] == "2027-05-23"
    assert "Provisoire" not in words(body(account, view))


def test_every_document_is_sealed_and_a_changed_byte_shows(account: Opened, world: World) -> None:
    account.declare(first_open(account), vente="1234.56")
    number = account.get("/declarations").json()[0]["number"]
    receipt = account.get(f"/receipts/{number}.pdf").content
    documents = [receipt, *(body(account, asked(account, k)) for k in ("turnover", "affiliation"))]
    for document in documents:
        assert sound(world, document)
        place = document.index(b"<dc:title>") + 60
        changed = document[:place] + bytes([document[place] ^ 1]) + document[place + 1 :]
        assert not sound(world, changed)


def first_open(account: Opened) -> str:
    return next(code for code, state in account.states().items() if state == "to_declare")


def test_documents_are_titled_tagged_and_archivable(account: Opened) -> None:
    account.declare(first_open(account), vente="5000")
    for kind in ("vigilance", "turnover", "affiliation", "training", "statement"):
        for locale in ("fr", "en"):
            view = asked(account, kind, locale=locale)
            reader = pypdf.PdfReader(io.BytesIO(body(account, view)))
            root: Any = reader.trailer["/Root"]
            assert root["/Lang"] == locale
            assert root["/MarkInfo"]["/Marked"].value is True
            assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
            metadata = root["/Metadata"].get_object().get_data().decode()
            assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
            assert "<pdfaid:part>3</pdfaid:part>" in metadata
            assert view["title"] == reader.metadata["/Title"]  # type: ignore[index]


def test_the_statement_says_every_movement_and_what_is_left(account: Opened, world: World) -> None:
    period = first_open(account)
    receipt = account.declare(period, vente="5000")
    document = body(account, asked(account, "statement"))
    assert sound(world, document)
    said = words(document)
    assert "Déclaration, " in said
    told = facts(document)
    assert float(told["balance"]) == float(receipt["due"]) > 0
    assert len(told["lines"]) == len(account.get("/statement").json()["lines"])


def test_a_mandate_is_sealed_and_kept(account: Opened, world: World) -> None:
    asked_for = {
        "iban": "FR7630006000011234567890189",
        "holder": "Camille",
        "agreed": True,
        "current_password": PASSWORD,
    }
    mandate = account.call("POST", "/mandates", asked_for).json()
    first = account.get(f"/mandates/{mandate['id']}.pdf").content
    assert sound(world, first)
    assert account.get(f"/mandates/{mandate['id']}.pdf").content == first
    kept = account.get("/documents").json()["documents"]
    assert [(d["kind"], d["code"]) for d in kept] == [("mandate", None)]
    stored = [p for p in world.settings.files.rglob("*") if p.is_file()]
    assert not any(b"FR76" in p.read_bytes() for p in stored)


def test_months_of_a_quarter_are_the_person_s_own_split_and_add_up(world: World) -> None:
    account = quarterly(world)
    for period, state in account.states().items():
        if state in {"to_declare", "late"}:
            account.declare(period, vente="3000.50")
    offer = next(o for o in account.get("/documents").json()["offers"] if o["kind"] == "turnover")
    assert "2026-Q3" in offer["quarters"]
    months = {"2026-07": "1000", "2026-08": "0", "2026-09": "2000.50"}
    document = body(account, asked(account, "turnover", year=2026, months=months))
    said = words(document)
    assert "juillet 2026 * 1 000,00 €" in said
    assert "la répartition est celle que l’entreprise a donnée" in said
    assert facts(document)["by_period"]["2026-09"] == "2000.5"
    wrong = {**months, "2026-09": "2000.49"}
    assert refusal(account, "turnover", year=2026, months=wrong) == (
        "months.2026-09", "months_do_not_add_up",
    )  # fmt: skip
    lacking = {"2026-07": "3000.50"}
    assert refusal(account, "turnover", year=2026, months=lacking)[1] == "month_missing"
    stray = {"2027-01": "1"}
    assert refusal(account, "turnover", year=2026, months=stray)[1] == "month_not_in_a_quarter"
    whole = words(body(account, asked(account, "turnover", year=2026)))
    assert "la répartition" not in whole


def test_a_yearly_document_needs_a_declared_year(account: Opened) -> None:
    assert refusal(account, "fiscal") == ("kind", "nothing_declared")
    account.declare(first_open(account), vente="10")
    assert refusal(account, "fiscal") == ("year", "year_not_declared")  # the year is not over
    assert refusal(account, "turnover", year=2025) == ("year", "year_not_declared")


def test_the_fiscal_attestation_adds_the_year_up_by_nature(world: World) -> None:
    account = world.person().account(
        start_date="2025-08-04", categories=["vente", "service_bic"],
        flat_tax=[{"since": "2025-08-04", "value": True}],
    )  # fmt: skip
    for period, state in account.states().items():
        if state == "late" and period.startswith("2025"):
            account.declare(period, vente="1000.50", service_bic="200")
    document = body(account, asked(account, "fiscal", year=2025))
    told = facts(document)
    count = len(account.get("/declarations").json())
    assert told["total"] == f"{count * 1200.5:g}"
    assert float(told["tax"]) > 0
    assert "versement libératoire" in words(document)


def test_a_document_is_kept_byte_for_byte_and_never_changed(account: Opened, world: World) -> None:
    view = asked(account, "affiliation")
    before = body(account, view)
    account.call("PATCH", "", {"name": "Un autre nom"})
    world.at("2027-06-01 08:00")
    assert body(account, view) == before
    with (
        pytest.raises(DBAPIError, match="append-only"),
        world.services.storage.write() as database,
    ):
        database.execute(text("UPDATE documents SET number = 'x'"))


def test_anyone_checks_a_document_by_its_code_and_learns_nothing_else(
    account: Opened, world: World
) -> None:
    view = asked(account, "vigilance")
    answer = world.client.get(f"{API}/verifications/{view['code']}").json()
    assert (answer["valid"], answer["kind"], answer["number"]) == (
        True, "vigilance", view["number"],
    )  # fmt: skip
    page = world.client.get(f"/verifier/{view['code']}").text
    assert "Ce document est authentique" in page
    assert "30 novembre 2026" in page
    for secret in ("Camille", "12345678200010", account.id):
        assert secret not in page
    world.at("2027-02-01 09:00")
    assert "n’est plus valable" in world.client.get(f"/verifier/{view['code']}").text
    assert "Document inconnu" in world.client.get("/verifier/0000000000").text


def test_the_safe_holds_everything_in_one_file(account: Opened, world: World) -> None:
    account.declare(first_open(account), vente="10")
    view = asked(account, "affiliation")
    kept = account.get("/documents").json()["documents"]
    assert {d["kind"] for d in kept} == {"affiliation", "receipt"}
    archive = account.get("/documents/all.zip").content
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        assert sorted(files.namelist()) == sorted(f"2026/{d['number']}.pdf" for d in kept)
        assert files.read(f"2026/{view['number']}.pdf") == body(account, view)
    only = account.get("/documents/all.zip?kind=receipt&year=2026").content
    with zipfile.ZipFile(io.BytesIO(only)) as files:
        assert len(files.namelist()) == 1


def test_documents_are_of_their_owner_alone(account: Opened, world: World) -> None:
    view = asked(account, "affiliation")
    other = world.person("autre@example.org")
    assert other.get(view["path"]).status_code == 404
    theirs = other.account(siret="99999999800019")
    assert theirs.get(f"/documents/{view['id']}.pdf").status_code == 404


def test_the_seal_is_made_once_and_says_what_it_is(world: World) -> None:
    first, again = load_seal(world.settings), load_seal(world.settings)
    name = first.signer.signing_cert.subject.native["common_name"]  # type: ignore[union-attr]
    assert "auto-signé" in name
    assert first.roots == again.roots
    assert (world.settings.keys / "seal.pem").stat().st_mode & 0o077 == 0
    assert datetime.now(UTC) < first.roots[0].not_valid_after
