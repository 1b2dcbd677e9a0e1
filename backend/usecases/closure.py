"""Close my account: what still stands against it, thirty days to think again, then the end.

Closing ends the access and what needs it at once; what the law has kept is kept, sealed, until
its own end (backend/usecases/retention.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from backend import ledger, messages
from backend.audit import record
from backend.mail import gone
from backend.periods import Period, period
from backend.problems import Problem
from backend.services import Client, Services
from backend.storage.alerts import Freeze, SeenDevice
from backend.storage.contact import CalendarFeed, NotificationChoice, PushSubscription
from backend.storage.device_keys import DeviceKey
from backend.storage.engine import Database
from backend.storage.factor import (
    Ceremony,
    Factor,
    LinkedIdentity,
    Passkey,
    ProviderSession,
    RecoveryCode,
)
from backend.storage.operators import Operator
from backend.storage.privacy import Closure, DataCopy
from backend.storage.tables import (
    Account,
    Draft,
    LedgerTransaction,
    Mandate,
    OneTimeToken,
    Payment,
    Person,
    Refund,
    Session,
    Submission,
)
from backend.storage.vrp import RefundAccount
from backend.usecases import mandates
from backend.usecases.accounts import locked
from backend.usecases.delegations import close_all
from backend.usecases.overview import overview
from backend.usecases.reauth import reauthenticate
from backend.usecases.refunds import credit
from backend.usecases.sessions import drop_tokens, end_sessions, make_token, use_token
from contract.privacy import ClosureAsk, ClosureView, KeptView, ObstacleView
from contract.problem import ProblemCode

LINK = "cancel-closure"
GONE = (
    DeviceKey, OneTimeToken, NotificationChoice, PushSubscription, Operator, Factor, RecoveryCode,
    Passkey, Ceremony, LinkedIdentity, SeenDevice, Freeze,
)  # fmt: skip
"""What opens an account, or speaks of its person alone."""
RULES = ("reflection", "access", "declarations", "accounting")


def running(database: Database, person_id: str) -> Closure | None:
    """The closure that a person asked for, if one runs."""
    return database.scalar(
        select(Closure).where(Closure.person_id == person_id, Closure.state == "asked")
    )


def closure(services: Services, person: Person) -> ClosureView:
    """Where closing stands, what is in the way, and what would be kept."""
    with services.storage.read() as database:
        asked = running(database, person.id)
        ends = {rule: last_day(database, person.id, rule) for rule in RULES}
    today = services.clock.today()
    return ClosureView(
        state="asked" if asked else "none",
        asked_at=asked.asked_at if asked else None,
        effective_at=asked.effective_at if asked else None,
        obstacles=obstacles(services, person),
        kept=[_kept(period(rule, today), ends[rule]) for rule in RULES],
    )


def _kept(rule: Period, last: datetime | None) -> KeptView:
    return KeptView(
        key=rule.key, days=rule.days, months=rule.months, years=rule.years,
        until=rule.until(last.date()) if last is not None else None, law=rule.law,
        source=rule.source, confirmed=rule.confirmed, note=rule.note,
    )  # fmt: skip


def last_day(
    database: Database, person_id: str, rule: str, account_id: str | None = None
) -> datetime | None:
    """The last moment that a period counts from; None when nothing is kept under it."""
    mine = (
        select(Account.id).where(Account.id == account_id) if account_id
        else select(Account.id).where(Account.person_id == person_id)
    )  # fmt: skip
    asked = {
        "declarations": [(Submission.received_at, Submission.account_id)],
        "accounting": [
            (LedgerTransaction.booked_at, LedgerTransaction.account_id),
            (Payment.created_at, Payment.account_id),
            (Refund.asked_at, Refund.account_id),
        ],
    }.get(rule, [])
    found = [
        database.scalar(select(func.max(moment)).where(account.in_(mine)))
        for moment, account in asked
    ]
    return max(filter(None, found), default=None)


def obstacles(services: Services, person: Person) -> list[ObstacleView]:
    """Per account: what is owed, what is to be paid back, what is late or to declare."""
    with services.storage.read() as database:
        accounts = database.scalars(
            select(Account).where(Account.person_id == person.id).order_by(Account.created_at)
        ).all()
    found = []
    for account in accounts:
        if account.regime not in services.registry:
            continue
        regime = services.registry.get(account.regime)
        seen = overview(services, person, account, regime)
        with services.storage.read() as database:
            back = credit(database, account.id)
        periods = [p.code for p in seen.periods if p.state in {"late", "draft", "to_declare"}]
        owed = seen.balance.balance
        if owed > 0 or back > 0 or periods:
            found.append(
                ObstacleView(
                    account_id=account.id, name=account.name, open=max(owed, ledger.euros(0)),
                    credit=ledger.euros(max(back, 0)), periods=periods,
                )
            )  # fmt: skip
    return found


def ask(services: Services, client: Client, person: Person, asked: ClosureAsk) -> ClosureView:
    """Ask to close, in thirty days. Raises invalid-input, closure-obstacles."""
    reauthenticate(services, client, person, asked.current_password)
    if not asked.despite and obstacles(services, person):
        raise Problem(ProblemCode.CLOSURE_OBSTACLES)
    now = services.clock.now()
    wait = timedelta(days=period("reflection", services.clock.today()).days)
    with services.storage.write() as database:
        database.execute(select(Person.id).where(Person.id == person.id).with_for_update())
        row = running(database, person.id)
        link = ""
        if row is None:
            row = Closure(person_id=person.id, state="asked", asked_at=now, effective_at=now + wait)
            database.add(row)
            link = make_token(database, now, person.id, LINK, wait)
            record(database, now, "closure.asked", person_id=person.id)
        effective = row.effective_at
    if link:
        services.mailer.send(
            messages.closure_asked(
                services.settings, person.email, person.locale, effective.date(), link
            )
        )
    return closure(services, person)


def cancel(services: Services, person: Person) -> None:
    """Keep my account. Raises not-found when no closure runs."""
    now = services.clock.now()
    with services.storage.write() as database:
        _cancel(database, person.id, now)


def cancel_by_link(services: Services, token: str) -> None:
    """Keep the account that received `token`. Raises token-invalid."""
    now = services.clock.now()
    with services.storage.write() as database:
        used = use_token(database, now, token, (LINK,))
        if used is None:
            raise Problem(ProblemCode.TOKEN_INVALID)
        _cancel(database, used.person_id, now)


def _cancel(database: Database, person_id: str, now: datetime) -> None:
    row = running(database, person_id)
    if row is None:
        raise Problem(ProblemCode.NOT_FOUND)
    row.state, row.ended_at = "cancelled", now
    drop_tokens(database, now, person_id, LINK)
    record(database, now, "closure.cancelled", person_id=person_id)


def close_due(services: Services) -> int:
    """End every closure whose time to think again is over; how many."""
    now = services.clock.now()
    with services.storage.read() as database:
        due = list(
            database.scalars(
                select(Closure.id).where(Closure.state == "asked", Closure.effective_at <= now)
            )
        )
    return sum(_close(services, one, now) for one in due)


def _close(services: Services, closure_id: str, now: datetime) -> bool:
    """What goes now: the way in, what reaches the person, drafts, NIR, bank accounts unused."""
    with services.storage.write() as database:
        row = database.get(Closure, closure_id, with_for_update=True)
        if row is None or row.state != "asked":
            return False  # cancelled, or closed by another process
        row.state, row.ended_at = "closed", now
        person = database.get_one(Person, row.person_id)
        email, locale = person.email, person.locale
        end_sessions(database, now, person.id)
        open_once = select(Session.id).where(Session.person_id == person.id)
        database.execute(delete(ProviderSession).where(ProviderSession.session_id.in_(open_once)))
        for table in GONE:
            database.execute(delete(table).where(table.person_id == person.id))
        keys = list(
            database.scalars(select(DataCopy.key).where(DataCopy.person_id == person.id))
        )  # fmt: skip
        database.execute(delete(DataCopy).where(DataCopy.person_id == person.id))
        mine = select(Account.id).where(Account.person_id == person.id)
        for kept in (Draft, CalendarFeed, RefundAccount):
            database.execute(delete(kept).where(kept.account_id.in_(mine)))
        database.execute(update(Account).where(Account.id.in_(mine)).values(nir=None, iban=None))
        close_all(database, services, person.id)
        for account_id in sorted(database.scalars(mine)):
            locked(database, account_id)
            for mandate in mandates.active(database, account_id):
                mandate.revoked_at = now
                mandates.retire(database, mandate, "revoked", now)
        debited = select(Payment.mandate_id).where(Payment.mandate_id.is_not(None))
        database.execute(
            update(Mandate)
            .where(Mandate.account_id.in_(mine), Mandate.id.not_in(debited))
            .values(iban="", bic="", holder="", signature={}, salt=None)
        )
        person.email, person.pending_email = gone(person.id), None
        person.password_hash, person.email_confirmed_at = "!", None
        person.locale, person.theme, person.text_size = "fr", "system", 100
        record(database, now, "closure.done", person_id=person.id)
    for key in filter(None, keys):
        services.files.delete(key)
    services.mailer.send(messages.closure_done(services.settings, email, locale))
    return True
