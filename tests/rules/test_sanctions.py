"""Penalties, taxation d'office, late surcharges and their waiver."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from regimes.auto_entrepreneur import REGIME
from regimes.auto_entrepreneur.sanctions import (
    late_surcharge,
    missing_penalty,
    months_or_parts,
    office_base,
)
from regimes.regime import Filed, Sanction
from tests.rules.accounts import RATES, account, filed


def sanctions(profile: Any, history: Any, paid: Any, today: date) -> list[Sanction]:
    return REGIME.sanctions(profile, history, paid, today, RATES)


@pytest.mark.parametrize(("year", "euros"), [(2023, 55), (2024, 58), (2025, 59), (2026, 61)])
def test_penalty_of_a_missing_declaration(year: int, euros: int) -> None:
    """CSS R613-9: 1.5 % of the month's ceiling, rounded up."""
    assert missing_penalty(year, RATES)[0] == euros


def test_the_ceiling_of_2027_is_not_known_and_says_so() -> None:
    profile = account("2026-09-01")
    history = [filed(profile, "2026-12", {})]
    (penalty,) = sanctions(profile, history, {}, date(2027, 3, 1))
    assert (penalty.period, penalty.amount, penalty.status) == ("2027-01", 61, "unconfirmed")
    assert penalty.note


@pytest.mark.parametrize(
    ("facts", "category", "year", "missing", "base"),
    [
        ({}, "vente", 2025, 3, "26881.25"),
        ({}, "vente", 2024, 1, "8837.5"),
        ({"rhythm": "quarterly"}, "vente", 2025, 1, "26881.25"),
        ({"rhythm": "quarterly"}, "service_bnc", 2024, 2, "25415"),
        ({}, "service_bic", 2025, 12, "66000"),
    ],
)
def test_flat_base_of_the_taxation_d_office(
    facts: Any, category: str, year: int, missing: int, base: str
) -> None:
    """CSS R613-10: a seller who misses three months of 2025: 23 375 × 1.15."""
    profile = account("2019-05-01", category, **facts)
    assert office_base(profile, year, missing, RATES) == Decimal(base)


def three_missing(today: date) -> tuple[Any, list[Filed], list[Sanction]]:
    profile = account("2024-09-01")
    history = [filed(profile, "2024-12", {"vente": 5000})]
    history += [filed(profile, f"2025-{m:02}", {"vente": 1000}) for m in range(1, 10)]
    return profile, history, sanctions(profile, history, {}, today)


def test_missing_declarations_then_taxation_d_office_after_31_january() -> None:
    _, _, before = three_missing(date(2026, 1, 31))
    assert [(s.code, s.period) for s in before] == [
        ("penalty.missing", "2025-10"), ("penalty.missing", "2025-11"),
    ]  # fmt: skip
    _, _, after = three_missing(date(2026, 2, 1))
    assert [s.code for s in after] == ["penalty.missing"] * 3 + ["office"]
    office = after[-1]
    assert (office.period, office.base, office.rate) == (
        "2025",
        Decimal("26881.25"),
        Decimal("12.3"),
    )
    assert office.amount == 3306  # 26 881.25 × 12.3 %
    assert office.since == date(2026, 2, 1)


def test_a_late_declaration_keeps_its_penalty_then_bears_3_percent_after_the_office() -> None:
    profile, history, _ = three_missing(date(2026, 2, 1))
    late = filed(profile, "2025-10", {"vente": 10000}, on=date(2026, 1, 20))
    later = filed(profile, "2025-11", {"vente": 10000}, on=date(2026, 3, 5))
    on_time = filed(profile, "2025-12", {"vente": 10000})
    found = sanctions(profile, [*history, late, later, on_time], {}, date(2026, 3, 10))
    by_period = {s.period: s for s in found if s.period.startswith("2025")}
    assert (by_period["2025-10"].code, by_period["2025-10"].amount) == ("penalty.missing", 59)
    assert (by_period["2025-11"].code, by_period["2025-11"].amount) == ("penalty.declared_late", 37)
    assert "2025-12" not in by_period
    assert "office" not in {s.code for s in found}


def test_a_correction_after_the_due_date_is_not_a_late_declaration() -> None:
    profile = account("2026-01-01")
    corrected = filed(profile, "2026-04", {"vente": 10}, on=date(2026, 6, 20), version=2)
    assert sanctions(profile, [corrected], {}, date(2026, 6, 25)) == []


