"""Whether an account is up to date: what is not declared, what is not paid (CSS L243-15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from backend import ledger
from backend.clock import paris_moment
from backend.services import Services
from backend.storage.decisions import PaymentPlan
from backend.storage.engine import Database
from backend.storage.tables import Account
from backend.usecases.dues import open_dues
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
    planned: bool = False
    """Something late is paid by a plan that is kept: it is not in the way (CSS L243-15)."""

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
    plan = database.scalars(
        select(PaymentPlan.periods).where(
            PaymentPlan.account_id == account.id, PaymentPlan.state == "active"
        )
    ).first()
    late: dict[str, Decimal] = {}
    for due in open_dues(database, account.id):
        if due.open > 0 and due.due.due_date < today:
            period = due.due.period
            late[period] = late.get(period, Decimal(0)) + ledger.euros(due.open)
    unpaid = {period: amount for period, amount in late.items() if period not in (plan or [])}
    return Standing(
        tuple(missing), tuple(unpaid.items()), first_due, tuple(sent),
        planned=len(late) > len(unpaid),
    )  # fmt: skip
