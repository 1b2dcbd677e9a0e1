"""Pasted blocks and tables: read strictly, every doubt named."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regimes.vrp.amounts import parse_amount
from regimes.vrp.tabular import preview_csv, split_block

SIRET = "12345678200010"
HEAD = "siret;mois;brut;plafonnee;deplafonnee;csg;dfs"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1 234,56", "1234.56"), ("1 234,56 €", "1234.56"), ("1234.56", "1234.56"),
        ("1234", "1234"), ("0,5", "0.5"), (" 12 ", "12"), ("1 200", "1200"),
        ("−3,00", "-3.00"), ("1 000 000", "1000000"),
    ],
)  # fmt: skip
def test_amounts_that_are_certain(text: str, amount: str) -> None:
    assert parse_amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    ["", "abc", "1,234", "1.234", "1\n200", "1\t200", "12 34", "1  200", "1 2000", "1,2,3", "1e3",
     "١٢", "--1", "1234567890", "1 234.567", "NaN", "12,", ",5"],
)  # fmt: skip
def test_amounts_that_are_not(text: str) -> None:
    assert parse_amount(text) is None


def test_two_lines_are_two_cells() -> None:
    assert split_block("1\n200\n") == [["1"], ["200"]]
    assert split_block("1\r\n200") == [["1"], ["200"]]
    assert split_block("1\t200") == [["1", "200"]]
    assert split_block("1 200") == [["1 200"]]
    assert split_block("1\n\n200") == [["1"], [""], ["200"]]
    assert split_block('"a\nb"\tc') == [["a\nb", "c"]]


@given(st.lists(st.lists(st.integers(0, 999_999), min_size=1, max_size=6), min_size=1, max_size=9))
def test_a_block_keeps_its_shape(cells: list[list[int]]) -> None:
    text = "\n".join("\t".join(map(str, row)) for row in cells)
    assert [[int(c) for c in row] for row in split_block(text)] == cells


def csv(*rows: str, head: str = HEAD) -> bytes:
    return "\r\n".join((head, *rows, "")).encode()


def test_a_file_is_taken_row_by_row_and_each_bad_cell_named() -> None:
    found = preview_csv(
        csv(
            f"{SIRET};2026-03;2 500,00;2500;2500;2456,25;oui",
            f"{SIRET};avril;1,234;;;;",
            f"{SIRET};2025-05;100;;;;",
            "12345678200011;juin;100;;;peut-être;",
            f"{SIRET};07/2026;100;300;200;;",
            f"{SIRET};mars;1;;;;",
        ),
        2026,
        [SIRET],
    )
    assert [(r.month, r.gross, r.csg, r.dfs) for r in found.rows] == [
        ("2026-03", Decimal("2500.00"), Decimal("2456.25"), True)
    ]
    assert [(b.row, b.column, b.code) for b in found.bad] == [
        (3, "gross", "amount_malformed"), (4, "month", "month_other_year"),
        (5, "siret", "siret_check"), (5, "csg", "amount_malformed"),
        (6, "capped", "capped_above_uncapped"), (6, "uncapped", "uncapped_above_gross"),
        (7, "month", "row_twice"),
    ]  # fmt: skip
    assert found.read == 6


def test_headings_in_both_languages_and_faults_of_a_whole_file() -> None:
    assert preview_csv(csv(f"{SIRET},2026-03,1", head="Employer,Month,Gross"), 2026).rows
    assert preview_csv(csv("1;2", head="siret;mois"), 2026).bad[0].code == "column_missing"
    assert preview_csv(b"\x00\x01", 2026).bad[0].code == "file_binary"
    assert preview_csv(b"", 2026).bad
    assert preview_csv(b'siret;mois;brut\n"1;2;3', 2026).bad[0].code == "csv_broken"
    assert preview_csv(csv(head="siret;mois;brut;brut"), 2026).bad[0].code == "column_twice"
    stranger = "98765432400019"
    other = preview_csv(csv(f"{stranger};2026-03;1;;;;"), 2026, [SIRET])
    assert other.bad[0].code == "employer_unknown"
