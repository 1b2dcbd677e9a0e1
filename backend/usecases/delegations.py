"""Somebody acts on the account of another: invited, accepted, ended; every act is told."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import bindparam, func, or_, select

from backend import events, messages
from backend.audit import record
from backend.clock import paris_day
from backend.problems import Problem, field_problem
from backend.secrets import new_token, token_hash
from backend.services import Client, Services
from backend.storage.alerts import Freeze
from backend.storage.delegations import DelegatedAct, Delegation
from backend.storage.engine import Along, Database
from backend.storage.tables import Account, Person
from backend.usecases.accounts import locked
from backend.usecases.reauth import reauthenticate
from contract.delegation import (
    LONGEST_YEARS,
    SCOPES,
    ActingView,
    ActView,
    DelegationAsk,
    DelegationView,
    InvitationView,
    Scope,
    whole,
)
from contract.problem import ProblemCode

ANSWER = timedelta(days=14)
"""How long an invitation may be answered."""
MOST = 10
"""People at once on an account."""
SOON = 14
"""Days before its end that a delegation is reminded of."""
SHOWN = 100
AGAIN = timedelta(hours=1)
"""What is done over and over (a draft as it is typed) is noted once in this time."""
REPEATED = frozenset({"see", "draft", "entries", "file"})
TOLD = {
    "declare": "sent", "answer": "sent", "order": "paid", "cancel": "paid", "card": "paid",
    "transfer": "paid",
}  # fmt: skip

# Built once: every window that opens asks.
_SHARED = (
    select(Account, Delegation)
    .join(Delegation, Delegation.account_id == Account.id)
    .where(Delegation.person_id == bindparam("person"), Delegation.accepted_at.is_not(None),
           Delegation.ended_at.is_(None))
    .order_by(Account.name, Account.id)
)  # fmt: skip


def scopes_of(row: Delegation) -> tuple[Scope, ...]:
    """What a delegation allows."""
    told = row.scopes.split(",")
    return tuple(scope for scope in SCOPES if scope in told)


def state_of(row: Delegation, services: Services) -> str:
    """Where a delegation stands: invited, active, ended or lapsed."""
    if row.ended_at is not None or (row.accepted_at and row.ends_on < services.clock.today()):
        return "ended"
    if row.accepted_at is not None:
        return "active"
    over = row.expires_at <= services.clock.now() or row.ends_on < services.clock.today()
    return "lapsed" if over else "invited"


def delegation_view(
    row: Delegation, services: Services, acts: list[DelegatedAct] | None = None
) -> DelegationView:
    """A delegation as the owner reads it."""
    state = state_of(row, services)
    over = state == "ended" and row.ended_at is None
    return DelegationView(
        id=row.id, email=row.email, name=row.name, kind=row.kind, scopes=list(scopes_of(row)),
        ends_on=row.ends_on, state=state, how_ended="over" if over else row.how_ended,
        invited_at=row.invited_at, accepted_at=row.accepted_at, ended_at=row.ended_at,
        acts=[ActView(at=act.at, act=act.act, subject=act.subject) for act in acts or []],
    )  # fmt: skip


def mine(services: Services, account: Account) -> list[DelegationView]:
    """Everybody who acts, acted or was asked to, the newest first, with what they did."""
    with services.storage.read() as database:
        rows = database.scalars(
            select(Delegation)
            .where(Delegation.account_id == account.id)
            .order_by(Delegation.invited_at.desc(), Delegation.id)
        ).all()
        return [
            delegation_view(
                row, services,
                list(
                    database.scalars(
                        select(DelegatedAct)
                        .where(DelegatedAct.delegation_id == row.id)
                        .order_by(DelegatedAct.at.desc(), DelegatedAct.id)
                        .limit(SHOWN)
                    )
                ),
            )
            for row in rows
        ]  # fmt: skip


def invite(
    services: Services, client: Client, owner: Person, account: Account, asked: DelegationAsk
) -> DelegationView:
    """Invite somebody by e-mail: the same answer whether or not they have an account. Raises
    invalid-input naming the field, throttled, email-not-confirmed."""
    if owner.email_confirmed_at is None:
        raise Problem(ProblemCode.EMAIL_NOT_CONFIRMED)
    today, now = services.clock.today(), services.clock.now()
    if asked.ends_on <= today:
        raise field_problem("ends_on", "delegation_past")
    if asked.ends_on > _years_after(today, LONGEST_YEARS):
        raise field_problem("ends_on", "delegation_far", years=LONGEST_YEARS)
    if asked.email == owner.email:
        raise field_problem("email", "delegation_self")
    reauthenticate(services, client, owner, asked.current_password)
    token = new_token()
    with services.storage.write() as database:
        held = locked(database, account.id)
        rows = list(database.scalars(select(Delegation).where(Delegation.account_id == held.id)))
        live = [row for row in rows if state_of(row, services) in {"active", "invited"}]
        if any(row.email == asked.email for row in live):
            raise field_problem("email", "delegation_twice")
        if len(live) >= MOST:
            raise field_problem("email", "delegation_limit", most=MOST)
        row = Delegation(
            account_id=held.id, person_id=None, email=asked.email, name=asked.name,
            kind=asked.kind, scopes=",".join(whole(asked.scopes)), ends_on=asked.ends_on,
            token_hash=token_hash(token), invited_at=now, expires_at=now + ANSWER, how_ended="",
        )  # fmt: skip
        database.add(row)
        database.flush()
        events.delegation_granted(database, row)
        record(
            database, now, "delegation.invite", person_id=owner.id, account_id=held.id,
            kind=row.kind, scopes=row.scopes,
        )  # fmt: skip
    services.mailer.send(
        messages.delegation_invited(
            services.settings, row.email, owner.locale, account.name, scopes_of(row), row.ends_on,
            token,
        )
    )  # fmt: skip
    return delegation_view(row, services)


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def revoke(services: Services, account: Account, owner: Person, identifier: str) -> DelegationView:
    """End a delegation now, answered or not. A second time changes nothing. Raises not-found."""
    return _end(services, account.id, identifier, "revoked", owner.id)


def leave(services: Services, person: Person, identifier: str) -> None:
    """Stop acting for somebody. Raises not-found."""
    with services.storage.read() as database:
        row = database.get(Delegation, identifier)
    if row is None or row.person_id != person.id:
        raise Problem(ProblemCode.NOT_FOUND)
    _end(services, row.account_id, row.id, "left", person.id)


def _end(services: Services, account_id: str, identifier: str, how: str, by: str) -> DelegationView:
    with services.storage.write() as database:
        locked(database, account_id)
        row = database.get(Delegation, identifier)
        if row is None or row.account_id != account_id:
            raise Problem(ProblemCode.NOT_FOUND)
        before = state_of(row, services)
        if before in {"active", "invited"}:
            end(database, services, row, how, by)
        account = database.get_one(Account, account_id)
        owner = database.get_one(Person, account.person_id)
        delegate = database.get(Person, row.person_id) if row.person_id else None
        view = delegation_view(row, services)
    if before == "active" and how == "revoked" and delegate is not None:
        _tell(services, delegate, "ended", account.name)
    if before == "active" and how == "left":
        _tell(services, owner, "left", row.name)
    return view


def end(database: Database, services: Services, row: Delegation, how: str, by: str) -> None:
    """Write the end of a delegation. The caller holds the account locked."""
    row.ended_at, row.how_ended = services.clock.now(), how
    events.delegation_ended(database, row)
    record(
        database, row.ended_at, "delegation.end", person_id=by, account_id=row.account_id, how=how
    )


def _tell(services: Services, to: Person, what: str, name: str) -> None:
    services.mailer.send(
        messages.delegation_notice(services.settings, to.email, to.locale, what, name)
    )


def _asked(database: Database, services: Services, token: str) -> Delegation:
    row = database.scalar(select(Delegation).where(Delegation.token_hash == token_hash(token)))
    if row is None or state_of(row, services) != "invited":
        raise Problem(ProblemCode.TOKEN_INVALID)
    return row


def _for(row: Delegation, person: Person) -> None:
    """An invitation is for whoever has the address it was sent to: a message passed on, or read
    over a shoulder, opens nothing."""
    if row.email != person.email:
        raise Problem(ProblemCode.DELEGATION_ADDRESS)


def look(services: Services, person: Person, token: str) -> InvitationView:
    """What an invitation asks. Raises token-invalid, delegation-address."""
    with services.storage.read() as database:
        row = _asked(database, services, token)
        _for(row, person)
        account = database.get_one(Account, row.account_id)
        return InvitationView(
            owner=account.name, regime=account.regime, kind=row.kind, scopes=list(scopes_of(row)),
            ends_on=row.ends_on,
        )  # fmt: skip


def answer(services: Services, person: Person, token: str, accept: bool) -> None:
    """Accept, or refuse. Raises token-invalid, delegation-address."""
    now = services.clock.now()
    with services.storage.read() as database:
        account_id = _asked(database, services, token).account_id
    with services.storage.write() as database:
        account = locked(database, account_id)
        row = _asked(database, services, token)
        _for(row, person)
        owner = database.get_one(Person, account.person_id)
        row.person_id = person.id
        if accept:
            row.accepted_at = now
            events.delegation_accepted(database, row)
            record(database, now, "delegation.accept", person_id=person.id, account_id=account.id)
        else:
            end(database, services, row, "refused", person.id)
    _tell(services, owner, "accepted" if accept else "refused", row.name)


def acting(
    database: Database, services: Services, account_id: str, person_id: str
) -> Delegation | None:
    """The delegation by which a person may act on an account now, if there is one. An account that
    its owner froze is nobody's to act on."""
    for row in database.scalars(
        select(Delegation).where(
            Delegation.account_id == account_id, Delegation.person_id == person_id
        )
    ):
        if state_of(row, services) == "active":
            account = database.get_one(Account, account_id)
            return row if database.get(Freeze, account.person_id) is None else None
    return None


