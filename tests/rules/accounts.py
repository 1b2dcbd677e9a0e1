"""Short ways to make accounts, declarations and histories in the tests of the law."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from contract.rates import shipped_rates
from regimes.assessment import Assessment
from regimes.auto_entrepreneur import REGIME, Declaration, Profile, parts_for
from regimes.regime import Filed, Period

RATES = shipped_rates(REGIME)
TODAY = date(2026, 11, 23)
LIBERAL = {"service_bnc", "service_bnc_cipav"}


def account(start: str = "2019-05-01", *categories: str, **facts: Any) -> Profile:
    """An account begun on `start`; monthly, without options, unless `facts` say otherwise."""
    chosen = categories or ("vente",)
    usual = "liberale" if set(chosen) <= LIBERAL else "commerciale"
    rhythm = facts.pop("rhythm", "monthly")
    if facts.pop("flat_tax_in", False):
        facts["flat_tax"] = [{"since": start, "value": True}]
    return Profile.model_validate(
        {
            "start_date": start,
            "categories": list(chosen),
            "nature": usual,
            "periodicity": [{"since": start, "value": rhythm}],
            **facts,
        }
    )


def period_of(profile: Profile, code: str, today: date = date(2027, 6, 30)) -> Period:
    """The period `code` of an account."""
    return next(p for p in REGIME.periods(profile, today, RATES) if p.code == code)


def figures(
    profile: Profile, period: Period, *turnovers: Mapping[str, Any], platform: Any = None
) -> Declaration:
    """A declaration of `period`: one turnover by part, zero for what is left out."""
    parts = [
        {
            "start": start,
            "end": end,
            "turnover": {c: str(amounts.get(c, 0)) for c in profile.categories},
        }
        for (start, end), amounts in zip(
            parts_for(profile, period, RATES), turnovers or ({},), strict=True
        )
    ]
    return Declaration.model_validate({"parts": parts, "platform": platform or {}})


def assessed(
    profile: Profile, code: str, *turnovers: Mapping[str, Any], history: Sequence[Filed] = ()
) -> Assessment:
    """The assessment of one period."""
    period = period_of(profile, code)
    declaration = figures(profile, period, *turnovers)
    REGIME.check(profile, period, declaration, RATES)
    return REGIME.assess(profile, period, declaration, history, RATES)


def filed(
    profile: Profile,
    code: str,
    *turnovers: Mapping[str, Any],
    on: date | None = None,
    platform: Any = None,
    history: Sequence[Filed] = (),
    version: int = 1,
) -> Filed:
    """One period as filed on its due date, or on `on`."""
    period = period_of(profile, code)
    declaration = figures(profile, period, *turnovers, platform=platform)
    result = REGIME.assess(profile, period, declaration, history, RATES)
    return Filed(period, declaration, result, on or period.due, version)


def months(profile: Profile, year: int, amount: Any, category: str = "vente") -> list[Filed]:
    """Twelve monthly declarations of the same turnover."""
    return [filed(profile, f"{year}-{m:02}", {category: amount}) for m in range(1, 13)]


def amounts(result: Assessment) -> dict[str, Decimal]:
    """Amounts of the lines by code."""
    return {line.code: line.amount for line in result.lines}
