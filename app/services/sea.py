"""The log of a fisherman: vessels, periods and crew, written without a network and sent later.

What could not be sent waits in the order it was written and is sent in that order, once: each entry
carries the identifier it was given here.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import ValidationError

from app.screens.professions.base import read_profile
from app.services.backend import Backend, Offline
from app.services.calculator import period_of
from app.services.container import Services
from contract.accounts import Overview
from contract.entries import Entry, EntryWrite
from regimes.dated import RateTable
from regimes.fisherman import REGIME
from regimes.fisherman.log import Effect, Log
from regimes.fisherman.models import CrewService, Profile, Service, Vessel
from regimes.regime import Filed, Model


def new_id() -> str:
    """A fresh identifier of an entry."""
    return secrets.token_hex(10)


@dataclass(eq=False)
class SeaBook:
    """The log of one account as this session knows it."""

    overview: Overview
    rates: RateTable
    entries: dict[str, tuple[str, int, Model]] = field(default_factory=dict)
    """Living entries by identifier: kind, version kept by the collector (0: not sent), model."""
    waiting: list[tuple[str, EntryWrite]] = field(default_factory=list)
    """What is written here and not sent yet, oldest first."""

    @property
    def account(self) -> str:
        """Identifier of the account."""
        return self.overview.account.id

    @property
    def today(self) -> date:
        """The collector's day."""
        return self.overview.today

    @property
    def profile(self) -> Profile:
        """The fisherman's profile."""
        found = read_profile(self.overview.account.regime, self.overview.account.profile)
        assert isinstance(found, Profile)
        return found

    @property
    def log(self) -> dict[str, dict[str, Model]]:
        """Entries by kind, then by identifier: what the régime reads."""
        found: dict[str, dict[str, Model]] = {kind: {} for kind in REGIME.entry_models}
        for name, (kind, _, model) in self.entries.items():
            found[kind][name] = model
        return found

    def vessels(self) -> dict[str, Vessel]:
        """Vessels by identifier, by name."""
        found = {n: m for n, (_, _, m) in self.entries.items() if isinstance(m, Vessel)}
        return dict(sorted(found.items(), key=lambda item: item[1].name.casefold()))

    def services(self) -> dict[str, Service]:
        """The person's periods by identifier, newest first."""
        found = {
            name: model
            for name, (kind, _, model) in self.entries.items()
            if kind == "service" and isinstance(model, Service)
        }
        return dict(sorted(found.items(), key=lambda item: item[1].start, reverse=True))

    def crew(self) -> dict[str, CrewService]:
        """The crew's periods by identifier, newest first."""
        found = {n: m for n, (_, _, m) in self.entries.items() if isinstance(m, CrewService)}
        return dict(sorted(found.items(), key=lambda item: item[1].start, reverse=True))

    def unsent(self) -> set[str]:
        """Identifiers of what is not sent yet."""
        return {name for name, _ in self.waiting}

    def history(self) -> list[Filed]:
        """Years validated, as the régime reads them."""
        views = {view.code: view for view in self.overview.periods}
        return [
            Filed(
                period=period_of(views[filed.period]),
                declaration=REGIME.Declaration.model_validate(filed.declaration),
                assessment=filed.assessment,
                filed_on=filed.filed_at.date(),
                version=filed.version,
            )
            for filed in self.overview.filed
            if filed.period in views
        ]

    def effect(self, log: Log | None = None, year: int | None = None) -> Effect:
        """What the log (or another one) comes to in a year."""
        return REGIME.effect(
            self.profile, self.log if log is None else log, self.history(),
            year or self.today.year, self.rates,
        )  # fmt: skip

    def take(self, entry: Entry) -> None:
        """Note an entry as the collector keeps it."""
        self.entries.pop(entry.id, None)
        model = REGIME.entry_models.get(entry.kind)
        if entry.deleted or model is None:
            return
        try:
            self.entries[entry.id] = (entry.kind, entry.version, model.model_validate(entry.data))
        except ValidationError:
            return  # written by a newer app: kept there, not shown here


async def open_log(services: Services) -> SeaBook | None:
    """The log of the account shown: what waits is sent first, then all is read. Without a network,
    the log as it was last read. Raises BackendError when it was never read."""
    account = services.session.account
    if account is None or account.regime != REGIME.code:
        return None
    known: SeaBook | None = services.cache.get(f"sea:{account.id}")
    try:
        if known is not None:
            await flush(services.backend, known)
        overview = await services.backend.get(Overview, f"/accounts/{account.id}/overview")
        rates = await services.rates.table(account.regime)
        fresh = SeaBook(overview, rates)
        for entry in (await services.backend.entries(account.id)).entries:
            fresh.take(entry)
    except Offline:
        services.session.offline = True
        if known is None:
            raise
        return known
    services.session.offline = False
    services.cache[f"sea:{account.id}"] = fresh
    return fresh


async def flush(backend: Backend, book: SeaBook) -> None:
    """Send what waits, in order. Raises Offline with the rest still waiting, or Problem with what
    was refused taken out of the way."""
    while book.waiting:
        name, write = book.waiting[0]
        try:
            kept = await backend.put_entry(book.account, name, write)
        except Offline:
            raise
        except Exception:
            book.waiting.pop(0)
            raise
        book.waiting.pop(0)
        book.take(kept)


async def keep(backend: Backend, book: SeaBook, name: str, kind: str, model: Model) -> bool:
    """Write an entry, new or changed. True when it was sent, False when it waits for the network.
    Raises Problem."""
    return await _write(backend, book, name, kind, model, deleted=False)


async def drop(backend: Backend, book: SeaBook, name: str) -> bool:
    """Take an entry away. True when that was sent, False when it waits. Raises Problem."""
    kind, _, model = book.entries[name]
    return await _write(backend, book, name, kind, model, deleted=True)


async def _write(
    backend: Backend, book: SeaBook, name: str, kind: str, model: Model, deleted: bool
) -> bool:
    before = book.entries.get(name)
    version = before[1] if before else 0
    ahead = sum(1 for other, _ in book.waiting if other == name)
    write = EntryWrite(
        kind=kind, data=_data(model), base=(version + ahead) or None, deleted=deleted
    )
    book.waiting.append((name, write))
    if deleted:
        book.entries.pop(name, None)
    else:
        book.entries[name] = (kind, version, model)
    try:
        await flush(backend, book)
    except Offline:
        return False
    except Exception:
        if before is None:
            book.entries.pop(name, None)
        else:
            book.entries[name] = before
        raise
    return True


def _data(model: Model) -> dict[str, Any]:
    found: Mapping[str, Any] = model.model_dump(mode="json")
    return dict(found)
