"""Years to prepare, by the dates of the income-tax campaign."""

from __future__ import annotations

from datetime import date

from regimes.dated import RateTable
from regimes.days import month_day
from regimes.doctor_pamc.profile import FIRST_YEAR, Profile
from regimes.regime import Period, PeriodStatus

LAW = "CGI 175, CSS L613-2"


def periods(profile: Profile, today: date, rates: RateTable) -> list[Period]:
    """One period a civil year of income, to prepare the next spring, oldest first. Years whose
    income was given at sign-up are not asked again."""
    found = []
    end_year = today.year
    if profile.end_date is not None:
        end_year = min(end_year, profile.end_date.year)
    first_year = max(
        profile.start_date.year, FIRST_YEAR, *(known.year + 1 for known in profile.known)
    )
    for year in range(first_year, end_year + 1):
        following = date(year + 1, 1, 1)
        opening, closing = rates.get("return.opens", following), rates.get("return.due", following)
        opens, due = month_day(opening.value, year + 1), month_day(closing.value, year + 1)
        years = int(rates.get("return.late_years", following).value)
        if today < opens:
            status = PeriodStatus.UPCOMING
        elif today <= due:
            status = PeriodStatus.OPEN
        elif today > due.replace(year=due.year + years):
            status = PeriodStatus.CLOSED
        else:
            status = PeriodStatus.OVERDUE
        first = year == profile.start_date.year
        last = profile.end_date is not None and profile.end_date.year == year
        found.append(
            Period(
                code=str(year),
                start=profile.start_date if first else date(year, 1, 1),
                end=profile.end_date if last and profile.end_date else date(year, 12, 31),
                opens=opens,
                due=due,
                status=status,
                first=first,
                last=last,
                law=LAW,
                note=closing.note,
            )
        )
    return found
