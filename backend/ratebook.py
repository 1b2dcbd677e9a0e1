"""The rate tables of this process: the shipped ones, completed by the operator's files.

`QUITTANCE_RATES` names a folder of TOML files (docs/rates.md). It is read at start, where a fault
stops the service, and again when a file changes or on SIGHUP, where a fault is logged and the
former tables stay. No session is touched: the next request meets the new tables. Every table that
was served or signed under is kept in the database, to be read again by its version.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend.clock import Clock
from backend.ratefiles import read_folder, signature
from backend.storage.engine import Database, Storage
from backend.storage.rates import RateTableKept
from contract.rates import (
    RatesView,
    completed_rates,
    rates_view,
    shipped_rates,
    table_from_view,
)
from regimes.dated import RatesError, RateTable
from regimes.regime import Regime, Registry

log = structlog.get_logger("quittance.rates")

LOOK_EVERY = 2.0  # seconds between two looks at the folder


class RateBook:
    """Tables by profession, and the former ones by version."""

    def __init__(
        self, registry: Registry, storage: Storage, clock: Clock, folder: Path | None
    ) -> None:
        """Read the folder. Raises RatesError naming the file and the line."""
        self._registry = registry
        self._storage = storage
        self._clock = clock
        self._folder = folder
        self._lock = threading.Lock()
        self._kept: set[tuple[str, str]] = set()
        self._former: dict[tuple[str, str], RateTable] = {}
        self._signature = signature(folder)
        self._looked = time.monotonic()
        # Without a folder the shipped tables are in force, each read when it is first asked for.
        self._tables: Mapping[str, RateTable] = (
            {} if folder is None else completed_rates(registry, read_folder(folder))
        )

    def table(self, regime: Regime) -> RateTable:
        """The table in force for `regime`; the folder is looked at again when it is time."""
        if self._folder is not None and time.monotonic() - self._looked >= LOOK_EVERY:
            self.refresh()
        return self._tables.get(regime.code) or shipped_rates(regime)

    def read_all(self) -> None:
        """Read every table, which the first to ask for one would else wait for."""
        for code in self._registry.codes():
            self.table(self._registry.get(code))

    def refresh(self, force: bool = False) -> bool:
        """Read the folder again if a file changed (always with `force`). True when the tables are
        those of the folder; after a fault the former ones stay and the log says why."""
        with self._lock:
            self._looked = time.monotonic()
            try:
                seen = signature(self._folder)
                if seen == self._signature and not force:
                    return True
                self._signature = seen
                fresh = completed_rates(self._registry, read_folder(self._folder))
            except RatesError as error:
                log.error("rates refused, the former ones stay", fault=str(error))
                return False
            # What was assessed a moment ago may still have to be signed under the former table.
            for code, table in self._tables.items():
                self._former[code, table.version] = table
            self._tables = fresh
            log.info("rates read", **{code: table.version for code, table in fresh.items()})
            return True

    def of_version(self, regime: Regime, version: str) -> RateTable | None:
        """The table of this version: the one in force, or one that was kept."""
        current = self.table(regime)
        if current.version == version:
            return current
        found = self._former.get((regime.code, version))
        if found is None:
            if not version.isalnum():  # PostgreSQL takes no NUL, even to look for it
                return None
            with self._storage.read() as database:
                row = database.get(RateTableKept, (regime.code, version))
            if row is None:
                return None
            found = table_from_view(RatesView.model_validate_json(row.content))
            self._former[regime.code, version] = found
        return found

    def keep_in(self, database: Database, table: RateTable) -> None:
        """Keep a table signed under, within a transaction; found kept once, it is looked for no
        more."""
        key = (table.regime, table.version)
        if key not in self._kept and keep_in(database, table, self._clock):
            self._kept.add(key)

    def keep(self, table: RateTable) -> None:
        """Make sure that a table about to be served can be read again later."""
        key = (table.regime, table.version)
        if key in self._kept:
            return
        with self._storage.read() as database:  # a writer would wait for its turn
            known = database.get(RateTableKept, key) is not None
        if not known:
            with self._storage.write() as database:
                keep_in(database, table, self._clock)
        self._kept.add(key)


def keep_in(database: Database, table: RateTable, clock: Clock) -> bool:
    """Keep `table` within a transaction. True when it was kept already: what this transaction
    keeps is not, until it ends."""
    known = select(RateTableKept.version).where(
        RateTableKept.regime == table.regime, RateTableKept.version == table.version
    )
    if database.scalar(known) is not None:
        return True
    try:
        with database.begin_nested():
            database.add(
                RateTableKept(
                    regime=table.regime, version=table.version, kept_at=clock.now(),
                    content=rates_view(table).model_dump_json(),
                )
            )  # fmt: skip
    except IntegrityError:
        pass  # another process kept it between our look and our step
    return False
