"""The year of a VRP: employers, months and expenses as noted, saved cell by cell."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import flet as ft
from pydantic import ValidationError

from app.services.backend import Backend, BackendError, Problem
from app.services.drafts import SaveMark, SaveState
from app.services.overview import read_overview
from contract.accounts import Overview
from contract.entries import Entry, EntryIn
from contract.problem import FieldProblem
from contract.vrp import FilingsView
from regimes.dated import RateTable
from regimes.regime import Model
from regimes.vrp import REGIME, Declaration
from regimes.vrp.amounts import parse_amount
from regimes.vrp.declaration import FiledBases
from regimes.vrp.entries import CELLS, Employer, Expense, Pay, from_entries, pay_id
from regimes.vrp.overpayment import YearResult, year_result

PAUSE = 0.5  # seconds of quiet before what was typed leaves
Cell = tuple[str, int, str]
"""Employer's entry, month, and measure (gross, capped, uncapped, csg, dfs)."""


@ft.observable
@dataclass(eq=False)
class CellMark:
    """What one cell shows besides what is typed: a change redraws that cell alone."""

    error: bool = False
    drawn: int = 0


@ft.observable
@dataclass(eq=False)
class Sums:
    """Raised when an amount changes: redraws the totals alone."""

    turn: int = 0


@ft.observable
@dataclass(eq=False)
class LastPaste:
    """The last block pasted: how many cells it filled, how many fell outside the table, and what
    the cells held before."""

    turn: int = 0
    filled: int = 0
    outside: int = 0
    before: dict[Cell, str] = field(default_factory=dict)


