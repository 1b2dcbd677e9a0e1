"""Pasted blocks, CSV and XLSX rows, read strictly and shown before anything is kept.

One row a month and employer: siret, mois, brut, plafonnee, deplafonnee, csg, dfs. Every cell that
cannot be read with certainty is named; a row that has one is not taken.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from regimes.identifiers import compact, siret_error
from regimes.money import DeclaredEuros
from regimes.regime import Model
from regimes.vrp.amounts import parse_amount

ROWS = 2_000
CELL = 200  # characters of one cell
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "siret": ("siret", "employeur", "employer"),
    "month": ("mois", "month", "periode"),
    "gross": ("brut", "gross", "salaire brut"),
    "capped": ("plafonnee", "capped", "base plafonnee"),
    "uncapped": ("deplafonnee", "uncapped", "base deplafonnee"),
    "csg": ("csg", "base csg"),
    "dfs": ("dfs", "deduction", "deduction forfaitaire"),
}
AMOUNTS = ("gross", "capped", "uncapped", "csg")
_ISO_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])(?:-01)?")
_FRENCH_MONTH = re.compile(r"(0?[1-9]|1[0-2])/(20[0-9]{2})")
_NAMES = {
    name: number
    for number, names in enumerate(
        (("janvier", "january"), ("fevrier", "february"), ("mars", "march"), ("avril", "april"),
         ("mai", "may"), ("juin", "june"), ("juillet", "july"), ("aout", "august"),
         ("septembre", "september"), ("octobre", "october"), ("novembre", "november"),
         ("decembre", "december")), start=1)
    for name in names
}  # fmt: skip
_YES, _NO = (
    {"oui", "yes", "o", "1", "x", "vrai", "true"},
    {"non", "no", "n", "0", "", "faux", "false"},
)


class BadCell(Model):
    """A cell that was not understood. `row` counts from 1, the heading included; `column` is the
    name of the column, or empty for the whole row. `text` is what stands there, cut short."""

    row: int
    column: str
    code: str
    text: Annotated[str, Field(max_length=CELL)] = ""


class PreviewRow(Model):
    """A row that would be taken. Euros; None: the cell is empty."""

    row: int
    siret: str
    month: str
    gross: DeclaredEuros | None = None
    capped: DeclaredEuros | None = None
    uncapped: DeclaredEuros | None = None
    csg: DeclaredEuros | None = None
    dfs: bool | None = None


class Preview(Model):
    """What an import would take, and every cell that it would not."""

    rows: tuple[PreviewRow, ...]
    bad: tuple[BadCell, ...]
    read: int


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.strip().casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def split_block(text: str) -> list[list[str]]:
    """A block copied from a spreadsheet: a line a row, a tab a column, quotes as spreadsheets write
    them. `1` and `200` on two lines are two cells; a space never parts cells nor joins them."""
    body = text.replace("\r\n", "\n").replace("\r", "\n")
    if body.endswith("\n"):
        body = body[:-1]
    rows = []
    reader = csv.reader(io.StringIO(body, newline=""), delimiter="\t")
    try:
        for row in reader:
            rows.append(row or [""])
            if len(rows) > ROWS:
                break
    except csv.Error:
        return [line.split("\t") for line in body.split("\n")[:ROWS]]
    return rows


def split_csv(text: str) -> list[list[str]]:
    """Rows of a CSV file: parted by semicolons, tabs or commas, the first that its heading holds.
    Raises ValueError on broken quotes."""
    body = text.lstrip("\ufeff")
    heading = body.split("\n", 1)[0]
    delimiter = next((mark for mark in (";", "\t", ",") if mark in heading), ";")
    try:
        reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
        rows = []
        for row in reader:
            rows.append(row)
            if len(rows) > ROWS + 1:
                break
    except csv.Error as error:
        raise ValueError("csv_broken") from error
    return rows


def decode(content: bytes) -> str:
    """Text of a CSV file, UTF-8 or the Windows encoding of spreadsheets. Raises ValueError."""
    if b"\x00" in content:
        raise ValueError("file_binary")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError("file_encoding")


def read_month(value: Any, year: int) -> str | None:
    """Month of a cell as 2026-03: "2026-03", "03/2026", "mars", 3, or a date; None otherwise."""
    if isinstance(value, (date, datetime)):
        return f"{value.year}-{value.month:02}"
    text = _folded(str(value))
    found = _ISO_MONTH.fullmatch(text)
    if found:
        return f"{found[1]}-{found[2]}"
    found = _FRENCH_MONTH.fullmatch(text)
    if found:
        return f"{found[2]}-{int(found[1]):02}"
    name = text.removesuffix(f" {year}")
    if name in _NAMES:
        return f"{year}-{_NAMES[name]:02}"
    if text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= 12 and len(text) <= 2:
        return f"{year}-{int(text):02}"
    return None


def read_cell_amount(value: Any) -> Decimal | None:
    """Euros of a cell: text read strictly, or a number of a spreadsheet with at most two decimals.
    None when it is not certain."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value) if 0 <= value <= 99_999_999 else None
    if isinstance(value, float):
        amount = Decimal(repr(value)) if value == value and abs(value) < 1e8 else None
        if amount is None or amount < 0 or amount != amount.quantize(Decimal("0.01")):
            return None
        return amount.quantize(Decimal("0.01"))
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or "\n" in value.strip() or "\r" in value.strip():
        return None
    amount = parse_amount(value)
    return amount if amount is not None and amount >= 0 else None


