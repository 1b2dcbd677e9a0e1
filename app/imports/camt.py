"""CAMT.053 statements (ISO 20022), every version from 001.02 on."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

from app.imports.cells import MOST, printable
from app.imports.statement import MOST_LINES, BadLine, BankLine, FileRefused, Statement
from app.imports.table import repeats
from app.imports.xml import Node, parse

_AMOUNT = re.compile(r"\+?(\d{1,11})(?:\.(\d{1,2})0*)?")


def read_camt(data: bytes) -> Statement:
    """The booked operations of a CAMT.053 file. Raises FileRefused."""
    root = parse(data)
    found = Statement("camt053")
    statements = list(root.deep("Stmt"))
    if not statements:
        raise FileRefused("no_lines")
    seen: dict[str, tuple[date, Decimal]] = {}
    for statement in statements:
        total = Decimal(0)
        whole = True
        for entry in statement.all("Ntry"):
            if len(found.lines) > MOST_LINES:
                raise FileRefused("too_many")
            answer = _entry(entry)
            if isinstance(answer, BadLine):
                found.bad.append(answer)
                whole = whole and answer.fault == "pending"
                continue
            sums = sum((line.amount for line in answer), Decimal(0))
            reference = answer[0].reference
            key = (answer[0].on, sums)
            if reference and seen.setdefault(reference, key) != key:
                found.bad.append(BadLine(entry.line, "reference"))
                whole = False
                continue
            total += sums
            found.lines += answer
        if whole and not _balanced(statement, total):
            found.notice("balance")
            found.lines = [replace(x, warnings=(*x.warnings, "balance")) for x in found.lines]
    if not found.lines and not found.bad:
        raise FileRefused("no_lines")
    found.lines = repeats(found.lines)
    found.bad.sort(key=lambda bad: bad.number)
    return found


def _amount(node: Node | None) -> Decimal | None:
    if node is None:
        return None
    found = _AMOUNT.fullmatch(node.text.strip())
    if found is None:
        return None
    value = Decimal(f"{found[1]}.{found[2] or '0'}")
    return value if value <= MOST else None


def _signed(node: Node, amount: Decimal) -> Decimal | None:
    way = node.say("CdtDbtInd")
    return amount if way == "CRDT" else -amount if way == "DBIT" else None


def _day(node: Node, *path: str) -> date | None:
    place = node.one(*path)
    if place is None:
        return None
    raw = place.say("Dt") or place.say("DtTm")[:10]
    try:
        value = date.fromisoformat(raw[:10])
    except ValueError:
        return None
    return value if 2000 <= value.year <= 2100 else None


def _entry(entry: Node) -> list[BankLine] | BadLine:
    """The lines of one entry: one, or one for each payment of a batch."""
    line = entry.line
    for name in ("Amt", "CdtDbtInd", "BookgDt"):
        if sum(1 for _ in entry.all(name)) > 1:
            return BadLine(line, "twice")
    status = entry.say("Sts", "Cd") or entry.say("Sts")
    if status and status != "BOOK":
        return BadLine(line, "pending")
    money = entry.one("Amt")
    if money is None or not money.text.strip():
        return BadLine(line, "amount_missing")
    if money.attributes.get("Ccy") != "EUR":
        return BadLine(line, "currency")
    amount = _amount(money)
    if amount is None:
        return BadLine(line, "amount")
    if not amount:
        return BadLine(line, "amount_zero")
    signed = _signed(entry, amount)
    if signed is None:
        return BadLine(line, "sign")
    if entry.one("BookgDt") is None and entry.one("ValDt") is None:
        return BadLine(line, "date_missing")
    on = _day(entry, "BookgDt") if entry.one("BookgDt") else _day(entry, "ValDt")
    if on is None:
        return BadLine(line, "date")
    warnings = ("reversal",) if entry.say("RvslInd") == "true" else ()
    reference = printable(entry.say("AcctSvcrRef") or entry.say("NtryRef"), 60)
    details = [d for group in entry.all("NtryDtls") for d in group.all("TxDtls")]
    if len(details) > 1:
        parts = [_detail_amount(d) for d in details]
        if all(parts) and sum((p for p in parts if p), Decimal(0)) == amount:
            sign = 1 if signed > 0 else -1
            return [
                BankLine(line, on, sign * part, _label(entry, detail), reference,
                         _client(detail, signed > 0), warnings)
                for part, detail in zip(parts, details, strict=True)
                if part
            ]  # fmt: skip
    detail = details[0] if len(details) == 1 else entry
    return [
        BankLine(
            line, on, signed, _label(entry, detail), reference, _client(detail, signed > 0),
            warnings,
        )
    ]  # fmt: skip


def _detail_amount(detail: Node) -> Decimal | None:
    return _amount(detail.one("Amt") or detail.one("AmtDtls", "TxAmt", "Amt"))


def _client(detail: Node, incoming: bool) -> str:
    side = "Dbtr" if incoming else "Cdtr"
    party = detail.one("RltdPties", side)
    if party is None:
        return ""
    return printable(party.say("Nm") or party.say("Pty", "Nm"), 120)


def _label(entry: Node, detail: Node) -> str:
    said = [node.text.strip() for info in detail.all("RmtInf") for node in info.all("Ustrd")]
    text = " ".join(said) or detail.say("AddtlTxInf") or entry.say("AddtlNtryInf")
    return printable(text or _client(detail, True) or _client(detail, False))


def _balanced(statement: Node, total: Decimal) -> bool:
    """Opening balance plus operations is the closing balance; True when they are not told."""
    ends: dict[str, Decimal] = {}
    for balance in statement.all("Bal"):
        code = balance.say("Tp", "CdOrPrtry", "Cd")
        amount = _amount(balance.one("Amt"))
        if amount is None:
            return False
        signed = _signed(balance, amount)
        if signed is None:
            return False
        ends.setdefault(code, signed)
    opening = ends.get("OPBD", ends.get("PRCD"))
    closing = ends.get("CLBD")
    if opening is None or closing is None:
        return True
    return opening + total == closing
