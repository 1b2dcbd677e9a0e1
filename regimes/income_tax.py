"""Income tax of a household by the progressive scale: quotient, ceiling, overseas, décote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from regimes.dated import DatedValue, RateTable
from regimes.money import ZERO, percent_of, round_euro

HALF = Decimal("0.5")
BANDS = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Household:
    """Who is taxed together. `other` is the other net taxable income of the household, in euros;
    `alone` a parent who lives alone with the children; `overseas` a or b (CGI 197, I-3)."""

    couple: bool = False
    children: int = 0
    alone: bool = False
    other: Decimal = ZERO
    overseas: str = ""

    @property
    def base(self) -> Decimal:
        """Shares without the children (CGI 194)."""
        return Decimal(2 if self.couple else 1)

    @property
    def shares(self) -> Decimal:
        """Shares of the family quotient (CGI 194): a half for each of the first two children, one
        for each after; a lone parent has a half more for the first."""
        first, later = min(self.children, 2), max(self.children - 2, 0)
        extra = HALF * first + later
        if self.alone and not self.couple and self.children:
            extra += HALF
        return self.base + extra


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax, step by step, in euros: `scale` with the shares, `kept` once the advantage of the
    quotient is capped, `overseas` and `discount` (décote) taken off, `due` to pay."""

    taxable: Decimal
    shares: Decimal
    scale: Decimal
    kept: Decimal
    overseas: Decimal
    discount: Decimal
    due: Decimal


def scale_tax(taxable: Decimal, on: date, rates: RateTable) -> Decimal:
    """Exact tax of one share of `taxable` euros, incomes of the year of `on` (CGI 197, I-1)."""
    total = ZERO
    for band in BANDS:
        start = rates.get(f"tax.from.{band}", on).value
        after = rates.find(f"tax.from.{band + 1}", on)
        top = taxable if after is None else min(taxable, after.value)
        if top > start:
            total += percent_of(top - start, rates.get(f"tax.rate.{band}", on).value)
    return total


def household_tax(taxable: Decimal, household: Household, on: date, rates: RateTable) -> Tax:
    """Tax on `taxable` euros of the whole household, incomes of the year of `on` (CGI 197, 1657).

    Reductions and credits are not counted. To the nearest euro; nothing under 61 €.
    """
    taxable = max(ZERO, round_euro(taxable))
    shares = household.shares
    scale = scale_tax(taxable / shares, on, rates) * shares
    kept = scale
    extra = shares - household.base
    if extra:
        half = rates.get("tax.quotient.half", on).value
        advantage = extra / HALF * half
        if household.alone and not household.couple and household.children:
            # The whole share of the first child has a ceiling of its own (CGI 197, I-2).
            first = rates.get("tax.quotient.alone", on).value
            advantage = first + (extra - 1) / HALF * half
        plain = scale_tax(taxable / household.base, on, rates) * household.base
        kept = max(scale, plain - advantage)
    overseas = ZERO
    if household.overseas:
        most = rates.get(f"tax.overseas.most.{household.overseas}", on).value
        rate = rates.get(f"tax.overseas.rate.{household.overseas}", on).value
        overseas = min(most, percent_of(kept, rate))
    after = kept - overseas
    key = "tax.discount.couple" if household.couple else "tax.discount.single"
    taken = percent_of(after, rates.get("tax.discount.rate", on).value)
    discount = min(after, max(ZERO, rates.get(key, on).value - taken))
    due = round_euro(after - discount)
    if due < rates.get("tax.least", on).value:
        due = ZERO
    return Tax(taxable, shares, scale, kept, overseas, discount, due)


def scale_value(on: date, rates: RateTable) -> DatedValue:
    """The value that says whose scale is used for the incomes of the year of `on`: its law, and
    whether it is confirmed."""
    return rates.get("tax.from.1", on)
