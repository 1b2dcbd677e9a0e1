"""OFX statements: SGML 1.x, whose values have no closing tag, and XML 2.x. One reader for both."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from html import unescape

from app.imports.cells import MOST, printable
from app.imports.encoding import decode
from app.imports.statement import MOST_LINES, BadLine, BankLine, FileRefused, Statement
from app.imports.table import repeats

_TAG = re.compile(r"<(/?)([A-Za-z0-9_.]{1,40})>([^<]*)")
_AMOUNT = re.compile(r"([+-]?)(\d{1,11})(?:[.,](\d{1,2})0*)?")
_MARK = re.compile(r"<OFX>", re.IGNORECASE)
_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{0,6})(?:\.\d+)?(?:\[[^\]]*\])?")

READ = {"TRNTYPE", "DTPOSTED", "TRNAMT", "FITID", "NAME", "MEMO", "CHECKNUM", "REFNUM"}


def looks(text: str) -> bool:
    """Whether this is an OFX file."""
    head = text[:4000].upper()
    return "OFXHEADER" in head or "<OFX>" in head


def read_ofx(data: bytes) -> Statement:
    """The operations of an OFX file. Raises FileRefused."""
    text = _text(data)
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise FileRefused("xml_forbidden")
    found = Statement("ofx")
    if not re.search(r"</OFX>\s*$", text, re.IGNORECASE):
        found.notice("truncated")
    start = _MARK.search(text)
    if start is None:
        raise FileRefused("no_lines")
    line = text.count("\n", 0, start.start()) + 1
    at = start.start()
    open_line = 0
    values: dict[str, str] = {}
    twice = False
    inside = False
    currency = ""
    seen: dict[str, BankLine] = {}

    def close(broken: bool) -> None:
        if broken:
            found.bad.append(BadLine(open_line, "broken"))
            return
        answer = _operation(open_line, values, twice, currency)
        if isinstance(answer, BadLine):
            found.bad.append(answer)
            return
        known = seen.get(answer.reference) if answer.reference else None
        if known is not None and (known.on, known.amount) != (answer.on, answer.amount):
            found.bad.append(BadLine(open_line, "reference"))
            return
        if answer.reference:
            seen[answer.reference] = answer
        found.lines.append(answer)

    last = at
    stray = False
    for match in _TAG.finditer(text, at):
        # What stands between two tags is a tag that is none: the value before it was cut.
        stray = stray or (inside and match.start() > last)
        last = match.end()
        line += text.count("\n", at, match.start())
        at = match.start()
        closing, name, value = match[1], match[2].upper(), match[3].strip()
        if name == "STMTTRN":
            if closing:
                if inside:
                    close(stray)
                else:
                    found.bad.append(BadLine(line, "broken"))
                inside = False
            else:
                if inside:
                    close(True)
                if len(found.lines) > MOST_LINES:
                    raise FileRefused("too_many")
                inside, open_line, values, twice, stray = True, line, {}, False, False
        elif name == "CURDEF" and not closing:
            currency = value.upper()
        elif inside and not closing and name in READ:
            twice = twice or name in values
            values[name] = unescape(value)
        elif inside and closing and name in {"BANKTRANLIST", "STMTRS", "OFX"}:
            close(True)
            inside = False
    if inside:
        close(True)
    if not currency:
        found.notice("currency_unsaid")
    if not found.lines and not found.bad:
        raise FileRefused("no_lines")
    found.lines = repeats(found.lines)
    found.bad.sort(key=lambda bad: bad.number)
    return found


def _text(data: bytes) -> str:
    """The characters: the header says which, when it does."""
    head = data[:1000].decode("latin-1").upper()
    if "CHARSET:1252" in head and "ENCODING:USASCII" in head:
        try:
            return data.decode("utf-8")  # many banks say 1252 and write UTF-8
        except UnicodeDecodeError:
            return data.decode("cp1252", "replace")
    return decode(data)


def _operation(line: int, values: dict[str, str], twice: bool, currency: str) -> BankLine | BadLine:
    if twice:
        return BadLine(line, "twice")
    if currency and currency != "EUR":
        return BadLine(line, "currency")
    if "DTPOSTED" not in values:
        return BadLine(line, "date_missing")
    day = _DAY.fullmatch(values["DTPOSTED"])
    if day is None:
        return BadLine(line, "date")
    try:
        on = date(int(day[1]), int(day[2]), int(day[3]))
    except ValueError:
        return BadLine(line, "date")
    if not 2000 <= on.year <= 2100:
        return BadLine(line, "date")
    if not values.get("TRNAMT"):
        return BadLine(line, "amount_missing")
    found = _AMOUNT.fullmatch(values["TRNAMT"].replace(" ", ""))
    if found is None:
        return BadLine(line, "amount")
    amount = Decimal(f"{found[1]}{found[2]}.{found[3] or '0'}")
    if not amount:
        return BadLine(line, "amount_zero")
    if abs(amount) > MOST:
        return BadLine(line, "amount")
    kind = values.get("TRNTYPE", "").upper()
    if (kind == "CREDIT" and amount < 0) or (kind == "DEBIT" and amount > 0):
        return BadLine(line, "sign")
    name, memo = values.get("NAME", ""), values.get("MEMO", "")
    label = name if memo in name else f"{name} {memo}" if name else memo
    return BankLine(
        line, on, amount, printable(label), printable(values.get("FITID", ""), 60),
        warnings=("characters",) if "\ufffd" in label else (),
    )  # fmt: skip
