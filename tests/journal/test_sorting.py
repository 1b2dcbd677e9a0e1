"""What a line of a statement is taken for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from app.imports.sorting import (
    PLATFORM,
    SKIP,
    UNDECIDED,
    decide,
    is_receipt,
    receipt_of,
    rule_key,
    rule_of,
    sort_lines,
)
from app.imports.statement import BankLine, Statement
from regimes.journal import Receipt

DAY = date(2026, 10, 12)


def statement(*lines: tuple[str, str], on: date = DAY, **more) -> Statement:
    return Statement(
        "csv",
        [BankLine(n, on, Decimal(a), label, **more) for n, (label, a) in enumerate(lines, 2)],
    )


def decisions(found):
    return [item.decision for item in found]


def test_one_activity_takes_money_in_and_leaves_the_rest():
    found = sort_lines(
        statement(("VIR SEPA DUPONT", "80.00"), ("PRLV EDF", "-50.00"),
                  ("VIR CAF DU RHONE", "120.00"), ("VIR UBER EATS", "64.00"),
                  ("VIREMENT INTERNE LIVRET A", "500.00")),
        ["service_bic"], {}, [],
    )  # fmt: skip
    assert decisions(found) == ["service_bic", SKIP, SKIP, "service_bic" + PLATFORM, SKIP]
    assert [item.reason for item in found][1:3] == ["argent sorti", "prestation sociale"]


def test_a_word_inside_another_marks_nothing():
    found = sort_lines(statement(("VIR CAFE DES ARTS", "80.00")), ["vente"], {}, [])
    assert decisions(found) == ["vente"]


def test_before_april_2026_no_platform_withheld():
    found = sort_lines(
        statement(("UBER EATS", "64.00"), on=date(2026, 3, 31)), ["service_bic"], {}, []
    )
    assert decisions(found) == ["service_bic"]


def test_several_activities_wait_for_the_person_once():
    lines = statement(("VIR DUPONT 01", "80.00"), ("VIR DUPONT 02", "90.00"), ("VIR ALPHA", "5.00"))
    found = sort_lines(lines, ["vente", "service_bic"], {}, [])
    assert decisions(found) == [UNDECIDED] * 3
    changed = decide(found, found[0], "vente")
    assert decisions(found) == ["vente", "vente", UNDECIDED]
    assert changed == found[:2]
    found[1].decision, found[1].own = "service_bic", True
    decide(found, found[0], SKIP)
    assert decisions(found) == [SKIP, "service_bic", UNDECIDED]
    rules = [rule_of(found[0].key, "service_bic" + PLATFORM)]
    again = sort_lines(lines, ["vente", "service_bic"], {}, rules)
    assert decisions(again) == ["service_bic" + PLATFORM] * 2 + [UNDECIDED]
    assert again[0].reason == "comme la dernière fois"


def test_a_rule_of_an_activity_left_since_does_not_hold():
    rules = [rule_of(rule_key("VIR DUPONT"), "service_bnc")]
    found = sort_lines(statement(("VIR DUPONT", "80.00")), ["vente", "service_bic"], {}, rules)
    assert decisions(found) == [UNDECIDED]


def test_the_same_statement_twice_imports_nothing_twice():
    lines = statement(("VIR A", "80.00"), ("VIR A", "80.00"), ("VIR B", "7.00"))
    first = sort_lines(lines, ["vente"], {}, [])
    known = {
        f"id{n}": receipt_of(item, "r.csv") for n, item in enumerate(first) if is_receipt(item)
    }
    again = sort_lines(lines, ["vente"], known, [])
    assert decisions(again) == [SKIP] * 3
    assert all(item.same for item in again)
    assert len({item.bank for item in first}) == 3


def test_a_receipt_noted_by_hand_explains_one_line_at_most():
    known = {"id": Receipt(on=date(2026, 10, 9), amount=Decimal(80), category="vente")}
    found = sort_lines(statement(("VIR A", "80.00"), ("VIR B", "80.00")), ["vente"], known, [])
    assert decisions(found) == [SKIP, "vente"]
    assert (found[0].known, found[0].same) == ("id", False)
    far = {"id": Receipt(on=date(2026, 10, 1), amount=Decimal(80), category="vente")}
    assert decisions(sort_lines(statement(("VIR A", "80.00")), ["vente"], far, [])) == ["vente"]


def test_twin_lines_of_a_file_are_asked_about():
    line = BankLine(3, DAY, Decimal(80), "VIR A", warnings=("repeat",))
    found = sort_lines(Statement("csv", [line]), ["vente"], {}, [])
    assert decisions(found) == [UNDECIDED]


def test_keys_leave_numbers_and_bank_words_out():
    assert rule_key("VIR SEPA RECU /DE DUPONT MENUISERIE 12/10 REF 4455") == "dupont menuiserie"
    assert rule_key("CB 1234") == "cb 1234"


def test_a_receipt_says_where_it_comes_from():
    found = sort_lines(statement(("VIR DUPONT", "80.00"), client="Dupont"), ["vente"], {}, [])
    receipt = receipt_of(found[0], "releve.csv")
    assert (receipt.origin, receipt.client, receipt.bank) == (
        "releve.csv, 2",
        "Dupont",
        found[0].bank,
    )
    assert receipt.note == "VIR DUPONT"


def test_the_label_says_how_it_was_paid():
    found = sort_lines(
        statement(("REMISE CHEQUES 3", "80.00"), ("VERSEMENT ESPECES", "20.00"),
                  ("SUMUP PAYOUT", "30.00"), ("VIR DUPONT", "40.00"), ("UBER EATS", "5.00")),
        ["vente"], {}, [],
    )  # fmt: skip
    assert [receipt_of(item, "r.csv").method for item in found] == [
        "cheque", "cash", "card", "transfer", "platform",
    ]  # fmt: skip


def test_a_list_of_invoices_gives_their_numbers_to_the_book():
    from app.imports.read import read_file

    text = "Facture;Client;Date de paiement;Total TTC\nF1;Dupont;15/10/2026;120,00\n"
    found = sort_lines(read_file(text.encode()), ["vente"], {}, [])
    receipt = receipt_of(found[0], "factures.csv")
    assert (receipt.reference, receipt.client, receipt.method) == ("F1", "Dupont", "")
