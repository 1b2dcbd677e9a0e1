"""Pay by card or by transfer, and what banks and providers tell us about it, each thing once."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend import ledger, messages
from backend.allocation import ADVANCE
from backend.audit import record
from backend.banking.reasons import blocks
from backend.banking.returns import Received, Returned
from backend.clock import paris_day
from backend.problems import Problem, field_problem
from backend.psp import Notice, Provider
from backend.secrets import human_code
from backend.services import Services
from backend.storage.engine import Along, Database, nothing_else
from backend.storage.tables import Account, BankEvent, Mandate, Payment, Person, Refund, new_id
from backend.usecases import mandates
from backend.usecases.accounts import locked
from backend.usecases.orders import find_due
from contract.identifiers import creditor_reference
from contract.problem import ProblemCode


def _begin(
    services: Services, account: Account, code: str, method: str, amount: Decimal | None,
    along: Along,
) -> Payment:  # fmt: skip
    """A pending payment of a due. Raises not-found, nothing-due, invalid-input on amount."""
    now = services.clock.now()
    with services.storage.write() as database:
        locked(database, account.id)
        due = find_due(database, account.id, code, services.clock.today())
        cents = due.open if amount is None else ledger.cents(amount)
        if cents > due.open:
            raise field_problem("amount", "above_open")
        payment = Payment(
            id=new_id(), account_id=account.id, method=method, state="pending",
            amount_cents=cents, due_code=code, period=due.due.period,
            reference=creditor_reference(human_code(12)), created_at=now,
        )  # fmt: skip
        database.add(payment)
        record(database, now, f"payment.{method}", account_id=account.id, due=code)
        along(database, code)
    return payment


def begin_card(
    services: Services, provider: Provider, account: Account, code: str, amount: Decimal | None,
    along: Along = nothing_else,
) -> tuple[Payment, str]:  # fmt: skip
    """Begin a payment by card: the payment, and where to send the window."""
    payment = _begin(services, account, code, "card", amount, along)
    opened = provider.begin(
        payment.reference, ledger.euros(payment.amount_cents),
        f"{services.settings.url}/pay/done/{payment.id}",
    )  # fmt: skip
    with services.storage.write() as database:
        row = database.get(Payment, payment.id)
        if row is not None:
            row.provider_ref = f"{provider.name}:{opened.provider_ref}"
    return payment, opened.url


def begin_transfer(
    services: Services, account: Account, code: str, along: Along = nothing_else
) -> Payment:
    """The reference to quote on a transfer for a due; asked twice, it is the same one."""
    with services.storage.read() as database:
        known = database.scalars(
            select(Payment).where(
                Payment.account_id == account.id, Payment.due_code == code,
                Payment.method == "transfer", Payment.state == "pending",
            )
        ).first()  # fmt: skip
    return known or _begin(services, account, code, "transfer", None, along)


def _first_time(database: Database, source: str, event: str, kind: str, services: Services) -> bool:
    """Note an event; False when it was told before, to this process or another."""
    try:
        with database.begin_nested():
            database.add(
                BankEvent(
                    source=source, event_id=event, kind=kind, received_at=services.clock.now()
                )
            )
    except IntegrityError:
        return False
    return True


def take_notice(services: Services, provider: Provider, notice: Notice) -> None:
    """Book what a provider's notice says, once. Raises not-found for a payment we never began."""
    name = f"{provider.name}:{notice.provider_ref}"
    with services.storage.read() as database:
        known = database.scalars(select(Payment).where(Payment.provider_ref == name)).first()
    if known is None:
        raise Problem(ProblemCode.NOT_FOUND)
    now = services.clock.now()
    with services.storage.write() as database:
        account = locked(database, known.account_id)
        if not _first_time(database, provider.name, notice.event, notice.outcome, services):
            return
        payment = database.get_one(Payment, known.id, populate_existing=True)
        if payment.state == "paid":
            return
        if notice.outcome != "paid":
            payment.state = "failed"
            return
        payment.amount_cents = ledger.cents(notice.amount)
        _book(services, database, account, payment, paris_day(now))


def _book(
    services: Services, database: Database, account: Account, payment: Payment, on: date
) -> None:
    payment.state = "paid"
    payment.value_date = payment.counts_from = on
    database.flush()
    regime = services.registry.get(account.regime)
    ledger.receive(
        database, account.id, regime.allocation(), ("payment", payment.id), services.clock.now(),
        on, payment.amount_cents, payment.period,
    )  # fmt: skip


