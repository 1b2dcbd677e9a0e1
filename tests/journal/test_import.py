"""Bank statements and invoices: every dialect says the same, and what cannot be read is named."""

from __future__ import annotations

import sys
from datetime import date
from decimal import Decimal

import pytest

from app.imports.cells import day_first, read_amount, read_date
from app.imports.read import read_file
from app.imports.statement import FAULTS, NOTICES, REFUSALS, WARNINGS, FileRefused
from tests.journal.files import (
    DIALECTS,
    Dialect,
    camt,
    cii,
    facturx,
    ofx,
    operations,
    table,
)


def said(statement):
    return [(line.on, line.amount, line.label) for line in statement.lines]


def expected(items):
    return [(item.on, item.amount, item.label) for item in items]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_of_table_says_the_same(dialect):
    items = operations(3)
    found = read_file(table(items, dialect))
    order = reversed if dialect.newest_first else list
    assert said(found) == expected(order(items))
    assert not found.bad
    first = dialect.preamble + 2
    assert [line.number for line in found.lines] == list(range(first, first + len(items)))


@pytest.mark.parametrize("data", [
    ofx(operations(4), False), ofx(operations(4), True), camt(operations(4)),
    camt(operations(4), "08"),
])  # fmt: skip
def test_ofx_and_camt_say_the_same(data):
    found = read_file(data)
    assert said(found) == expected(operations(4))
    assert [line.reference for line in found.lines] == [i.reference for i in operations(4)]
    assert not found.bad
    assert not found.notices


def test_invoices_are_dated_by_the_person():
    xml = cii("F-2026-12", "Café & Fils", "1234.50")
    for data in (xml, facturx(xml), facturx(xml, packed=False)):
        line = read_file(data).lines[0]
        assert (line.amount, line.client, line.reference) == (
            Decimal("1234.50"), "Café & Fils", "F-2026-12",
        )  # fmt: skip
        assert line.warnings == ("invoice",)
    credit = read_file(cii("A-1", "Client", "50.00", kind="381")).lines[0]
    assert credit.amount == Decimal("-50.00")


def test_a_list_of_invoices_is_read_by_its_day_of_payment():
    text = ("Numéro de facture;Client;Date;Date de paiement;Montant HT;Montant TTC\n"
            "F1;Dupont;01/10/2026;15/10/2026;100,00;120,00\n")  # fmt: skip
    line = read_file(text.encode()).lines[0]
    assert (line.on, line.amount, line.client, line.reference) == (
        date(2026, 10, 15), Decimal("120.00"), "Dupont", "F1",
    )  # fmt: skip


@pytest.mark.parametrize(("text", "mark", "value"), [
    ("1 234,56", ",", "1234.56"), ("1.234,56", ",", "1234.56"), ("1,234.56", ".", "1234.56"),
    ("-12,5", ",", "-12.5"), ("12,50-", ",", "-12.5"), ("(12.50)", ".", "-12.5"),
    ("+1 234,56 €", ",", "1234.56"), ("−3", ",", "-3"), ("1 234,5678", ",", None),
    ("12 34,56", ",", None), ("1,2,3", ",", None), ("", ",", None), ("12e3", ".", None),
    ("1234,560000", ",", "1234.56"), ("9999999999", ",", None),
])  # fmt: skip
def test_amounts(text, mark, value):
    assert read_amount(text, mark) == (None if value is None else Decimal(value))


def test_dates():
    assert read_date("03/04/2026", True) == date(2026, 4, 3)
    assert read_date("03/04/2026", False) == date(2026, 3, 4)
    assert read_date("2026-04-03T10:00:00", True) == date(2026, 4, 3)
    assert read_date("31/02/2026", True) is None
    assert day_first(["03/04/2026", "13/04/2026"]) is True
    assert day_first(["03/04/2026", "04/13/2026"]) is False
    assert day_first(["03/04/2026"]) is None
    with pytest.raises(ValueError, match="dates_mixed"):
        day_first(["13/04/2026", "04/13/2026"])


def test_dates_that_read_two_ways_are_said():
    text = "Date;Libellé;Montant\n03/04/2026;A;1,00\n05/06/2026;B;2,00\n"
    assert read_file(text.encode()).notices == ["dates_assumed"]


def bad_of(text):
    found = read_file(text.encode())
    return [(bad.number, bad.fault) for bad in found.bad], found


def test_each_bad_line_is_named():
    bad, found = bad_of(
        "Date;Libellé;Débit;Crédit\n"
        "13/10/2026;A;;12,00\n"
        "32/10/2026;B;;12,00\n"
        ";C;;12,00\n"
        "14/10/2026;D;1,00;2,00\n"
        "15/10/2026;E;;douze\n"
        "16/10/2026;F;;\n"
        "17/10/2026;G;4,00\n"
        "18/10/2026;H;;1.00\n"
        "Total;;;24,00\n"
    )  # fmt: skip
    assert bad == [
        (3, "date"), (4, "date_missing"), (5, "both"), (6, "amount"), (7, "amount_missing"),
        (8, "columns"), (9, "amount"), (10, "date"),
    ]  # fmt: skip
    assert said(found) == [(date(2026, 10, 13), Decimal("12.00"), "A")]


def test_totals_under_the_table_are_not_operations():
    bad, found = bad_of("Date;Libellé;Montant\n13/10/2026;A;1,00\nTotal;1,00\n;Solde;100,00\n")
    assert not bad
    assert len(found.lines) == 1


def test_a_sign_column_gives_the_sense():
    bad, found = bad_of(
        "Date;Libellé;Montant;Sens\n13/10/2026;A;1,00;D\n13/10/2026;B;2,00;Crédit\n"
        "13/10/2026;C;2,00;?\n"
    )
    assert [line.amount for line in found.lines] == [Decimal("-1.00"), Decimal("2.00")]
    assert bad == [(4, "sign")]


