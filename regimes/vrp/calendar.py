"""One claim a year, from the year after to the end of the three years (CSS L243-6)."""

from __future__ import annotations

from datetime import date, timedelta

from regimes.dated import RateTable
from regimes.days import month_day
from regimes.regime import Period, PeriodStatus
from regimes.vrp.profile import Profile

LAW = "CSS L243-6"
FIRST_YEAR = 2023
"""First year whose rates are in this build."""


def opens_on(year: int, rates: RateTable) -> date:
    """First day a claim on `year` is taken."""
    return month_day(rates.get("claim.opens", date(year, 12, 31)).value, year + 1)


def last_day(year: int, rates: RateTable) -> date:
    """Last day on which something of `year` can still be claimed: the contributions of December
    are paid in the year after, three years before."""
    years = int(rates.get("claim.years", date(year, 12, 31)).value)
    return date(year + years, 12, 31)


def first_limit(year: int, rates: RateTable) -> date:
    """Last day on which the whole of `year` can be claimed: the contributions of January were paid
    in February of the same year (three years, CSS L243-6)."""
    on = date(year, 12, 31)
    years = int(rates.get("claim.years", on).value)
    paid = month_day(rates.get("claim.first_payment", on).value, year + years)
    return paid - timedelta(days=1)


def periods(profile: Profile, today: date, rates: RateTable) -> list[Period]:
    """Every year of work from 2023 to that of `today`, oldest first. `due` is the last day on which
    the whole year can be claimed; after it a claim is still taken, for what is not barred."""
    found = []
    end = profile.end_date or today
    note = rates.get("claim.years", today).note
    for year in range(max(FIRST_YEAR, profile.start_date.year), min(today, end).year + 1):
        due, last = first_limit(year, rates), last_day(year, rates)
        opens = opens_on(year, rates)
        if today < opens:
            status = PeriodStatus.UPCOMING
        elif today <= due:
            status = PeriodStatus.OPEN
        elif today <= last:
            status = PeriodStatus.OVERDUE
        else:
            status = PeriodStatus.CLOSED
        found.append(
            Period(
                code=str(year), start=max(date(year, 1, 1), profile.start_date),
                end=min(date(year, 12, 31), profile.end_date or date(year, 12, 31)), opens=opens,
                due=due, status=status, first=profile.start_date.year == year,
                last=profile.end_date is not None and profile.end_date.year == year, law=LAW,
                note=note, optional=True,
            )
        )  # fmt: skip
    return found
