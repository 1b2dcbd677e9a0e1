"""Periods, due dates, first declarations and the ends of reduced rates."""

from __future__ import annotations

import itertools
from datetime import date, time, timedelta

import pytest

from regimes.auto_entrepreneur import REGIME, parts_for
from regimes.auto_entrepreneur.spans import acre_end, overseas_end, overseas_stage
from regimes.regime import PeriodStatus
from tests.rules.accounts import RATES, account, period_of

# start month of 2026: (monthly end, due), (quarterly end, due), ACRE end, overseas stage a end
FIRST = {
    1: ("2026-04-30", "2026-05-31", "2026-06-30", "2026-07-31", "2026-12-31", "2027-12-31"),
    2: ("2026-05-31", "2026-06-30", "2026-06-30", "2026-07-31", "2026-12-31", "2027-12-31"),
    3: ("2026-06-30", "2026-07-31", "2026-06-30", "2026-07-31", "2026-12-31", "2027-12-31"),
    4: ("2026-07-31", "2026-08-31", "2026-09-30", "2026-10-31", "2027-03-31", "2028-03-31"),
    5: ("2026-08-31", "2026-09-30", "2026-09-30", "2026-10-31", "2027-03-31", "2028-03-31"),
    6: ("2026-09-30", "2026-10-31", "2026-09-30", "2026-10-31", "2027-03-31", "2028-03-31"),
    7: ("2026-10-31", "2026-11-30", "2026-12-31", "2027-01-31", "2027-06-30", "2028-06-30"),
    8: ("2026-11-30", "2026-12-31", "2026-12-31", "2027-01-31", "2027-06-30", "2028-06-30"),
    9: ("2026-12-31", "2027-01-31", "2026-12-31", "2027-01-31", "2027-06-30", "2028-06-30"),
    10: ("2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-09-30", "2028-09-30"),
    11: ("2027-02-28", "2027-03-31", "2027-03-31", "2027-04-30", "2027-09-30", "2028-09-30"),
    12: ("2027-03-31", "2027-04-30", "2027-03-31", "2027-04-30", "2027-09-30", "2028-09-30"),
}


@pytest.mark.parametrize("month", FIRST)
@pytest.mark.parametrize("day", [1, 15, 28])
@pytest.mark.parametrize("rhythm", ["monthly", "quarterly"])
def test_first_declaration(month: int, day: int, rhythm: str) -> None:
    """CSS R613-12: the three months that follow the start, or the next quarter."""
    start = date(2026, month, day)
    profile = account(start.isoformat(), "vente", rhythm=rhythm, acre={})
    row = FIRST[month]
    end, due = (row[0], row[1]) if rhythm == "monthly" else (row[2], row[3])
    first = REGIME.periods(profile, start, RATES)[0]
    assert first.first
    assert (first.start, first.end.isoformat(), first.due.isoformat()) == (start, end, due)
    assert first.opens == first.end + timedelta(days=1)
    acre = acre_end(profile, RATES)
    assert acre is not None
    assert acre.isoformat() == row[4]
    assert overseas_end(start, RATES, "a").isoformat() == row[5]


def test_regular_periods_follow_without_a_gap() -> None:
    for rhythm, codes in (("monthly", "2026-11"), ("quarterly", "2026-Q4")):
        profile = account("2024-07-15", "vente", rhythm=rhythm)
        found = REGIME.periods(profile, date(2026, 11, 23), RATES)
        assert found[-1].code == codes
        assert len({p.code for p in found}) == len(found)
        for before, after in itertools.pairwise(found):
            assert after.start == before.end + timedelta(days=1)
            assert not after.first
    dues = {p.due.strftime("%m-%d") for p in found[1:]}
    assert dues == {"04-30", "07-31", "10-31", "01-31"}


def test_the_last_day_ends_at_noon_and_says_that_it_is_not_confirmed() -> None:
    period = period_of(account(), "2026-10")
    assert (period.due, period.due_time) == (date(2026, 11, 30), time(12))
    assert "midi" in period.note


def test_status_through_the_life_of_a_period() -> None:
    profile = account()

    def status(today: date) -> PeriodStatus:
        return period_of(profile, "2025-10", today).status

    assert status(date(2025, 10, 31)) is PeriodStatus.UPCOMING
    assert status(date(2025, 11, 1)) is PeriodStatus.OPEN
    assert status(date(2025, 11, 30)) is PeriodStatus.OPEN
    assert status(date(2025, 12, 1)) is PeriodStatus.OVERDUE
    assert status(date(2026, 11, 30)) is PeriodStatus.OVERDUE
    assert status(date(2026, 12, 1)) is PeriodStatus.CLOSED


