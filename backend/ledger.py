"""Double-entry ledger: each transaction balances, nothing is ever edited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select

from backend.storage.engine import Database
from backend.storage.tables import LedgerLine, LedgerTransaction, new_id
from regimes.assessment import Assessment

RECEIVABLE = "receivable"
"""What the person owes the collector: debit positive."""


@dataclass(frozen=True)
class Entry:
    """One line to book, in cents: debit positive, credit negative."""

    ledger_account: str
    cents: int
    code: str = ""


class Unbalanced(ValueError):
    """A transaction whose lines do not add up to zero."""


def cents(euros: Decimal) -> int:
    """Whole cents of an amount already rounded to the cent."""
    scaled = euros * 100
    if scaled != scaled.to_integral_value():
        raise ValueError("not a whole number of cents")
    return int(scaled)


def euros(amount: int) -> Decimal:
    """Euros of whole cents."""
    return Decimal(amount).scaleb(-2)


def share_entries(assessment: Assessment, already: Mapping[str, int]) -> list[Entry]:
    """Lines that bring what was booked for a period (`already`, cents by fund) to the shares of
    `assessment`. Raises Unbalanced when its shares do not add up to what is due.

    A first declaration has nothing booked; a correction books the difference alone.
    """
    wanted: dict[str, int] = {}
    for share in assessment.shares:
        name = f"fund:{share.fund}"
        wanted[name] = wanted.get(name, 0) + cents(share.amount)
    if sum(wanted.values()) != cents(assessment.due):
        raise Unbalanced("shares")
    entries = []
    for name in sorted(set(wanted) | set(already)):
        difference = wanted.get(name, 0) - already.get(name, 0)
        if difference:
            entries.append(Entry(name, -difference, name.removeprefix("fund:")))
    total = sum(entry.cents for entry in entries)
    if total:
        entries.insert(0, Entry(RECEIVABLE, -total))
    return entries


def book(
    database: Database, account_id: str, kind: str, origin: tuple[str, str], period: str,
    at: datetime, value_date: date, entries: Sequence[Entry],
) -> None:  # fmt: skip
    """Write a transaction. Raises Unbalanced. An empty one (nothing changes) is not written."""
    if sum(entry.cents for entry in entries) != 0:
        raise Unbalanced(kind)
    if not entries:
        return
    transaction = LedgerTransaction(
        id=new_id(), account_id=account_id, kind=kind, origin_kind=origin[0], origin_id=origin[1],
        booked_at=at, value_date=value_date,
    )  # fmt: skip
    database.add(transaction)
    database.flush()
    database.add_all(
        LedgerLine(
            transaction_id=transaction.id, position=position, account_id=account_id,
            ledger_account=entry.ledger_account, period=period, line_code=entry.code,
            amount_cents=entry.cents,
        )
        for position, entry in enumerate(entries)
    )  # fmt: skip


def booked_funds(database: Database, account_id: str, period: str) -> dict[str, int]:
    """Cents credited to each fund so far for a period (positive)."""
    rows = database.execute(
        select(LedgerLine.ledger_account, func.sum(LedgerLine.amount_cents))
        .where(
            LedgerLine.account_id == account_id, LedgerLine.period == period,
            LedgerLine.ledger_account.startswith("fund:"),
        )
        .group_by(LedgerLine.ledger_account)
    )  # fmt: skip
    return {name: -int(total) for name, total in rows}


def balance(database: Database, account_id: str) -> Decimal:
    """Euros the person owes; negative is a credit."""
    total = database.scalar(
        select(func.coalesce(func.sum(LedgerLine.amount_cents), 0)).where(
            LedgerLine.account_id == account_id, LedgerLine.ledger_account == RECEIVABLE
        )
    )
    return euros(int(total or 0))
