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

An operator completes a shipped file with files of the same schema, each naming the profession it
completes (`regime = "…"` on top); see docs/rates.md. A shipped file lists what nobody published:

    [[awaited]]
    key = "sickness.personal"
    unit = "percent"
    label = "…"
    note = "…"                  # French sentence: why it is not known
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
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
_AWAITED_FIELDS = frozenset({"key", "unit", "label", "note"})
_STATUSES = frozenset({"confirmed", "unconfirmed"})
SHIPPED = "shipped"


class RatesError(ValueError):
    """A rates file that breaks the schema; the message names the file, the line and the entry."""


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
    origin: str = SHIPPED
    where: str = field(default="", compare=False)

    @property
    def confirmed(self) -> bool:
        """False when sources dispute the value: the screen that shows it must say so."""
        return self.status == "confirmed"


@dataclass(frozen=True, slots=True)
class Awaited:
    """A value that the computation looks up and that nobody published: the line that needs it is
    `missing` until an operator's file brings it."""

    key: str
    unit: str
    label: str
    note: str


@dataclass(frozen=True, slots=True)
class RatesFile:
    """What one file says: the profession it names (empty in a shipped file), values, and keys
    still without a value."""

    regime: str
    values: tuple[DatedValue, ...]
    awaited: tuple[Awaited, ...]


Snapshot = Mapping[str, DatedValue]


class RateTable:
    """All dated values of one régime, immutable, with a version that names its content."""

    __slots__ = ("_by_key", "_changes", "_snapshots", "awaited", "cache", "regime", "version")

    def __init__(
        self, regime: str, values: Iterable[DatedValue], awaited: Iterable[Awaited] = ()
    ) -> None:
        self.regime = regime
        self.awaited = tuple(awaited)
        by_key: dict[str, list[DatedValue]] = {}
        for value in values:
            by_key.setdefault(value.key, []).append(value)
        changes: set[date] = set()
        for key, entries in by_key.items():
            entries.sort(key=lambda v: v.start)
            for before, after in itertools.pairwise(entries):
                if before.start == after.start:
                    places = " and ".join(v.where for v in (before, after) if v.where)
                    raise RatesError(
                        f"{places or regime}: two values of {key} from {after.start.isoformat()}"
                    )
            for entry in entries:
                changes.add(entry.start)
                if entry.until is not None:
                    if entry.until < entry.start:
                        raise RatesError(f"{entry.where or regime}: {key} ends before it starts")
                    changes.add(date.fromordinal(entry.until.toordinal() + 1))
        self._by_key = by_key
        self._changes = sorted(changes)
        self._snapshots: dict[int, Snapshot] = {}
        self.cache: dict[Any, Any] = {}  # régimes keep what they derive from this table here
        self.version = self._digest()

    def _digest(self) -> str:
        # All that a person may read of a value counts: who has this version has these sentences.
        rows = [
            [v.key, v.start.isoformat(), str(v.value), v.unit, v.until and v.until.isoformat(),
             v.law, v.source, v.status, v.note, v.label, v.origin]
            for key in sorted(self._by_key)
            for v in self._by_key[key]
        ]  # fmt: skip
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

    def origins(self) -> tuple[str, ...]:
        """Names of the operator's files that this table holds values of, in order."""
        found: tuple[str, ...] | None = self.cache.get("origins")
        if found is None:
            found = tuple(sorted({v.origin for v in self if v.origin != SHIPPED}))
            self.cache["origins"] = found
        return found

    def units(self) -> dict[str, str]:
        """The unit of every key known, awaited ones included."""
        found = {a.key: a.unit for a in self.awaited}
        found.update({key: entries[-1].unit for key, entries in self._by_key.items()})
        return found

    def completed(self, values: Iterable[DatedValue]) -> RateTable:
        """This table with `values` laid over it: a value of the same key and date of effect takes
        the place of the shipped one, any other is added. Raises RatesError for a key that nothing
        looks up, another unit, or two files that say the same."""
        laid = list(values)
        units = self.units()
        for value in laid:
            if value.key not in units:
                raise RatesError(f"{value.where}: {self.regime} looks up no such key")
            if value.unit != units[value.key]:
                raise RatesError(f"{value.where}: unit must be {units[value.key]}")
        replaced = {(v.key, v.start) for v in laid}
        labels = {a.key: a.label for a in self.awaited} | {v.key: v.label for v in self if v.label}
        laid = [v if v.label else replace(v, label=labels.get(v.key, "")) for v in laid]
        kept = [v for v in self if (v.key, v.start) not in replaced]
        return RateTable(self.regime, [*kept, *laid], self.awaited)

    def __iter__(self) -> Any:
        for key in sorted(self._by_key):
            yield from self._by_key[key]


def parse_rates(regime: str, text: str, origin: str = SHIPPED) -> list[DatedValue]:
    """The values of one rates file. Raises RatesError naming the file, the line and the entry."""
    return list(read_rates(text, origin, regime).values)


