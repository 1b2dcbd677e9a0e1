"""Time of one auto-entrepreneur assessment with all its lines, shares included; beside the public
engine of rules (publicodes with modele-social), where Node is: contributions of the same turnover,
without shares nor legal references."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from statistics import median
from time import perf_counter_ns
from typing import Any

from bench import others
from bench.scale import ROOT
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


def measure() -> dict[str, Any]:
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
    return found | publicodes()


def publicodes() -> dict[str, tuple[float, str]]:
    """The public engine: one calculation once compiled, and reading its rules. Empty without it."""
    folder = others.node()
    if folder is None:
        return {}
    script = ROOT / "bench" / "publicodes.mjs"
    try:
        done = subprocess.run(
            ["node", str(script), str(folder)],
            capture_output=True, text=True, timeout=240, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        print(f"publicodes left out of the comparison: {type(error).__name__}", file=sys.stderr)
        return {}
    told = json.loads(done.stdout)
    if not told["last"]:
        print("publicodes left out of the comparison: it computed nothing", file=sys.stderr)
        return {}
    return {
        "publicodes, one category": (told["median"] * 1000, "µs"),
        "publicodes, its rules read": (told["ready"] / 1000, "s"),
    }


if __name__ == "__main__":
    for case, value in measure().items():
        shown, unit = value if isinstance(value, tuple) else (value, "µs")
        print(f"{case:<32} {shown:12.1f} {unit}")
