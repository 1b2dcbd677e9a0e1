"""Which rate applies to a category on a day: full, reduced by the ACRE, or overseas."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from regimes.auto_entrepreneur.departments import MAYOTTE, OVERSEAS
from regimes.auto_entrepreneur.spans import overseas_stage
from regimes.dated import RateMissing, RateTable
from regimes.money import ZERO, ceil_tenth, percent_of


@dataclass(frozen=True, slots=True)
class RateChoice:
    """A rate in percent with its reason: `kind` is full, acre or overseas."""

    rate: Decimal
    kind: str
    law: str
    source: str
    since: date
    confirmed: bool = True
    note: str = ""


def full_rate(category: str, on: date, rates: RateTable) -> RateChoice:
    """Rate of CSS D613-4. Raises RateMissing before 2022."""
    found = rates.get(f"contribution.{category}", on)
    return RateChoice(
        found.value, "full", found.law, found.source, found.start, found.confirmed, found.note
    )


def acre_rate(category: str, on: date, created: date, rates: RateTable) -> RateChoice:
    """Rate reduced by the ACRE, rounded up to the tenth, with its floor (CSS D131-6-3, L613-7 I).

    The fraction is the one of the creation date; the floor is the share of the full rate that goes
    to CSG-CRDS and complementary pension, where the split is published.
    """
    full = full_rate(category, on, rates)
    fraction = rates.find("acre.fraction", created)
    if fraction is None:
        return full
    reduced = percent_of(full.rate, fraction.value)
    kept = [
        rates.find(f"fund.{category}.{fund}", on)
        for fund in ("csg_crds", "retraite_complementaire")
    ]
    floor = percent_of(full.rate, sum((k.value for k in kept if k), ZERO))
    # Only where the roundings differ is the published reading of the decree disputed.
    disputed = not fraction.confirmed and category in {"vente", "service_bnc_cipav"}
    return RateChoice(
        ceil_tenth(max(reduced, floor)), "acre", fraction.law, fraction.source,
        max(full.since, fraction.start), not disputed, fraction.note if disputed else "",
    )  # fmt: skip


def overseas_rate(
    category: str, on: date, created: date, department: str, rates: RateTable
) -> RateChoice:
    """Overseas rate: fraction of the full rate, rounded up to the tenth (CSS D756-5)."""
    full = full_rate(category, on, rates)
    stage = overseas_stage(created, on, rates)
    kind = "cipav" if category == "service_bnc_cipav" else "general"
    top = rates.get(f"overseas.{stage}.{kind}.numerator", on)
    bottom = rates.get(f"overseas.{stage}.{kind}.denominator", on)
    exact = full.rate * top.value / bottom.value
    note = ""
    disputed = rates.find(f"overseas.disputed.{category}", on)
    if disputed is not None:
        note = disputed.note
    if department == MAYOTTE:
        note = rates.get("overseas.disputed.mayotte", on).note
    return RateChoice(
        ceil_tenth(exact), "overseas", top.law, top.source, full.since, not note, note
    )


def choose_rate(
    category: str,
    on: date,
    created: date,
    acre: bool,
    department: str | None,
    rates: RateTable,
) -> RateChoice:
    """The rate that applies on `on`, under the ACRE or not.

    Raises RateMissing when our tables hold none.
    """
    if department in OVERSEAS:
        try:
            return overseas_rate(category, on, created, department or "", rates)
        except RateMissing:
            return full_rate(category, on, rates)
    if acre:
        return acre_rate(category, on, created, rates)
    return full_rate(category, on, rates)
