"""Read a table sent by a person, CSV or XLSX, told by its content."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any

from regimes.vrp.tabular import ROWS, BadCell, Preview, preview_csv, read_table

WIDEST = 60  # columns read of a sheet
INFLATED = 50_000_000  # bytes of all the parts of a workbook
PARTS = 200


def _refused(code: str) -> Preview:
    return Preview(rows=(), bad=(BadCell(row=1, column="", code=code),), read=0)


def preview(content: bytes, year: int, sirets: Sequence[str] | None = None) -> Preview:
    """What a file would fill in `year`, cell by cell. Never raises: a file that cannot be read has
    a bad cell that says so."""
    if content.startswith(b"PK"):
        return _xlsx(content, year, sirets)
    return preview_csv(content, year, sirets)


def _xlsx(content: bytes, year: int, sirets: Sequence[str] | None) -> Preview:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > PARTS or sum(p.file_size for p in parts) > INFLATED:
                return _refused("file_too_large")
            if archive.testzip() is not None:
                return _refused("file_broken")
        # Formulas are not computed here, and a value kept beside one may be old: read as written.
        from openpyxl import load_workbook  # slow to import, and rarely wanted

        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        try:
            rows: list[list[Any]] = []
            for row in book.worksheets[0].iter_rows(max_col=WIDEST, values_only=True):
                rows.append(_trimmed(row))
                if len(rows) > ROWS + 1:
                    break
        finally:
            book.close()
    except Exception:
        return _refused("file_broken")
    return read_table(rows, year, sirets)


def _trimmed(row: tuple[Any, ...]) -> list[Any]:
    found = list(row)
    while found and found[-1] is None:
        found.pop()
    return found
