"""Days of the calendar that several régimes count in: ends of months and quarters, month-days."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal


def month_end(on: date, later: int = 0) -> date:
    """Last day of the month that is `later` months after the one of `on`."""
    year, month = divmod(on.year * 12 + on.month - 1 + later + 1, 12)
    return date(year, month + 1, 1) - timedelta(days=1)


def quarter_end(on: date, later: int = 0) -> date:
    """Last day of the civil quarter that is `later` quarters after the one of `on`."""
    year, quarter = divmod(on.year * 4 + (on.month - 1) // 3 + later + 1, 4)
    return date(year, quarter * 3 + 1, 1) - timedelta(days=1)


def add_months(on: date, months: int) -> date:
    """The same day `months` later, or the last day of a shorter month."""
    last = month_end(on, months)
    return last.replace(day=min(on.day, last.day))


def month_day(value: Decimal, year: int) -> date:
    """The day of `year` that a value of unit month-day names: 1130 is 30 November."""
    number = int(value)
    return date(year, number // 100, number % 100)