@dataclass(eq=False)
class Book:
    """A year as this session knows it."""

    backend: Backend
    account: str
    year: int
    rates: RateTable
    overview: Overview
    filings: FilingsView
    entries: dict[str, tuple[int, str, Model]] = field(default_factory=dict)
    """Living entries by identifier: version, kind, model."""
    raw: dict[Cell, str] = field(default_factory=dict)
    """Cells as typed, even what is no amount yet."""
    mark_of_cents: str = ","
    """The sign before the cents, in the language of the person: cells not typed yet show it."""
    written: list[Cell] = field(default_factory=list)
    """Cells that something else than the keyboard wrote, until the table drawn was told them."""
    marks: dict[Cell, CellMark] = field(default_factory=dict)
    sums: Sums = field(default_factory=Sums)
    settled: Sums = field(default_factory=Sums)
    """Raised once for what was typed or pasted before a rest: redraws what the year comes to."""
    pasted: LastPaste = field(default_factory=LastPaste)
    saved: SaveMark = field(default_factory=SaveMark)
    dirty: set[str] = field(default_factory=set)
    task: asyncio.Task[None] | None = None

    # -- what is known ---------------------------------------------------------------------------

    def take(self, entry: Entry) -> None:
        """Note an entry as the collector keeps it."""
        self.entries.pop(entry.id, None)
        model = REGIME.entry_models.get(entry.kind)
        if entry.deleted or model is None:
            return
        try:
            self.entries[entry.id] = (entry.version, entry.kind, model.model_validate(entry.data))
        except ValidationError:
            return  # written by a newer app: kept there, not shown here

    def of(self, kind: str) -> dict[str, Any]:
        """Models of a kind by identifier."""
        return {name: model for name, (_, k, model) in self.entries.items() if k == kind}

    def employers(self) -> dict[str, Employer]:
        """Employers of the year, by name."""
        found = {
            name: e for name, e in self.of("employer").items()
            if e.start.year <= self.year and (e.end is None or e.end.year >= self.year)
        }  # fmt: skip
        return dict(sorted(found.items(), key=lambda item: (item[1].name.casefold(), item[0])))

    def expenses(self) -> dict[str, Expense]:
        """Expenses of the year, latest first."""
        found = {n: e for n, e in self.of("expense").items() if e.on.year == self.year}
        return dict(sorted(found.items(), key=lambda item: item[1].on, reverse=True))

    def pay(self, employer: str, month: int) -> Pay | None:
        """The month of an employer, if something is noted of it."""
        found = self.entries.get(pay_id(employer, f"{self.year}-{month:02}"))
        return found[2] if found is not None and isinstance(found[2], Pay) else None

    def text(self, cell: Cell) -> str:
        """What a cell shows: as typed, else the amount noted."""
        if cell in self.raw:
            return self.raw[cell]
        pay = self.pay(cell[0], cell[1])
        value = getattr(pay, cell[2], None) if pay is not None else None
        if value is None:
            return ""
        return self._plain(value) if isinstance(value, Decimal) else "1"

    def _plain(self, value: Decimal) -> str:
        return f"{value:.2f}".replace(".", self.mark_of_cents)

    def amount(self, cell: Cell) -> Decimal | None:
        """The amount of a cell, if it holds one."""
        if cell in self.raw:
            return parse_amount(self.raw[cell]) if self.raw[cell].strip() else None
        pay = self.pay(cell[0], cell[1])
        value = getattr(pay, cell[2], None) if pay is not None else None
        return value if isinstance(value, Decimal) else None

    def copied(self, cells: list[list[Cell]]) -> str:
        """Cells as a block for a spreadsheet: amounts without groups nor sign, so that it reads
        them as figures; what is no amount, as it was typed."""
        return "\n".join("\t".join(self._copied(cell) for cell in row) for row in cells)

    def _copied(self, cell: Cell) -> str:
        value = self.amount(cell)
        if value is not None:
            return self._plain(value)
        return " ".join(self.text(cell).split())

    def mark(self, cell: Cell) -> CellMark:
        """The mark of a cell."""
        return self.marks.setdefault(cell, CellMark())

    def filed(self, cell: Cell) -> Decimal | None:
        """What the employer filed for a cell, when it differs from what is typed."""
        employer = self.of("employer").get(cell[0])
        if employer is None:
            return None
        month = f"{self.year}-{cell[1]:02}"
        for filing in self.filings.filings:
            if filing.siret == employer.siret and filing.month == month:
                told = getattr(filing, cell[2], None)
                mine = self.amount(cell)
                return told if isinstance(told, Decimal) and told != mine else None
        return None

    def declaration(self) -> Declaration:
        """The claim that the year makes: what was filed, and what was typed where nothing was."""
        filed = {
            (f.siret, int(f.month[5:])): FiledBases(capped=f.capped, uncapped=f.uncapped, csg=f.csg)
            for f in self.filings.filings
        }
        return from_entries(
            self.year, self.of("employer"), list(self.of("month").values()),
            list(self.expenses().values()), filed,
        )  # fmt: skip

    def result(self) -> YearResult:
        """What the year comes to."""
        return year_result(self.declaration(), self.year, self.rates)

    # -- what is typed ---------------------------------------------------------------------------

    def type(self, cell: Cell, text: str) -> None:
        """A keystroke: the cell, the sums, and a save when it is quiet."""
        if self._write(cell, text):
            self.sums.turn += 1

    def _write(self, cell: Cell, text: str) -> bool:
        """Note a cell; whether that changes it."""
        if self.text(cell) == text:
            return False
        self.raw[cell] = text
        good = not text.strip() or parse_amount(text) is not None
        self.mark(cell).error = not good
        if good:
            self._note(cell)
        return True

    def _note(self, cell: Cell) -> None:
        employer, month, measure = cell
        name = pay_id(employer, f"{self.year}-{month:02}")
        version, _, known = self.entries.get(
            name, (0, "month", Pay(employer=employer, month=f"{self.year}-{month:02}"))
        )
        value: Any = self.amount(cell)
        if measure == "dfs":
            value = bool(self.text(cell).strip()) or None
        self.entries[name] = (version, "month", known.model_copy(update={measure: value}))
        self.dirty.add(name)
        if self.saved.state is not SaveState.WAITING:
            self.saved.state = SaveState.WAITING
        if self.task is None or self.task.done():
            self.task = asyncio.get_running_loop().create_task(self._later())

    async def _later(self) -> None:
        await asyncio.sleep(PAUSE)
        await self.save()

    async def save(self) -> None:
        """Send what changed since the last save."""
        while self.dirty:
            names = sorted(self.dirty)
            self.dirty.clear()
            self.settled.turn += 1
            self.saved.state = SaveState.SAVING
            try:
                kept = await self.backend.put_entries(
                    self.account, [self._entry(name) for name in names]
                )
            except Problem as problem:
                self.dirty |= set(names)
                self.saved.state = (
                    SaveState.CONFLICT if problem.status == 409 else SaveState.NOT_SAVED
                )
                return
            except BackendError:
                self.dirty |= set(names)
                self.saved.state = SaveState.NOT_SAVED
                return
            for entry in kept:
                if entry.id in self.dirty:  # typed again meanwhile: its newer text stays
                    _, kind, model = self.entries[entry.id]
                    self.entries[entry.id] = (entry.version, kind, model)
                else:
                    self.take(entry)
        self.saved.state = SaveState.SAVED

    def _entry(self, name: str, deleted: bool = False) -> EntryIn:
        version, kind, model = self.entries[name]
        return EntryIn(
            id=name, kind=kind, base=version or None, deleted=deleted,
            data=model.model_dump(mode="json", exclude_none=True),
        )  # fmt: skip

    def paste(self, at: Cell, block: list[list[str]], employers: list[str]) -> int:
        """Fill cells from `at` with a block (rows are months); how many were filled. What lies
        beyond the table is left out, and counted in `pasted`."""
        first, outside = employers.index(at[0]), 0
        before: dict[Cell, str] = {}
        for down, row in enumerate(block):
            for across, text in enumerate(row):
                month, column = at[1] + down, first + across
                if month > 12 or column >= len(employers):
                    outside += bool(text.strip())
                    continue
                cell = (employers[column], month, at[2])
                before[cell] = self.text(cell)
                self._put(cell, text.strip())
        self._tell_paste(before, outside)
        return len(before)

    def unpaste(self) -> None:
        """Give the cells of the last block back what they held."""
        for cell, text in self.pasted.before.items():
            self._put(cell, text)
        self._tell_paste({}, 0)

    def _put(self, cell: Cell, text: str) -> None:
        self._write(cell, text)
        self.written.append(cell)

    def _tell_paste(self, before: dict[Cell, str], outside: int) -> None:
        self.sums.turn += 1  # once for the block: the table hears of it each time
        told = self.pasted
        told.before, told.filled, told.outside = before, len(before), outside
        told.turn += 1

    # -- whole entries ---------------------------------------------------------------------------

    async def keep(self, kind: str, name: str, data: dict[str, Any]) -> list[EntryIn]:
        """Keep an entry; answers what takes it back. Raises BackendError, naming fields."""
        known = self.entries.get(name)
        kept = await self._send(
            [EntryIn(id=name, kind=kind, data=data, base=known[0] if known else None)]
        )
        if known is None:
            return [self._entry(name, deleted=True)] if name in self.entries else []
        return [self._former(entry.version, name, known) for entry in kept]

    async def remove(self, name: str) -> list[EntryIn]:
        """Remove an entry, an employer with its months; answers what takes it back. Raises
        BackendError."""
        names = [name]
        names += [n for n, pay in self.of("month").items() if pay.employer == name]
        known = {n: self.entries[n] for n in names}
        kept = await self._send([self._entry(n, deleted=True) for n in names])
        return [self._former(entry.version, entry.id, known[entry.id]) for entry in kept]

    async def restore(self, entries: list[EntryIn]) -> None:
        """Take back what `keep` or `remove` did. Raises BackendError."""
        await self._send(entries)

    async def _send(self, entries: list[EntryIn]) -> list[Entry]:
        try:
            kept = await self.backend.put_entries(self.account, entries)
        except Problem as problem:
            problem.errors = [_beside(error) for error in problem.errors]
            raise
        for entry in kept:
            self.take(entry)
        return kept

    @staticmethod
    def _former(version: int, name: str, known: tuple[int, str, Model]) -> EntryIn:
        data = known[2].model_dump(mode="json", exclude_none=True)
        return EntryIn(id=name, kind=known[1], base=version or None, data=data)


def _beside(error: FieldProblem) -> FieldProblem:
    """The same, naming the field of a form: its path on the wire is one of a whole batch."""
    name = "end" if error.code == "end_before_start" else error.field.rpartition(".")[2]
    return error.model_copy(update={"field": name})


MEASURES = (*CELLS, "dfs")


async def open_book(services: Any, year: int | None = None) -> Book | None:
    """A year of the account shown; last year, the one to claim, unless told or not yet begun.
    Raises BackendError."""
    account = services.session.account
    if account is None or account.regime != REGIME.code:
        return None
    base = f"/accounts/{account.id}"
    found = await read_overview(services)
    if found is None:
        return None
    overview, rates = found
    today = overview.today.year
    if year is None or not 2019 <= year <= today:
        year = today - 1
    filings = await services.backend.get(FilingsView, f"{base}/vrp/filings?year={year}")
    book = Book(services.backend, account.id, year, rates, overview, filings)
    for entry in (await services.backend.entries(account.id)).entries:
        book.take(entry)
    return book
