"""Dates of the law of an account: end of the ACRE, overseas stages, and spans of equal rates."""

from __future__ import annotations

from datetime import date, timedelta

from regimes.auto_entrepreneur.profile import Profile
from regimes.dated import RateTable
from regimes.regime import Period


def quarter_end(on: date, later: int = 0) -> date:
    """Last day of the civil quarter that is `later` quarters after the one of `on`."""
    index = on.year * 4 + (on.month - 1) // 3 + later + 1
    year, quarter = divmod(index, 4)
    return date(year, quarter * 3 + 1, 1) - timedelta(days=1)


def acre_end(profile: Profile, rates: RateTable) -> date | None:
    """Last day of the ACRE: end of the third civil quarter after the one of the start.

    CSS D131-6-1. None when the account has no ACRE, asked for it too late (60 days from the start,
    45 before 2026), or is overseas (CSS D756-5 excludes it).
    """
    if profile.acre is None or profile.overseas:
        return None
    days = rates.find("acre.request_days", profile.start_date)
    asked = profile.acre.requested_on
    if asked is not None and days is not None:
        last = profile.start_date + timedelta(days=int(days.value))
        if asked > last:
            return None
    fraction = rates.find("acre.fraction", profile.start_date)
    quarters = rates.find("acre.quarters", profile.start_date)
    if fraction is None or quarters is None:
        return None
    return quarter_end(profile.start_date, int(quarters.value))


def overseas_stage(start: date, on: date, rates: RateTable) -> str:
    """Stage of the overseas reduction on `on`: a, b or c (CSS D756-5)."""
    if on <= overseas_end(start, rates, "a"):
        return "a"
    return "b" if on <= overseas_end(start, rates, "b") else "c"


def overseas_end(start: date, rates: RateTable, stage: str) -> date:
    """Last day of stage a (seventh quarter after the start's) or b (third civil year)."""
    if stage == "a":
        return quarter_end(start, int(rates.get("overseas.a.quarters", start).value))
    years = int(rates.get("overseas.b.years", start).value)
    return date(start.year + years - 1, 12, 31)


def part_starts(profile: Profile, start: date, end: date, rates: RateTable) -> list[date]:
    """First days of the spans of [start, end] within which no rate of this account changes.

    A regular month or quarter is one span; a longer first period may hold several, and its
    turnover is then asked by date of collection, each part at its own rate.
    """
    # A civil year is never straddled: ceilings and fund shares are counted year by year.
    cuts = {date(year, 1, 1) for year in range(start.year + 1, end.year + 1)}
    watched = [f"contribution.{c}" for c in profile.categories]
    watched += [f"vl.{c}" for c in profile.categories]
    for key in watched:
        cuts.update(v.start for v in rates.history(key))
    acre_until = acre_end(profile, rates)
    if acre_until is not None:
        cuts.add(acre_until + timedelta(days=1))
    if profile.overseas:
        cuts.update(
            overseas_end(profile.start_date, rates, s) + timedelta(days=1) for s in ("a", "b")
        )
    cuts.update(choice.since for choice in profile.flat_tax)
    return [start, *sorted(day for day in cuts if start < day <= end)]


def parts_for(profile: Profile, period: Period, rates: RateTable) -> list[tuple[date, date]]:
    """The parts (first day, last day) in which a declaration of `period` gives its turnover."""
    starts = part_starts(profile, period.start, period.end, rates)
    ends = [day - timedelta(days=1) for day in starts[1:]] + [period.end]
    return list(zip(starts, ends, strict=True))
