"""Settings of every tier."""

from __future__ import annotations

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tiers."""
    here = Path(__file__).parent

    def tier(item: pytest.Item) -> int:
        name = Path(item.fspath).relative_to(here).parts[0]
        return ORDER.index(name) if name in ORDER else len(ORDER)

    items.sort(key=tier)
