"""Banking days (TARGET calendar), and when a debit can still be ordered or changed."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache

from backend.clock import PARIS, paris_moment

NOON = time(12)
DAY = timedelta(days=1)


@lru_cache(maxsize=64)
def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    el = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * el) // 433
    month = (h + el - 7 * m + 90) // 25
    return date(year, month, (h + el - 7 * m + 33 * month + 19) % 32)


@lru_cache(maxsize=4096)
def banking_day(day: date) -> bool:
    """True when TARGET settles: not a week-end, 1 January, Good Friday, Easter Monday, 1 May,
    25 or 26 December."""
    if day.weekday() >= 5 or (day.month, day.day) in {(1, 1), (5, 1), (12, 25), (12, 26)}:
        return False
    sunday = easter(day.year)
    return day not in {sunday - 2 * DAY, sunday + DAY}


def from_day(day: date) -> date:
    """The first banking day on or after `day`."""
    while not banking_day(day):
        day += DAY
    return day


def next_day(day: date) -> date:
    """The banking day after `day`."""
    return from_day(day + DAY)


def eve(day: date) -> date:
    """The banking day before `day`: a SEPA debit is sent to the bank one banking day ahead, for
    every sequence type (EPC core rulebook since November 2016)."""
    day -= DAY
    while not banking_day(day):
        day -= DAY
    return day


@lru_cache(maxsize=1024)
def cutoff(day: date) -> datetime:
    """Until when a debit of `day` may be ordered or changed: noon in Paris on the banking eve."""
    return paris_moment(eve(day), NOON)


def collectable(due: date, now: datetime) -> date:
    """The day on which a debit ordered `now` is made: the due date, never before; the next banking
    day that can still be reached when its cut-off is past."""
    day = from_day(max(due, now.astimezone(PARIS).date()))  # of what is past the cut-off is too
    while cutoff(day) <= now:
        day = next_day(day)
    return day