def test_periods_begin_where_the_rates_are_held() -> None:
    assert REGIME.periods(account("2015-03-01"), date(2026, 1, 1), RATES)[0].code == "2022-10"
    begun = account("2022-08-10", "vente")
    first = REGIME.periods(begun, date(2026, 1, 1), RATES)[0]
    assert (first.code, first.start) == ("2022-11", date(2022, 8, 10))


@pytest.mark.parametrize(
    ("rhythm", "code", "due"),
    [("quarterly", "2026-Q2", date(2026, 7, 31)), ("monthly", "2026-05", date(2026, 6, 30))],
)
def test_end_of_activity(rhythm: str, code: str, due: date) -> None:
    """Stopping on 15 May: the last turnover by the end of the month after the month or quarter."""
    profile = account("2020-01-01", "vente", rhythm=rhythm, end_date="2026-05-15")
    last = REGIME.periods(profile, date(2026, 11, 23), RATES)[-1]
    assert (last.code, last.end, last.due, last.last) == (code, date(2026, 5, 15), due, True)
    assert last.opens == date(2026, 5, 16)


def test_end_of_activity_inside_the_first_period() -> None:
    profile = account("2026-07-15", "vente", end_date="2026-08-20")
    (only,) = REGIME.periods(profile, date(2026, 11, 23), RATES)
    assert (only.code, only.due, only.first, only.last) == (
        "2026-08", date(2026, 9, 30), True, True,
    )  # fmt: skip


def test_change_of_periodicity_on_1_january() -> None:
    profile = account(
        "2020-01-01",
        periodicity=[
            {"since": "2020-01-01", "value": "monthly"},
            {"since": "2026-01-01", "value": "quarterly"},
        ],
    )
    codes = [p.code for p in REGIME.periods(profile, date(2026, 5, 1), RATES)]
    assert codes[-3:] == ["2025-12", "2026-Q1", "2026-Q2"]
    back = account(
        "2020-01-01",
        periodicity=[
            {"since": "2020-01-01", "value": "quarterly"},
            {"since": "2026-01-01", "value": "monthly"},
        ],
    )
    codes = [p.code for p in REGIME.periods(back, date(2026, 2, 1), RATES)]
    assert codes[-3:] == ["2025-Q4", "2026-01", "2026-02"]


def starts(profile: object, code: str) -> list[str]:
    period = period_of(profile, code)  # type: ignore[arg-type]
    return [start.isoformat() for start, _ in parts_for(profile, period, RATES)]  # type: ignore[arg-type]


def test_a_regular_period_has_one_part() -> None:
    assert starts(account("2019-05-01", "service_bnc"), "2024-07") == ["2024-07-01"]
    assert starts(account("2019-05-01", "vente", rhythm="quarterly"), "2026-Q1") == ["2026-01-01"]


def test_a_first_period_is_cut_at_a_change_of_rate_and_at_the_year() -> None:
    liberal = account("2024-05-10", "service_bnc")
    assert starts(liberal, "2024-08") == ["2024-05-10", "2024-07-01"]
    assert starts(account("2024-05-10", "vente"), "2024-08") == ["2024-05-10"]
    seller = account("2025-11-20", "vente")
    assert starts(seller, "2026-02") == ["2025-11-20", "2026-01-01"]


def test_the_end_of_the_acre_falls_between_two_periods() -> None:
    profile = account("2026-02-10", "vente", acre={})
    assert starts(profile, "2026-12") == ["2026-12-01"]
    assert starts(profile, "2027-01") == ["2027-01-01"]


def test_overseas_stages() -> None:
    """CSS D756-5: seven quarters after the first, then the third civil year, then for good."""
    start = date(2024, 5, 5)
    days = [
        date(2024, 5, 5),
        date(2026, 3, 31),
        date(2026, 4, 1),
        date(2026, 12, 31),
        date(2027, 1, 1),
    ]
    assert [overseas_stage(start, day, RATES) for day in days] == ["a", "a", "b", "b", "c"]


def test_an_acre_asked_for_too_late_is_not_granted() -> None:
    """CSS D131-6-1 IV: 60 days from 2026, 45 before."""

    def granted(start: str, asked: str) -> bool:
        return acre_end(account(start, "vente", acre={"requested_on": asked}), RATES) is not None

    assert granted("2026-01-01", "2026-03-02")
    assert not granted("2026-01-01", "2026-03-03")
    assert granted("2025-11-01", "2025-12-16")
    assert not granted("2025-11-01", "2025-12-17")
    assert acre_end(account("2026-05-01", "vente", acre={}, department="974"), RATES) is None
