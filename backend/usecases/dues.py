"""What is asked from an account: declarations paid at once, calls of a scheduled year, and what is
still open of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Executable, bindparam, select

from backend import ledger
from backend.allocation import ADVANCE
from backend.ledger import Entry
from backend.services import Services
from backend.storage.engine import Database, written_once
from backend.storage.tables import (
    Account,
    Due,
    LedgerLine,
    LedgerTransaction,
    Payment,
    Submission,
)
from backend.usecases.history import current_profile, filed_history, latest
from contract.i18n import N_
from regimes.assessment import Assessment
from regimes.money import largest_remainder
from regimes.regime import Call, Filed, Period, Regime, scheduled

NOTICE = timedelta(days=30)
"""A call is asked, and may be ordered, this long before its day (SEPA asks for 14 days)."""
UNSHARED = "provisional"
"""Fund of a call made before any declaration says how it is shared."""
DECLARED = "declaration."
_DECLARED = written_once(Due)

# Built once. Rows are read by column: nothing of them is changed here, so nothing tracks them.
_DUES = (
    select(*Due.__table__.c)
    .where(Due.account_id == bindparam("account"))
    .order_by(Due.due_date, Due.issued_at, Due.code)
)
_SENT = (
    select(Submission.period, Submission.period_start, Submission.period_end, Submission.number)
    .where(Submission.account_id == bindparam("account"))
    .order_by(Submission.version)
)
_PAYMENTS = (
    select(*Payment.__table__.c)
    .where(Payment.account_id == bindparam("account"))
    .order_by(Payment.created_at.desc(), Payment.id)
)
_RECEIVED = (
    select(
        LedgerTransaction.origin_id, LedgerTransaction.value_date, LedgerLine.period,
        LedgerLine.amount_cents,
    )
    .join(LedgerLine, LedgerLine.transaction_id == LedgerTransaction.id)
    .where(
        LedgerLine.account_id == bindparam("account"),
        LedgerLine.ledger_account == ledger.RECEIVABLE, LedgerLine.line_code != "",
    )
    .order_by(LedgerTransaction.booked_at)
)  # fmt: skip


@dataclass(frozen=True)
class OpenDue:
    """A due with what remains to pay of it, in cents. `start` and `end` are the declared
    period's, when there is one."""

    due: Due
    amount: int
    open: int
    start: date | None
    end: date | None
    number: str | None


def note_declared(
    database: Database, account_id: str, regime: Regime, kind: str, number: str, period: Period,
    assessment: Assessment, now: datetime,
) -> None:  # fmt: skip
    """Book a declaration, or the difference that a correction makes."""
    by_calls = scheduled(regime)
    if not by_calls:
        connection = database.connection()
        connection.execute(
            _DECLARED[connection.dialect.name],
            {
                "account_id": account_id, "code": DECLARED + period.code, "period": period.code,
                "due_date": period.due, "label": N_("Déclaration"), "provisional": False,
                "amount_cents": None, "issued_at": now,
            },
        )  # fmt: skip
    held = ledger.positions(database, account_id, [period.code])
    already = ledger.by_account(held[period.code])
    against = ledger.CALLS if by_calls else ledger.RECEIVABLE
    ledger.settle(
        database, account_id, regime.allocation(), kind, ("submission", number), now, period.due,
        against=ledger.share_entries(assessment, already, against), period=period.code,
        held=held,
    )  # fmt: skip


def issue_calls(
    database: Database, services: Services, account: Account, regime: Regime,
    today: date | None = None,
) -> list[Due]:  # fmt: skip
    """Ask for the calls whose day comes within the notice; what is asked already is asked once.
    When the schedule has changed since, the difference is a call of its own. The caller holds the
    account locked."""
    if not scheduled(regime):
        return []
    today = today or services.clock.today()
    rates = services.rates.table(regime)
    profile, _ = current_profile(database, regime, account.id)
    history = filed_history(regime, latest(database, account.id))
    issued = {
        due.code: due for due in database.scalars(select(Due).where(Due.account_id == account.id))
    }
    found = []
    for call in regime.schedule(profile, history, today, rates):
        if call.collector != "urssaf" or call.on > today + NOTICE:
            continue
        versions = [d for c, d in issued.items() if c.split("~")[0] == call.code]
        asked = sum(due.amount_cents or 0 for due in versions)
        difference = ledger.cents(call.amount) - asked
        if not difference:
            continue
        code = call.code if not versions else f"{call.code}~{len(versions) + 1}"
        found.append(
            _issue(database, services, account, regime, call, code, difference, history, today)
        )
    return found


