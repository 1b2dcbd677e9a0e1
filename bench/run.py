"""Run every measure of this folder and print one table: `python -m bench.run`.

A measure is a module named bench_*.py with a function `measure()` that answers numbers by name, in
microseconds unless the module has a `UNIT` or the answer is a pair (value, unit).
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

import bench


def main() -> None:
    """Print the table, one line a measure."""
    print("| measure | case | median |\n|---|---|---:|")
    for module in sorted(pkgutil.iter_modules(bench.__path__), key=lambda found: found.name):
        if not module.name.startswith("bench_"):
            continue
        loaded = import_module(f"bench.{module.name}")
        unit = getattr(loaded, "UNIT", "µs")
        for case, value in loaded.measure().items():
            shown, its = value if isinstance(value, tuple) else (value, unit)
            print(f"| {module.name.removeprefix('bench_')} | {case} | {shown:.1f} {its} |")


if __name__ == "__main__":
    main()
