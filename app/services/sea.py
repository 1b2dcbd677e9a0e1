"""The log of a fisherman: vessels, periods and crew. Written without a network, it waits in the
outbox of entries of the device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import ValidationError

from app.screens.professions.base import read_profile
from app.services.backend import Backend
from app.services.calculator import period_of
from app.services.container import Services
from app.services.overview import read_overview
from contract.accounts import Overview
from contract.entries import Entry, EntryWrite
from regimes.dated import RateTable
from regimes.fisherman import REGIME
from regimes.fisherman.log import Effect, Log
from regimes.fisherman.models import CrewService, Profile, Service, Vessel
from regimes.regime import Filed, Model


@dataclass(eq=False)
class SeaBook:
    """The log of one account as this session knows it."""

    overview: Overview
    rates: RateTable
    entries: dict[str, tuple[str, int, Model]] = field(default_factory=dict)
    """Living entries by identifier: kind, version kept by the collector (0: not sent), model."""

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
    """The log of the account shown; without a network, as it was last read with what was written
    since. Raises BackendError when it was never read."""
    account = services.session.account
    if account is None or account.regime != REGIME.code:
        return None
    found = await read_overview(services)
    if found is None:
        return None
    book = SeaBook(*found)
    for entry in (await services.backend.entries(account.id)).entries:
        book.take(entry)
    return book


async def keep(backend: Backend, book: SeaBook, name: str, kind: str, model: Model) -> None:
    """Write an entry, new or changed. Raises BackendError."""
    known = book.entries.get(name)
    base = known[1] or None if known is not None else None
    book.take(
        await backend.put_entry(
            book.account, name, EntryWrite(kind=kind, data=_data(model), base=base)
        )
    )


async def drop(backend: Backend, book: SeaBook, name: str) -> None:
    """Take an entry away. Raises BackendError."""
    kind, version, model = book.entries[name]
    write = EntryWrite(kind=kind, data=_data(model), base=version or None, deleted=True)
    book.take(await backend.put_entry(book.account, name, write))


def _data(model: Model) -> dict[str, Any]:
    found: Mapping[str, Any] = model.model_dump(mode="json")
    return dict(found)