def _issue(
    database: Database, services: Services, account: Account, regime: Regime, call: Call, code: str,
    amount: int, history: Sequence[Filed], today: date,
) -> Due:  # fmt: skip
    now = services.clock.now()
    due = Due(
        account_id=account.id, code=code, period=call.period,
        due_date=max(call.on, today) if "~" in code else call.on, label=call.label,
        provisional=call.provisional, amount_cents=amount, issued_at=now,
    )  # fmt: skip
    database.add(due)
    database.flush()
    ledger.settle(
        database, account.id, regime.allocation(), "call",
        ("call", f"{account.id[:8]}.{code}"[:40]), now, due.due_date,
        against=[
            Entry(ledger.RECEIVABLE, amount), *_other_side(call.period, amount, history)
        ],
        period=call.period,
    )  # fmt: skip
    return due


def _other_side(period: str, amount: int, history: Sequence[Filed]) -> list[Entry]:
    """A call of a declared year draws on what that year comes to; one made before is shared as the
    last declared year was, until the declaration says better."""
    if any(filed.period.code == period for filed in history):
        return [Entry(ledger.CALLS, -amount)]
    shares = list(history[-1].assessment.shares) if history else []
    weights = [max(Decimal(0), share.amount) for share in shares]
    if not any(weights):
        return [Entry(f"fund:{UNSHARED}", -amount, UNSHARED)]
    parts = largest_remainder(Decimal(amount).scaleb(-2), weights)
    return [
        Entry(f"fund:{share.fund}", -ledger.cents(part), share.fund)
        for share, part in zip(shares, parts, strict=True)
        if part
    ]


def calls_pending(services: Services, account: Account, regime: Regime) -> bool:
    """True when a call is to be issued: a cheap look before taking the account."""
    if not scheduled(regime):
        return False
    today = services.clock.today()
    with services.storage.read() as database:
        profile, _ = current_profile(database, regime, account.id)
        history = filed_history(regime, latest(database, account.id))
        asked: dict[str, int] = {}
        for due in database.scalars(select(Due).where(Due.account_id == account.id)):
            name = due.code.split("~")[0]
            asked[name] = asked.get(name, 0) + (due.amount_cents or 0)
    return any(
        call.collector == "urssaf"
        and call.on <= today + NOTICE
        and asked.get(call.code, 0) != ledger.cents(call.amount)
        for call in regime.schedule(profile, history, today, services.rates.table(regime))
    )


def dues_of(database: Database, account_id: str) -> list[Due]:
    """Every due of an account, oldest first."""
    return _rows(database, _DUES, account_id)


def payments_of(database: Database, account_id: str) -> list[Payment]:
    """Every payment of an account, newest first, to be read."""
    return _rows(database, _PAYMENTS, account_id)


def _rows(database: Database, statement: Executable, account_id: str) -> list[Any]:
    database.flush()
    return list(database.connection().execute(statement, {"account": account_id}))


def open_dues(
    database: Database, account_id: str, rows: Sequence[Due] | None = None
) -> list[OpenDue]:
    """Every due of an account, oldest first, with what remains to pay of it. Within a period money
    goes to the oldest due. `rows`: the dues, if the caller has read them."""
    held = ledger.balances(database, account_id)
    rows = dues_of(database, account_id) if rows is None else rows
    sent = {row.period: row for row in _rows(database, _SENT, account_id)}
    left = {name: balance.received for name, balance in held.items()}
    for due in rows:  # what a regularisation gives back pays the calls of its own year
        if due.amount_cents is not None and due.amount_cents < 0:
            left[due.period] = left.get(due.period, 0) - due.amount_cents
    found = []
    for due in rows:
        amount = due.amount_cents
        if amount is None:
            # What the period asks, surcharges and penalties included.
            amount = held[due.period].called if due.period in held else 0
        paid = min(max(0, left.get(due.period, 0)), max(0, amount))
        left[due.period] = left.get(due.period, 0) - paid
        submission = sent.get(due.period)
        found.append(
            OpenDue(
                due, amount, max(0, amount - paid),
                submission.period_start if submission else None,
                submission.period_end if submission else None,
                submission.number if submission else None,
            )
        )  # fmt: skip
    return found


def paid_by_period(
    database: Database, account_id: str, dues: Sequence[Due] | None = None,
    payments: Sequence[Payment] | None = None,
) -> dict[str, list[tuple[date, Decimal]]]:  # fmt: skip
    """What was received for each period: the day it counts from and euros. A debit ordered by the
    due date counts from that date; money moved from a credit counts from the day it moved. `dues`,
    `payments`: all of them, if the caller has read them."""
    dues = dues_of(database, account_id) if dues is None else dues
    payments = payments_of(database, account_id) if payments is None else payments
    days = {row.id: row.counts_from for row in payments}
    rows = _rows(database, _RECEIVED, account_id)
    found: dict[str, dict[date, int]] = {due.period: {} for due in dues}
    for origin, value_date, period, amount in rows:
        if period == ADVANCE:
            continue
        day = days.get(origin) or value_date
        by_day = found.setdefault(period, {})
        by_day[day] = by_day.get(day, 0) - int(amount)
    return {
        period: [(day, ledger.euros(cents)) for day, cents in sorted(by_day.items()) if cents > 0]
        for period, by_day in found.items()
    }
