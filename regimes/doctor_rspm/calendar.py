"""Periods to declare: quarters, or months by option (CSS R642-3)."""

from __future__ import annotations

from datetime import date, timedelta

from regimes.dated import RateTable
from regimes.days import month_end, quarter_end
from regimes.doctor_rspm.profile import Profile
from regimes.regime import Period, PeriodStatus

LAW = "CSS R642-3"


def periods(profile: Profile, today: date, rates: RateTable) -> list[Period]:
    """Every period from the start to the one that runs today, oldest first. None of them must be
    declared when nothing was earned."""
    found: list[Period] = []
    start = profile.start_date
    while start <= today and (profile.end_date is None or start <= profile.end_date):
        monthly = profile.periodicity_on(start) == "monthly"
        closing = month_end(start) if monthly else quarter_end(start)
        last = profile.end_date is not None and profile.end_date <= closing
        end = profile.end_date if last and profile.end_date is not None else closing
        delay = rates.get("calendar.due_months", closing)
        late = rates.find("calendar.late_months", closing)
        due = month_end(closing, int(delay.value))
        if today <= end:
            status = PeriodStatus.UPCOMING
        elif today <= due:
            status = PeriodStatus.OPEN
        elif late is not None and today > month_end(due, int(late.value)):
            status = PeriodStatus.CLOSED
        else:
            status = PeriodStatus.OVERDUE
        found.append(
            Period(
                code=f"{end:%Y-%m}" if monthly else f"{end.year}-Q{(end.month - 1) // 3 + 1}",
                start=start,
                end=end,
                opens=end + timedelta(days=1),
                due=due,
                status=status,
                first=start == profile.start_date,
                last=last,
                law=LAW,
                note="" if delay.confirmed else delay.note,
                optional=True,
            )
        )
        start = closing + timedelta(days=1)
    return found
