"""The service in a process of its own, with a clock that somebody moves: a file holds the seconds
by which the machine's clock is wrong (none: it is right)."""

from __future__ import annotations

import os
import pkgutil
import sys
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

import flet_web.fastapi  # noqa: F401

import app.main  # noqa: F401  read once, before any process is made of it
import backend.api
from backend.clock import Clock
from backend.logs import configure
from backend.server import serve
from backend.settings import load_settings
from contract.rates import shipped_rates
from regimes.registry import REGISTRY

for _module in pkgutil.iter_modules(backend.api.__path__, "backend.api."):
    import_module(_module.name)  # the same for what the service reads when it starts
for _code in REGISTRY.codes():
    shipped_rates(REGISTRY.get(_code))


class MovedClock(Clock):
    """The machine's clock, as wrong as `file` says at this moment."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def now(self) -> datetime:
        """This moment, as the machine believes it to be."""
        wrong = float(self.file.read_text("utf-8")) if self.file.exists() else 0.0
        return super().now() + timedelta(seconds=wrong)


def move(file: Path, seconds: float) -> None:
    """Set the clock wrong by `seconds`, at once and for every process that reads `file`."""
    fresh = file.with_suffix(".new")
    fresh.write_text(str(seconds), "utf-8")
    os.replace(fresh, file)


def run(environment: dict[str, str], log: str, clock: str) -> None:
    """What `quittance serve` does, in the environment given, until it is killed."""
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.environ.clear()
    os.environ.update(environment)
    settings = load_settings()
    configure(settings.log_level)
    sys.exit(serve(settings, MovedClock(Path(clock))))
