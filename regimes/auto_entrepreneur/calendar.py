"""Periods to declare, with their due dates (CSS R613-8, R613-12)."""

from __future__ import annotations

from datetime import date, time, timedelta
from functools import lru_cache

from regimes.auto_entrepreneur.profile import Profile
from regimes.auto_entrepreneur.spans import quarter_end
from regimes.dated import RateTable
from regimes.regime import Period, PeriodStatus

LAW = "CSS R613-8"
LAW_FIRST = "CSS R613-12"
EARLIEST = date(2022, 10, 1)
"""First day whose rates are held: periods that end before it are not listed."""


@lru_cache(maxsize=4096)
def month_end(on: date, later: int = 0) -> date:
    """Last day of the month that is `later` months after the one of `on`."""
    year, month = divmod(on.year * 12 + on.month - 1 + later + 1, 12)
    return date(year, month + 1, 1) - timedelta(days=1)


def periods(profile: Profile, today: date, rates: RateTable) -> list[Period]:
    """Every period from the start to the one that runs today, oldest first.

    The first covers the start to the end of the third month following (monthly) or of the next
    quarter (quarterly). Due on the last day of the following month. After an end of activity, the
    last period ends that day and is due at the end of the month after its month or quarter.
    """
    # One screen asks three times (periods, alerts, sanctions), of the same person.
    kept = rates.cache.get("periods")
    if kept is not None and kept[0] is profile and kept[1] == today:
        return [*kept[2]]
    found = _periods(profile, today, rates)
    rates.cache["periods"] = (profile, today, found)
    return [*found]


def _periods(profile: Profile, today: date, rates: RateTable) -> list[Period]:
    found: list[Period] = []
    start = profile.start_date
    first = True
    while start <= today and (profile.end_date is None or start <= profile.end_date):
        monthly = profile.periodicity_on(start) == "monthly"
        if first:
            end = month_end(start, 3) if monthly else quarter_end(start, 1)
        else:
            end = month_end(start) if monthly else quarter_end(start)
        last = profile.end_date is not None and profile.end_date <= end
        # Cessation: the due date is the one of the month or quarter in which the activity ends.
        closing = end
        if last and profile.end_date is not None:
            closing = month_end(profile.end_date) if monthly else quarter_end(profile.end_date)
            end = profile.end_date
        if end >= EARLIEST:
            found.append(_period(start, end, closing, monthly, first, last, today, rates))
        start = end + timedelta(days=1)
        first = False
    return found


def _working_day(due: date, rates: RateTable) -> date:
    """`due`, moved to Monday when the rates say that a week-end is skipped."""
    shift = rates.find("calendar.weekend_shift", due)
    if shift is None or not shift.value or due.weekday() < 5:
        return due
    return due + timedelta(days=7 - due.weekday())


def _period(
    start: date, end: date, closing: date, monthly: bool, first: bool, last: bool, today: date,
    rates: RateTable,
) -> Period:  # fmt: skip
    due = _working_day(month_end(closing, 1), rates)
    opens = closing + timedelta(days=1) if not last else end + timedelta(days=1)
    hour = rates.find("calendar.due_hour", due)
    late_months = rates.find("calendar.late_months", due)
    code = f"{end:%Y-%m}" if monthly else f"{end.year}-Q{(end.month - 1) // 3 + 1}"
    if today < opens:
        status = PeriodStatus.UPCOMING
    elif today <= due:
        status = PeriodStatus.OPEN
    elif late_months is not None and today > month_end(due, int(late_months.value)):
        status = PeriodStatus.CLOSED
    else:
        status = PeriodStatus.OVERDUE
    return Period(
        code=code,
        start=start,
        end=end,
        opens=opens,
        due=due,
        status=status,
        due_time=time(int(hour.value)) if hour else time(23, 59),
        first=first,
        last=last,
        law=LAW_FIRST if first else LAW,
        note=hour.note if hour and not hour.confirmed else "",
    )
