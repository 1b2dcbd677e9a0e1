"""Whether an account is up to date: what is not declared, what is not paid (CSS L243-15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select

from backend import ledger
from backend.clock import paris_moment
from backend.services import Services
from backend.storage.engine import Database
from backend.storage.tables import Account, LedgerLine
from backend.usecases.history import Stored, current_profile, latest
from regimes.regime import Period, PeriodStatus, Regime


@dataclass(frozen=True)
class Standing:
    """`missing`: periods past their due date with nothing sent. `unpaid`: euros still owed by
    period whose due date is past. `first_due`: due date of a beginner's first declaration, while
    nothing was ever due; None for everybody else."""

    missing: tuple[Period, ...]
    unpaid: tuple[tuple[str, Decimal], ...]
    first_due: date | None
    sent: tuple[Stored, ...]

    @property
    def up_to_date(self) -> bool:
        """Nothing is in the way of an attestation."""
        return not self.missing and not self.unpaid


def standing(services: Services, database: Database, account: Account, regime: Regime) -> Standing:
    """How the account stands today."""
    today, now = services.clock.today(), services.clock.now()
    profile, _ = current_profile(database, regime, account.id)
    periods = regime.periods(profile, today, services.rates.table(regime))
    sent = latest(database, account.id)
    declared = {item.row.period for item in sent}
    past = [p for p in periods if now > paris_moment(p.due, p.due_time)]
    missing = [
        p for p in past
        if p.code not in declared and not p.optional and p.status is not PeriodStatus.CLOSED
    ]  # fmt: skip
    first_due = None
    if not past and not any(now > item.row.received_at and item.row.late for item in sent):
        first_due = min((p.due for p in periods), default=None)
    due_dates = {item.row.period: item.row.due_date for item in sent}
    unpaid = [
        (period, amount)
        for period, amount in owed(database, account.id)
        if amount > 0 and due_dates.get(period, today) < today
    ]
    return Standing(tuple(missing), tuple(unpaid), first_due, tuple(sent))


def owed(database: Database, account_id: str) -> list[tuple[str, Decimal]]:
    """Euros still owed by period (negative: a credit), oldest period first."""
    rows = database.execute(
        select(LedgerLine.period, func.sum(LedgerLine.amount_cents))
        .where(LedgerLine.account_id == account_id, LedgerLine.ledger_account == ledger.RECEIVABLE)
        .group_by(LedgerLine.period)
        .order_by(LedgerLine.period)
    )
    return [(period, ledger.euros(int(total))) for period, total in rows if total]
