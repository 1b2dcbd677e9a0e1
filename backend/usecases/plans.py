"""Instalment plans (CSS R243-21): asked, kept, or ended by a missed instalment.

A plan covers what is owed and past due on the day it is asked. It is paid in equal instalments
rounded up to the euro, the last one takes what is left.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import structlog
from sqlalchemy import select

from backend import ledger, messages
from backend.audit import record
from backend.problems import Problem, field_problem
from backend.secrets import human_code
from backend.services import Services
from backend.storage.decisions import PaymentPlan
from backend.storage.engine import Database
from backend.storage.tables import Account, DebitOrder, Due, Person, new_id
from backend.usecases.accounts import locked
from backend.usecases.dues import OpenDue, open_dues
from backend.usecases.standing import standing
from contract.decisions import InstalmentView, PlanAsk, PlanOffer, Plans, PlanView
from contract.i18n import N_
from contract.problem import FieldProblem, ProblemCode
from regimes.regime import Regime

log = structlog.get_logger("quittance.plans")

LEAST, MOST = 2, 12
SOON, LATEST = timedelta(days=7), timedelta(days=31)  # when the first instalment may be
OPENS = timedelta(days=7)  # an instalment may be paid from this long before its day
PREFIX = "plan."
LABEL = N_("Mensualité de l’échéancier")


def _late_dues(database: Database, account_id: str, today: date) -> list[OpenDue]:
    return [
        due for due in open_dues(database, account_id)
        if due.open > 0 and due.due.due_date < today
    ]  # fmt: skip


def active_plan(database: Database, account_id: str) -> PaymentPlan | None:
    """The plan that runs, if one does."""
    return database.scalars(
        select(PaymentPlan).where(
            PaymentPlan.account_id == account_id, PaymentPlan.state == "active"
        )
    ).first()


def _offer(
    services: Services, database: Database, account: Account, regime: Regime
) -> tuple[PlanOffer, list[OpenDue]]:
    today = services.clock.today()
    dues = _late_dues(database, account.id, today)
    total = sum(due.open for due in dues)
    reason = None
    if active_plan(database, account.id) is not None:
        reason = "plan_active"
    elif not total:
        reason = "nothing_late"
    elif standing(services, database, account, regime).missing:
        reason = "declarations_missing"
    elif total < LEAST * 100:
        reason = "too_little"
    return PlanOffer(
        available=reason is None, reason=reason, total=ledger.euros(total),
        first_from=today + SOON, first_until=today + LATEST, most=min(MOST, max(1, total // 100)),
    ), dues  # fmt: skip


def plans(services: Services, account: Account, regime: Regime) -> Plans:
    """My plans, and whether another can be asked for."""
    with services.storage.read() as database:
        offer, _ = _offer(services, database, account, regime)
        rows = database.scalars(
            select(PaymentPlan)
            .where(PaymentPlan.account_id == account.id)
            .order_by(PaymentPlan.asked_at.desc(), PaymentPlan.id)
        ).all()
        today = services.clock.today()
        return Plans(offer=offer, plans=[plan_view(database, row, today) for row in rows])


def shares_of(total: int, months: int) -> list[int]:
    """`total` cents in `months` instalments: equal, up to the euro, the last takes what is left."""
    part = -(-total // months // 100) * 100
    found: list[int] = []
    left = total
    for number in range(months):
        cents = left if number == months - 1 else min(part, left)
        found.append(cents)
        left -= cents
    return [cents for cents in found if cents]


def month_after(first: date, months: int) -> date:
    """The same day of a later month, or its last day."""
    month = first.month - 1 + months
    year, month = first.year + month // 12, month % 12 + 1
    return date(year, month, min(first.day, monthrange(year, month)[1]))


def ask_plan(services: Services, account: Account, regime: Regime, asked: PlanAsk) -> PlanView:
    """A plan, granted at once when its conditions are met: everything declared, something late to
    pay, no other plan. Raises plan-refused with the condition, or invalid-input on first_on and
    months."""
    now, today = services.clock.now(), services.clock.today()
    with services.storage.write() as database:
        held = locked(database, account.id)
        offer, dues = _offer(services, database, held, regime)
        if not offer.available:
            raise Problem(
                ProblemCode.PLAN_REFUSED,
                errors=[FieldProblem(field="plan", code=offer.reason or "")],
            )
        if not offer.first_from <= asked.first_on <= offer.first_until:
            raise field_problem("first_on", "first_instalment_day")
        if asked.months > offer.most:
            raise field_problem("months", "too_many_months", limit=offer.most)
        parts = shares_of(sum(due.open for due in dues), asked.months)
        plan = PaymentPlan(
            id=new_id(), account_id=account.id, number=f"E-{now.year}-{human_code(10)}",
            state="active", total_cents=sum(parts), reason=asked.reason, asked_at=now,
            periods=sorted({due.due.period for due in dues}), ended_at=None,
            instalments=[
                {
                    "number": number, "due_on": month_after(asked.first_on, number - 1).isoformat(),
                    "cents": cents,
                }
                for number, cents in enumerate(parts, 1)
            ],
        )  # fmt: skip
        database.add(plan)
        # What was ordered on the dues themselves would be paid twice.
        for order in database.scalars(
            select(DebitOrder).where(
                DebitOrder.account_id == account.id, DebitOrder.state == "scheduled",
                DebitOrder.period.in_(plan.periods), DebitOrder.cutoff_at > now,
            )
        ):  # fmt: skip
            order.state, order.changed_at = "cancelled", now
        record(database, now, "plan.grant", account_id=account.id, plan=plan.id)
        database.flush()
        return plan_view(database, plan, today)


def _covered(database: Database, plan: PaymentPlan) -> int:
    """Cents paid of a plan: what its periods still owed when it was made, less what they owe."""
    held = ledger.positions(database, plan.account_id)
    left = sum(max(0, held[p].open) for p in plan.periods if p in held)
    return max(0, min(plan.total_cents, plan.total_cents - left))


def plan_view(database: Database, plan: PaymentPlan, today: date) -> PlanView:
    """A plan as its owner reads it."""
    covered = plan.total_cents if plan.state == "kept" else _covered(database, plan)
    told, left = [], covered
    for item in plan.instalments:
        cents, due_on = int(item["cents"]), date.fromisoformat(str(item["due_on"]))
        paid = min(left, cents)
        left -= paid
        if paid == cents:
            state = "paid"
        elif today > due_on:
            state = "missed"
        else:
            state = "due" if today >= due_on - OPENS else "coming"
        told.append(
            InstalmentView(
                number=int(item["number"]), due_on=due_on, amount=ledger.euros(cents),
                left=ledger.euros(cents - paid), state=state,
                code=f"{PREFIX}{plan.id[:12]}.{item['number']}",
            )
        )  # fmt: skip
    return PlanView(
        id=plan.id, number=plan.number, state=plan.state, total=ledger.euros(plan.total_cents),
        left=ledger.euros(plan.total_cents - covered), instalments=told, asked_at=plan.asked_at,
        ended_at=plan.ended_at,
    )  # fmt: skip


def instalment_due(database: Database, account_id: str, code: str, today: date) -> OpenDue | None:
    """An instalment as a due, so that it is paid like any other: by debit, card or transfer."""
    plan = active_plan(database, account_id)
    if plan is None or not code.startswith(f"{PREFIX}{plan.id[:12]}."):
        return None
    view = plan_view(database, plan, today)
    wanted = next((i for i in view.instalments if i.code == code), None)
    if wanted is None:
        return None
    held = ledger.positions(database, account_id)
    oldest = [
        name for name in ledger.oldest_first(database, account_id, plan.periods)
        if name in held and held[name].open > 0
    ]  # fmt: skip
    row = Due(
        account_id=account_id, code=code, period=oldest[0] if oldest else plan.periods[0],
        due_date=wanted.due_on, label=LABEL, provisional=False,
        amount_cents=ledger.cents(wanted.amount), issued_at=plan.asked_at,
    )  # fmt: skip
    return OpenDue(
        row, ledger.cents(wanted.amount), ledger.cents(wanted.left), None, None, plan.number
    )


def due_of(database: Database, account_id: str, code: str, today: date) -> OpenDue | None:
    """What is asked under a code: a due, or an instalment of the plan that runs."""
    if code.startswith(PREFIX):
        return instalment_due(database, account_id, code, today)
    return next((d for d in open_dues(database, account_id) if d.due.code == code), None)


def watch_plans(services: Services) -> int:
    """End the plans that are paid, and those of which an instalment was missed; how many ended."""
    ended = 0
    with services.storage.read() as database:
        ids = database.execute(
            select(PaymentPlan.id, PaymentPlan.account_id).where(PaymentPlan.state == "active")
        ).all()
    for plan_id, account_id in ids:
        notice = None
        with services.storage.write() as database:
            account = locked(database, account_id)
            plan = database.get_one(PaymentPlan, plan_id, populate_existing=True)
            if plan.state != "active":
                continue
            view = plan_view(database, plan, services.clock.today())
            on_its_way = set(
                database.scalars(
                    select(DebitOrder.due_code).where(
                        DebitOrder.account_id == account_id,
                        DebitOrder.state.in_(("scheduled", "sent")),
                    )
                )
            )
            missed = [
                i for i in view.instalments if i.state == "missed" and i.code not in on_its_way
            ]
            if not view.left:
                plan.state = "kept"
            elif missed:
                plan.state = "broken"
                person = database.get_one(Person, account.person_id)
                notice = messages.plan_ended(services.settings, person.email, person.locale)
            else:
                continue
            plan.ended_at = services.clock.now()
            record(
                database, services.clock.now(), f"plan.{plan.state}", account_id=account_id,
                plan=plan.id,
            )  # fmt: skip
            ended += 1
        if notice is not None:
            services.mailer.send(notice)
    log.info("plans", ended=ended)
    return ended
