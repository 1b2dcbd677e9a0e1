"""What one employer's pay gives: bases after the flat-rate deduction (DFS), own ceiling, CSG."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from regimes.dated import RateTable
from regimes.money import ZERO, percent_of, round_cent
from regimes.vrp.declaration import Declaration, EmployerYear


@dataclass(frozen=True, slots=True)
class MonthBases:
    """One month with one employer, in euros: `deduction` is the DFS, `base` gross less it."""

    month: int
    gross: Decimal
    deduction: Decimal
    base: Decimal


@dataclass(frozen=True, slots=True)
class EmployerBases:
    """A year with one employer, in euros. `ceiling` is its own, over `months` of work; `capped` the
    base under the ceiling as it filed it, or each alone when it filed none (`estimated` then);
    `csg` likewise. `expected_*`: what the law gives from the gross pay alone. A value is None when
    the ceiling of the year is not published."""

    siret: str
    name: str
    agricultural: bool
    months: int
    gross: Decimal
    deduction: Decimal
    base: Decimal
    ceiling: Decimal | None
    expected_capped: Decimal | None
    capped: Decimal | None
    uncapped: Decimal
    csg: Decimal
    estimated: bool
    rows: tuple[MonthBases, ...]


def minimum_month(on: date, rates: RateTable) -> Decimal | None:
    """Monthly minimum wage for 35 hours a week, in euros (CT L3231-2); None when not published."""
    hour, hours = rates.find("smic.hour", on), rates.find("smic.hours", on)
    if hour is None or hours is None:
        return None
    return round_cent(hour.value * hours.value / 12)


def dfs_rate(on: date, rates: RateTable) -> Decimal:
    """Percent of the flat-rate deduction for pay of this day."""
    return rates.get("dfs.rate", on).value


def worked_months(employer: EmployerYear, year: int) -> frozenset[int]:
    """Months of the year with this employer: by its dates, or the months listed without them."""
    if employer.start is None:
        return frozenset(pay.month for pay in employer.months)
    first = max(employer.start, date(year, 1, 1))
    last = min(employer.end or date(year, 12, 31), date(year, 12, 31))
    if first > last:
        return frozenset()
    return frozenset(range(first.month, last.month + 1)) | {p.month for p in employer.months}


def month_bases(employer: EmployerYear, year: int, rates: RateTable) -> tuple[MonthBases, ...]:
    """Bases month by month. The deduction is the dated rate of the gross pay, within a twelfth of
    7 600 € for each month gone by, and never takes the base under the minimum wage (arrêté of 20
    December 2002, article 9)."""
    found: list[MonthBases] = []
    used = wanted = ZERO
    limit = rates.get("dfs.limit", date(year, 12, 31)).value
    worked = sorted(worked_months(employer, year))
    for pay in sorted(employer.months, key=lambda p: p.month):
        deduction = ZERO
        on = date(year, pay.month, 1)
        if pay.dfs:
            wanted += percent_of(pay.gross, dfs_rate(on, rates))
            elapsed = sum(1 for month in worked if month <= pay.month)
            allowed = max(ZERO, min(wanted, limit * elapsed / 12) - used)
            floor = minimum_month(on, rates)
            if floor is not None:
                allowed = min(allowed, max(ZERO, pay.gross - floor))
            deduction = round_cent(min(allowed, pay.gross))
        used += deduction
        found.append(MonthBases(pay.month, pay.gross, deduction, pay.gross - deduction))
    return tuple(found)


def csg_base(gross: Decimal, months: int, on: date, rates: RateTable) -> Decimal:
    """Base of CSG and CRDS in euros: 98.25 % of the gross pay, without the DFS, up to four
    ceilings over `months`, the whole above (CSS L136-2)."""
    share = rates.get("csg.share", on).value
    ceiling = rates.find("pmss", on)
    if ceiling is None:
        return percent_of(gross, share)
    upper = ceiling.value * rates.get("csg.ceilings", on).value * months
    return percent_of(min(gross, upper), share) + max(ZERO, gross - upper)


def employer_bases(employer: EmployerYear, year: int, rates: RateTable) -> EmployerBases:
    """The year with one employer. Total: never raises on a valid declaration."""
    on = date(year, 12, 31)
    rows = month_bases(employer, year, rates)
    months = len(worked_months(employer, year))
    gross = sum((row.gross for row in rows), ZERO)
    base = sum((row.base for row in rows), ZERO)
    pmss = rates.find("pmss", on)
    ceiling = None if pmss is None else pmss.value * months
    filed = {p.month: p.filed.capped for p in employer.months if p.filed is not None}
    told = {month: value for month, value in filed.items() if value is not None}
    silent = [row for row in rows if row.month not in told]
    capped = sum(told.values(), ZERO) if told or not silent else None
    expected = None if ceiling is None else min(base, ceiling)
    if silent:
        rest = sum((row.base for row in silent), ZERO)
        own = None
        if pmss is not None:
            # The ceiling is that of the whole year: what was filed has used its part.
            own = min(rest, max(ZERO, (ceiling or ZERO) - (capped or ZERO)))
        capped = None if own is None else (capped or ZERO) + own
    uncapped = sum(
        (
            pay.filed.uncapped if pay.filed is not None and pay.filed.uncapped is not None
            else row.base
            for pay, row in zip(sorted(employer.months, key=lambda p: p.month), rows, strict=True)
        ),
        ZERO,
    )  # fmt: skip
    known = [p for p in employer.months if p.filed is not None and p.filed.csg is not None]
    unknown = sum((p.gross for p in employer.months if p not in known), ZERO)
    csg = sum((p.filed.csg for p in known if p.filed and p.filed.csg is not None), ZERO)
    csg += csg_base(unknown, max(1, len(employer.months) - len(known)), on, rates)
    return EmployerBases(
        siret=employer.siret, name=employer.name, agricultural=employer.agricultural,
        months=months, gross=gross, deduction=gross - base, base=base, ceiling=ceiling,
        expected_capped=expected, capped=capped, uncapped=uncapped, csg=csg,
        estimated=bool(silent), rows=rows,
    )  # fmt: skip


def year_months(declaration: Declaration, year: int) -> int:
    """Months of the year with at least one employer."""
    return len(frozenset().union(*(worked_months(e, year) for e in declaration.employers)))
