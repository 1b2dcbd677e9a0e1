"""Orders to debit a due: given, amended until noon of the banking eve, cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from backend import ledger
from backend.audit import record
from backend.banking.days import collectable, cutoff
from backend.clock import paris_day
from backend.problems import Problem, field_problem
from backend.services import Services
from backend.storage.engine import Along, Database, nothing_else
from backend.storage.tables import Account, DebitOrder, Mandate
from backend.usecases import mandates
from backend.usecases.accounts import locked
from backend.usecases.dues import OpenDue, open_dues
from backend.usecases.plans import due_of
from contract.identifiers import masked_iban
from contract.payments import OrderAsk, OrderView, PartView
from contract.problem import ProblemCode
from regimes.money import largest_remainder


def order_view(order: DebitOrder, ibans: dict[str, str], now: datetime) -> OrderView:
    """An order as its owner reads it; `ibans` masked by mandate."""
    parts = [
        PartView(
            mandate=part["mandate"], iban=ibans.get(part["mandate"], ""),
            amount=ledger.euros(part["cents"]),
        )
        for part in order.parts
    ]  # fmt: skip
    return OrderView(
        id=order.id, due=order.due_code, collect_on=order.collect_on, cutoff_at=order.cutoff_at,
        amendable=order.state == "scheduled" and now < order.cutoff_at,
        amount=sum((part.amount for part in parts), Decimal(0)), parts=parts, state=order.state,
        on_time=order.on_time,
    )  # fmt: skip


def scheduled_order(database: Database, account_id: str, due: str) -> DebitOrder | None:
    """The order of a due that has not left for the bank, if there is one."""
    return database.scalars(
        select(DebitOrder).where(
            DebitOrder.account_id == account_id, DebitOrder.due_code == due,
            DebitOrder.state == "scheduled",
        )
    ).first()  # fmt: skip


def find_due(database: Database, account_id: str, code: str, today: date) -> OpenDue:
    """A due with something left to pay. Raises not-found, nothing-due."""
    found = due_of(database, account_id, code, today)
    if found is None:
        raise Problem(ProblemCode.NOT_FOUND)
    if found.open <= 0:
        raise Problem(ProblemCode.NOTHING_DUE)
    return found


def give(
    services: Services, account: Account, code: str, asked: OrderAsk, along: Along = nothing_else
) -> OrderView:
    """Order the debit of a due, or amend the order given.

    Debited on the due date, never before; ordered after its cut-off, on the next banking day that
    can be reached, without surcharge when it was ordered by the due date. Raises not-found,
    nothing-due, no-mandate, order-closed, or invalid-input naming parts.N.amount.
    """
    now = services.clock.now()
    with services.storage.write() as database:
        locked(database, account.id)
        due = find_due(database, account.id, code, services.clock.today())
        usable = mandates.active(database, account.id)
        if not usable:
            raise Problem(ProblemCode.NO_MANDATE)
        parts = _parts(asked, due.open, usable)
        order = scheduled_order(database, account.id, code)
        if order is not None and now >= order.cutoff_at:
            raise Problem(ProblemCode.ORDER_CLOSED)
        if order is None:
            order = place(database, account, due, parts, now)
        order.parts, order.changed_at = parts, now
        database.flush()
        record(database, now, "order.give", account_id=account.id, due=code)
        along(database, code)
        return order_view(order, {m.id: masked_iban(m.iban) for m in usable}, now)


def place(
    database: Database, account: Account, due: OpenDue, parts: list[dict[str, object]],
    now: datetime,
) -> DebitOrder:  # fmt: skip
    """Write a new order. The caller holds the account locked."""
    on = collectable(due.due.due_date, now)
    order = DebitOrder(
        account_id=account.id, due_code=due.due.code, period=due.due.period, collect_on=on,
        cutoff_at=cutoff(on), parts=parts, state="scheduled",
        on_time=paris_day(now) <= due.due.due_date, created_at=now, changed_at=now,
    )  # fmt: skip
    database.add(order)
    return order


def order_calls(database: Database, account: Account, codes: Sequence[str], now: datetime) -> None:
    """Order the debit of calls just issued, for an account that has a mandate: one order a call,
    amendable like any other. The caller holds the account locked."""
    usable = mandates.active(database, account.id)
    if not usable or not codes:
        return
    for due in open_dues(database, account.id):
        if due.due.code in codes and due.open > 0:
            place(database, account, due, default_parts(due.open, usable), now)


def cancel(services: Services, account: Account, code: str, along: Along = nothing_else) -> None:
    """Take an order back before its cut-off. Raises not-found, order-closed."""
    now = services.clock.now()
    with services.storage.write() as database:
        locked(database, account.id)
        order = scheduled_order(database, account.id, code)
        if order is None:
            raise Problem(ProblemCode.NOT_FOUND)
        if now >= order.cutoff_at:
            raise Problem(ProblemCode.ORDER_CLOSED)
        order.state, order.changed_at = "cancelled", now
        record(database, now, "order.cancel", account_id=account.id, due=code)
        along(database, code)


def default_parts(amount: int, usable: Sequence[Mandate]) -> list[dict[str, object]]:
    """`amount` cents split as the shares of the mandates say, to the cent."""
    weights = [Decimal(mandate.share) for mandate in usable]
    parts = largest_remainder(ledger.euros(amount), weights)
    return [
        {"mandate": mandate.id, "cents": ledger.cents(part)}
        for mandate, part in zip(usable, parts, strict=True)
        if part
    ]


def _parts(asked: OrderAsk, most: int, usable: Sequence[Mandate]) -> list[dict[str, object]]:
    if not asked.parts:
        return default_parts(most, usable)
    known = {mandate.id for mandate in usable}
    seen: set[str] = set()
    total = 0
    found: list[dict[str, object]] = []
    for number, part in enumerate(asked.parts):
        if part.mandate not in known or part.mandate in seen:
            raise field_problem(f"parts.{number}.mandate", "mandate_unknown")
        seen.add(part.mandate)
        total += ledger.cents(part.amount)
        if total > most:
            raise field_problem(f"parts.{number}.amount", "above_open")
        found.append({"mandate": part.mandate, "cents": ledger.cents(part.amount)})
    return found
