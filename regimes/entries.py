"""What a régime lets its people note between declarations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from regimes.dated import RateTable
from regimes.regime import Model

Entries = Mapping[str, Mapping[str, Model]]
"""Entries by kind, then by identifier."""


class NoEntries:
    """A régime whose people note nothing between declarations."""

    entry_models: Mapping[str, type[Model]] = MappingProxyType({})
    linked_entries: frozenset[str] = frozenset()
    activity_labels: Mapping[str, str] = MappingProxyType({})

    def check_entries(self, profile: Any, entries: Entries, today: date, rates: RateTable) -> None:
        """Nothing to check."""
