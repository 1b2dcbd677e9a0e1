"""Tables: bank statements and lists of invoices in CSV, in the dialects that banks write."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

from app.imports.cells import (
    all_iso,
    day_first,
    decimal_mark,
    doubtful,
    plain,
    printable,
    read_amount,
)
from app.imports.cells import read_date as _read_date
from app.imports.statement import (
    MOST_LINES,
    BadLine,
    BankLine,
    FileRefused,
    Statement,
)

DELIMITERS = ";,\t|"
SEARCHED = 60  # lines in which the header is looked for: banks write a preamble

# What columns are called, best name first. A name in a list may be the start of a header.
NAMES: dict[str, tuple[str, ...]] = {
    "on": (
        "date de paiement", "date paiement", "date d'encaissement", "date d’encaissement",
        "date encaissement", "payment date", "paid on", "date operation", "date de l'operation",
        "date de l’operation", "date d'operation", "date comptable", "date de comptabilisation",
        "booking date", "transaction date", "posted", "date", "completed date", "value date",
        "date de valeur", "date valeur",
    ),
    "credit": ("credit", "montant credit", "credit euros", "recette", "recettes", "paid in",
               "money in", "entree"),
    "debit": ("debit", "montant debit", "debit euros", "depense", "depenses", "paid out",
              "money out", "sortie"),
    "amount": (
        "montant ttc", "total ttc", "montant", "montant operation", "montant de l'operation",
        "amount", "total", "net", "valeur", "montant ht", "total ht",
    ),
    "sign": ("sens", "debit/credit", "credit/debit", "type de mouvement", "direction"),
    "label": (
        "libelle", "libelle operation", "libelle de l'operation", "libelle simplifie", "intitule",
        "description", "nature", "motif", "details", "communication", "payee", "designation",
        "objet", "label", "reference de l'operation",
    ),
    "client": ("client", "nom du client", "customer", "tiers", "contrepartie", "counterparty",
               "emetteur", "nom"),
    "reference": ("reference", "numero", "n° facture", "numero de facture", "numero facture",
                  "invoice", "facture", "identifiant", "id", "transaction id", "ref"),
    "balance": ("solde", "balance", "solde comptable", "running balance"),
    "currency": ("devise", "monnaie", "currency"),
}  # fmt: skip
INVOICES = ("n° facture", "numero", "invoice", "facture")
DEBITS = {"d", "debit", "db", "dbit", "-", "sortie", "out"}
CREDITS = {"c", "credit", "cr", "crdt", "+", "entree", "in"}


@dataclass(slots=True)
class Layout:
    """Where things are in a table."""

    row: int
    """Index of the header among the rows; -1 without one."""
    width: int
    columns: dict[str, int] = field(default_factory=dict)


Row = tuple[int, list[str]]  # line in the file, cells


def rows_of(text: str, delimiter: str) -> list[Row]:
    """The rows of a table, each with the line where it starts. Raises FileRefused."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: list[Row] = []
    before = 0
    try:
        for cells in reader:
            found.append((before + 1, cells))
            before = reader.line_num
            if len(found) > MOST_LINES + SEARCHED:
                raise FileRefused("too_many")
    except csv.Error:
        raise FileRefused("csv_broken", reader.line_num) from None
    return found


def _column(headers: Sequence[str], kind: str, taken: set[int]) -> int | None:
    """The column of this kind: an exact name before one that only starts so."""
    for exact in (True, False):
        for name in NAMES[kind]:
            for place, header in enumerate(headers):
                if place in taken or not header:
                    continue
                found = header == name if exact else header.startswith(name + " ")
                if found:
                    return place
    return None


def _layout(rows: Sequence[Row]) -> Layout | None:
    """The header of a table, if one of its first rows is one."""
    for index, (_, cells) in enumerate(rows[:SEARCHED]):
        headers = [
            plain(cell).replace("(eur)", "").replace("(€)", "").strip(" :*") for cell in cells
        ]
        taken: set[int] = set()
        columns: dict[str, int] = {}
        for kind in NAMES:
            place = _column(headers, kind, taken)
            if place is not None:
                columns[kind] = place
                taken.add(place)
        if "on" in columns and ("amount" in columns or {"credit", "debit"} <= columns.keys()):
            if {"credit", "debit"} <= columns.keys():
                columns.pop("amount", None)
            return Layout(index, len(cells), columns)
    return None


