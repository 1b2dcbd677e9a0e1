"""Time to sort a statement of 10 000 lines: read, compared with a year of receipts, classified."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from time import perf_counter

from app.imports.read import read_file
from app.imports.sorting import Sorted, sort_lines
from regimes.journal import LabelRule, Receipt
from tests.journal.files import DIALECTS, Operation, camt, ofx, operations, table

UNIT = "ms"
LINES = 10_000
ROUNDS = 3


def lines() -> list[Operation]:
    """Ten thousand operations over some years."""
    return operations(1, LINES, date(2010, 1, 1))


def sort(data: bytes, known: dict[str, Receipt], rules: list[LabelRule]) -> list[Sorted]:
    """What happens between the choice of a file and the screen that sorts it."""
    return sort_lines(read_file(data), ["vente", "service_bic"], known, rules)


def measure() -> dict[str, float]:
    """Median milliseconds by kind of file."""
    items = lines()
    files = {
        "CSV, French": table(items, DIALECTS[0]),
        "CSV, with balances": table(items, DIALECTS[4]),
        "OFX 1.x": ofx(items, False),
        "OFX 2.x": ofx(items, True),
        "CAMT.053": camt(items),
    }
    known = {
        f"id{n}": Receipt(
            on=items[n * 20].on + timedelta(days=1), amount=abs(items[n * 20].amount),
            category="vente",
        )
        for n in range(365)
    }  # fmt: skip
    rules = [LabelRule(label="lefevre fils", receipt=True, category="service_bic")]
    found = {}
    for name, data in files.items():
        times = []
        for _ in range(ROUNDS):
            begin = perf_counter()
            done = sort(data, known, rules)
            times.append((perf_counter() - begin) * 1000)
            assert len(done) == LINES, (name, len(done))
            assert sum((item.line.amount for item in done), Decimal(0)) != 0
        found[f"10 000 lines sorted, {name}"] = median(times)
    return found


if __name__ == "__main__":
    for case, milliseconds in measure().items():
        print(f"{case:<40} {milliseconds:8.1f} ms")
