"""Processor time of an import of employers' returns: a synthetic file of 10 000 people, from its
bytes to rows in the database."""

from __future__ import annotations

import io
import tempfile
import time
from pathlib import Path
from statistics import median

from backend.dsn.returns import Totals, read
from backend.dsn.sample import Sent, Slip, dsn
from backend.main import build_services
from backend.settings import Settings
from backend.usecases.dsn import import_dsn

UNIT = "s of CPU"
PEOPLE, MONTHS, ROUNDS = 10_000, 4, 3
"""10 000 people in all, over four monthly returns."""


def returns(complement: str) -> bytes:
    """The file; complement 07 is a VRP, and others are checked and counted only."""
    each = PEOPLE // MONTHS
    return dsn(
        *(
            Sent(
                month=f"2026-{month:02}",
                slips=[
                    Slip(
                        nir=f"18505{n % 90 + 10:02}{n % 1000:03}{n // 1000:03}",
                        complement=complement,
                    )
                    for n in range(each)
                ],
            )
            for month in range(1, MONTHS + 1)
        )
    )


def _imported(content: bytes) -> float:
    """CPU seconds of one import into an empty collector."""
    with tempfile.TemporaryDirectory() as folder:
        services = build_services(Settings(data_dir=Path(folder)))
        began = time.process_time()
        report = import_dsn(services, lambda: io.BytesIO(content), None)
        spent = time.process_time() - began
        assert report.people == PEOPLE
        services.mailer.close()
        services.storage.close()
        return spent


def _read(content: bytes) -> float:
    """CPU seconds of reading alone."""
    began = time.process_time()
    assert sum(1 for _ in read(io.BytesIO(content), Totals())) in {0, PEOPLE}
    return time.process_time() - began


def measure() -> dict[str, float]:
    """Seconds of CPU by case."""
    vrp, others = returns("07"), returns("00")
    return {
        "10 000 VRP read and kept": median(_imported(vrp) for _ in range(ROUNDS)),
        "10 000 employees read, none of them a VRP": median(
            _imported(others) for _ in range(ROUNDS)
        ),
        "10 000 VRP read alone": median(_read(vrp) for _ in range(ROUNDS)),
    }


if __name__ == "__main__":
    for case, seconds in measure().items():
        print(f"{case:<45} {seconds:6.2f} {UNIT}")
