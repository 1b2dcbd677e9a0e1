"""SEPA mandates: sign, split an amount between accounts, revoke."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import bindparam, select

from backend.audit import record
from backend.events import mandate_ended, mandate_signed
from backend.problems import Problem, field_problem
from backend.secrets import human_code
from backend.services import Client, Services
from backend.storage.engine import Database
from backend.storage.tables import Account, DebitOrder, Mandate, Person
from backend.usecases.accounts import locked
from backend.usecases.alerts import owner_warned, warn
from backend.usecases.reauth import reauthenticate
from contract.canonical import sha256_hex
from contract.hiding import hidden
from contract.identifiers import masked_iban
from contract.mandate import MANDATE_TEXT
from contract.payments import MandateSign, MandateView, Split
from contract.problem import ProblemCode

MOST = 3
"""Bank accounts that one activity may have debited."""
_SIGNED = (
    select(Mandate)
    .where(Mandate.account_id == bindparam("account"))
    .order_by(Mandate.signed_at, Mandate.id)
)


def mandate_view(mandate: Mandate) -> MandateView:
    """A mandate as its owner reads it: the account is masked."""
    return MandateView(
        id=mandate.id, rum=mandate.rum, ics=mandate.ics, iban=masked_iban(mandate.iban),
        holder=mandate.holder, one_off=mandate.one_off, share=mandate.share, state=mandate.state,
        signed_at=mandate.signed_at, revoked_at=mandate.revoked_at,
        last_used_on=mandate.last_used_on,
    )  # fmt: skip


def mandates_of(database: Database, account_id: str) -> list[Mandate]:
    """Every mandate ever signed for an account, oldest first."""
    return list(database.scalars(_SIGNED, {"account": account_id}))


def active(database: Database, account_id: str) -> list[Mandate]:
    """Mandates that can be debited, oldest first."""
    return [m for m in mandates_of(database, account_id) if m.state == "active"]


def find(database: Database, account_id: str, mandate_id: str) -> Mandate:
    """A mandate of this account. Raises not-found."""
    mandate = database.get(Mandate, mandate_id)
    if mandate is None or mandate.account_id != account_id:
        raise Problem(ProblemCode.NOT_FOUND)
    return mandate


def sign(
    services: Services, client: Client, person: Person, session_id: str, account: Account,
    asked: MandateSign,
) -> MandateView:  # fmt: skip
    """Sign a mandate, with the password. Raises as `keep_signed` and `reauthenticate`."""
    if person.email_confirmed_at is None:
        raise Problem(ProblemCode.EMAIL_NOT_CONFIRMED)
    reauthenticate(services, client, person, asked.current_password)
    return keep_signed(services, person, session_id, account, asked)


def keep_signed(
    services: Services, person: Person, session_id: str, account: Account, asked: MandateSign
) -> MandateView:
    """A mandate as signed: an authenticated click on the agreement's text, kept with its proof.
    The caller knows that it is the person. Raises mandate-limit, mandate-exists."""
    now = services.clock.now()
    with services.storage.write() as database:
        locked(database, account.id)
        kept = active(database, account.id)
        if len(kept) >= MOST:
            raise Problem(ProblemCode.MANDATE_LIMIT)
        if any(mandate.iban == asked.iban for mandate in kept):
            raise Problem(ProblemCode.MANDATE_EXISTS)
        mandate = Mandate(
            account_id=account.id, rum=f"QTC{human_code(20)}", ics=services.settings.creditor_ics,
            holder=hidden(asked.holder), iban=asked.iban, bic="", one_off=asked.one_off,
            share=0 if kept else 100, state="active", signed_at=now,
            signature={
                "method": "authenticated click", "person": person.id, "session": session_id,
                "at": now.isoformat(), "text": sha256_hex(MANDATE_TEXT.encode()),
            },
            salt=secrets.token_hex(32),
        )  # fmt: skip
        database.add(mandate)
        database.flush()
        mandate_signed(database, mandate)
        record(
            database, now, "mandate.sign", person_id=person.id, account_id=account.id,
            rum=mandate.rum,
        )  # fmt: skip
        view = mandate_view(mandate)
    warn(services, person, "mandate")
    return view


def split(services: Services, account: Account, asked: Split) -> list[MandateView]:
    """How amounts are split from now on. Orders already given keep their own split."""
    if sum(share.percent for share in asked.shares) != 100:
        raise field_problem("shares", "split_total")
    wanted = {share.mandate: share.percent for share in asked.shares}
    with services.storage.write() as database:
        locked(database, account.id)
        kept = {mandate.id: mandate for mandate in active(database, account.id)}
        if not set(wanted) <= set(kept) or len(wanted) != len(asked.shares):
            raise field_problem("shares", "mandate_unknown")
        for mandate in kept.values():
            mandate.share = wanted.get(mandate.id, 0)
        database.flush()
        record(database, services.clock.now(), "mandate.split", account_id=account.id)
        return [mandate_view(m) for m in mandates_of(database, account.id)]


def revoke(services: Services, account: Account, mandate_id: str) -> MandateView:
    """Revoke a mandate at once. Orders not sent yet move to the accounts that remain, or are
    cancelled when none does."""
    now = services.clock.now()
    with services.storage.write() as database:
        locked(database, account.id)
        mandate = find(database, account.id, mandate_id)
        if mandate.state == "active":
            retire(database, mandate, "revoked", now)
            mandate.revoked_at = now
            record(database, now, "mandate.revoke", account_id=account.id, rum=mandate.rum)
        view = mandate_view(mandate)
    owner_warned(services, account, "mandate-revoked")
    return view


def retire(database: Database, mandate: Mandate, state: str, at: datetime) -> None:
    """Use a mandate no more (revoked, used, blocked): its share goes to the oldest that remains,
    and so do the orders not sent yet. The caller holds the account locked."""
    mandate.state = state
    mandate_ended(database, mandate, at)
    database.flush()
    rest = active(database, mandate.account_id)
    if rest:
        rest[0].share += mandate.share
    mandate.share = 0
    orders = database.scalars(
        select(DebitOrder).where(
            DebitOrder.account_id == mandate.account_id, DebitOrder.state == "scheduled"
        )
    )
    for order in orders:
        mine = [part for part in order.parts if part["mandate"] == mandate.id]
        if not mine:
            continue
        if not rest:
            order.state = "cancelled"
            continue
        cents = {part["mandate"]: part["cents"] for part in order.parts if part not in mine}
        goal = rest[0].id
        cents[goal] = cents.get(goal, 0) + sum(part["cents"] for part in mine)
        order.parts = [{"mandate": name, "cents": part} for name, part in cents.items()]
