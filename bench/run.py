"""Run every measure of this folder: `python -m bench.run [NAME …]`, QUITTANCE_BENCH_FULL=1 for all.

A measure is a module named bench_*.py with a function `measure()` that answers numbers by name, in
microseconds unless the module has a `UNIT` or the answer is a pair (value, unit). Each writes
bench/results/NAME.json (NAME-full.json); docs/performance.md is made again from all of them.
"""

from __future__ import annotations

import json
import os
import pkgutil
import platform
import sys
import time
from importlib import import_module
from typing import Any

import structlog

import bench
from bench.report import write
from bench.scale import FULL, RESULTS

# What the browser and the network are in comes first, while the machine is fresh.
FIRST = ("first_visit", "typing", "start", "server", "backend")


# Minutes for a figure that only a change of the client moves: when asked, or in a full run.
ASKED = {"tree"}


def names() -> list[str]:
    """Every measure, in order; a quick run leaves out those that are to be asked for."""
    found = [
        module.name.removeprefix("bench_")
        for module in pkgutil.iter_modules(bench.__path__)
        if module.name.startswith("bench_")
        and (FULL or module.name.removeprefix("bench_") not in ASKED)
    ]
    return sorted(found, key=lambda name: (FIRST.index(name) if name in FIRST else 99, name))


def main(asked: list[str]) -> int:
    """Print a table, keep the results, write the page."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))  # figures alone
    RESULTS.mkdir(parents=True, exist_ok=True)
    failed = 0
    print("| measure | case | median |\n|---|---|---:|")
    for name in asked or names():
        loaded = import_module(f"bench.bench_{name}")
        unit = getattr(loaded, "UNIT", "µs")
        began = time.perf_counter()
        try:
            told: dict[str, Any] = loaded.measure()
        except Exception as error:  # the others are measured all the same
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
            failed += 1
            continue
        cases = {
            case: list(value) if isinstance(value, tuple) else [value, unit]
            for case, value in told.items()
        }
        for case, (shown, its) in cases.items():
            print(f"| {name} | {case} | {shown:.1f} {its} |", flush=True)
        if cases:
            result = {
                "measure": name, "full": FULL, "seconds": round(time.perf_counter() - began),
                "on": time.strftime("%Y-%m-%d"), "cores": os.cpu_count(),
                "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
                "python": platform.python_version(),
                "cases": {k: [round(v, 4), u] for k, (v, u) in cases.items()},
            }  # fmt: skip
            path = RESULTS / f"{name}{'-full' if FULL else ''}.json"
            text = json.dumps(result, ensure_ascii=False, indent=1) + "\n"
            path.write_text(text, "utf-8")
    write()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
