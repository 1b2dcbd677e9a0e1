"""`quittance rates`: every dated value with where it comes from, and what nobody published."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from backend.ratefiles import read_folder
from backend.settings import SettingsError
from contract.rates import completed_rates
from regimes.dated import SHIPPED, RatesError, RateTable
from regimes.money import plain
from regimes.registry import REGISTRY


def run(
    folder: Path | None, out: TextIO, regime: str | None, missing: bool, completed: bool
) -> int:
    """Write one block a profession. Raises SettingsError for a fault in a file."""
    if regime is not None and regime not in REGISTRY:
        raise SettingsError(f"No such profession. Known: {', '.join(REGISTRY.codes())}.")
    try:
        tables = completed_rates(REGISTRY, read_folder(folder))
    except RatesError as error:
        raise SettingsError(str(error)) from None
    for code in [regime] if regime else REGISTRY.codes():
        table = tables[code]
        out.write(f"{code}, version {table.version}\n")
        for row in _rows(table, missing, completed):
            out.write("  " + row + "\n")
    return 0


def _rows(table: RateTable, missing: bool, completed: bool) -> list[str]:
    rows = []
    if not missing:
        for value in table:
            if completed and value.origin == SHIPPED:
                continue
            span = value.start.isoformat() + (f"…{value.until.isoformat()}" if value.until else "")
            doubt = "" if value.confirmed else ", unconfirmed"
            rows.append(
                f"{value.key}  {span}  {plain(value.value)} {value.unit}  "
                f"[{value.origin}{doubt}]  {value.law}"
            )
    if not completed:
        rows += [
            f"{awaited.key}  not published  {awaited.unit}  {awaited.note}"
            for awaited in table.awaited
            if not table.history(awaited.key)
        ]
    return rows
