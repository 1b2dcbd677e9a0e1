"""The registry of this build: every package of this folder that exposes `REGIME`."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import regimes
from regimes.regime import Registry


def build_registry() -> Registry:
    """A registry of the professions shipped: adding a folder here is all it takes."""
    registry = Registry()
    for module in sorted(pkgutil.iter_modules(regimes.__path__), key=lambda found: found.name):
        if module.ispkg:
            registry.add(import_module(f"regimes.{module.name}").REGIME)
    return registry


REGISTRY = build_registry()
