"""Share out what was collected: to each fund what its contributions received in a month, once.

A month is the month of booking, in Paris: nothing is ever booked into a month that is over, so what
was shared out for it stays right.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import case, func, select

from backend import ledger
from backend.allocation import CREDIT, SANCTION
from backend.clock import PARIS
from backend.services import Services
from backend.storage.decisions import Redistribution
from backend.storage.engine import Database
from backend.storage.tables import Account, LedgerLine, LedgerTransaction
from backend.usecases.history import latest
from contract.decisions import EurosView, FundEuros

SANCTIONS = "sanctions"
"""Pseudo-fund of penalties and surcharges: they stay with the collector."""


class MonthRunning(ValueError):
    """The month is not over: what it collected is not known yet."""


@dataclass
class Report:
    """What a month collected and where it went, in cents, by régime then fund. `collected` is the
    net movement of the bank and of refunds promised; `credits` what is kept for people who paid
    more than they owed. collected = funds + sanctions + credits, to the cent."""

    month: str
    funds: dict[str, dict[str, int]] = field(default_factory=dict)
    collected: int = 0
    credits: int = 0
    already: bool = False

    @property
    def shared(self) -> int:
        """Sum of what funds and sanctions received."""
        return sum(sum(found.values()) for found in self.funds.values())

    @property
    def balanced(self) -> bool:
        """Nothing is lost or made on the way."""
        return self.collected == self.shared + self.credits


def bounds(month: str) -> tuple[datetime, datetime]:
    """First moment of a month (2026-10) and of the next, in Paris. Raises ValueError."""
    first = date.fromisoformat(f"{month}-01")
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return (
        datetime(first.year, first.month, 1, tzinfo=PARIS),
        datetime(after.year, after.month, 1, tzinfo=PARIS),
    )


def redistribute(services: Services, month: str) -> Report:
    """Share out a month; done before, the report of what was sent. Raises ValueError for what is
    no month, MonthRunning."""
    start, end = bounds(month)
    if services.clock.now() < end:
        raise MonthRunning(month)
    with services.storage.write() as database:
        report = measure(database, month, start, end)
        kept = database.scalars(select(Redistribution).where(Redistribution.month == month)).all()
        if kept:
            report.already = True
            report.funds = {}
            for row in kept:
                report.funds.setdefault(row.regime, {})[row.fund] = row.cents
            return report
        now = services.clock.now()
        for regime, found in report.funds.items():
            for fund, cents in found.items():
                database.add(
                    Redistribution(
                        month=month, regime=regime, fund=fund, cents=cents,
                        day=services.clock.today(), booked_at=now,
                    )
                )  # fmt: skip
    return report


def measure(database: Database, month: str, start: datetime, end: datetime) -> Report:
    """What was booked as received between two moments, by régime and fund."""
    rows = database.execute(
        select(
            Account.regime, LedgerLine.ledger_account, LedgerLine.line_code,
            func.sum(LedgerLine.amount_cents),
        )
        .join(LedgerTransaction, LedgerTransaction.id == LedgerLine.transaction_id)
        .join(Account, Account.id == LedgerLine.account_id)
        .where(LedgerTransaction.booked_at >= start, LedgerTransaction.booked_at < end)
        .group_by(Account.regime, LedgerLine.ledger_account, LedgerLine.line_code)
    )  # fmt: skip
    report = Report(month)
    funds: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for regime, name, code, total in rows:
        cents = int(total)
        if name in {ledger.BANK, ledger.REFUNDS}:
            report.collected += cents
        elif name == ledger.RECEIVABLE and code == CREDIT:
            report.credits -= cents
        elif name == ledger.RECEIVABLE and code:
            fund = SANCTIONS if code.startswith(SANCTION) else code
            funds[regime][fund] -= cents
    report.funds = {
        regime: {fund: cents for fund, cents in sorted(found.items()) if cents}
        for regime, found in sorted(funds.items())
    }
    return report


def my_euros(services: Services, account: Account, year: int | None) -> EurosView:
    """Where the euros of an account went in a year: what each fund received of its payments, by
    the day they count from."""
    received = case((LedgerLine.line_code == "", 0), else_=-LedgerLine.amount_cents)
    with services.storage.read() as database:
        rows = database.execute(
            select(LedgerTransaction.value_date, LedgerLine.line_code, func.sum(received))
            .join(LedgerTransaction, LedgerTransaction.id == LedgerLine.transaction_id)
            .where(
                LedgerLine.account_id == account.id,
                LedgerLine.ledger_account == ledger.RECEIVABLE,
                LedgerLine.line_code != "",
            )
            .group_by(LedgerTransaction.value_date, LedgerLine.line_code)
        ).all()
        labels = {
            share.fund: share.label
            for item in latest(database, account.id)
            for share in item.assessment.shares
        }
    years = sorted({day.year for day, _, _ in rows}, reverse=True)
    chosen = year or (years[0] if years else services.clock.today().year)
    funds: dict[str, int] = defaultdict(int)
    other = 0
    for day, code, cents in rows:
        if day.year != chosen:
            continue
        if code == CREDIT or code.startswith(SANCTION):
            other += int(cents)
        else:
            funds[code] += int(cents)
    told = [
        FundEuros(fund=fund, label=labels.get(fund, fund), amount=ledger.euros(cents))
        for fund, cents in sorted(funds.items(), key=lambda item: -item[1])
        if cents
    ]
    return EurosView(
        year=chosen, years=years, funds=told, other=ledger.euros(other),
        total=ledger.euros(sum(funds.values()) + other),
    )  # fmt: skip
