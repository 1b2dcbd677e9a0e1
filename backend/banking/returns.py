"""Read what the bank answers: camt.054 (returned debits, transfers received) and pain.002
(refusals), any version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from xml.etree import ElementTree as ET

from contract.identifiers import compact, reference_valid


class Unreadable(ValueError):
    """A file that is neither camt.054 nor pain.002."""


@dataclass(frozen=True)
class Returned:
    """A debit or a refund that did not go through, by its end-to-end reference."""

    event: str
    reference: str
    reason: str
    on: date | None


@dataclass(frozen=True)
class Received:
    """A transfer received: euros, and the ISO 11649 reference it quotes, if it does."""

    event: str
    reference: str
    amount: Decimal
    on: date | None


def read_answers(body: bytes) -> list[Returned | Received]:
    """Everything that a file of the bank tells us. Raises Unreadable."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise Unreadable("declares entities")  # a bank never does; an attack would
    try:
        root = ET.fromstring(body)  # entities are refused above
    except ET.ParseError:
        raise Unreadable("not XML") from None
    for node in root.iter():
        node.tag = node.tag.rpartition("}")[2]
    if root.find("BkToCstmrDbtCdtNtfctn") is not None:
        return list(_camt054(root))
    if root.find("CstmrPmtStsRpt") is not None:
        return list(_pain002(root))
    raise Unreadable("neither camt.054 nor pain.002")


def _camt054(root: ET.Element) -> Iterator[Returned | Received]:
    message = _text(root, ".//GrpHdr/MsgId")
    for entry in root.iter("Ntry"):
        day = _day(_text(entry, "ValDt/Dt") or _text(entry, "BookgDt/Dt"))
        credit = _text(entry, "CdtDbtInd") == "CRDT"
        for number, tx in enumerate(entry.iter("TxDtls")):
            reason = _text(tx, "RtrInf/Rsn/Cd")
            reference = _text(tx, "Refs/EndToEndId")
            event = _text(tx, "Refs/AcctSvcrRef") or _text(entry, "AcctSvcrRef")
            event = f"{event or message}:{number}:{reference}"[:120]
            if reason:
                yield Returned(event, reference, reason, day)
            elif credit and _text(entry, "RvslInd") != "true":
                amount = _amount(tx.find("Amt"), tx.find("AmtDtls/TxAmt/Amt"), entry.find("Amt"))
                if amount is not None:
                    yield Received(event, _quoted(tx) or reference, amount, day)


def _quoted(tx: ET.Element) -> str:
    """The reference that the payer quoted, structured or in the free text."""
    found = _text(tx, "RmtInf/Strd/CdtrRefInf/Ref")
    if reference_valid(found):
        return compact(found).upper()
    for node in tx.iter("Ustrd"):
        words = (node.text or "").upper().split()
        for start in range(len(words)):
            for end in range(start + 1, min(len(words), start + 8) + 1):
                text = "".join(words[start:end])
                if reference_valid(text):
                    return text
    return ""


def _pain002(root: ET.Element) -> Iterator[Returned]:
    message = _text(root, ".//GrpHdr/MsgId")
    for tx in root.iter("TxInfAndSts"):
        if _text(tx, "TxSts") == "RJCT":
            reference = _text(tx, "OrgnlEndToEndId")
            reason = _text(tx, "StsRsnInf/Rsn/Cd") or "MS03"
            yield Returned(f"{message}:{reference}"[:120], reference, reason, None)


def _text(node: ET.Element, path: str) -> str:
    return (node.findtext(path) or "").strip()


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _amount(*nodes: ET.Element | None) -> Decimal | None:
    for node in nodes:
        if node is not None and node.get("Ccy", "EUR") == "EUR":
            try:
                return Decimal((node.text or "").strip()).quantize(Decimal("0.01"))
            except InvalidOperation:
                return None
    return None
