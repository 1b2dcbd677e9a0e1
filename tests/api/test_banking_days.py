"""TARGET days and the moments that orders depend on."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from backend.banking.days import banking_day, collectable, cutoff, easter, eve, next_day
from backend.clock import PARIS


@pytest.mark.parametrize(
    ("year", "day"),
    [(2023, (4, 9)), (2024, (3, 31)), (2025, (4, 20)), (2026, (4, 5)), (2027, (3, 28))],
)
def test_easter(year: int, day: tuple[int, int]) -> None:
    assert easter(year) == date(year, *day)


def test_target_closes_on_its_six_days_and_week_ends() -> None:
    for day in ("2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-12-25", "2026-12-26",
                "2026-10-31", "2026-11-01"):  # fmt: skip
        assert not banking_day(date.fromisoformat(day)), day
    # 14 July and 11 November are holidays in France, not for TARGET.
    assert banking_day(date(2026, 7, 14))
    assert banking_day(date(2026, 11, 11))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def test_debited_on_the_due_date_never_before() -> None:
    assert collectable(date(2026, 11, 30), at("2026-11-05 10:00")) == date(2026, 11, 30)
    # 31 October 2026 is a Saturday: the Monday after.
    assert collectable(date(2026, 10, 31), at("2026-10-05 10:00")) == date(2026, 11, 2)


def test_amendable_until_noon_of_the_banking_eve() -> None:
    assert cutoff(date(2026, 12, 31)) == at("2026-12-30 12:00")
    assert cutoff(date(2026, 11, 30)) == at("2026-11-27 12:00")  # Monday: the Friday before
    assert eve(date(2026, 4, 7)) == date(2026, 4, 2)  # over Good Friday and Easter Monday


def test_after_the_cutoff_the_next_day_that_can_be_reached() -> None:
    due = date(2026, 12, 31)
    assert collectable(due, at("2026-12-30 11:59")) == due
    assert collectable(due, at("2026-12-30 12:00")) == date(2027, 1, 4)
    assert collectable(due, at("2027-02-01 09:00")) == date(2027, 2, 2)
    assert collectable(due, at("2027-02-01 15:00")) == date(2027, 2, 3)
    assert next_day(date(2026, 12, 24)) == date(2026, 12, 28)
