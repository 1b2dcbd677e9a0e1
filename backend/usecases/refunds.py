"""Ask a credit back (CSS R243-10, L243-6); it leaves with the next banking file (pain.001)."""

from __future__ import annotations

from backend import ledger
from backend.audit import record
from backend.problems import Problem, field_problem
from backend.secrets import human_code
from backend.services import Client, Services
from backend.storage.engine import Database
from backend.storage.tables import Account, Person, Refund, new_id
from backend.usecases import mandates
from backend.usecases.accounts import locked
from backend.usecases.alerts import owner_warned
from backend.usecases.reauth import reauthenticate
from contract.identifiers import creditor_reference, masked_iban
from contract.payments import RefundAsk, RefundView
from contract.problem import ProblemCode


def refund_view(refund: Refund) -> RefundView:
    """A refund as its owner reads it."""
    return RefundView(
        id=refund.id, state=refund.state, amount=ledger.euros(refund.amount_cents),
        iban=masked_iban(refund.iban), asked_at=refund.asked_at, executed_on=refund.executed_on,
        reason=refund.reason,
    )  # fmt: skip


def credit(database: Database, account_id: str) -> int:
    """Cents that may be paid back: what is beyond every debt."""
    return sum(position.credit for position in ledger.positions(database, account_id).values())


def ask(
    services: Services, client: Client, owner: Person, account: Account,
    regime_order: tuple[str, ...], asked: RefundAsk,
) -> RefundView:  # fmt: skip
    """Ask a credit back; to an account that no mandate of mine names, with the password. Raises
    no-credit, invalid-input on amount, iban or holder, and as `reauthenticate`."""
    if asked.mandate is None:
        for name in ("iban", "holder", "current_password"):
            if getattr(asked, name) is None:
                raise field_problem(name, "missing")
        reauthenticate(services, client, owner, asked.current_password or "")
    with services.storage.write() as database:
        locked(database, account.id)
        iban, holder = _target(database, account, asked)
        most = credit(database, account.id)
        if most <= 0:
            raise Problem(ProblemCode.NO_CREDIT)
        amount = most if asked.amount is None else ledger.cents(asked.amount)
        if amount > most:
            raise field_problem("amount", "above_credit")
        view = refund_view(
            order(database, services, account.id, regime_order, amount, iban, holder)
        )
    if asked.mandate is None:
        owner_warned(services, account, "refund")
    return view


def order(
    database: Database, services: Services, account_id: str, regime_order: tuple[str, ...],
    amount: int, iban: str, holder: str,
) -> Refund:  # fmt: skip
    """A refund that leaves with the next banking file: `amount` cents of a credit that is there.
    The caller holds the account locked."""
    now = services.clock.now()
    refund = Refund(
        id=new_id(), account_id=account_id, state="asked", amount_cents=amount, holder=holder,
        iban=iban, reference=creditor_reference(human_code(18)), asked_at=now,
    )  # fmt: skip
    database.add(refund)
    database.flush()
    ledger.give_back(
        database, account_id, regime_order, ("refund", refund.id), now, services.clock.today(),
        amount,
    )  # fmt: skip
    record(database, now, "refund.ask", account_id=account_id)
    return refund


def _target(database: Database, account: Account, asked: RefundAsk) -> tuple[str, str]:
    if asked.mandate is not None:
        mandate = mandates.find(database, account.id, asked.mandate)
        return mandate.iban, mandate.holder
    return asked.iban or "", asked.holder or ""
