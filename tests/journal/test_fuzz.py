"""A sample of damaged statements at each run; `make fuzz-import` runs a thousand."""

from __future__ import annotations

from tests.journal.mutate import run


def test_no_damage_makes_a_line_that_was_never_there():
    outcomes, wrong = run(240)
    assert wrong == []
    assert outcomes["refused"] > 5
    assert outcomes["flagged"] > 50
    assert outcomes["read"] > 50
