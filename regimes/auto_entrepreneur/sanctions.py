"""Penalties, taxation d'office and late surcharges, by the dates of the law."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from regimes.auto_entrepreneur import calendar
from regimes.auto_entrepreneur.assess import plan_for, situation_of
from regimes.auto_entrepreneur.categories import SALES
from regimes.auto_entrepreneur.profile import Profile
from regimes.dated import DatedValue, RateTable
from regimes.money import ZERO, ceil_euro, percent_of, round_euro
from regimes.regime import Filed, History, Period, Sanction

WAIVED = "Remise automatique : payé dans les 30 jours, premier retard en 24 mois."

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
    """What is incurred today: missing or late declarations, taxation d'office, late payment.

    Years that can no longer be claimed (three years after the 30 June that follows, CSS L244-3) are
    left out. A period absent from `paid` is one whose payments are not known: nothing is claimed.
    """
    filed = {f.period.code: f for f in history}
    found: list[Sanction] = []
    missing: dict[int, list[Period]] = {}
    for period in calendar.periods(profile, today, rates):
        if today <= period.due or _out_of_time(period.end.year, today, rates):
            continue
        item = filed.get(period.code)
        if item is None:
            missing.setdefault(period.end.year, []).append(period)
        elif item.version == 1 and item.filed_on > period.due:
            # A later version says when it was corrected, not when the first one came.
            found.append(_declared_late(item, rates))
    for year, periods in missing.items():
        found += [_missing(period, rates) for period in periods]
        if today > last_due_of(year):
            found.append(_office(profile, year, periods, rates))
    for item in history:
        if item.period.code in paid:
            found += _late(item.period, item.assessment.due, paid, today, rates)
    return sorted(found, key=lambda sanction: sanction.since)


def last_due_of(year: int) -> date:
    """Last due date of the declarations of `year`: 31 January of the next (CSS R613-10)."""
    return date(year + 1, 1, 31)


def _out_of_time(year: int, today: date, rates: RateTable) -> bool:
    years = rates.find("claim.years", today)
    return years is not None and today > date(year + 1 + int(years.value), 6, 30)


def _missing(period: Period, rates: RateTable) -> Sanction:
    on = date(period.end.year, 1, 1)
    amount, rate = missing_penalty(period.end.year, rates)
    ceiling = rates.get("pmss", on)
    stated = rate if ceiling.confirmed else ceiling
    return Sanction(
        "penalty.missing", rate.label, period.code, ceiling.value, rate.value,
        percent_of(ceiling.value, rate.value), amount, period.due + timedelta(days=1), rate.law,
        status=stated.status, note=stated.note,
    )  # fmt: skip


def _declared_late(item: Filed, rates: RateTable) -> Sanction:
    """The penalty of a declaration that came late: the same as for a missing one, and after the
    taxation d'office 3 % of the contributions declared instead (CSS R613-10)."""
    period = item.period
    if item.filed_on <= last_due_of(period.end.year):
        return _missing(period, rates)
    rate = rates.get("penalty.missing.declared", period.due)
    base = sum(
        (line.amount for line in item.assessment.lines if line.group == "contributions"), ZERO
    )
    exact = percent_of(base, rate.value)
    return Sanction(
        "penalty.declared_late", rate.label, period.code, base, rate.value, exact,
        round_euro(exact), period.due + timedelta(days=1), rate.law, status=rate.status,
        note=rate.note,
    )  # fmt: skip


def _office(profile: Profile, year: int, periods: list[Period], rates: RateTable) -> Sanction:
    """Contributions claimed on the flat base, at the rate of the account at the end of the year."""
    base = office_base(profile, year, len(periods), rates)
    sells = not SALES.isdisjoint(profile.categories)
    value = rates.get("office.sales" if sells else "office.services", date(year, 1, 1))
    on = periods[-1].end
    situation = situation_of(profile, on, rates)
    rate = max(plan_for(c, on, situation, rates).lines[0].rate for c in profile.categories)
    mixed = rates.find("office.mixed", on) if len(profile.categories) > 1 else None
    stated = mixed or value
    exact = percent_of(base, rate)
    return Sanction(
        "office", value.label, str(year), base, rate, exact, round_euro(exact),
        last_due_of(year) + timedelta(days=1), value.law, status=stated.status, note=stated.note,
    )  # fmt: skip


def _late(
    period: Period, due: Decimal, paid: Payments, today: date, rates: RateTable
) -> list[Sanction]:
    """Surcharges on what was paid after the due date; what is unpaid runs until today."""
    left = due
    late: list[tuple[date, Decimal]] = []
    for day, amount in sorted(paid[period.code]):
        part = min(amount, left)
        left -= part
        if day > period.due and part > 0:
            late.append((day, part))
    settled = left <= 0
    if not settled and today > period.due:
        late.append((today, left))
    dues = [(day, part, *late_surcharge(period.due, part, day, rates)) for day, part in late]
    total = sum((first + more for _, _, first, more in dues), ZERO)
    waived = settled and bool(dues) and waiver_applies(period, total, dues[-1][0], paid, rates)
    initial = rates.get("late.initial", period.due)
    monthly = rates.get("late.month", period.due)
    found: list[Sanction] = []
    for day, part, first, more in dues:
        months = months_or_parts(period.due, day)
        for code, value, rate, exact in (
            ("late.initial", initial, initial.value, first),
            ("late.month", monthly, monthly.value * months, more),
        ):
            found.append(
                Sanction(
                    code,
                    value.label,
                    period.code,
                    part,
                    rate,
                    exact,
                    round_euro(exact),
                    period.due + timedelta(days=1),
                    value.law,
                    waived,
                    WAIVED if waived else "",
                )
            )
    return found


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
