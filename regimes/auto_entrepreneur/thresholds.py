"""Turnover of a civil year against the ceilings of the law."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from regimes.auto_entrepreneur.categories import SALES
from regimes.auto_entrepreneur.declaration import Declaration
from regimes.auto_entrepreneur.profile import Profile
from regimes.dated import RateTable
from regimes.money import ZERO, round_euro
from regimes.regime import Gauge, History


@dataclass(frozen=True, slots=True)
class YearTurnover:
    """Turnover of one civil year that counts towards ceilings, in whole euros."""

    year: int
    sales: Decimal
    services: Decimal

    @property
    def total(self) -> Decimal:
        """Sales and services together."""
        return self.sales + self.services


def year_turnover(history: History, year: int) -> YearTurnover:
    """Turnover collected in `year`: a part that straddles two years counts where it ends."""
    sales = services = ZERO
    for filed in history:
        if not isinstance(filed.declaration, Declaration):
            continue
        for part in filed.declaration.parts:
            if part.end.year != year:
                continue
            for category, amount in part.turnover.items():
                if category in SALES:
                    sales += round_euro(amount)
                else:
                    services += round_euro(amount)
        if filed.period.end.year == year:
            for category, amount in filed.declaration.platform.items():
                if category in SALES:
                    sales += round_euro(amount)
                else:
                    services += round_euro(amount)
    return YearTurnover(year, sales, services)


def prorated(profile: Profile, year: int, limit: Decimal) -> Decimal:
    """`limit` scaled to the days of activity in the first year (CGI 50-0), to the euro.

    Equivalent to annualising the turnover: CA × 365 / days compared with the whole limit. Seasonal
    businesses are excepted.
    """
    if profile.start_date.year != year or profile.seasonal:
        return limit
    last = date(year, 12, 31)
    if profile.end_date is not None:
        last = min(last, profile.end_date)
    days = (last - profile.start_date).days + 1
    return round_euro(limit * days / 365) if days < 365 else limit


def gauges(profile: Profile, history: History, today: date, rates: RateTable) -> list[Gauge]:
    """The year of `today` against the micro and VAT ceilings that concern this account."""
    turnover = year_turnover(history, today.year)
    sells = not SALES.isdisjoint(profile.categories)
    serves = any(c not in SALES for c in profile.categories)
    found: list[Gauge] = []

    furnished = "meuble_tourisme_classe" in profile.categories

    def add(code: str, key: str, value: Decimal, upper_key: str = "") -> None:
        limit = rates.find(key, today)
        if limit is None:
            return
        upper = rates.find(upper_key, today) if upper_key else None
        ceiling = prorated(profile, today.year, limit.value)
        doubt = None
        if upper is not None and ceiling != limit.value:
            doubt = rates.find("vat.first_year", today)
        elif code == "micro.services" and furnished:
            doubt = rates.find("micro.furnished", today)
        stated = doubt or limit
        found.append(
            Gauge(
                code=code,
                label=limit.label,
                year=today.year,
                value=value,
                limit=ceiling,
                upper=upper.value if upper else None,
                law=limit.law,
                status=stated.status,
                note=stated.note,
            )
        )

    if sells:
        add("micro.total", "micro.sales", turnover.total)
    if serves:
        add("micro.services", "micro.services", turnover.services)
    if not profile.vat_registered:
        if sells:
            add("vat.sales", "vat.sales.base", turnover.total, "vat.sales.upper")
        if serves:
            add("vat.services", "vat.services.base", turnover.services, "vat.services.upper")
    return found


def micro_exceeded(profile: Profile, history: History, year: int, rates: RateTable) -> bool:
    """True when the turnover of `year` is above a micro ceiling (prorated in the first year)."""
    turnover = year_turnover(history, year)
    on = date(year, 12, 31)
    total, services = rates.find("micro.sales", on), rates.find("micro.services", on)
    over = total is not None and turnover.total > prorated(profile, year, total.value)
    if any(c not in SALES for c in profile.categories) and services is not None:
        over = over or turnover.services > prorated(profile, year, services.value)
    return over


def exit_on(profile: Profile, history: History, today: date, rates: RateTable) -> date | None:
    """1 January on which the micro régime ends: after two civil years above in a row (CGI 50-0)."""
    for second in range(profile.start_date.year + 1, today.year + 1):
        if micro_exceeded(profile, history, second - 1, rates) and micro_exceeded(
            profile, history, second, rates
        ):
            return date(second + 1, 1, 1)
    return None


def months_without_turnover(profile: Profile, history: History) -> int:
    """Consecutive months declared at zero, up to the latest declaration."""
    months = 0
    for filed in sorted(history, key=lambda f: f.period.start, reverse=True):
        if not isinstance(filed.declaration, Declaration):
            continue
        if any(amount > 0 for amount in filed.declaration.counted().values()):
            break
        period = filed.period
        months += (period.end.year - period.start.year) * 12 + period.end.month
        months += 1 - period.start.month
    return months