def take_transfer(services: Services, received: Received) -> bool:
    """Book a transfer received, by the reference it quotes. False when nobody has that reference
    (a person decides what to do with it) or when it was booked before."""
    with services.storage.read() as database:
        known = database.scalars(
            select(Payment).where(
                Payment.reference == received.reference, Payment.method == "transfer"
            )
        ).first()
    if known is None:
        return False
    with services.storage.write() as database:
        account = locked(database, known.account_id)
        if not _first_time(database, "bank", received.event, "received", services):
            return False
        payment = database.get_one(Payment, known.id, populate_existing=True)
        if payment.state != "pending":  # the same reference quoted on a second transfer
            payment = Payment(
                id=new_id(), account_id=account.id, method="transfer", state="pending",
                due_code=known.due_code, period=known.period, amount_cents=0,
                reference=creditor_reference(human_code(12)), created_at=services.clock.now(),
            )  # fmt: skip
            database.add(payment)
        payment.amount_cents = ledger.cents(received.amount)
        _book(services, database, account, payment, received.on or services.clock.today())
    return True


def take_return(services: Services, returned: Returned) -> bool:
    """A debit or a refund came back: what it paid is owed again, and the person is told why in
    plain words. False when the reference is unknown or the return was booked before."""
    with services.storage.read() as database:
        payment = database.scalars(
            select(Payment).where(Payment.reference == returned.reference)
        ).first()
        refund = database.scalars(
            select(Refund).where(Refund.reference == returned.reference)
        ).first()
    if payment is not None:
        return _payment_back(services, payment.account_id, payment.id, returned)
    if refund is not None:
        return _refund_back(services, refund.account_id, refund.id, returned)
    return False


def _payment_back(services: Services, account_id: str, payment_id: str, returned: Returned) -> bool:
    now = services.clock.now()
    with services.storage.write() as database:
        account = locked(database, account_id)
        payment = database.get_one(Payment, payment_id, populate_existing=True)
        if payment.state != "paid":
            return False
        _first_time(database, "bank", returned.event, "returned", services)
        payment.state = "rejected"
        payment.reason = returned.reason[:10]
        payment.rejected_on = returned.on or paris_day(now)
        database.flush()
        regime = services.registry.get(account.regime)
        ledger.take_back(
            database, account_id, regime.allocation(), "rejection", ("payment", payment.id), now,
            payment.rejected_on,
        )  # fmt: skip
        if payment.mandate_id is not None:
            _mandate_after(database, payment, returned.reason, now)
        person = database.get_one(Person, account.person_id)
        record(
            database, now, "payment.rejected", account_id=account_id, reason=returned.reason[:10]
        )
        address, locale = person.email, person.locale
    services.mailer.send(
        messages.rejected_debit(
            services.settings, address, locale, f"{services.settings.url}/payments"
        )
    )
    return True


def _mandate_after(database: Database, payment: Payment, reason: str, at: datetime) -> None:
    mandate = database.get_one(Mandate, payment.mandate_id, populate_existing=True)
    if blocks(reason):
        if mandate.state == "active":
            mandates.retire(database, mandate, "blocked", at)
        return
    others = database.scalars(
        select(Payment.id).where(Payment.mandate_id == mandate.id, Payment.state == "paid")
    ).first()
    if others is None:
        mandate.first_used_on = None  # the first debit never was: the next one is the first


def _refund_back(services: Services, account_id: str, refund_id: str, returned: Returned) -> bool:
    now = services.clock.now()
    with services.storage.write() as database:
        account = locked(database, account_id)
        refund = database.get_one(Refund, refund_id, populate_existing=True)
        if refund.state != "sent":
            return False
        _first_time(database, "bank", returned.event, "returned", services)
        refund.state, refund.reason = "rejected", returned.reason[:10]
        database.flush()
        regime = services.registry.get(account.regime)
        ledger.settle(
            database, account_id, regime.allocation(), "refund_rejected", ("refund", refund.id),
            now, returned.on or paris_day(now), {ADVANCE: refund.amount_cents},
            [ledger.Entry(ledger.BANK, refund.amount_cents)],
        )  # fmt: skip
        record(database, now, "refund.rejected", account_id=account_id, reason=returned.reason[:10])
    return True
