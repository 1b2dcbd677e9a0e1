"""Every table of the collector: the modules of this package that define some are imported here."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import backend.storage
from backend.storage.tables import APPEND_ONLY, Base

for _module in pkgutil.iter_modules(backend.storage.__path__):
    if _module.name not in {"every", "migrate"}:
        import_module(f"backend.storage.{_module.name}")


def append_only() -> tuple[str, ...]:
    """Names of the tables whose rows the database refuses to change or delete."""
    told = [t.name for t in Base.metadata.sorted_tables if t.info.get("append_only")]
    return (*APPEND_ONLY, *told)
