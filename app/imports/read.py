"""One door for every file: what it is is told by what it holds, not by its name."""

from __future__ import annotations

from app.imports.encoding import decode
from app.imports.statement import MOST_BYTES, MOST_LINES, FileRefused, Statement


def read_file(data: bytes) -> Statement:
    """What a file holds. Raises FileRefused: then nothing of it is taken. Each kind of reader is
    loaded when a file of its kind comes."""
    if not data.strip():
        raise FileRefused("empty")
    if len(data) > MOST_BYTES:
        raise FileRefused("too_large")
    found = _read(data)
    if len(found.lines) > MOST_LINES:
        raise FileRefused("too_many")
    return found


def _read(data: bytes) -> Statement:
    if data[:1024].lstrip().startswith(b"%PDF-"):
        from app.imports.invoice import read_facturx

        return read_facturx(data)
    from app.imports import ofx

    head = data[:4000].decode("latin-1")
    if ofx.looks(head):
        return ofx.read_ofx(data)
    start = head.lstrip("\ufeff ï»¿\r\n\t")
    if start.startswith("<") or head[2:20].replace("\x00", "").startswith("<"):
        if "CrossIndustryInvoice" in head:
            from app.imports.invoice import read_cii

            return read_cii(data)
        from app.imports.camt import read_camt
        from app.imports.xml import parse

        if "camt.053" in head or "BkToCstmrStmt" in head:
            return read_camt(data)
        parse(data)  # says what is wrong, when something is
        raise FileRefused("unknown")
    text = decode(data)
    if text.count("\ufffd") > len(text) // 20:
        raise FileRefused("encoding")
    from app.imports.table import read_table

    return read_table(text)
