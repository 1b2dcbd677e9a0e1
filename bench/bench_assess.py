"""Time of one auto-entrepreneur assessment with all its lines, shares included."""

from __future__ import annotations

from datetime import date
from statistics import median
from time import perf_counter_ns
from typing import Any

from contract.rates import shipped_rates
from regimes.auto_entrepreneur import REGIME, Declaration, Profile

TODAY = date(2026, 11, 23)
ROUNDS = 3000

CASES: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "one category": (
        {"categories": ["service_bnc"], "nature": "liberale"},
        {"service_bnc": "3456.50"},
    ),
    "mixed, versement libératoire": (
        {
            "categories": ["vente", "service_bic", "service_bnc"],
            "nature": "artisanale",
            "flat_tax": [{"since": "2019-05-01", "value": True}],
        },
        {"vente": "12345.67", "service_bic": "2345.50", "service_bnc": "987"},
    ),
    "ACRE with its yearly limit": (
        {
            "categories": ["vente", "service_bic"],
            "nature": "commerciale",
            "start_date": "2026-03-10",
            "acre": {},
        },
        {"vente": "12345.67", "service_bic": "2345.50"},
    ),
    "overseas": (
        {"categories": ["vente"], "nature": "artisanale", "department": "974"},
        {"vente": "12345.67"},
    ),
}


def measure() -> dict[str, float]:
    """Median microseconds of one assessment, by case."""
    rates = shipped_rates(REGIME)
    found = {}
    for name, (facts, turnover) in CASES.items():
        start = facts.get("start_date", "2019-05-01")
        profile = Profile.model_validate(
            {
                "start_date": start,
                "periodicity": [{"since": start, "value": "monthly"}],
                **facts,
            }
        )
        period = next(p for p in REGIME.periods(profile, TODAY, rates) if p.code == "2026-10")
        declaration = Declaration.model_validate(
            {"parts": [{"start": "2026-10-01", "end": "2026-10-31", "turnover": turnover}]}
        )
        times = []
        for _ in range(ROUNDS):
            begin = perf_counter_ns()
            REGIME.assess(profile, period, declaration, (), rates)
            times.append(perf_counter_ns() - begin)
        found[name] = median(times) / 1000
    return found


if __name__ == "__main__":
    for case, microseconds in measure().items():
        print(f"{case:<32} {microseconds:8.1f} µs")
