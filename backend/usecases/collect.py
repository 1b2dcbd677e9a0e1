"""The collector's day: orders whose cut-off is past become debits, refunds asked become transfers,
and both become banking files. Run twice, or by two processes at once, it collects once.

First each account in a transaction of its own, held locked: an order turns into payments and
ledger entries, or finds itself done. Then what belongs to no file yet is given one. The files are
written last, from those rows alone, so that a run cut short is made good by the next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

from sqlalchemy import select, text

from backend import ledger
from backend.allocation import ADVANCE
from backend.banking.days import next_day
from backend.banking.files import (
    Debit,
    Transfer,
    debit_file,
    refund_file,
    write_private,
)
from backend.clock import paris_day, paris_moment
from backend.ledger import Entry
from backend.secrets import human_code
from backend.services import Services
from backend.storage.alerts import Freeze
from backend.storage.engine import Database
from backend.storage.tables import (
    Account,
    Collection,
    DebitOrder,
    Mandate,
    Payment,
    Refund,
    new_id,
)
from backend.usecases import mandates
from backend.usecases.accounts import locked
from backend.usecases.dues import calls_pending, issue_calls, open_dues
from backend.usecases.orders import order_calls
from backend.usecases.plans import due_of
from contract.identifiers import creditor_reference

LOCK = 0x51554943  # advisory lock of PostgreSQL held while rows are given a file


@dataclass
class Report:
    """What a run did: how many, and where; never how much."""

    debits: int = 0
    refunds: int = 0
    calls: int = 0
    files: list[Path] = field(default_factory=list)


def collect(services: Services, day: date) -> Report:
    """Send to the bank what is ready at noon of `day`, Paris. Raises FileRefused."""
    at = paris_moment(day, time(12))
    report = Report()
    for account in _accounts(services):
        report.calls += _call(services, account, day)
    for account_id in _waiting(services, DebitOrder, DebitOrder.state == "scheduled",
                               DebitOrder.cutoff_at <= at):  # fmt: skip
        report.debits += debit_account(services, account_id, at)
    report.refunds = _number(services, at)
    report.files = _write(services, at)
    return report


def _accounts(services: Services) -> list[Account]:
    with services.storage.read() as database:
        return list(database.scalars(select(Account)))


def _call(services: Services, account: Account, day: date) -> int:
    """Issue the calls of a scheduled account, and their orders."""
    if account.regime not in services.registry:
        return 0
    regime = services.registry.get(account.regime)
    if not calls_pending(services, account, regime):
        return 0
    with services.storage.write() as database:
        held = locked(database, account.id)
        calls = issue_calls(database, services, held, regime, day)
        order_calls(database, held, [due.code for due in calls], services.clock.now())
    return len(calls)


def _waiting(services: Services, table: type[DebitOrder], *conditions: object) -> list[str]:
    with services.storage.read() as database:
        return list(
            database.scalars(
                select(table.account_id).where(*conditions).distinct().order_by(table.account_id)  # type: ignore[arg-type]
            )
        )


def debit_account(services: Services, account_id: str, at: datetime) -> int:
    """Turn the ready orders of one account into payments, booked. How many debits."""
    made = 0
    with services.storage.write() as database:
        account = locked(database, account_id)
        regime = services.registry.get(account.regime)
        orders = list(
            database.scalars(
                select(DebitOrder)
                .where(
                    DebitOrder.account_id == account_id,
                    DebitOrder.state == "scheduled",
                    DebitOrder.cutoff_at <= at,
                )
                .execution_options(populate_existing=True)
            )
        )
        # Within a period money goes to the oldest due: so do the orders.
        rank = {due.due.code: n for n, due in enumerate(open_dues(database, account_id))}
        orders.sort(key=lambda order: (rank.get(order.due_code, 0), order.created_at))
        for order in orders:
            made += _send(services, database, account, order, regime.allocation(), at)
    return made


def _send(
    services: Services, database: Database, account: Account, order: DebitOrder,
    allocation: Iterable[str], at: datetime,
) -> int:  # fmt: skip
    due = due_of(database, account.id, order.due_code, services.clock.today())
    left = due.open if due is not None else 0
    usable = {mandate.id: mandate for mandate in mandates.active(database, account.id)}
    # A run that comes late asks for the next day the bank can still take.
    on = max(order.collect_on, next_day(paris_day(at)))
    order.changed_at = at
    made = 0
    for part in order.parts:
        cents = min(int(part["cents"]), left)
        mandate = usable.get(part["mandate"])
        if cents <= 0 or mandate is None or mandate.state != "active":
            continue
        left -= cents
        counts = due.due.due_date if due is not None and order.on_time else on
        payment = Payment(
            id=new_id(), account_id=account.id, method="debit", state="paid", amount_cents=cents,
            due_code=order.due_code, period=order.period,
            reference=creditor_reference(human_code(18)), order_id=order.id,
            mandate_id=mandate.id, sequence=sequence(mandate), value_date=on, counts_from=counts,
            created_at=at,
        )  # fmt: skip
        database.add(payment)
        mandate.first_used_on = mandate.first_used_on or on
        mandate.last_used_on = on
        database.flush()
        ledger.receive(
            database, account.id, tuple(allocation), ("payment", payment.id), at, on, cents,
            order.period,
        )  # fmt: skip
        if mandate.one_off:
            mandates.retire(database, mandate, "used", at)
        made += 1
    order.state = "sent" if made else "cancelled"
    return made


def sequence(mandate: Mandate) -> str:
    """Sequence type of the next debit of a mandate: OOFF, FRST or RCUR."""
    if mandate.one_off:
        return "OOFF"
    return "FRST" if mandate.first_used_on is None else "RCUR"


def _number(services: Services, at: datetime) -> int:
    """Give a file to every debit and refund that has none. One process at a time. How many
    refunds."""
    with services.storage.write() as database:
        if services.storage.engine.dialect.name == "postgresql":
            database.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        debits = database.scalars(
            select(Payment).where(Payment.method == "debit", Payment.collection_id.is_(None))
        ).all()
        by_day: dict[date, list[Payment]] = defaultdict(list)
        for payment in debits:
            if payment.value_date is not None:
                by_day[payment.value_date].append(payment)
        for on, payments in sorted(by_day.items()):
            file = _file(database, "debits", on, at)
            for payment in payments:
                payment.collection_id = file.id
        refunds = database.scalars(
            select(Refund).where(
                Refund.state == "asked", Refund.collection_id.is_(None),
                # Nothing leaves while its owner says that somebody else may be at the door.
                Refund.account_id.not_in(
                    select(Account.id).join(Freeze, Freeze.person_id == Account.person_id)
                ),
            )
        ).all()  # fmt: skip
        if refunds:
            on = next_day(paris_day(at))
            file = _file(database, "refunds", on, at)
            for refund in refunds:
                refund.collection_id, refund.state, refund.executed_on = file.id, "sent", on
                ledger.book(
                    database, refund.account_id, "refund_sent", ("refund", refund.id),
                    ADVANCE, at, on,
                    [Entry(ledger.REFUNDS, refund.amount_cents),
                     Entry(ledger.BANK, -refund.amount_cents)],
                )  # fmt: skip
    return len(refunds)


def _file(database: Database, kind: str, on: date, at: datetime) -> Collection:
    letter = "D" if kind == "debits" else "R"
    file = Collection(
        id=new_id(), kind=kind, message_id=f"Q{letter}-{on:%Y%m%d}-{human_code(12)}",
        execute_on=on, created_at=at,
    )  # fmt: skip
    database.add(file)
    database.flush()
    return file


def _write(services: Services, at: datetime) -> list[Path]:
    """Write the files that are not written yet. Two processes write the same bytes."""
    with services.storage.read() as database:
        waiting = list(
            database.scalars(
                select(Collection)
                .where(Collection.written_at.is_(None))
                .order_by(Collection.created_at, Collection.message_id)
            )
        )
    written = []
    for file in waiting:
        with services.storage.read() as database:
            body = _body(services, database, file)
        name = ("pain008" if file.kind == "debits" else "pain001") + f"-{file.message_id}.xml"
        written.append(write_private(services.settings.bank, name, body))
        with services.storage.write() as database:
            row = database.get(Collection, file.id)
            if row is not None and row.written_at is None:
                row.written_at = at
    return written


def _body(services: Services, database: Database, file: Collection) -> bytes:
    settings = services.settings
    if file.kind == "refunds":
        refunds = database.scalars(
            select(Refund).where(Refund.collection_id == file.id).order_by(Refund.reference)
        )
        return refund_file(
            settings, file.message_id, file.created_at,
            [
                Transfer(r.reference, r.holder, r.iban, r.amount_cents, file.execute_on,
                         f"Remboursement {r.reference}")
                for r in refunds
            ],
        )  # fmt: skip
    rows = database.execute(
        select(Payment, Mandate)
        .join(Mandate, Mandate.id == Payment.mandate_id)
        .where(Payment.collection_id == file.id)
        .order_by(Payment.sequence, Payment.reference)
    )
    return debit_file(
        settings, file.message_id, file.created_at,
        [
            Debit(
                p.reference, m.holder, m.iban, m.bic, p.amount_cents, m.rum,
                paris_day(m.signed_at), p.sequence, file.execute_on,
                f"Cotisations {p.period or ''} {p.reference}",
            )
            for p, m in rows
        ],
    )  # fmt: skip
