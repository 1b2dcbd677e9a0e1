"""Yearly limits of the reduced rates: turnover above them bears the full rate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from regimes.auto_entrepreneur.categories import SALES
from regimes.auto_entrepreneur.declaration import Declaration
from regimes.auto_entrepreneur.profile import Profile
from regimes.auto_entrepreneur.spans import acre_end
from regimes.dated import DatedValue, RateTable
from regimes.money import ZERO, round_euro
from regimes.regime import History, Period

NEVER_BELOW = Decimal(41136)
"""Yearly turnover, in euros, under which neither limit has ever been met since 2022."""


class AcreRoom:
    """Turnover still under the ACRE limit of the civil year (CSS D131-6-3 II): one PASS of income
    after the tax allowance."""

    def __init__(self, rule: DatedValue, left: Decimal, kept: Mapping[str, Decimal]) -> None:
        self.rule = rule
        self.left = left  # euros of income after allowance
        self.kept = kept  # part of the turnover that the allowance leaves, by category

    def take(self, category: str, base: Decimal) -> Decimal:
        """Consume `base`; answer the whole euros of it that stand above the limit."""
        kept = self.kept[category]
        room = round_euro(max(self.left, ZERO) / kept)
        self.left -= base * kept
        return max(ZERO, base - room)


class OverseasRoom:
    """Turnover still under the micro ceilings of the civil year (CSS D756-5 II)."""

    def __init__(self, rule: DatedValue, total: Decimal, services: Decimal) -> None:
        self.rule = rule
        self.total = total
        self.services = services

    def take(self, category: str, base: Decimal) -> Decimal:
        """Consume `base`; answer the euros of it that stand above a ceiling."""
        room = self.total
        if category not in SALES:
            room = min(room, self.services)
            self.services -= base
        self.total -= base
        return max(ZERO, base - max(room, ZERO))


def room_for(
    profile: Profile, period: Period, history: History, year: int, rates: RateTable
) -> AcreRoom | OverseasRoom | None:
    """What is left in `year` before `period`, or None when the account has no reduced rate."""
    on = date(year, 12, 31)
    if profile.overseas:
        rule = rates.find("overseas.limit", on)
        sales, services = rates.find("micro.sales", on), rates.find("micro.services", on)
        if rule is None or sales is None or services is None:
            return None
        overseas = OverseasRoom(rule, sales.value * rule.value, services.value * rule.value)
        _consume(overseas, period, history, year)
        return overseas
    until = acre_end(profile, rates)
    ceiling, limit = rates.find("pass", on), rates.find("acre.limit_pass", on)
    if until is None or ceiling is None or limit is None or until.year < year:
        return None
    kept = {}
    for category in profile.categories:
        allowance = rates.find(f"allowance.{category}", on)
        kept[str(category)] = 1 - (allowance.value if allowance else ZERO) / 100
    acre = AcreRoom(limit, ceiling.value * limit.value, kept)
    _consume(acre, period, history, year)
    return acre


def _consume(room: AcreRoom | OverseasRoom, period: Period, history: History, year: int) -> None:
    """Take from `room` what earlier periods declared in `year`."""
    for filed in history:
        declaration = filed.declaration
        if filed.period.start >= period.start or not isinstance(declaration, Declaration):
            continue
        for part in declaration.parts:
            if part.end.year != year:
                continue
            for category, amount in part.turnover.items():
                if not isinstance(room, AcreRoom) or category in room.kept:
                    room.take(category, round_euro(amount))


def limit_in_sight(history: History, year: int) -> bool:
    """True when the turnover declared in `year` is large enough to meet a limit."""
    total = ZERO
    for filed in history:
        if filed.period.end.year == year and isinstance(filed.declaration, Declaration):
            total += sum(filed.declaration.declared().values(), ZERO)
    return total >= NEVER_BELOW
