"""Invoices as data: Factur-X (a PDF that carries its XML) and the XML alone (UN/CEFACT CII)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from app.imports.cells import MOST, printable
from app.imports.statement import BadLine, BankLine, FileRefused, Statement
from app.imports.xml import Node, parse

MOST_XML = 5 * 1024 * 1024
MOST_STREAMS = 2000
CREDIT_NOTE = "381"
_STREAM = re.compile(rb"stream\r?\n")
_AMOUNT = re.compile(r"(-?)(\d{1,11})(?:\.(\d{1,2})\d*)?")


def read_facturx(data: bytes) -> Statement:
    """The invoice inside a PDF. Raises FileRefused."""
    for xml in _embedded(data):
        return read_cii(xml)
    raise FileRefused("no_invoice")


def _embedded(data: bytes) -> Iterator[bytes]:
    """XML invoices among the streams of a PDF, unpacked within bounds."""
    for count, match in enumerate(_STREAM.finditer(data)):
        if count > MOST_STREAMS:
            return
        start = match.end()
        end = data.find(b"endstream", start)
        if end < 0:
            return
        raw = data[start:end]
        if raw[:1] != b"x":  # not deflated
            body = raw
        else:
            try:
                body = zlib.decompressobj().decompress(raw, MOST_XML)
            except zlib.error:
                continue
        if b"CrossIndustryInvoice" in body[:2000]:
            yield body.rstrip(b"\r\n")


def read_cii(data: bytes) -> Statement:
    """One invoice. Its day is the one it was issued: when it was paid, only the person knows.
    Raises FileRefused."""
    root = parse(data)
    if root.name != "CrossIndustryInvoice":
        raise FileRefused("unknown")
    found = Statement("invoice")
    answer = _invoice(root)
    if isinstance(answer, BadLine):
        found.bad.append(answer)
    else:
        found.lines.append(answer)
    return found


def _invoice(root: Node) -> BankLine | BadLine:
    document = root.one("ExchangedDocument")
    trade = root.one("SupplyChainTradeTransaction")
    settled = trade.one("ApplicableHeaderTradeSettlement") if trade else None
    if document is None or trade is None or settled is None:
        return BadLine(root.line, "broken")
    if settled.say("InvoiceCurrencyCode") != "EUR":
        return BadLine(settled.line, "currency")
    issued = document.one("IssueDateTime", "DateTimeString")
    if issued is None:
        return BadLine(document.line, "date_missing")
    raw = issued.text.strip()
    try:
        on = date(int(raw[:4]), int(raw[4:6]), int(raw[6:8])) if len(raw) == 8 else None
    except ValueError:
        on = None
    if on is None or not 2000 <= on.year <= 2100:
        return BadLine(issued.line, "date")
    sums = settled.one("SpecifiedTradeSettlementHeaderMonetarySummation")
    total = sums.one("GrandTotalAmount") if sums else None
    if total is None:
        return BadLine(settled.line, "amount_missing")
    match = _AMOUNT.fullmatch(total.text.strip())
    if match is None:
        return BadLine(total.line, "amount")
    amount = Decimal(f"{match[1]}{match[2]}.{match[3] or '0'}")
    if not amount:
        return BadLine(total.line, "amount_zero")
    if abs(amount) > MOST:
        return BadLine(total.line, "amount")
    if document.say("TypeCode") == CREDIT_NOTE and amount > 0:
        amount = -amount
    number = printable(document.say("ID"), 60)
    client = printable(trade.say("ApplicableHeaderTradeAgreement", "BuyerTradeParty", "Name"), 120)
    return BankLine(
        document.line, on, amount, printable(f"{number} {client}".strip()), number, client,
        ("invoice",),
    )  # fmt: skip