def shared(
    database: Database, services: Services, person_id: str
) -> list[tuple[Account, Delegation]]:
    """Accounts of others that a person may act on now, by name."""
    rows = database.execute(_SHARED, {"person": person_id}).all()
    return [
        (account, row)
        for account, row in rows
        if acting(database, services, account.id, person_id) is not None
        and state_of(row, services) == "active"
    ]


def acting_view(account: Account, row: Delegation) -> ActingView:
    """What somebody may do on an account that is not theirs."""
    return ActingView(
        delegation=row.id, owner=account.name, kind=row.kind, scopes=list(scopes_of(row)),
        ends_on=row.ends_on,
    )  # fmt: skip


def note_reading(services: Services, row: Delegation) -> None:
    """Note that the account is read, once a day."""
    with services.storage.read() as database:
        if _noted(database, services, row, "see", ""):
            return
    with services.storage.write() as database:
        noting(services, row, "see")(database, "")


def _noted(
    database: Database, services: Services, row: Delegation, act: str, subject: str
) -> bool:  # fmt: skip
    """Whether this is done over and over, and was noted a short while ago."""
    if act not in REPEATED:
        return False
    last = database.scalar(
        select(func.max(DelegatedAct.at)).where(
            DelegatedAct.delegation_id == row.id, DelegatedAct.act == act,
            DelegatedAct.subject == subject,
        )
    )  # fmt: skip
    if last is None:
        return False
    if act == "see":
        return paris_day(last) == services.clock.today()
    return services.clock.now() - last < AGAIN


