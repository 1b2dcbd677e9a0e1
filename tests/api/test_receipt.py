"""The receipt as a PDF: what the law asks, readable by people, machines and screen readers."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from typing import Any

import pypdf
import pytest

from tests.support.world import Opened, World


def pdf(account: Opened, number: str, lang: str = "fr") -> bytes:
    answer = account.get(f"/receipts/{number}.pdf?lang={lang}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert f'filename="quittance-{number}.pdf"' in answer.headers["content-disposition"]
    return answer.content


def words(document: bytes) -> str:
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(document)).pages)
    return re.sub(r"\s+", " ", text)


def test_it_says_what_the_law_asks(world: World) -> None:
    account = world.person().account(name="Zoé Lemaître")
    receipt = account.declare("2026-10", vente="1234.56")
    text = words(pdf(account, receipt["number"]))
    settings = world.settings
    for expected in (
        "23 novembre 2026, 12:00 (heure de Paris)",  # R112-11-1, date of receipt
        settings.service_name, settings.service_email, settings.service_phone,
        settings.service_address,
        "Zoé Lemaître", "123 456 782 00010", "du 1er octobre 2026 au 31 octobre 2026",
        "1 234,56 €", "1 235 €", "12,3 %", "152 €", "CSS D613-4", "en vigueur depuis le",
        "30 novembre 2026 à 12:00", "Retraite de base",
        "L311-3-1", "droit à l’erreur", "L123-1", "R112-11-1", "voies et délais de recours",
        "sans lien avec l’Urssaf", receipt["number"], receipt["assessment"]["rates_version"],
        receipt["fingerprint"][:32], receipt["fingerprint"][32:],
        f"{settings.url}{receipt['verification_path']}",
    ):  # fmt: skip
        assert expected in text, expected
    for line in receipt["assessment"]["lines"]:
        assert line["law"] in text


def test_it_is_accessible_and_archivable(world: World) -> None:
    account = world.person().account()
    receipt = account.declare("2026-10", vente="1234.56")
    for lang in ("fr", "en"):
        reader = pypdf.PdfReader(io.BytesIO(pdf(account, receipt["number"], lang)))
        root: Any = reader.trailer["/Root"]
        assert root["/Lang"] == lang
        assert root["/MarkInfo"]["/Marked"].value is True
        assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
        assert receipt["number"] in reader.metadata["/Title"]  # type: ignore[index]
        metadata = root["/Metadata"].get_object().get_data().decode()
        for claim in (
            "<pdfuaid:part>1</pdfuaid:part>", "<pdfaid:part>3</pdfaid:part>",
            "<pdfaid:conformance>A</pdfaid:conformance>",
        ):  # fmt: skip
            assert claim in metadata
        roles = tags(root["/StructTreeRoot"])
        assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/Figure", "/Link"} <= roles


def tags(node: Any) -> set[str]:
    """Every role of the structure tree."""
    found: set[str] = set()
    stack = [node.get_object()]
    while stack:
        item = stack.pop().get_object()
        if isinstance(item, pypdf.generic.ArrayObject):
            stack.extend(item)
        elif isinstance(item, pypdf.generic.DictionaryObject):
            if "/S" in item:
                found.add(str(item["/S"]))
            if "/K" in item and not isinstance(item["/K"], int):
                stack.append(item["/K"])
    return found


def test_same_submission_same_bytes_whenever_it_is_asked(world: World) -> None:
    account = world.person().account()
    receipt = account.declare("2026-10", vente="1234.56")
    before = pdf(account, receipt["number"])
    account.call("PATCH", "", {"name": "Un autre nom"})
    account.declare("2026-10", corrects=receipt["number"], vente="9")
    world.at("2027-06-01 08:00")
    assert pdf(account, receipt["number"]) == before


def test_a_correction_shows_before_and_after(world: World) -> None:
    account = world.person().account()
    first = account.declare("2026-10", vente="1000")
    second = account.declare("2026-10", corrects=first["number"], vente="2000")
    text = words(pdf(account, second["number"]))
    assert "Correction, version 2" in text
    assert first["number"] in text
    assert "+123 €" in text
    difference = Decimal(second["due"]) - Decimal(first["due"])
    assert f"différence : +{difference} €" in text


def test_a_lower_amount_keeps_its_sign_whatever_the_name(world: World) -> None:
    account = world.person().account(name="李小龙")
    first = account.declare("2026-10", vente="2000")
    second = account.declare("2026-10", corrects=first["number"], vente="1000")
    text = words(pdf(account, second["number"]))
    assert "−123 €" in text
    assert "Nom ???" in text


def test_what_is_not_certain_is_marked(world: World) -> None:
    account = world.person().account(start_date="2026-01-05", acre={"requested_on": "2026-01-06"})
    receipt = account.declare("2026-10", vente="1000")
    assert receipt["assessment"]["shares_status"] == "indicative"
    text = words(pdf(account, receipt["number"]))
    assert "répartition indicative" in text
    if any(line["status"] == "unconfirmed" for line in receipt["assessment"]["lines"]):
        assert "taux à confirmer" in text


def test_late_and_nil_declarations_say_so(world: World) -> None:
    account = world.person().account()
    late = account.declare("2026-08", vente="1000")
    text = words(pdf(account, late["number"]))
    assert "Après l’échéance" in text
    assert "Exigible depuis le 30 septembre 2026" in text
    nil = account.declare("2026-10", vente="0")
    assert "Rien à payer pour cette période." in words(pdf(account, nil["number"]))


def test_usual_receipts_hold_on_two_pages(world: World) -> None:
    categories = ["vente", "service_bic", "service_bnc"]
    account = world.person().account(
        categories=categories, nature="artisanale",
        flat_tax=[{"since": "2024-01-10", "value": True}],
    )  # fmt: skip
    receipt = account.declare("2026-10", **dict.fromkeys(categories, "1234567.89"))
    assert len(pypdf.PdfReader(io.BytesIO(pdf(account, receipt["number"]))).pages) == 2


@pytest.mark.parametrize("name", ["Łukasz Żółć", "李小龙 🎉", "עמית", "#[panic()] $x$ *a* \\"])
def test_any_name_gets_a_receipt(world: World, name: str) -> None:
    account = world.person().account(name=name)
    receipt = account.declare("2026-10", vente="1")
    text = words(pdf(account, receipt["number"]))
    assert receipt["number"] in text
    if name.isascii():
        assert name in text


def test_an_unknown_number_or_language_is_refused(world: World) -> None:
    account = world.person().account()
    receipt = account.declare("2026-10", vente="1")
    assert account.get("/receipts/Q-2026-AAAAAAAAAA.pdf").status_code == 404
    assert account.get("/receipts/Q-2026-AAAAAAAAAA").status_code == 404
    assert account.get(f"/receipts/{receipt['number']}.pdf?lang=xx").status_code == 422
