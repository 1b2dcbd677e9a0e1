"""Everything the payment screens show, read in one snapshot; calls whose time has come are issued
on the way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import cast

from sqlalchemy import bindparam, select

from backend import ledger
from backend.banking.days import collectable
from backend.services import Services
from backend.storage.engine import Database
from backend.storage.tables import Account, DebitOrder, Due, Payment, Refund
from backend.usecases import mandates
from backend.usecases.accounts import locked
from backend.usecases.dues import OpenDue, calls_pending, issue_calls, open_dues, payments_of
from backend.usecases.orders import order_calls, order_view
from backend.usecases.plans import PREFIX, active_plan, instalment_due, plan_view
from backend.usecases.refunds import credit, refund_view
from contract.identifiers import masked_iban
from contract.payments import DueView, OrderView, Paying, PaymentView
from regimes.regime import Regime


def refresh_calls(services: Services, account: Account, regime: Regime) -> None:
    """Issue the calls of a scheduled account that are to be known by now."""
    if not calls_pending(services, account, regime):
        return
    with services.storage.write() as database:
        held = locked(database, account.id)
        calls = issue_calls(database, services, held, regime)
        order_calls(database, held, [due.code for due in calls], services.clock.now())


def payment_view(payment: Payment, today: date, ibans: dict[str, str] | None = None) -> PaymentView:
    """A payment as its owner reads it."""
    day = payment.value_date
    return PaymentView(
        id=payment.id, method=payment.method, state=payment.state,
        amount=ledger.euros(payment.amount_cents), due=payment.due_code, period=payment.period,
        reference=payment.reference, iban=(ibans or {}).get(payment.mandate_id or ""),
        value_date=day, settled=payment.state == "paid" and day is not None and day <= today,
        reason=payment.reason, rejected_on=payment.rejected_on, created_at=payment.created_at,
    )  # fmt: skip


def due_state(
    due: OpenDue, order: OrderView | None, payments: Sequence[PaymentView], today: date
) -> str:
    """Where a due stands: see contract.payments.DueView."""
    if due.amount < 0:
        return "credit"
    moving = any(p.state == "paid" and not p.settled for p in payments)
    if due.open <= 0:
        return "sent" if moving else "paid"
    if order is not None:
        return "ordered"
    latest = payments[0] if payments else None
    if latest is not None and latest.state == "pending" and latest.method == "card":
        return "pending"
    if latest is not None and latest.state == "rejected":
        return "rejected"
    if latest is not None and latest.state == "pending":
        return "pending"
    return "late" if today > due.due.due_date else "open"


def _due_view(
    due: OpenDue, order: OrderView | None, payments: list[PaymentView], now: datetime, today: date
) -> DueView:
    return DueView(
        code=due.due.code, period=due.due.period, start=due.start, end=due.end,
        label=due.due.label, provisional=due.due.provisional, due_on=due.due.due_date,
        amount=ledger.euros(due.amount), open=ledger.euros(due.open),
        state=due_state(due, order, payments, today), order=order,
        payment=payments[0] if payments else None,
        debit_on=collectable(due.due.due_date, now) if due.open > 0 else None,
        receipt=due.number,
    )  # fmt: skip


_ORDERS = select(*DebitOrder.__table__.c).where(
    DebitOrder.account_id == bindparam("account"), DebitOrder.state == "scheduled"
)


def due_views(
    database: Database, account_id: str, now: datetime, today: date,
    dues: Sequence[Due] | None = None, paid: Sequence[Payment] | None = None,
) -> tuple[list[DueView], list[PaymentView]]:  # fmt: skip
    """Dues, oldest first, and payments, newest first. `dues`, `paid`: all of them, if the caller
    has read them."""
    signed = mandates.mandates_of(database, account_id)
    ibans = {mandate.id: masked_iban(mandate.iban) for mandate in signed}
    paid = payments_of(database, account_id) if paid is None else paid
    payments = [payment_view(payment, today, ibans) for payment in paid]
    orders = {
        order.due_code: order_view(cast(DebitOrder, order), ibans, now)
        for order in database.connection().execute(_ORDERS, {"account": account_id})
    }
    towards: dict[str | None, list[PaymentView]] = {}
    for view in payments:
        towards.setdefault(view.due, []).append(view)
    views = [
        _due_view(
            due, orders.get(due.due.code), towards.get(due.due.code, []), now, today
        )
        for due in open_dues(database, account_id, dues)
    ]  # fmt: skip
    return views, payments


def with_plan(
    database: Database, account_id: str, views: list[DueView], payments: list[PaymentView],
    now: datetime, today: date,
) -> list[DueView]:  # fmt: skip
    """Dues while a plan runs: what it covers waits, its next instalments are to be paid."""
    plan = active_plan(database, account_id)
    if plan is None:
        return views
    told = [
        view.model_copy(update={"state": "plan"})
        if view.period in plan.periods and view.state in {"open", "late", "rejected"}
        else view
        for view in views
    ]
    orders = plan_orders(database, account_id, now)
    left = [i for i in plan_view(database, plan, today).instalments if i.state != "paid"]
    for item in left[:3]:
        due = instalment_due(database, account_id, item.code, today)
        if due is not None:
            mine = [p for p in payments if p.due == item.code]
            told.append(_due_view(due, orders.get(item.code), mine, now, today))
    return told


def plan_orders(database: Database, account_id: str, now: datetime) -> dict[str, OrderView]:
    """Orders given on instalments that have not left, by code."""
    ibans = {m.id: masked_iban(m.iban) for m in mandates.mandates_of(database, account_id)}
    return {
        order.due_code: order_view(order, ibans, now)
        for order in database.scalars(
            select(DebitOrder).where(
                DebitOrder.account_id == account_id, DebitOrder.state == "scheduled",
                DebitOrder.due_code.startswith(PREFIX),
            )
        )
    }  # fmt: skip


def paying(services: Services, account: Account, regime: Regime) -> Paying:
    """What is due, ordered, paid, rejected, to be paid back, and my bank accounts."""
    refresh_calls(services, account, regime)
    now, today = services.clock.now(), services.clock.today()
    settings = services.settings
    with services.storage.read() as database:
        views, payments = due_views(database, account.id, now, today)
        views = with_plan(database, account.id, views, payments, now, today)
        signed = mandates.mandates_of(database, account.id)
        refunds = database.scalars(
            select(Refund)
            .where(Refund.account_id == account.id)
            .order_by(Refund.asked_at.desc(), Refund.id)
        ).all()
        spare = credit(database, account.id)
    return Paying(
        today=today, dues=views,
        open=sum((v.open for v in views if not v.code.startswith(PREFIX)), Decimal(0)),
        credit=ledger.euros(spare), mandates=[mandates.mandate_view(m) for m in signed],
        payments=payments, refunds=[refund_view(r) for r in refunds],
        creditor=settings.service_name, ics=settings.creditor_ics,
        cards=bool(settings.cards), sandbox=settings.cards == "sandbox",
    )  # fmt: skip
