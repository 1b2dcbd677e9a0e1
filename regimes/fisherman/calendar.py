"""Years to validate, and what is called: instalments by quarter, then the regularisation."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from regimes.dated import RateTable
from regimes.days import month_day
from regimes.fisherman.models import EARLIEST, Declaration, Profile
from regimes.money import CENT, ONE, ZERO, largest_remainder, percent_of, round_cent
from regimes.regime import Call, Filed, History, Period, PeriodStatus

LAW = "C. transports L5553-5"
CALL_LABELS = {"provisional": "Appel provisionnel", "regularisation": "Régularisation"}
NOTE_BEGINNER = "Sur 19 % du plafond, en attendant une année validée."
NOTE_KNOWN = "Sur la dernière année validée avant décembre."
QUARTERS = (1, 2, 3, 4)


def periods(profile: Profile, today: date, rates: RateTable) -> list[Period]:
    """One period a year, validated from 1 January to 28 February of the next one."""
    found = []
    first = max(profile.start_date, EARLIEST)
    last = min(today, profile.end_date or today)
    for year in range(first.year, last.year + 1):
        opens = date(year + 1, 1, 1)
        due = month_day(rates.get("calendar.validation", opens).value, year + 1)
        end = date(year, 12, 31)
        ended = profile.end_date is not None and profile.end_date.year == year
        if ended and profile.end_date is not None:
            end = profile.end_date
        status = PeriodStatus.UPCOMING
        if today >= opens:
            status = PeriodStatus.OPEN if today <= due else PeriodStatus.OVERDUE
        found.append(
            Period(
                str(year), max(first, date(year, 1, 1)), end, opens, due, status,
                first=year == first.year, last=ended, law=LAW,
            )
        )  # fmt: skip
    return found


def instalments(
    profile: Profile, history: History, year: int, rates: RateTable
) -> tuple[Decimal, str]:
    """Euros called in `year` and what they were reckoned on (French msgid): the last year validated
    before it, or 19 % of the ceiling during the first years and while nothing is validated."""
    beginners = int(rates.get("beginner.years", date(year, 1, 1)).value)
    before = [
        f
        for f in history
        if isinstance(f.declaration, Declaration) and f.period.end.year < year - 1
    ]
    if year < profile.start_date.year + beginners or not before:
        return _beginner(profile, year, rates), NOTE_BEGINNER
    return max(before, key=lambda f: f.period.end).assessment.due, NOTE_KNOWN


def _beginner(profile: Profile, year: int, rates: RateTable) -> Decimal:
    """Rates of a small vessel on 19 % of the ceiling: what is not published is not called."""
    on = date(year, 12, 31)
    base = round_cent(percent_of(rates.get("pass", on).value, rates.get("beginner.pass", on).value))
    keys: tuple[str, ...] = (
        "crm.personal", "crm.owner.small", "cgp.owner.small", "cgp.personal", "csg_crds",
    )  # fmt: skip
    if profile.role == "spouse":
        keys = ("spouse.pension",)
    found = [rates.find(key, on) for key in keys]
    return sum((round_cent(percent_of(base, v.value)) for v in found if v is not None), ZERO)


def calls_of_year(profile: Profile, history: History, year: int, rates: RateTable) -> list[Call]:
    """The quarterly calls of `year`, made in December before it; a year validated meanwhile moves
    the quarters left."""
    total, _ = instalments(profile, history, year, rates)
    days = [
        month_day(rates.get(f"calls.quarter.{n}", date(year, 1, 1)).value, year) for n in QUARTERS
    ]
    amounts = largest_remainder(total, [ONE] * 4, CENT)
    latest = _validated(history, year - 1)
    if latest is not None and year >= profile.start_date.year + 2:
        fresh = largest_remainder(latest.assessment.due, [ONE] * 4, CENT)
        amounts = [
            new if day > latest.filed_on else old
            for day, old, new in zip(days, amounts, fresh, strict=True)
        ]
    return [
        Call(f"provisional.{year}.{n}", str(year), day, amount, True,
             label=CALL_LABELS["provisional"])
        for n, day, amount in zip(QUARTERS, days, amounts, strict=True)
        if day >= profile.start_date and (profile.end_date is None or day <= profile.end_date)
    ]  # fmt: skip


def _validated(history: History, year: int) -> Filed | None:
    return next((f for f in history if f.period.end.year == year), None)


def called(profile: Profile, history: History, year: int, rates: RateTable) -> Decimal:
    """Euros of the instalments of `year`."""
    return sum((c.amount for c in calls_of_year(profile, history, year, rates)), ZERO)


def schedule(profile: Profile, history: History, today: date, rates: RateTable) -> list[Call]:
    """Instalments of every year up to the next one (from December on), and a regularisation for
    each year validated."""
    last = today.year + (1 if today.month == 12 else 0)
    if profile.end_date is not None:
        last = min(last, profile.end_date.year)
    calls: list[Call] = []
    for year in range(max(profile.start_date.year, EARLIEST.year), last + 1):
        calls += calls_of_year(profile, history, year, rates)
    for filed in history:
        year = filed.period.end.year
        on = month_day(rates.get("calls.regularisation", date(year + 1, 1, 1)).value, year + 1)
        left = filed.assessment.due - called(profile, history, year, rates)
        calls.append(
            Call(f"regularisation.{year}", filed.period.code, max(on, filed.filed_on), left,
                 label=CALL_LABELS["regularisation"])
        )  # fmt: skip
    return sorted(calls, key=lambda call: (call.on, call.code))
