"""Penalties, taxation d'office and late surcharges, by the dates of the law."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from regimes.auto_entrepreneur import calendar
from regimes.auto_entrepreneur.categories import SALES
from regimes.auto_entrepreneur.profile import Profile
from regimes.dated import DatedValue, RateTable
from regimes.money import ZERO, ceil_euro, percent_of, round_euro
from regimes.regime import History, Period, PeriodStatus, Sanction

Payments = Mapping[str, Sequence[tuple[date, Decimal]]]


def missing_penalty(year: int, rates: RateTable) -> tuple[Decimal, DatedValue]:
    """Euros due for one missing declaration: 1.5 % of the month's ceiling of `year`, rounded up.

    CSS R613-9. Raises RateMissing for a year without ceiling.
    """
    on = date(year, 1, 1)
    rate = rates.get("penalty.missing", on)
    return ceil_euro(percent_of(rates.get("pmss", on).value, rate.value)), rate


def office_base(profile: Profile, year: int, missing: int, rates: RateTable) -> Decimal:
    """Flat base (euros, unrounded) of the taxation d'office of `year` for `missing` declarations.

    CSS R613-10: a twelfth (monthly) or a quarter (quarterly) of the VAT upper threshold for each,
    raised by 5 % or 15 % for each missing declaration.
    """
    on = date(year, 1, 1)
    monthly = profile.periodicity_on(on) == "monthly"
    sells = not SALES.isdisjoint(profile.categories)
    threshold = rates.get("office.sales" if sells else "office.services", on)
    share = threshold.value * missing / (12 if monthly else 4)
    raised = rates.get("office.monthly" if monthly else "office.quarterly", on)
    return share + percent_of(share, raised.value * missing)


def late_surcharge(
    due: date, amount: Decimal, paid_on: date, rates: RateTable
) -> tuple[Decimal, Decimal]:
    """Initial and additional surcharges (euros, unrounded) of `amount` due on `due`, paid late.

    CSS R243-16: 5 %, and 0.2 % per month or part of a month elapsed since the due date.
    """
    if paid_on <= due:
        return ZERO, ZERO
    first = percent_of(amount, rates.get("late.initial", due).value)
    months = months_or_parts(due, paid_on)
    return first, percent_of(amount, rates.get("late.month", due).value * months)


def months_or_parts(since: date, until: date) -> int:
    """Months from `since` to `until`, a part counting as one; zero when `until` is not after."""
    if until <= since:
        return 0
    whole = (until.year - since.year) * 12 + until.month - since.month
    # The n-th month ends on the same day of the month, or on the last day of a shorter one.
    anniversary = min(since.day, calendar.month_end(date(until.year, until.month, 1)).day)
    return whole + (1 if until.day > anniversary else 0)


def sanctions(
    profile: Profile, history: History, paid: Payments, today: date, rates: RateTable
) -> list[Sanction]:
    """What is incurred today: missing declarations, taxation d'office, late payment."""
    known = calendar.periods(profile, today, rates)
    filed = {f.period.code: f for f in history}
    found: list[Sanction] = []
    missing_by_year: dict[int, list[Period]] = {}
    for period in known:
        if period.code in filed or period.status not in {PeriodStatus.OVERDUE, PeriodStatus.CLOSED}:
            continue
        missing_by_year.setdefault(period.end.year, []).append(period)
    for year, periods in missing_by_year.items():
        found += _missing(profile, year, periods, today, rates)
    for item in filed.values():
        found += _late(item.period, item.assessment.due, paid, today, rates, history)
    return found


def _missing(
    profile: Profile, year: int, periods: list[Period], today: date, rates: RateTable
) -> list[Sanction]:
    if rates.find("pmss", date(year, 1, 1)) is None:
        return []
    amount, rate = missing_penalty(year, rates)
    base = rates.get("pmss", date(year, 1, 1)).value
    found = [
        Sanction(
            "penalty.missing",
            rate.label,
            p.code,
            base,
            rate.value,
            percent_of(base, rate.value),
            amount,
            p.due + timedelta(days=1),
            rate.law,
            status=rate.status,
            note=rate.note,
        )
        for p in periods
    ]
    last_due = date(year + 1, 1, 31)
    if today > last_due:
        flat = office_base(profile, year, len(periods), rates)
        sells = not SALES.isdisjoint(profile.categories)
        value = rates.get("office.sales" if sells else "office.services", date(year, 1, 1))
        found.append(
            Sanction(
                "office",
                value.label,
                str(year),
                flat,
                None,
                flat,
                round_euro(flat),
                last_due + timedelta(days=1),
                value.law,
                status=value.status,
                note=value.note,
            )
        )
    return found


def _late(
    period: Period, due: Decimal, paid: Payments, today: date, rates: RateTable, history: History
) -> list[Sanction]:
    """Surcharges on what was paid after the due date. Unpaid amounts run until today."""
    if period.code not in paid:
        return []  # no payment is known here yet: nothing is claimed
    left = due
    found: list[Sanction] = []
    for day, amount in sorted(paid[period.code]):
        part = min(amount, left)
        left -= part
        if day > period.due and part > 0:
            found += _surcharges(period, part, day, left == 0, paid, rates)
    return found


def _surcharges(
    period: Period, amount: Decimal, day: date, settled: bool, paid: Payments, rates: RateTable
) -> list[Sanction]:
    first, more = late_surcharge(period.due, amount, day, rates)
    initial = rates.get("late.initial", period.due)
    monthly = rates.get("late.month", period.due)
    waived = settled and waiver_applies(period, first + more, day, paid, rates)
    reason = "Remise automatique : payé dans les 30 jours, premier retard en 24 mois."
    months = months_or_parts(period.due, day)
    return [
        Sanction("late.initial", initial.label, period.code, amount, initial.value, first,
                 round_euro(first), period.due + timedelta(days=1), initial.law, waived,
                 reason if waived else ""),
        Sanction("late.month", monthly.label, period.code, amount, monthly.value * months, more,
                 round_euro(more), period.due + timedelta(days=1), monthly.law, waived,
                 reason if waived else ""),
    ]  # fmt: skip


def waiver_applies(
    period: Period, surcharge: Decimal, paid_on: date, paid: Payments, rates: RateTable
) -> bool:
    """Automatic waiver (CSS R243-11): paid within 30 days, no late payment in the 24 months before,
    surcharge under the month's ceiling."""
    days = rates.get("late.waiver_days", period.due)
    quiet = rates.get("late.waiver_quiet_months", period.due)
    ceiling = rates.find("pmss", period.due)
    if (paid_on - period.due).days > int(days.value):
        return False
    if ceiling is None or surcharge >= ceiling.value:
        return False
    since = calendar.month_end(period.due, -int(quiet.value))
    return not any(
        since <= day < period.due and _was_late(code, day)
        for code, entries in paid.items()
        if code != period.code
        for day, _ in entries
    )


def _was_late(code: str, day: date) -> bool:
    """True when a payment of the period `code` (2026-10, 2026-Q3) came after its due date."""
    year, rest = int(code[:4]), code[5:]
    month = int(rest[1:]) * 3 if rest.startswith("Q") else int(rest)
    return day > calendar.month_end(date(year, month, 1), 1)
