"""Settings of every tier."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# What servers of tests serve is pressed once, quickly, for all runs; never in the background.
os.environ.setdefault(
    "QUITTANCE_CACHE_DIR", str(Path(__file__).resolve().parents[1] / "build" / "cache")
)
os.environ.setdefault("QUITTANCE_PRESS", "no")

# One profile for all: the same examples each time under CI, no deadline on a busy machine.
settings.register_profile(
    "quittance",
    deadline=None,
    derandomize=os.environ.get("CI", "").lower() == "true",
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("quittance")

# The quick tiers first; the browser's last, because Playwright keeps an event loop running.
ORDER = ("ground", "rules", "screens", "api", "faults", "fleet", "browser")


# Between two processes the longest go first, so that neither is left alone with one of them.
LONG = (
    "tests/api/test_fuzz.py", "tests/screens/test_every_word.py", "tests/journal/test_fuzz.py",
    "tests/api/test_vrp_fuzz.py", "tests/faults/", "tests/fleet/", "tests/api/test_ledger_walk.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tiers."""
    here = Path(__file__).parent
    shared = "PYTEST_XDIST_WORKER" in os.environ

    def tier(item: pytest.Item) -> int:
        if shared and item.nodeid.startswith(LONG):
            return -1
        name = Path(item.fspath).relative_to(here).parts[0]
        return ORDER.index(name) if name in ORDER else len(ORDER)

    items.sort(key=tier)


def pytest_collection_finish() -> None:
    """What was imported stays, and a test's own is small: looking for what nobody reaches as often
    as Python does takes a tenth of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