def test_a_balance_that_does_not_follow_is_told():
    text = table(operations(5), DIALECTS[4]).decode("utf-8-sig")
    items = operations(5)
    from tests.journal.files import french

    wrong = text.replace(f'"{french(abs(items[6].amount))}"', '"7,77"', 1)
    assert wrong != text
    found = read_file(wrong.encode())
    flagged = [line.number for line in found.lines if "balance" in line.warnings]
    assert 8 in flagged
    assert not any(line.warnings for line in read_file(text.encode()).lines)


@pytest.mark.parametrize(("data", "code"), [
    (b"  \n", "empty"),
    (b"bonjour", "no_columns"),
    (b'Date;Libell\xc3\xa9;Montant\n13/10/2026;"A;1,00\n', "csv_broken"),
    (b"Date;Libelle;Montant\n13/10/2026;A;1,00\n10/13/2026;B;1,00\n", "dates_mixed"),
    (camt(operations(1))[:-40], "xml_broken"),
    (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><Document>camt.053</Document>',
     "xml_forbidden"),
    (ofx(operations(1), True).replace(b"<OFX>", b"<!DOCTYPE OFX><OFX>", 1), "xml_forbidden"),
    (b'<!DOCTYPE a SYSTEM "http://exemple.invalid/a.dtd"><a>camt.053</a>', "xml_forbidden"),
    (b"<html></html>", "unknown"),
    (b"%PDF-1.7\nstream\nx\nendstream", "no_invoice"),
    (b"OFXHEADER:100\n<OFX></OFX>", "no_lines"),
    (b"Date;Libelle;Montant\n", "no_lines"),
])  # fmt: skip
def test_files_of_which_nothing_is_taken(data, code):
    with pytest.raises(FileRefused) as refused:
        read_file(data)
    assert refused.value.code == code
    assert code in REFUSALS


def test_bombs_do_not_go_off():
    with pytest.raises(FileRefused):
        read_file(b"<a>" * 100 + b"camt.053" + b"</a>" * 100)
    import zlib

    bomb = facturx(b"", True).replace(zlib.compress(b""), zlib.compress(b" " * 50_000_000))
    with pytest.raises(FileRefused):
        read_file(bomb)


def test_ofx_faults():
    text = ofx(operations(6), False).decode("cp1252")
    item = operations(6)[2]
    for old, new, fault in (
        (f"<TRNAMT>{item.amount:.2f}", "<TRNAMT>douze", "amount"),
        (f"<TRNAMT>{item.amount:.2f}\n", "", "amount_missing"),
        (f"<FITID>{item.reference}", f"<FITID>{operations(6)[1].reference}", "reference"),
        (f"<FITID>{item.reference}", "<FITID>A\n<FITID>B", "twice"),
    ):
        wrong = text.replace(old, new, 1)
        assert wrong != text
        found = read_file(wrong.encode("cp1252"))
        assert [bad.fault for bad in found.bad] == [fault]
        assert len(found.lines) == 11
    assert "truncated" in read_file(text[: len(text) // 2].encode("cp1252")).notices
    dollars = read_file(text.replace("EUR", "USD").encode("cp1252"))
    assert not dollars.lines
    assert {bad.fault for bad in dollars.bad} == {"currency"}


def test_camt_pending_reversed_and_unbalanced():
    text = camt(operations(7)).decode()
    pending = read_file(text.replace("<Sts>BOOK</Sts>", "<Sts>PDNG</Sts>", 1).encode())
    assert [bad.fault for bad in pending.bad] == ["pending"]
    amount = f">{abs(operations(7)[3].amount):.2f}<"
    wrong = read_file(text.replace(amount, ">7.77<", 1).encode())
    assert wrong.notices == ["balance"]
    assert all("balance" in line.warnings for line in wrong.lines)


def test_a_batch_is_cut_into_its_payments():
    data = camt(operations(8, 1)).decode()
    amount = operations(8, 1)[0].amount
    start, end = data.index("<NtryDtls>"), data.index("</NtryDtls>")
    half = (abs(amount) / 2).quantize(Decimal("0.01"))
    rest = abs(amount) - half
    detail = "".join(
        f'<TxDtls><Amt Ccy="EUR">{part}</Amt><RmtInf><Ustrd>{name}</Ustrd></RmtInf></TxDtls>'
        for part, name in ((half, "un"), (rest, "deux"))
    )
    found = read_file((data[:start] + "<NtryDtls>" + detail + data[end:]).encode())
    assert [line.label for line in found.lines] == ["un", "deux"]
    assert sum(line.amount for line in found.lines) == amount


def test_every_code_has_its_sentence():
    import inspect
    import re

    from app.imports import camt as c
    from app.imports import invoice
    from app.imports import ofx as o
    from app.imports import table as t

    known = FAULTS.keys() | REFUSALS.keys() | WARNINGS.keys() | NOTICES.keys()
    for module in (c, invoice, o, t):
        source = inspect.getsource(module)
        for code in re.findall(r'(?:BadLine\([^"]*|FileRefused\(|notice\()"([a-z_]+)"', source):
            assert code in known, code


def test_readers_are_loaded_when_a_file_comes():
    import subprocess

    code = (
        "import app.imports.read, sys; print([m for m in sys.modules if m.startswith('app.imp')])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "camt" not in shown.stdout
    assert "invoice" not in shown.stdout


def test_a_dialect_without_header_is_guessed_and_said():
    text = table(operations(9), Dialect()).decode().split("\r\n", 1)[1]
    found = read_file(text.encode())
    assert "no_header" in found.notices
    assert said(found) == expected(operations(9))
