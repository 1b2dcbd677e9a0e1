"""Settings of every tier."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# One profile for all: the same examples each time under CI, no deadline on a busy machine.
settings.register_profile(
    "quittance",
    deadline=None,
    derandomize=os.environ.get("CI", "").lower() == "true",
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("quittance")
