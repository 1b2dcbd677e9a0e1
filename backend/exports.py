"""The history as CSV and XLSX, for spreadsheets and accountants."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from backend.clock import PARIS
from backend.usecases.history import Stored
from contract.i18n import Words
from regimes.assessment import LineStatus
from regimes.money import plain

Cell = str | date | datetime | Decimal | int


def _header(w: Words) -> list[str]:
    return [
        w.t("Numéro"), w.t("Période, début"), w.t("Période, fin"), w.t("Version"),
        w.t("Reçue le"), w.t("Montant déclaré (€)"), w.t("Ligne"), w.t("Base"),
        w.t("Taux (%)"), w.t("Montant (€)"), w.t("Texte"), w.t("Total dû (€)"),
    ]  # fmt: skip


def _rows(stored: Iterable[Stored], w: Words) -> Iterable[list[Cell]]:
    """One row a line of calculation, with the declared figure that it comes from."""
    for item in stored:
        row, assessment = item.row, item.assessment
        declared = {figure.code: figure.declared for figure in assessment.figures}
        for line in assessment.lines:
            yield [
                row.number, row.period_start, row.period_end, row.version,
                row.received_at.astimezone(PARIS).replace(tzinfo=None, microsecond=0),
                declared.get(line.declared_as, ""), w.t(line.label), line.base,
                "" if line.rate is None else line.rate,
                "" if line.status is LineStatus.MISSING else line.amount, line.law, assessment.due,
            ]  # fmt: skip


def _text(cell: Cell, point: str) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, Decimal):
        return plain(cell).replace(".", point)
    return safe_text(str(cell))


def safe_text(text: str) -> str:
    """`text` as a spreadsheet may hold it: one that starts like a formula would be run."""
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def to_csv(stored: Iterable[Stored], w: Words) -> bytes:
    """As the spreadsheets of the language expect: semicolons and decimal commas in French, commas
    and decimal points in English; a byte-order mark in both."""
    delimiter, point = (";", ",") if w.locale == "fr" else (",", ".")
    target = io.StringIO()
    writer = csv.writer(target, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(_header(w))
    for row in _rows(stored, w):
        writer.writerow([_text(cell, point) for cell in row])
    return ("\ufeff" + target.getvalue()).encode()


def to_xlsx(stored: Iterable[Stored], w: Words) -> bytes:
    """A workbook with real numbers and dates."""
    import xlsxwriter  # here: a start does without

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(w.t("Déclarations")[:31])
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    formats = {
        date: book.add_format({"num_format": "dd/mm/yyyy"}),
        datetime: book.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
        Decimal: book.add_format({"num_format": "#,##0.00"}),
    }
    sheet.write_row(0, 0, _header(w), bold)
    for number, row in enumerate(_rows(stored, w), start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, datetime):
                sheet.write_datetime(number, column, cell, formats[datetime])
            elif isinstance(cell, date):
                sheet.write_datetime(number, column, cell, formats[date])
            elif isinstance(cell, Decimal):
                sheet.write_number(number, column, float(cell), formats[Decimal])
            elif isinstance(cell, int):
                sheet.write_number(number, column, cell)
            else:
                sheet.write_string(number, column, cell)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 5, 14)
    sheet.set_column(6, 6, 50)
    sheet.set_column(7, 11, 14)
    book.close()
    return target.getvalue()
