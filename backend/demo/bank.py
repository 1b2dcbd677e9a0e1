"""How the demo people pay: through the real use cases, at the moments their story tells."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import select

from backend.banking.returns import Returned
from backend.clock import PARIS, ManualClock, paris_day
from backend.problems import Problem
from backend.secrets import human_code
from backend.services import Services
from backend.storage.tables import Account, Collection, DebitOrder, Payment, Person, new_id
from backend.usecases import mandates, orders, pay
from backend.usecases.collect import debit_account
from backend.usecases.situation import refresh_calls
from contract.payments import MandateSign, OrderAsk
from contract.people import DEMO_PASSWORD
from regimes.regime import Regime, scheduled

IBANS = ("FR7699999000010000000000115",)
"""An account of a bank that does not exist."""


def sign(past: Services, person: Person, account: Account) -> None:
    """A mandate on the account of a bank that does not exist."""
    mandates.keep_signed(
        past, person, "demo", account,
        MandateSign(iban=IBANS[0], holder=account.name, agreed=True,
                    current_password=DEMO_PASSWORD),
    )  # fmt: skip


def order(past: Services, account: Account, period: str) -> None:
    """Order the debit of the period just declared, when something is due."""
    try:
        orders.give(past, account, f"declaration.{period}", OrderAsk())
    except Problem:
        return  # nothing due, or called otherwise


def live(past: Services, clock: ManualClock, account: Account, regime: Regime, until: datetime
         ) -> None:  # fmt: skip
    """Let the days pass until `until`: calls are issued each month, orders leave for the bank."""
    if scheduled(regime):
        now = clock.now() + timedelta(days=25)
        while now < until:
            _collect(past, clock, account, now)
            clock.set(now)
            refresh_calls(past, account, regime)
            now += timedelta(days=25)
    _collect(past, clock, account, until)
    clock.set(until)
    if scheduled(regime):
        refresh_calls(past, account, regime)


def _collect(past: Services, clock: ManualClock, account: Account, until: datetime) -> None:
    """Each order leaves for the bank at its own cut-off."""
    with past.storage.read() as database:
        cutoffs = sorted(
            set(
                database.scalars(
                    select(DebitOrder.cutoff_at).where(
                        DebitOrder.account_id == account.id, DebitOrder.state == "scheduled"
                    )
                )
            )
        )
    for cutoff in cutoffs:
        if cutoff <= until:
            clock.set(max(cutoff, clock.now()))
            debit_account(past, account.id, cutoff)


def last_comes_back(past: Services, clock: ManualClock, account: Account) -> None:
    """The last debit was not honoured: not enough money on the account."""
    with past.storage.read() as database:
        last = database.scalars(
            select(Payment)
            .where(Payment.account_id == account.id, Payment.state == "paid")
            .order_by(Payment.value_date.desc())
        ).first()
    if last is not None and last.value_date is not None:
        day = last.value_date + timedelta(days=2)
        clock.set(min(clock.now(), datetime.combine(day, time(9), PARIS)))
        pay.take_return(past, Returned(f"demo:{last.id}", last.reference, "AM04", day))


def file_away(services: Services, account: Account) -> None:
    """The banking files of the past are said to be written: nobody will send them."""
    with services.storage.write() as database:
        rows = database.scalars(
            select(Payment).where(
                Payment.account_id == account.id, Payment.collection_id.is_(None),
                Payment.method == "debit",
            )
        ).all()  # fmt: skip
        if not rows:
            return
        now = services.clock.now()
        file = Collection(
            id=new_id(), kind="debits", message_id=f"DEMO-{human_code(12)}",
            execute_on=paris_day(now), created_at=now, written_at=now,
        )  # fmt: skip
        database.add(file)
        database.flush()
        for row in rows:
            row.collection_id = file.id
