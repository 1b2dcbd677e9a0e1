"""Income tax by the progressive scale (CGI 197), against amounts worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regimes.income_tax import Household, household_tax, scale_value
from tests.rules.accounts import RATES

ON = date(2025, 12, 31)  # incomes of 2025: loi 2026-103, article 4
COUPLE = Household(couple=True)


def due(taxable: str, household: Household = Household(), on: date = ON) -> Decimal:  # noqa: B008
    return household_tax(Decimal(taxable), household, on, RATES).due


@pytest.mark.parametrize(
    ("taxable", "expected"),
    [
        ("0", 0),
        ("11600", 0),
        # (16 000 − 11 600) × 11 % = 484.00; décote 897 − 45.25 % × 484 = 677.99: nothing left.
        ("16000", 0),
        # (18 000 − 11 600) × 11 % = 704.00; décote 897 − 318.56 = 578.44; 125.56.
        ("18000", 126),
        # (17 300 − 11 600) × 11 % = 627.00; décote 897 − 283.7175 = 613.2825; 13.72, under 61 €.
        ("17300", 0),
        # 14 800 × 11 % = 1 628.00; décote 897 − 736.67 = 160.33; 1 467.67.
        ("26400", 1468),
        # 17 979 × 11 % + 421 × 30 % = 1 977.69 + 126.30 = 2 103.99; no décote above 1 982.32.
        ("30000", 2104),
        # 1 977.69 + 54 998 × 30 % + 15 423 × 41 % = 1 977.69 + 16 499.40 + 6 323.43.
        ("100000", 24801),
        # 1 977.69 + 16 499.40 + 97 340 × 41 % + 18 083 × 45 % = … + 39 909.40 + 8 137.35.
        ("200000", 66524),
    ],
)
def test_a_single_person_pays_what_the_scale_says(taxable: str, expected: int) -> None:
    assert due(taxable) == expected


@pytest.mark.parametrize(
    ("taxable", "household", "expected"),
    [
        # 2 shares: 20 000 each, (8 400 × 11 %) × 2 = 1 848; décote 1 483 − 836.22 = 646.78.
        ("40000", COUPLE, 1201),
        # 3 shares: 20 000 each, 924 × 3 = 2 772; without children 2 × (1 977.69 + 421 × 0.3) =
        # 4 207.98; the advantage 1 435.98 stands under 2 × 1 807; décote 1 483 − 1 254.33 = 228.67.
        ("60000", Household(couple=True, children=2), 2543),
        # 3 shares: 40 000 each, 3 × 5 103.99 = 15 311.97; without children 2 × 11 103.99 =
        # 22 207.98, less 2 × 1 807 at most = 18 593.98.
        ("120000", Household(couple=True, children=2), 18594),
        # 2 shares, a lone parent with a child: 15 000 each, 374 × 2 = 748; alone 2 103.99 less
        # 4 262 at most: 748 stands. Décote of a single person: 897 − 338.47 = 558.53; 189.47.
        ("30000", Household(children=1, alone=True), 189),
        # 2 shares: 40 000 each, 10 207.98; alone 1 977.69 + 50 421 × 0.3 = 17 103.99 less 4 262.
        ("80000", Household(children=1, alone=True), 12842),
        # Overseas: 2 103.99 less 30 % = 1 472.79; décote 897 − 666.44 = 230.56; 1 242.23.
        ("30000", Household(overseas="a"), 1242),
        # 24 800.52 less 40 %, 4 050 at most.
        ("100000", Household(overseas="b"), 20751),
    ],
)
def test_a_household_pays_by_its_shares(taxable: str, household: Household, expected: int) -> None:
    assert due(taxable, household) == expected


@pytest.mark.parametrize(
    ("household", "shares"),
    [
        (Household(), "1"),
        (Household(couple=True), "2"),
        (Household(couple=True, children=1), "2.5"),
        (Household(couple=True, children=3), "4"),
        (Household(children=1), "1.5"),
        (Household(children=1, alone=True), "2"),
        (Household(children=3, alone=True), "3.5"),
    ],
)
def test_shares_follow_the_children(household: Household, shares: str) -> None:
    """CGI 194."""
    assert household.shares == Decimal(shares)


def test_each_year_of_income_has_its_scale() -> None:
    """The income of 2024: 14 903 × 11 % = 1 639.33; décote 889 − 741.80 = 147.20."""
    assert due("26400", on=date(2024, 6, 1)) == 1492
    assert scale_value(date(2025, 1, 1), RATES).confirmed
    # Nobody published the scale of 2026 yet: the one of 2025 serves, and it is said.
    unpublished = scale_value(date(2026, 1, 1), RATES)
    assert not unpublished.confirmed
    assert "2025" in unpublished.note


EUROS = st.integers(0, 400_000)
HOUSEHOLDS = st.builds(
    Household, couple=st.booleans(), children=st.integers(0, 6), alone=st.booleans(),
    overseas=st.sampled_from(["", "a", "b"]),
)  # fmt: skip


@given(EUROS, EUROS, HOUSEHOLDS)
def test_more_income_never_means_less_tax(one: int, more: int, household: Household) -> None:
    low = household_tax(Decimal(one), household, ON, RATES).due
    high = household_tax(Decimal(one + more), household, ON, RATES).due
    assert low <= high
    assert high - low <= more + 61  # never more than was earned, but for the 61 € step


@given(EUROS, st.integers(0, 5), st.booleans())
def test_one_more_child_never_costs(taxable: int, children: int, couple: bool) -> None:
    fewer = household_tax(Decimal(taxable), Household(couple, children), ON, RATES).due
    more = household_tax(Decimal(taxable), Household(couple, children + 1), ON, RATES).due
    assert more <= fewer