def noting(services: Services, row: Delegation, act: str) -> Along:
    """What notes an act in the transaction that does it: reading once a day, what is done over
    and over once an hour, the rest each time."""

    def along(database: Database, subject: str) -> None:
        if _noted(database, services, row, act, subject):
            return
        database.add(
            DelegatedAct(
                delegation_id=row.id, account_id=row.account_id, at=services.clock.now(), act=act,
                subject=subject[:60],
            )
        )  # fmt: skip

    return along


def tell_owner(services: Services, row: Delegation, act: str) -> None:
    """Tell the owner at once what was sent or paid."""
    with services.storage.read() as database:
        account = database.get_one(Account, row.account_id)
        owner = database.get_one(Person, account.person_id)
    _tell(services, owner, TOLD[act], row.name)


def watch_delegations(services: Services) -> int:
    """Remind owners of delegations that end soon, once each; how many."""
    today, told = services.clock.today(), 0
    with services.storage.read() as database:
        rows = database.scalars(
            select(Delegation.id).where(
                Delegation.accepted_at.is_not(None), Delegation.ended_at.is_(None),
                Delegation.reminded_at.is_(None), Delegation.ends_on >= today,
                Delegation.ends_on <= today + timedelta(days=SOON),
            )
        ).all()  # fmt: skip
    for identifier in rows:
        with services.storage.write() as database:
            row = database.scalars(
                select(Delegation).where(Delegation.id == identifier).with_for_update()
            ).one()
            if row.reminded_at is not None:
                continue
            row.reminded_at = services.clock.now()
            account = database.get_one(Account, row.account_id)
            owner = database.get_one(Person, account.person_id)
        _tell(services, owner, "ending", row.name)
        told += 1
    return told


def close_all(database: Database, services: Services, person_id: str) -> None:
    """End everything a person gave or was given, and forget addresses and names: they leave. The
    caller holds no account locked."""
    rows = list(
        database.scalars(
            select(Delegation)
            .join(Account, Account.id == Delegation.account_id)
            .where(or_(Account.person_id == person_id, Delegation.person_id == person_id))
            .order_by(Delegation.account_id)
        )
    )
    for row in rows:
        locked(database, row.account_id)
        if state_of(row, services) in {"active", "invited"}:
            end(database, services, row, "left" if row.person_id == person_id else "revoked",
                person_id)  # fmt: skip
        row.email = row.name = ""
