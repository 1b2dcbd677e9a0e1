"""What is typed is read as typed, or refused: a sample (`make fuzz` reads a hundred thousand)."""

from __future__ import annotations

import pytest

from tests.fuzz.typed import judge, run


def test_a_parser_reads_what_was_typed_or_refuses() -> None:
    accepted = run(4000, seed=1)
    # Right answers are among them: a parser that refuses everything would prove nothing.
    assert min(accepted[name] for name in ("money", "date", "siret", "nir", "iban", "wire")) > 30


@pytest.mark.parametrize(
    "text",
    ["2550814168٠2٥3٨", "31/10/٢٠٢٦", "31/10/0026", "0" * 5000, "１２３４５６７８２０００１０"],
)
def test_digits_that_are_not_ours_and_years_of_antiquity_are_refused(text: str) -> None:
    assert judge(text) == []
