"""The edge where rate tables are read: shipped files, or the JSON the backend serves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files

from contract.base import Answer
from regimes.dated import DatedValue, RatesError, RateTable, read_rates
from regimes.regime import Regime, Registry


@cache
def common_values() -> tuple[DatedValue, ...]:
    """The law that several professions share (regimes/common.toml), read once. Raises
    RatesError."""
    text = files("regimes").joinpath("common.toml").read_text("utf-8")
    return read_rates(text, regime="common").values


@cache
def _shipped(code: str, package: str, common: bool) -> RateTable:
    text = files(package).joinpath("rates.toml").read_text("utf-8")
    found = read_rates(text, regime=code)
    shared = common_values() if common else ()
    return RateTable(code, [*found.values, *shared], found.awaited)


def shipped_rates(regime: Regime) -> RateTable:
    """The table that this build ships for `regime`, with the shared law when it asks for it; read
    once. Raises RatesError."""
    return _shipped(regime.code, regime.package, bool(getattr(regime, "common_law", False)))


def completed_rates(registry: Registry, files: Mapping[str, str]) -> dict[str, RateTable]:
    """The table of every profession of `registry`, with `files` (name → text) laid over the
    shipped ones. Raises RatesError naming the file and the line."""
    laid: dict[str, list[DatedValue]] = {code: [] for code in registry.codes()}
    for name in sorted(files):
        found = read_rates(files[name], name)
        if found.regime not in laid:
            known = ", ".join(sorted(laid))
            raise RatesError(f'{name}: write regime = "…" on top, one of {known}')
        if found.awaited:
            raise RatesError(f"{name}: [[awaited]] has its place in a shipped file only")
        laid[found.regime] += found.values
    tables = {}
    for code, values in laid.items():
        shipped = shipped_rates(registry.get(code))
        tables[code] = shipped.completed(values) if values else shipped
    return tables


class RateView(Answer):
    """One dated value on the wire."""

    key: str
    start: date
    until: date | None = None
    value: str
    unit: str
    law: str
    source: str
    status: str
    note: str
    label: str
    origin: str


class RatesView(Answer):
    """All dated values of a régime; `version` names their content and serves as ETag."""

    regime: str
    version: str
    values: list[RateView]


def rates_view(table: RateTable) -> RatesView:
    """`table` as it crosses the wire."""
    return RatesView(
        regime=table.regime,
        version=table.version,
        values=[
            RateView(
                key=v.key, start=v.start, until=v.until, value=str(v.value), unit=v.unit, law=v.law,
                source=v.source, status=v.status, note=v.note, label=v.label, origin=v.origin,
            )
            for v in table
        ],
    )  # fmt: skip


def table_from_view(view: RatesView) -> RateTable:
    """The table that `view` describes; same content, same version. Raises RatesError."""
    return RateTable(view.regime, _values(view.values))


def _values(values: Iterable[RateView]) -> Iterable[DatedValue]:
    for v in values:
        yield DatedValue(
            key=v.key, start=v.start, value=Decimal(v.value), unit=v.unit, law=v.law,
            source=v.source, status=v.status, note=v.note, label=v.label, until=v.until,
            origin=v.origin,
        )  # fmt: skip
