"""Banking files: pain.008 for debits, pain.001 for refunds, valid against their XSD.

They hold IBANs and amounts: written for this user alone (0600), never logged, and no error of
theirs is shown, since it would carry a value.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from backend.clock import PARIS
from backend.settings import Settings

DEBITS_SCHEMA = "pain.008.001.08"
REFUNDS_SCHEMA = "pain.001.001.09"


class FileRefused(RuntimeError):
    """A file that its schema refuses: nothing is written."""


@dataclass(frozen=True)
class Debit:
    """One debit: cents, the mandate it rests on, the day and the sequence type."""

    reference: str
    holder: str
    iban: str
    bic: str
    cents: int
    rum: str
    signed_on: date
    sequence: str
    on: date
    text: str


@dataclass(frozen=True)
class Transfer:
    """One refund: cents and the account it goes to."""

    reference: str
    holder: str
    iban: str
    cents: int
    on: date
    text: str


def debit_file(settings: Settings, message_id: str, at: datetime, debits: Sequence[Debit]) -> bytes:
    """pain.008 of `debits`, grouped by day and sequence type. Raises FileRefused."""
    from sepaxml import SepaDD  # here: a start does without

    file = SepaDD(
        {
            "name": settings.service_name, "IBAN": settings.creditor_iban,
            "BIC": settings.creditor_bic, "batch": True, "creditor_id": settings.creditor_ics,
            "currency": "EUR", "instrument": "CORE",
        },
        schema=DEBITS_SCHEMA,
    )  # fmt: skip
    _head(file, message_id, at)
    for debit in debits:
        line: dict[str, Any] = {
            "name": debit.holder, "IBAN": debit.iban, "amount": debit.cents,
            "type": debit.sequence, "collection_date": debit.on, "mandate_id": debit.rum,
            "mandate_date": debit.signed_on, "description": debit.text,
            "endtoend_id": debit.reference,
        }  # fmt: skip
        if debit.bic:
            line["BIC"] = debit.bic
        file.add_payment(line)
    return _export(file)


def refund_file(
    settings: Settings, message_id: str, at: datetime, transfers: Sequence[Transfer]
) -> bytes:
    """pain.001 of `transfers`. Raises FileRefused."""
    from sepaxml import SepaTransfer  # here: a start does without

    file = SepaTransfer(
        {
            "name": settings.service_name, "IBAN": settings.creditor_iban,
            "BIC": settings.creditor_bic, "batch": True, "currency": "EUR",
        },
        schema=REFUNDS_SCHEMA,
    )  # fmt: skip
    _head(file, message_id, at)
    for transfer in transfers:
        file.add_payment(
            {
                "name": transfer.holder, "IBAN": transfer.iban, "amount": transfer.cents,
                "execution_date": transfer.on, "description": transfer.text,
                "endtoend_id": transfer.reference,
            }
        )  # fmt: skip
    return _export(file)


def _head(file: Any, message_id: str, at: datetime) -> None:
    """The same rows make the same message: its identifier and moment are ours, not the tool's."""
    for node, text in (
        ("MsgId", message_id), ("CreDtTm", at.astimezone(PARIS).strftime("%Y-%m-%dT%H:%M:%S")),
    ):  # fmt: skip
        next(file._xml.iter(node)).text = text


def _export(file: Any) -> bytes:
    number = 0
    try:
        file._finalize_batch()
        file._finalize_batch = lambda: None  # once: `export` would do it again
        message_id = next(file._xml.iter("MsgId")).text
        for node in file._xml.iter("PmtInfId"):
            number += 1
            node.text = f"{message_id}-{number}"[:35]
        body: bytes = file.export(validate=True)
    except Exception as error:
        raise FileRefused(type(error).__name__) from None
    return body


def write_private(folder: Path, name: str, body: bytes) -> Path:
    """Write a file for this user alone, whole or not at all; the same name again replaces it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    temporary = folder / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, body)
        os.fsync(handle)
    finally:
        os.close(handle)
    os.replace(temporary, path)
    return path
