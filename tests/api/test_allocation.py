"""The legal order, as a pure function."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backend.allocation import ADVANCE, CREDIT, Position, balance_out, place, spread

ORDER = ("impot", "csg_crds", "maladie_maternite", "retraite_base")


def test_tax_then_csg_then_the_rest_then_sanctions() -> None:
    position = Position(
        funds={"retraite_base": 400, "impot": 100, "csg_crds": 250, "maladie_maternite": 50},
        sanctions={"sanction:late": 40}, called=840,
    )  # fmt: skip
    dues = position.dues(ORDER)
    assert spread(300, dues) == {"impot": 100, "csg_crds": 200}
    assert spread(790, dues) == {
        "impot": 100, "csg_crds": 250, "maladie_maternite": 50, "retraite_base": 390,
    }  # fmt: skip
    assert spread(850, dues)["sanction:late"] == 40
    assert spread(850, dues)[CREDIT] == 10


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=6), st.integers(-20_000, 80_000))
def test_nothing_is_lost_and_no_one_is_served_before_their_turn(
    dues: list[int], total: int
) -> None:
    named = [(f"f{n}", due) for n, due in enumerate(dues)]
    filled = spread(total, named)
    assert sum(filled.values()) == total
    for n, (name, due) in enumerate(named):
        part = filled.get(name, 0)
        assert 0 <= part <= due
        if part:
            assert all(filled.get(other, 0) == owed for other, owed in named[:n])
    assert filled.get(CREDIT, 0) <= 0 or all(filled.get(n, 0) == d for n, d in named)


def test_a_payment_serves_its_period_then_the_oldest_then_sanctions_then_an_advance() -> None:
    held = {
        "2026-08": Position({"a": 100}, {"sanction:x": 30}, 130),
        "2026-09": Position({"a": 100}, {}, 100),
        "2026-10": Position({"a": 100}, {}, 100),
        ADVANCE: Position(),
    }
    oldest = ["2026-08", "2026-09", "2026-10", ADVANCE]
    assert place(150, held, oldest, "2026-10") == {"2026-10": 100, "2026-08": 50}
    assert place(320, held, oldest, "2026-10") == {
        "2026-10": 100, "2026-08": 120, "2026-09": 100,
    }  # fmt: skip
    assert place(400, held, oldest)[ADVANCE] == 70


def test_a_credit_serves_the_oldest_debt_and_what_was_overdrawn_comes_back() -> None:
    held = {
        "2026-08": Position({"a": 100}, {}, 100, {"a": 100, CREDIT: 60}),
        "2026-09": Position({"a": 100}, {}, 100),
        ADVANCE: Position(),
    }
    oldest = ["2026-08", "2026-09", ADVANCE]
    assert balance_out(held, oldest) == {"2026-08": -60, "2026-09": 60}
    held = {
        "2026-08": Position({}, {}, 0, {CREDIT: -60}),
        "2026-09": Position({"a": 100}, {}, 100, {"a": 100}),
        ADVANCE: Position(),
    }
    assert balance_out(held, oldest) == {"2026-08": 60, "2026-09": -60}