def _heading(row: Sequence[Any]) -> tuple[dict[str, int], list[BadCell]]:
    places: dict[str, int] = {}
    bad = []
    for at, cell in enumerate(row):
        text = re.sub(r"[\s_]+", " ", _folded(str(cell if cell is not None else "")))
        name = next((n for n, words in COLUMNS.items() if text in words), None)
        if name is None:
            if text:
                bad.append(BadCell(row=1, column="", code="column_unknown", text=text[:CELL]))
        elif name in places:
            bad.append(BadCell(row=1, column=name, code="column_twice", text=text[:CELL]))
        else:
            places[name] = at
    for name in ("siret", "month", "gross"):
        if name not in places:
            bad.append(BadCell(row=1, column=name, code="column_missing"))
    return places, bad


def read_table(
    rows: Sequence[Sequence[Any]], year: int, sirets: Sequence[str] | None = None
) -> Preview:
    """Rows under their heading, of `year` alone; with `sirets`, of these employers alone. Every
    row is either taken whole or named with each of its bad cells."""
    if not rows:
        return Preview(rows=(), bad=(BadCell(row=1, column="", code="file_empty"),), read=0)
    places, bad = _heading(rows[0])
    if bad:
        return Preview(rows=(), bad=tuple(bad), read=0)
    found: list[PreviewRow] = []
    seen: dict[tuple[str, str], int] = {}
    read = 0
    for number, row in enumerate(rows[1 : ROWS + 1], start=2):
        if all(cell is None or not str(cell).strip() for cell in row):
            continue
        read += 1
        taken, faults = _row(row, number, places, year, sirets)
        if len(row) > len(rows[0]) and any(str(c or "").strip() for c in row[len(rows[0]) :]):
            faults.append(BadCell(row=number, column="", code="too_many_cells"))
        if taken is not None and not faults:
            key = (taken.siret, taken.month)
            if key in seen:
                faults.append(BadCell(row=number, column="month", code="row_twice",
                                      text=str(seen[key])))  # fmt: skip
            else:
                seen[key] = number
        if faults:
            bad += faults
        elif taken is not None:
            found.append(taken)
    if len(rows) > ROWS + 1:
        bad.append(BadCell(row=ROWS + 2, column="", code="too_many_rows"))
    return Preview(rows=tuple(found), bad=tuple(bad), read=read)


def _row(
    row: Sequence[Any], number: int, places: Mapping[str, int], year: int,
    sirets: Sequence[str] | None,
) -> tuple[PreviewRow | None, list[BadCell]]:  # fmt: skip
    faults: list[BadCell] = []

    def cell(name: str) -> Any:
        at = places.get(name)
        return None if at is None or at >= len(row) else row[at]

    def fault(name: str, code: str) -> None:
        faults.append(BadCell(row=number, column=name, code=code, text=_shown(cell(name))))

    raw = cell("siret")
    siret = compact(str(raw).strip()) if isinstance(raw, str | int) else ""
    error = siret_error(siret) if siret else "siret_missing"
    if error is not None:
        fault("siret", error)
    elif sirets is not None and siret not in sirets:
        fault("siret", "employer_unknown")
    month = None if cell("month") is None else read_month(cell("month"), year)
    if month is None:
        fault("month", "month_malformed")
    elif month[:4] != str(year):
        fault("month", "month_other_year")
    amounts: dict[str, Decimal | None] = {}
    for name in AMOUNTS:
        value = cell(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            amounts[name] = None
            continue
        amounts[name] = read_cell_amount(value)
        if amounts[name] is None:
            fault(name, "amount_malformed")
    if amounts["gross"] is None and not any(f.column == "gross" for f in faults):
        fault("gross", "amount_missing")
    for low, high in (("capped", "uncapped"), ("uncapped", "gross")):
        less, more = amounts[low], amounts[high]
        if less is not None and more is not None and less > more:
            fault(low, f"{low}_above_{high}")
    dfs: bool | None = None
    told = cell("dfs")
    if isinstance(told, bool):
        dfs = told
    elif told is not None and str(told).strip():
        text = _folded(str(told))
        if text in _YES or text in _NO:
            dfs = text in _YES
        else:
            fault("dfs", "yes_no_malformed")
    if faults or month is None:
        return None, faults
    return (
        PreviewRow(row=number, siret=siret, month=month, dfs=dfs, **amounts), faults
    )  # fmt: skip


def _shown(value: Any) -> str:
    text = "" if value is None else str(value)
    return "".join(c if c.isprintable() else " " for c in text)[:CELL]


def preview_csv(content: bytes, year: int, sirets: Sequence[str] | None = None) -> Preview:
    """What a CSV file would fill. Never raises: a file that is not one has a bad cell."""
    try:
        rows = split_csv(decode(content))
    except ValueError as error:
        return Preview(rows=(), bad=(BadCell(row=1, column="", code=str(error)),), read=0)
    return read_table(rows, year, sirets)
