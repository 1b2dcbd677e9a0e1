"""The journal behind the API: receipts as entries, and the book of receipts."""

from __future__ import annotations

import csv
import io
from typing import Any

import pypdf

from tests.support.world import Opened, World


def keep(account: Opened, *receipts: dict[str, Any], status: int = 200) -> Any:
    entries = [
        {"id": f"receipt-{n:04}", "kind": "receipt", "data": data}
        for n, data in enumerate(receipts)
    ]
    answer = account.call("POST", "/entries/batch", {"entries": entries})
    assert answer.status_code == status, answer.text
    return answer.json()


SOME = (
    {"on": "2026-10-12", "amount": "80.50", "category": "vente", "client": "Café & Fils",
     "method": "cash", "reference": "F-12"},
    {"on": "2026-01-03", "amount": "1234.56", "category": "vente", "nature": "=SUM(A1)",
     "method": "transfer", "origin": "releve.csv, 12"},
    {"on": "2025-12-31", "amount": "5", "category": "vente"},
    {"on": "2026-02-01", "amount": "-20", "category": "vente", "platform": True},
)  # fmt: skip


def table(account: Opened, lang: str = "fr", year: int = 2026) -> list[list[str]]:
    answer = account.get(f"/journal/book.csv?year={year}&lang={lang}")
    assert answer.status_code == 200, answer.text
    text = answer.content.decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:]), delimiter=";" if lang == "fr" else ","))


def test_the_book_follows_the_days_and_sets_cash_apart(world: World) -> None:
    account = world.person().account()
    keep(account, *SOME)
    header, *rows = table(account)
    assert [row[:2] for row in rows] == [
        ["1", "2026-01-03"],
        ["2", "2026-02-01"],
        ["3", "2026-10-12"],
    ]
    named = [dict(zip(header, row, strict=True)) for row in rows]
    assert [row["Montant (€)"] for row in named] == ["1234,56", "-20", "80,5"]
    assert [row["Espèces"] for row in named] == ["Non", "Non", "Oui"]
    assert named[0]["Référence"] == "relevé releve.csv, 12"
    assert named[2]["Référence"] == "F-12"
    assert "remboursement" in named[1]["Nature"]
    assert table(account, "en")[1][7] == "1234.56"
    assert table(account, year=2024) == [header]


def test_a_spreadsheet_runs_nothing(world: World) -> None:
    account = world.person().account()
    keep(account, {"on": "2026-01-03", "amount": "1", "category": "vente", "client": "=1+1",
                   "note": "@cmd"})  # fmt: skip
    row = table(account)[1]
    assert row[2] == "'=1+1"
    assert row[9] == "'@cmd"


def test_the_book_as_a_pdf_in_both_languages(world: World) -> None:
    account = world.person().account()
    keep(account, *SOME)
    for lang, title in (("fr", "Livre des recettes 2026"), ("en", "Receipts book 2026")):
        answer = account.get(f"/journal/book.pdf?year=2026&lang={lang}")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/pdf"
        reader = pypdf.PdfReader(io.BytesIO(answer.content))
        assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]  # tagged, as PDF/UA asks
        assert reader.trailer["/Root"]["/Lang"].startswith(lang)
        text = "".join(page.extract_text() for page in reader.pages)
        assert title in text
        assert "Café & Fils" in text
        assert "D123-205-1" in text
        assert "2025" not in text
    assert account.get("/journal/book.pdf?year=2026").content == (
        account.get("/journal/book.pdf?year=2026").content
    )


def test_receipts_are_checked(world: World) -> None:
    account = world.person().account()
    for data, field, code in (
        ({"on": "2026-11-30", "amount": "1", "category": "vente"}, "on", "receipt_in_future"),
        ({"on": "2026-11-03", "amount": "1", "category": "fees"}, "category", "category_unknown"),
        ({"on": "2026-11-03", "amount": "0", "category": "vente"},
         "entries.0.data.amount", "amount_zero"),
    ):  # fmt: skip
        error = keep(account, data, status=422)["errors"][0]
        assert (error["field"], error["code"]) == (field, code)
    assert account.get("/entries").json()["entries"] == []


def test_only_mine_and_only_where_receipts_are_noted(world: World) -> None:
    account = world.person().account()
    other = world.person("autre@example.org")
    assert (
        other.call("GET", f"/accounts/{account.id}/journal/book.csv?year=2026").status_code == 404
    )
    assert account.get("/journal/book.csv").status_code == 422
    assert account.get("/journal/book.ods?year=2026").status_code == 422
