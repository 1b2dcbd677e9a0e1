"""Those who work for the collector: named by the command line, bound to give a reason."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend.audit import record
from backend.problems import Problem
from backend.services import Services
from backend.storage.operators import Look, Operator
from backend.storage.tables import Account, Person, Submission
from contract.operators import AccountFound, LookAsk, LookView
from contract.problem import ProblemCode

LOOK = timedelta(minutes=30)


class UnknownPerson(LookupError):
    """Nobody signed up with this address, or it is not confirmed."""


def add_operator(services: Services, email: str) -> None:
    """Give the role to a person who signed up and confirmed their address.

    Raises UnknownPerson.
    """
    now = services.clock.now()
    try:
        with services.storage.write() as database:
            person = database.scalar(select(Person).where(Person.email == email.lower()))
            if person is None or person.email_confirmed_at is None:
                raise UnknownPerson(email)
            database.add(Operator(person_id=person.id, added_at=now))
            record(database, now, "operator.add", person_id=person.id)
    except IntegrityError:
        return  # has the role already


def remove_operator(services: Services, email: str) -> None:
    """Take the role away, at once. Raises UnknownPerson."""
    now = services.clock.now()
    with services.storage.write() as database:
        person = database.scalar(select(Person).where(Person.email == email.lower()))
        row = database.get(Operator, person.id) if person is not None else None
        if person is None or row is None:
            raise UnknownPerson(email)
        database.delete(row)
        record(database, now, "operator.remove", person_id=person.id)


def operators(services: Services) -> list[str]:
    """Addresses of those who have the role."""
    with services.storage.read() as database:
        query = select(Person.email).join(Operator, Operator.person_id == Person.id)
        return list(database.scalars(query.order_by(Person.email)))


def is_operator(services: Services, person: Person) -> bool:
    """True while the person has the role."""
    with services.storage.look() as database:
        return database.get(Operator, person.id) is not None


def find_accounts(services: Services, operator: Person, text: str) -> list[AccountFound]:
    """Accounts of a whole SIRET, address or receipt number; noted in the audit trail."""
    wanted = text.strip()
    with services.storage.write() as database:
        by_number = select(Submission.account_id).where(Submission.number == wanted)
        rows = database.scalars(
            select(Account)
            .join(Person, Person.id == Account.person_id)
            .where(
                (Account.siret == wanted.replace(" ", ""))
                | (Person.email == wanted.lower())
                | Account.id.in_(by_number)
            )
            .order_by(Account.created_at, Account.id)
            .limit(50)
        ).all()
        record(
            database, services.clock.now(), "operator.search", person_id=operator.id,
            found=len(rows),
        )  # fmt: skip
        return [AccountFound(account_id=r.id, regime=r.regime, name=r.name) for r in rows]


def open_look(services: Services, operator: Person, asked: LookAsk) -> LookView:
    """Leave to read an account for half an hour. Raises not-found."""
    now = services.clock.now()
    with services.storage.write() as database:
        if database.get(Account, asked.account_id) is None:
            raise Problem(ProblemCode.NOT_FOUND)
        row = Look(
            operator_id=operator.id, account_id=asked.account_id, reason=asked.reason,
            opened_at=now, expires_at=now + LOOK,
        )  # fmt: skip
        database.add(row)
        database.flush()
        record(
            database, now, "operator.look", person_id=operator.id, account_id=asked.account_id,
            look=row.id,
        )  # fmt: skip
        return LookView(
            account_id=row.account_id, reason=row.reason, opened_at=now, expires_at=row.expires_at
        )


def looked_at(services: Services, operator: Person, account_id: str) -> Account:
    """The account, while a look is open. Raises reason-missing otherwise."""
    with services.storage.read() as database:
        account = database.scalar(
            select(Account)
            .join(Look, Look.account_id == Account.id)
            .where(
                Account.id == account_id, Look.operator_id == operator.id,
                Look.expires_at > services.clock.now(),
            )
            .limit(1)
        )  # fmt: skip
    if account is None:
        raise Problem(ProblemCode.REASON_MISSING)
    return account


def looks_at(services: Services, account: Account) -> list[LookView]:
    """Who looked at an account, when and why, newest first: its owner may read it."""
    with services.storage.read() as database:
        rows = database.scalars(
            select(Look).where(Look.account_id == account.id).order_by(Look.opened_at.desc())
        ).all()
        return [
            LookView(account_id=r.account_id, reason=r.reason, opened_at=r.opened_at,
                     expires_at=r.expires_at)
            for r in rows
        ]  # fmt: skip