def read_rates(text: str, origin: str = SHIPPED, regime: str = "") -> RatesFile:
    """Read one rates file. Raises RatesError naming the file, the line and the entry."""
    name = f"{origin} ({regime})" if origin == SHIPPED else origin
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RatesError(f"{name}: {error}") from None
    for table in sorted(set(document) - {"rate", "title", "regime", "awaited"}):
        raise RatesError(f"{name}{_at(text, table)}: unknown table or word {table}")
    for table in ("rate", "awaited"):
        found = document.get(table, [])
        if not isinstance(found, list) or not all(isinstance(raw, dict) for raw in found):
            raise RatesError(f"{name}{_at(text, table)}: write each entry under [[{table}]]")
    named = document.get("regime", "")
    if not isinstance(named, str):
        raise RatesError(f"{name}{_at(text, 'regime')}: regime must be a text")
    return RatesFile(
        regime=named,
        values=tuple(
            _entry(raw, _Place(name, text, "rate", number), origin)
            for number, raw in enumerate(document.get("rate", []))
        ),
        awaited=tuple(
            _awaited(raw, _Place(name, text, "awaited", number))
            for number, raw in enumerate(document.get("awaited", []))
        ),
    )


def _at(text: str, word: str) -> str:
    """`, line N` of the first line that starts with `word`; empty when there is none."""
    pattern = re.compile(rf"\s*\[*\s*[\"']?{re.escape(word)}\b")
    for number, line in enumerate(text.splitlines(), start=1):
        if pattern.match(line):
            return f", line {number}"
    return ""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an entry is written. Lines are looked for only when there is a fault to tell."""

    name: str
    text: str
    table: str
    number: int

    def line(self, word: str = "") -> int:
        """Line of `word` in the entry, or of the entry itself. tomllib keeps no line: a header is
        one when the text before it is whole and holds as many entries as come before."""
        lines = self.text.splitlines()
        header = re.compile(rf"\s*\[\[\s*[\"']?{self.table}[\"']?\s*\]\]")
        first = 1
        for index, line in enumerate(lines):
            if header.match(line) and self._before("\n".join(lines[:index])) == self.number:
                first = index + 1
                break
        if word:
            wanted = re.compile(rf"\s*[\"']?{re.escape(word)}[\"']?\s*=")
            for index, line in enumerate(lines[first:], start=first + 1):
                if line.lstrip().startswith("["):
                    break
                if wanted.match(line):
                    return index
        return first

    def _before(self, text: str) -> int:
        try:
            return len(tomllib.loads(text).get(self.table, []))
        except tomllib.TOMLDecodeError:
            return -1

    def fault(self, message: str, word: str = "", key: str = "") -> RatesError:
        """The fault as the operator reads it."""
        told = f" ({key})" if key else ""
        return RatesError(f"{self.name}, line {self.line(word)}{told}: {message}")


def _awaited(raw: Mapping[str, Any], place: _Place) -> Awaited:
    for name in sorted(set(raw) - _AWAITED_FIELDS):
        raise place.fault(f"unknown field {name}", name)
    for name in sorted(_AWAITED_FIELDS):
        if not isinstance(raw.get(name), str) or not raw[name]:
            raise place.fault(f"{name} is missing", name)
    if raw["unit"] not in UNITS:
        raise place.fault(f"unit must be one of {', '.join(sorted(UNITS))}", "unit")
    return Awaited(**raw)


def _entry(raw: Mapping[str, Any], place: _Place, origin: str) -> DatedValue:
    found = raw.get("key")
    if not isinstance(found, str) or not found:
        raise place.fault("key is missing", "key")
    key = found

    def check(good: bool, message: str, word: str) -> None:
        if not good:
            raise place.fault(message, word, key)

    for name in sorted(set(raw) - _FIELDS):
        check(False, f"unknown field {name}", name)
    start, until, unit = raw.get("from"), raw.get("until"), raw.get("unit")
    check(type(start) is date, "from must be a date, as 2027-01-01", "from")
    check(until is None or type(until) is date, "until must be a date, as 2027-12-31", "until")
    check(unit in UNITS, f"unit must be one of {', '.join(sorted(UNITS))}", "unit")
    written = raw.get("value")
    check(isinstance(written, str), 'value must be written between quotes, as "12.3"', "value")
    try:
        value = Decimal(str(written))
    except InvalidOperation:
        raise place.fault("value is not a number", "value", key) from None
    check(value.is_finite(), "value is not a number", "value")
    for name in ("law", "source"):
        check(isinstance(raw.get(name), str) and bool(raw[name]), f"{name} is missing", name)
    for name in ("note", "label"):
        check(isinstance(raw.get(name, ""), str), f"{name} must be a text", name)
    status = raw.get("status", "confirmed")
    check(status in _STATUSES, "status must be confirmed or unconfirmed", "status")
    check(
        status == "confirmed" or bool(raw.get("note")),
        "an unconfirmed value needs a note",
        "status",
    )
    return DatedValue(
        key=key, start=raw["from"], value=value, unit=raw["unit"], law=raw["law"],
        source=raw["source"], status=status, note=raw.get("note", ""), label=raw.get("label", ""),
        until=until, origin=origin,
        where="" if origin == SHIPPED else f"{origin}, line {place.line()} ({key})",
    )  # fmt: skip
