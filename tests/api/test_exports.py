"""The history for spreadsheets: real numbers, real dates, no formula."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from decimal import Decimal

from backend.exports import _text
from contract.i18n import words
from tests.support.world import Opened, World


def rows(account: Opened, lang: str = "fr") -> list[list[str]]:
    answer = account.get(f"/export.csv?lang={lang}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    text = answer.content.decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:]), delimiter=";" if lang == "fr" else ","))


def test_one_row_a_line_of_every_version(world: World) -> None:
    account = world.person().account()
    first = account.declare("2026-10", vente="1234.56")
    second = account.declare("2026-10", corrects=first["number"], vente="2000")
    header, *body = rows(account)
    assert header[:4] == ["Numéro", "Période, début", "Période, fin", "Version"]
    numbers = [row[0] for row in body]
    assert numbers == [first["number"]] * 3 + [second["number"]] * 3
    by_name = dict(zip(header, body[0], strict=True))
    assert by_name["Période, début"] == "2026-10-01"
    assert by_name["Reçue le"] == "2026-11-23 12:00"
    assert by_name["Montant déclaré (€)"] == "1234,56"
    assert by_name["Base"] == "1235"
    assert by_name["Taux (%)"] == "12,3"
    in_english = rows(account, "en")[1]
    assert in_english[5] == "1234.56"
    assert by_name["Montant (€)"] == "152"
    total = sum(Decimal(row[header.index("Montant (€)")]) for row in body[:3])
    assert total == Decimal(first["due"])


def test_headers_speak_the_language_asked(world: World) -> None:
    account = world.person().account()
    assert rows(account, "en")[0][0] == words("en").t("Numéro")
    assert account.get("/export.csv?lang=xx").status_code == 422


def test_an_empty_history_is_a_header(world: World) -> None:
    account = world.person().account()
    assert len(rows(account)) == 1
    assert account.get("/export.xlsx").status_code == 200
    assert account.get("/export.ods").status_code == 422


def test_the_workbook_holds_numbers_and_dates(world: World) -> None:
    account = world.person().account()
    receipt = account.declare("2026-10", vente="1234.56")
    answer = account.get("/export.xlsx")
    assert answer.headers["content-disposition"] == 'attachment; filename="quittance.xlsx"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        strings = book.read("xl/sharedStrings.xml").decode()
    first = re.search(r'<row r="2".*?</row>', sheet)
    assert first is not None
    cells = dict(re.findall(r'<c r="([A-Z])2"[^>]*?(?: t="s")?><v>([^<]*)</v>', first[0]))
    assert cells["B"] == "46296"  # 1 October 2026
    assert cells["H"] == "1235"
    assert cells["J"] == "152"
    assert re.search(r'<c r="H2"[^>]*t="s"', first[0]) is None
    assert receipt["number"] in strings
    assert "<f>" not in sheet


def test_no_text_runs_as_a_formula() -> None:
    for text in ("=1+1", "+33", "-1", "@SUM(A1)", "\tx", "\r=1"):
        assert _text(text, ",") == "'" + text
    assert _text("Vente", ",") == "Vente"
    assert _text(Decimal("-5.50"), ",") == "-5,5"
    assert _text(dt.datetime(2026, 11, 23, 12, 0), ",") == "2026-11-23 12:00"