def test_years_too_old_to_be_claimed_are_left_out() -> None:
    """CSS L244-3: three years after the 30 June of the following year."""
    profile = account("2019-05-01", "vente", end_date="2022-12-15")
    assert {s.code for s in sanctions(profile, [], {}, date(2026, 6, 30))} == {
        "penalty.missing", "office",
    }  # fmt: skip
    assert sanctions(profile, [], {}, date(2026, 7, 1)) == []


@pytest.mark.parametrize(
    ("paid_on", "months"),
    [("2026-07-31", 0), ("2026-08-01", 1), ("2026-08-31", 1), ("2026-09-01", 2), ("2026-09-10", 2),
     ("2026-09-30", 2), ("2026-10-01", 3), ("2027-02-28", 7), ("2027-03-01", 8)],
)  # fmt: skip
def test_months_or_parts_of_months(paid_on: str, months: int) -> None:
    assert months_or_parts(date(2026, 7, 31), date.fromisoformat(paid_on)) == months


def test_late_surcharge() -> None:
    """CSS R243-16: 1 000 € due on 31 July 2026 and paid on 10 September: 50 and 4."""
    due = date(2026, 7, 31)
    assert late_surcharge(due, Decimal(1000), date(2026, 9, 10), RATES) == (50, 4)
    assert late_surcharge(due, Decimal(1000), due, RATES) == (0, 0)


def paid_late(day: date, *earlier: tuple[str, date]) -> list[Sanction]:
    profile = account("2024-01-01")
    item = filed(profile, "2026-06", {"vente": 10000})
    payments = {"2026-06": [(day, item.assessment.due)]}
    payments |= {code: [(when, Decimal(10))] for code, when in earlier}
    return [s for s in sanctions(profile, [item], payments, date(2026, 9, 30))
            if s.code.startswith("late")]  # fmt: skip


def test_automatic_waiver_within_30_days_of_a_first_delay() -> None:
    """CSS R243-11: due 31 July 2026."""
    assert paid_late(date(2026, 7, 31)) == []
    assert [s.waived for s in paid_late(date(2026, 8, 30))] == [True, True]
    assert paid_late(date(2026, 8, 30))[0].waiver
    assert [s.waived for s in paid_late(date(2026, 8, 31))] == [False, False]
    # A delay in the 24 months before, or before those.
    assert not paid_late(date(2026, 8, 30), ("2025-01", date(2025, 3, 5)))[0].waived
    assert paid_late(date(2026, 8, 30), ("2025-01", date(2025, 2, 28)))[0].waived
    assert paid_late(date(2026, 8, 30), ("2024-04", date(2024, 7, 5)))[0].waived


def test_a_large_surcharge_is_never_waived() -> None:
    profile = account("2024-01-01")
    item = filed(profile, "2026-06", {"vente": 1000000})  # 5 % is above the month's ceiling
    paid = {"2026-06": [(date(2026, 8, 10), item.assessment.due)]}
    assert not any(
        s.waived for s in sanctions(profile, [item], paid, date(2026, 9, 1)) if "late" in s.code
    )


def test_partial_payments_and_what_is_still_unpaid() -> None:
    profile = account("2024-01-01")
    item = filed(profile, "2026-06", {"vente": 10000})  # 1 230 + 10 + 2 = 1 242 €
    assert item.assessment.due == 1242
    paid = {"2026-06": [(date(2026, 7, 31), Decimal(242)), (date(2026, 8, 10), Decimal(400))]}
    late = [s for s in sanctions(profile, [item], paid, date(2026, 9, 10)) if "late" in s.code]
    assert [(s.code, s.base, s.exact) for s in late] == [
        ("late.initial", 400, 20), ("late.month", 400, Decimal("0.8")),
        ("late.initial", 600, 30), ("late.month", 600, Decimal("2.4")),
    ]  # fmt: skip
    assert not any(s.waived for s in late)
    # The rest comes within 30 days: both payments are waived together.
    paid["2026-06"].append((date(2026, 8, 20), Decimal(600)))
    late = [s for s in sanctions(profile, [item], paid, date(2026, 9, 10)) if "late" in s.code]
    assert [s.waived for s in late] == [True] * 4


def test_unknown_payments_claim_nothing() -> None:
    profile = account("2026-03-01")
    item = filed(profile, "2026-06", {"vente": 10000})
    assert sanctions(profile, [item], {}, date(2026, 8, 31)) == []
    unpaid = sanctions(profile, [item], {"2026-06": []}, date(2026, 8, 30))
    assert [(s.code, s.waived) for s in unpaid] == [("late.initial", False), ("late.month", False)]