def _guess(rows: Sequence[Row]) -> Layout | None:
    """Columns told by what they hold, for a table without header."""
    if not rows:
        return None
    width = Counter(len(cells) for _, cells in rows).most_common(1)[0][0]
    if width < 2:
        return None
    full = [cells for _, cells in rows if len(cells) == width]
    if len(full) < max(1, len(rows) * 3 // 4):
        return None
    columns: dict[str, int] = {}
    most = len(full) * 4 // 5
    longest = 0
    for place in range(width):
        cells = [row[place] for row in full]
        dates = sum(_read_date(c, True) is not None or _read_date(c, False) is not None
                    for c in cells)  # fmt: skip
        mark = decimal_mark(cells)
        amounts = sum(read_amount(c, mark) is not None for c in cells)
        if dates > most and dates:
            columns.setdefault("on", place)
        elif amounts > most and amounts and any(not c.strip().isdigit() for c in cells):
            columns.setdefault("amount", place)
        else:
            length = sum(map(len, cells))
            if length > longest:
                longest = length
                columns["label"] = place
    if "on" not in columns or "amount" not in columns:
        return None
    return Layout(-1, width, columns)


def _choose(text: str) -> tuple[list[Row], Layout, str]:
    """Rows and layout under the delimiter that explains the table best. Raises FileRefused."""
    broken: FileRefused | None = None
    best: tuple[int, list[Row], Layout, str] | None = None
    for delimiter in DELIMITERS:
        if delimiter not in text:
            continue
        try:
            rows = rows_of(text, delimiter)
        except FileRefused as refused:
            if refused.code == "too_many":
                raise
            broken = broken or refused
            continue
        layout = _layout(rows)
        score = 2
        if layout is None:
            layout = _guess(rows)
            score = 1
        if layout is None:
            continue
        fits = sum(len(cells) == layout.width for _, cells in rows[layout.row + 1 :])
        rank = score * 10**9 + fits * 100 + layout.width
        if best is None or rank > best[0]:
            best = (rank, rows, layout, delimiter)
    if best is None:
        raise broken or FileRefused("no_columns")
    return best[1], best[2], best[3]


def read_table(text: str) -> Statement:
    """A table of operations. Raises FileRefused when nothing of it can be trusted."""
    rows, layout, delimiter = _choose(text)
    found = Statement("csv")
    if layout.row < 0:
        found.notice("no_header")
    body = [(line, cells) for line, cells in rows[layout.row + 1 :] if any(map(str.strip, cells))]
    if len(body) > MOST_LINES:
        raise FileRefused("too_many")
    sound: list[Row] = []
    for line, cells in body:
        extra = cells[layout.width :]
        if len(cells) < layout.width or any(cell.strip() for cell in extra):
            if not _footer(cells, layout):
                found.bad.append(BadLine(line, "columns"))
        elif any("\n" in cell and cell.count(delimiter) >= len(layout.columns) - 1
                 for cell in cells):  # fmt: skip
            found.bad.append(BadLine(line, "quote"))
        else:
            sound.append((line, cells))
    on = layout.columns["on"]
    dates = [cells[on] for _, cells in sound]
    try:
        first = day_first(dates)
    except ValueError:
        raise FileRefused("dates_mixed") from None
    if not all_iso(dates):
        taken = first is not False
        # Statements follow the calendar: when the other reading does it better, say so.
        if first is None or doubtful(dates, taken):
            found.notice("dates_assumed")
    reader = _Reader(layout.columns, sound, first is not False)
    reader.invoices = _invoices(rows, layout)
    kept: list[tuple[BankLine, Decimal | None]] = []
    for line, cells in sound:
        answer = reader.read(line, cells)
        if isinstance(answer, BankLine):
            kept.append((answer, reader.balance(cells)))
        elif answer is not None:
            found.bad.append(answer)
    if "balance" in layout.columns:
        kept = check_balances(kept)
    found.lines = repeats([line for line, _ in kept])
    found.bad.sort(key=lambda bad: bad.number)
    if not found.lines and not found.bad:
        raise FileRefused("no_lines")
    return found


def _invoices(rows: Sequence[Row], layout: Layout) -> bool:
    """Whether the column of references is the one of invoices' numbers."""
    if layout.row < 0 or "reference" not in layout.columns:
        return False
    return plain(rows[layout.row][1][layout.columns["reference"]]).startswith(INVOICES)


def _footer(cells: Sequence[str], layout: Layout) -> bool:
    """A line of totals or of remarks under the table: no date stands in its place."""
    on = layout.columns["on"]
    dated = on < len(cells) and any(char.isdigit() for char in cells[on])
    said = plain(" ".join(cells))
    return not dated and said.startswith(
        ("total", "solde", "ancien solde", "nouveau solde", "page")
    )


class _Reader:
    """Reads the rows of one table, all in the same dialect."""

    def __init__(self, columns: dict[str, int], rows: Sequence[Row], first: bool) -> None:
        self.columns = columns
        self.first = first
        self.invoices = False
        money = [c for c in ("amount", "credit", "debit", "balance") if c in columns]
        self.mark = decimal_mark(cells[columns[c]] for _, cells in rows for c in money)

    def _cell(self, cells: Sequence[str], kind: str) -> str:
        place = self.columns.get(kind)
        return cells[place].strip() if place is not None else ""

    def balance(self, cells: Sequence[str]) -> Decimal | None:
        """The balance after this row, if it is told."""
        return read_amount(self._cell(cells, "balance"), self.mark)

    def read(self, line: int, cells: Sequence[str]) -> BankLine | BadLine | None:
        """One row; None for a line of totals."""
        raw = self._cell(cells, "on")
        label = self._cell(cells, "label")
        if not raw:
            if plain(label or " ".join(cells)).startswith(("total", "solde", "ancien", "nouveau")):
                return None
            return BadLine(line, "date_missing")
        on = _read_date(raw, self.first)
        if on is None:
            return BadLine(line, "date")
        currency = self._cell(cells, "currency").upper()
        if currency and currency not in {"EUR", "€", "EURO", "EUROS"}:
            return BadLine(line, "currency")
        amount = self._amount(cells)
        if isinstance(amount, str):
            return BadLine(line, amount)
        warnings = ("characters",) if "\ufffd" in label else ()
        return BankLine(
            number=line, on=on, amount=amount,
            label=printable(label or self._cell(cells, "client")),
            reference=printable(self._cell(cells, "reference"), 60),
            client=printable(self._cell(cells, "client"), 120), warnings=warnings,
            voucher=printable(self._cell(cells, "reference"), 60) if self.invoices else "",
        )  # fmt: skip

    def _amount(self, cells: Sequence[str]) -> Decimal | str:
        """Euros, or the code of the fault."""
        if "amount" in self.columns:
            raw = self._cell(cells, "amount")
            if not raw:
                return "amount_missing"
            value = read_amount(raw, self.mark)
            if value is None:
                return "amount"
            if "sign" in self.columns:
                way = plain(self._cell(cells, "sign"))
                if way in DEBITS:
                    value = -abs(value)
                elif way in CREDITS:
                    value = abs(value)
                else:
                    return "sign"
            return value or "amount_zero"
        total = Decimal(0)
        given = 0
        for kind in ("credit", "debit"):
            raw = self._cell(cells, kind)
            if not raw:
                continue
            value = read_amount(raw, self.mark)
            if value is None:
                return "amount"
            if value:
                given += 1
                if kind == "credit" and value < 0:
                    return "sign"
                total += value if kind == "credit" else -abs(value)
        if given > 1:
            return "both"
        return total or "amount_missing"


Balanced = tuple[BankLine, Decimal | None]


def check_balances(lines: list[Balanced]) -> list[Balanced]:
    """Lines whose own balance does not follow from its neighbour's get a warning, whichever end
    the statement starts from."""

    def steps(rising: bool) -> list[bool]:
        told = []
        for (line, balance), (after, later) in pairwise(lines):
            if balance is None or later is None:
                told.append(False)
            elif rising:
                told.append(later - balance == after.amount)
            else:
                told.append(balance - later == line.amount)
        return told

    up, down = steps(True), steps(False)
    holds = up if sum(up) >= sum(down) else down
    if not holds or all(holds):
        return lines
    marked = list(lines)
    for index, good in enumerate(holds):
        if not good:
            # Which of the two is wrong cannot be told: both are to check.
            for place in (index, index + 1):
                line, balance = marked[place]
                if "balance" not in line.warnings:
                    marked[place] = (_warn(line, "balance"), balance)
    return marked


def _warn(line: BankLine, code: str) -> BankLine:
    return replace(line, warnings=(*line.warnings, code))


def repeats(lines: list[BankLine]) -> list[BankLine]:
    """Lines that say the same thing twice get a warning from the second on: a real second payment,
    or a line copied by mistake; only the person can tell."""
    seen: set[tuple[date, Decimal, str, str]] = set()
    found = []
    for line in lines:
        key = (line.on, line.amount, line.label, line.reference)
        found.append(_warn(line, "repeat") if key in seen else line)
        seen.add(key)
    return found
