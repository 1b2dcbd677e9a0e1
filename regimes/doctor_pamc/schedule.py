"""What Urssaf calls: provisional calls on the last known income, then the regularisation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from regimes.dated import RateTable
from regimes.days import month_day
from regimes.doctor_pamc.assess import assess_facts, facts_of, profile_facts
from regimes.doctor_pamc.compute import Facts, Law, beginner
from regimes.doctor_pamc.declaration import Declaration
from regimes.doctor_pamc.profile import FIRST_YEAR, Profile
from regimes.money import ZERO, round_euro
from regimes.regime import Call, History

CALL_LABELS = {"provisional": "Appel provisionnel", "regularisation": "Régularisation"}


@dataclass(frozen=True)
class Known:
    """The income of a year, with the day it became known, and its definitive amount if filed."""

    year: int
    facts: Facts
    on: date
    due: Decimal | None


def known_incomes(profile: Profile, history: History, rates: RateTable) -> list[Known]:
    """Incomes by year: the one filed, else the one given at sign-up."""
    found: dict[int, Known] = {}
    for given in profile.known:
        facts = profile_facts(profile, given.year, given.income)
        found[given.year] = Known(given.year, facts, given.on, None)
    for filed in history:
        if isinstance(filed.declaration, Declaration):
            year = filed.period.end.year
            facts = facts_of(profile, year, filed.declaration, rates)
            found[year] = Known(year, facts, filed.filed_on, filed.assessment.due)
    return [found[year] for year in sorted(found)]


@lru_cache(maxsize=512)  # every call of a year, and every reading of the schedule, asks for it
def yearly(facts: Facts, year: int, rates: RateTable) -> Decimal:
    """Urssaf's part, in whole euros, that the income of `facts` comes to in the calls of `year`.

    An income known before the reform of the base (2024 and earlier) keeps the base and rates of its
    own year; since the reform the law of the year called applies.
    """
    law = facts.year if not Law(facts.year, rates).reformed else year
    moved = replace(facts, year=law, acre=facts.acre and law == facts.year)
    return assess_facts(moved, str(year), (), rates).due


def dates_of(profile: Profile, year: int, rates: RateTable) -> list[date]:
    """Days of the calls of `year`, from 90 days after the start (CSS R613-3) to the end."""
    if profile.payment == "quarterly":
        days = [
            month_day(rates.get(f"calls.quarter.{n}", date(year, 1, 1)).value, year)
            for n in range(1, 5)
        ]
    else:
        day = 5 if profile.payment == "monthly_5" else 20
        days = [date(year, month, day) for month in range(1, 13)]
    wait = int(rates.get("calls.wait", date(year, 1, 1)).value)
    first = profile.start_date + timedelta(days=wait)
    last = profile.end_date or date(year, 12, 31)
    return [day for day in days if first <= day <= last] or (
        [days[-1]] if profile.start_date.year == year and profile.end_date is None else []
    )


def basis(
    profile: Profile, known: list[Known], year: int, on: date, rates: RateTable
) -> Decimal | None:
    """Yearly amount that a call of `year` made on `on` is a part of; None without any basis."""
    estimates = [e for e in profile.estimates if e.year == year and e.on < on]
    if estimates:
        return yearly(profile_facts(profile, year, estimates[-1].income), year, rates)
    usable = [k for k in known if k.year < year and k.on < on]
    if usable:
        return yearly(usable[-1].facts, year, rates)
    if beginner(profile.start_date, year):
        flat = Facts(
            year=year, created=profile.start_date, sector=profile.sector, income=ZERO,
            replacement=profile.replacement, retired=profile.retired, overseas=profile.overseas,
            acre=profile.acre, flat=True,
        )  # fmt: skip
        return assess_facts(flat, str(year), (), rates).due
    return None


def provisional(
    profile: Profile, known: list[Known], year: int, rates: RateTable
) -> list[tuple[date, Decimal]]:
    """Day and whole euros of each provisional call of `year`: what remains of the yearly amount,
    spread again each time that amount changes."""
    days = dates_of(profile, year, rates)
    called = ZERO
    found = []
    for number, day in enumerate(days):
        whole = basis(profile, known, year, day, rates)
        if whole is None:
            return []  # nothing is known of a year that began before any basis
        amount = max(ZERO, round_euro((whole - called) / (len(days) - number)))
        called += amount
        found.append((day, amount))
    return found


def schedule(profile: Profile, history: History, today: date, rates: RateTable) -> list[Call]:
    """Every call of Urssaf from the first year with a basis to the year of `today`: provisional
    ones, then what the real income leaves (negative: a refund). What the pension fund calls is
    not here."""
    known = known_incomes(profile, history, rates)
    calls: list[Call] = []
    totals: dict[int, Decimal] = {}
    first = max(FIRST_YEAR, profile.start_date.year)
    for year in range(first, today.year + 1):
        for number, (day, amount) in enumerate(provisional(profile, known, year, rates), start=1):
            totals[year] = totals.get(year, ZERO) + amount
            calls.append(
                Call(f"provisional.{year}.{number}", str(year), day, amount, True,
                     label=CALL_LABELS["provisional"])
            )  # fmt: skip
    for item in known:
        if item.due is None or item.year not in totals:
            continue
        following = [
            day
            for year in (item.on.year, item.on.year + 1)
            for day in dates_of(profile, year, rates)
            if day > item.on
        ]
        on = following[0] if following else item.on + timedelta(days=30)
        calls.append(
            Call(f"regularisation.{item.year}", str(item.year), on, item.due - totals[item.year],
                 label=CALL_LABELS["regularisation"])
        )  # fmt: skip
    return sorted(calls, key=lambda call: (call.on, call.code))
