"""Values with a date of effect and a legal reference, looked up by date.

A rates file is TOML:

    [[rate]]
    key = "contribution.vente"
    from = 2022-10-01
    value = "12.3"
    unit = "percent"
    law = "CSS D613-4"
    source = "https://…"
    status = "unconfirmed"      # optional, with a note
    note = "…"                  # French sentence shown to people
    label = "…"                 # French name shown to people
"""

from __future__ import annotations

import hashlib
import itertools
import json
import tomllib
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

UNITS = frozenset(
    {"percent", "euro", "euro/year", "euro/month", "euro/day", "ratio", "days", "months",
     "quarters", "years", "hour", "day-of-month", "month-day", "count", "points"}
)  # fmt: skip
_FIELDS = frozenset(
    {"key", "from", "value", "unit", "law", "source", "status", "note", "label", "until"}
)
_STATUSES = frozenset({"confirmed", "unconfirmed"})


class RatesError(ValueError):
    """A rates file that breaks the schema; the message names the origin and the entry."""


class RateMissing(LookupError):
    """No value of this key is in force on this date."""

    def __init__(self, key: str, on: date) -> None:
        super().__init__(f"no value of {key} on {on.isoformat()}")
        self.key = key
        self.on = on


@dataclass(frozen=True, slots=True)
class DatedValue:
    """One value of the law, from `start` (inclusive) to `until` (inclusive) or the next value."""

    key: str
    start: date
    value: Decimal
    unit: str
    law: str
    source: str
    status: str = "confirmed"
    note: str = ""
    label: str = ""
    until: date | None = None
    origin: str = "shipped"

    @property
    def confirmed(self) -> bool:
        """False when sources dispute the value: the screen that shows it must say so."""
        return self.status == "confirmed"


Snapshot = Mapping[str, DatedValue]


class RateTable:
    """All dated values of one régime, immutable, with a version that names its content."""

    __slots__ = ("_by_key", "_changes", "_snapshots", "cache", "regime", "version")

    def __init__(self, regime: str, values: Iterable[DatedValue]) -> None:
        self.regime = regime
        by_key: dict[str, list[DatedValue]] = {}
        for value in values:
            by_key.setdefault(value.key, []).append(value)
        changes: set[date] = set()
        for key, entries in by_key.items():
            entries.sort(key=lambda v: v.start)
            for before, after in itertools.pairwise(entries):
                if before.start == after.start:
                    raise RatesError(f"{regime}: two values of {key} from {after.start}")
            for entry in entries:
                changes.add(entry.start)
                if entry.until is not None:
                    if entry.until < entry.start:
                        raise RatesError(f"{regime}: {key} ends before it starts")
                    changes.add(date.fromordinal(entry.until.toordinal() + 1))
        self._by_key = by_key
        self._changes = sorted(changes)
        self._snapshots: dict[int, Snapshot] = {}
        self.cache: dict[Any, Any] = {}  # régimes keep what they derive from this table here
        self.version = self._digest()

    def _digest(self) -> str:
        rows = [
            [v.key, v.start.isoformat(), str(v.value), v.unit, v.until and v.until.isoformat()]
            for key in sorted(self._by_key)
            for v in self._by_key[key]
        ]
        text = json.dumps([self.regime, rows], separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def at(self, on: date) -> Snapshot:
        """Every value in force on `on`, by key (computed once per span between two changes)."""
        span = self.span(on)
        found = self._snapshots.get(span)
        if found is None:
            found = MappingProxyType(
                {key: v for key in self._by_key if (v := self.find(key, on)) is not None}
            )
            self._snapshots[span] = found
        return found

    def span(self, on: date) -> int:
        """Number of the span between two changes that holds `on`: equal spans, equal law."""
        return bisect_right(self._changes, on)

    def find(self, key: str, on: date) -> DatedValue | None:
        """The value of `key` in force on `on`, or None."""
        best: DatedValue | None = None
        for entry in self._by_key.get(key, ()):
            if entry.start <= on:
                best = entry
        if best is not None and best.until is not None and on > best.until:
            return None
        return best

    def get(self, key: str, on: date) -> DatedValue:
        """The value of `key` in force on `on`. Raises RateMissing."""
        found = self.find(key, on)
        if found is None:
            raise RateMissing(key, on)
        return found

    def history(self, key: str) -> tuple[DatedValue, ...]:
        """Every value of `key`, oldest first."""
        return tuple(self._by_key.get(key, ()))

    def changes(self) -> tuple[date, ...]:
        """The dates on which any value changes, oldest first."""
        return tuple(self._changes)

    def __iter__(self) -> Any:
        for key in sorted(self._by_key):
            yield from self._by_key[key]


def parse_rates(regime: str, text: str, origin: str = "shipped") -> list[DatedValue]:
    """Read one rates file. Raises RatesError naming the origin and the entry at fault."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RatesError(f"{origin}: {error}") from error
    unknown = set(document) - {"rate", "title"}
    if unknown:
        raise RatesError(f"{origin}: unknown table {', '.join(sorted(unknown))}")
    return [
        _entry(raw, f"{origin}, {regime}, entry {number}", origin)
        for number, raw in enumerate(document.get("rate", []), start=1)
    ]


def _entry(raw: Mapping[str, Any], where: str, origin: str) -> DatedValue:
    unknown = set(raw) - _FIELDS
    if unknown:
        raise RatesError(f"{where}: unknown field {', '.join(sorted(unknown))}")
    key = raw.get("key")
    if not isinstance(key, str) or not key:
        raise RatesError(f"{where}: key is missing")
    where = f"{where} ({key})"
    start, until = raw.get("from"), raw.get("until")
    if type(start) is not date:
        raise RatesError(f"{where}: from must be a date")
    if until is not None and type(until) is not date:
        raise RatesError(f"{where}: until must be a date")
    unit = raw.get("unit")
    if unit not in UNITS:
        raise RatesError(f"{where}: unit must be one of {', '.join(sorted(UNITS))}")
    if not isinstance(raw.get("value"), str):
        raise RatesError(f'{where}: value must be written between quotes, as "12.3"')
    try:
        value = Decimal(raw["value"])
    except InvalidOperation as error:
        raise RatesError(f"{where}: value is not a number") from error
    if not value.is_finite():
        raise RatesError(f"{where}: value is not a number")
    for name in ("law", "source"):
        if not isinstance(raw.get(name), str) or not raw[name]:
            raise RatesError(f"{where}: {name} is missing")
    status = raw.get("status", "confirmed")
    if status not in _STATUSES:
        raise RatesError(f"{where}: status must be confirmed or unconfirmed")
    if status == "unconfirmed" and not raw.get("note"):
        raise RatesError(f"{where}: an unconfirmed value needs a note")
    return DatedValue(
        key=key, start=start, value=value, unit=unit, law=raw["law"], source=raw["source"],
        status=status, note=raw.get("note", ""), label=raw.get("label", ""), until=until,
        origin=origin,
    )  # fmt: skip
