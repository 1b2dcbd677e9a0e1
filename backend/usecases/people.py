"""Sign up, sign in, and keep one's address and password."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from backend import messages, throttle
from backend.audit import record
from backend.passwords import (
    LONGEST,
    SHORTEST,
    hash_password,
    outdated,
    verify_password,
    weakness,
)
from backend.problems import Problem, field_problem
from backend.services import Client, Services
from backend.storage.tables import Person, Session
from backend.usecases.alerts import arrived, thaw, warn
from backend.usecases.factor import ask_second_factor, forget_ways
from backend.usecases.reauth import reauthenticate
from backend.usecases.sessions import (
    drop_tokens,
    end_sessions,
    make_token,
    open_session,
    use_token,
)
from contract.people import Preferences, SignUp
from contract.problem import ProblemCode

CONFIRM = timedelta(hours=48)
RESET = timedelta(hours=1)


def sign_up(services: Services, client: Client, asked: SignUp) -> tuple[str, Session, Person]:
    """A new person, signed in, with a message to confirm the address."""
    door = ("sign-up", throttle.bucket("sign-up", client.address))
    refuse_weak(asked.password, asked.email, "password")
    # Counted, so that the answer "taken" cannot be used to list addresses, nor we to flood them.
    throttle.take(services.storage, services.clock, door)
    now = services.clock.now()
    hashed = hash_password(asked.password, services.settings)
    try:
        with services.storage.write() as database:
            person = Person(
                email=asked.email, password_hash=hashed, locale=asked.locale, theme="system",
                text_size=100, created_at=now,
            )  # fmt: skip
            database.add(person)
            database.flush()
            token, session = open_session(
                database, services.settings, now, person.id, "bearer", client.device
            )
            link = make_token(database, now, person.id, "confirm-email", CONFIRM)
            record(database, now, "person.sign_up", person_id=person.id, session_id=session.id)
    except IntegrityError:
        raise Problem(ProblemCode.EMAIL_TAKEN) from None
    services.mailer.send(
        messages.confirm_email(services.settings, person.email, person.locale, link)
    )
    arrived(services, client, person)
    return token, session, person


def sign_in(
    services: Services, client: Client, email: str, password: str
) -> tuple[str, Session, Person]:
    """A new session for the right password; the same answer and work for an unknown address.

    Raises second-factor-needed, with a challenge, when the person has an authenticator app.
    """
    pair = throttle.bucket("account+address", email, client.address)
    account = throttle.bucket("account", email)
    address = throttle.bucket("address", client.address)
    known = throttle.bucket("known", email, client.address)
    tries = [("account+address", pair), ("address", address)]
    if not throttle.recognised(services.storage, services.clock, known):
        # Where the owner has signed in from, tries made all over the world do not count.
        tries.append(("account", account))
    throttle.take(services.storage, services.clock, *tries)
    with services.storage.read() as database:
        person = database.scalar(select(Person).where(Person.email == email))
    right = verify_password(password, person.password_hash if person else None, services.settings)
    now = services.clock.now()
    if not right or person is None:
        with services.storage.write() as database:
            record(database, now, "person.sign_in", outcome="refused",
                   person_id=person.id if person else None)  # fmt: skip
        raise Problem(ProblemCode.BAD_CREDENTIALS)
    throttle.forget(services.storage, pair)
    throttle.give_back(services.storage, *(name for _, name in tries if name != pair))
    ask_second_factor(services, person)
    throttle.recognise(services.storage, services.clock, known)
    with services.storage.write() as database:
        if outdated(person.password_hash, services.settings):
            hashed = hash_password(password, services.settings)
            database.get_one(Person, person.id).password_hash = hashed
        token, session = open_session(
            database, services.settings, now, person.id, "bearer", client.device
        )
        record(database, now, "person.sign_in", person_id=person.id, session_id=session.id)
    arrived(services, client, person)
    return token, session, person


def refuse_weak(password: str, email: str, field: str) -> None:
    """Raise when `password` is too easy to guess."""
    code = weakness(password, email)
    if code is not None:
        raise field_problem(field, code, limit=LONGEST if code == "password_long" else SHORTEST)


def resend_confirmation(services: Services, person: Person) -> None:
    """Another message to confirm the address; none when it is confirmed already."""
    if person.email_confirmed_at is not None and person.pending_email is None:
        return
    door = ("mail", throttle.bucket("mail", person.email))
    throttle.take(services.storage, services.clock, door)
    now = services.clock.now()
    to = person.pending_email or person.email
    kind = "change-email" if person.pending_email else "confirm-email"
    with services.storage.write() as database:
        link = make_token(database, now, person.id, kind, CONFIRM, {"email": to})
    services.mailer.send(messages.confirm_email(services.settings, to, person.locale, link))


def confirm_email(services: Services, token: str) -> None:
    """Confirm the address that received `token`. Raises token-invalid."""
    now = services.clock.now()
    old = None
    try:
        with services.storage.write() as database:
            used = use_token(database, now, token, ("confirm-email", "change-email"))
            if used is None:
                raise Problem(ProblemCode.TOKEN_INVALID)
            person = database.get_one(Person, used.person_id)
            if used.kind == "change-email":
                if person.pending_email != used.data.get("email"):
                    raise Problem(ProblemCode.TOKEN_INVALID)
                old = person.email
                person.email, person.pending_email = used.data["email"], None
                # A link that went to the former address opens nothing any more.
                for kind in ("reset-password", "loss-start", "loss-cancel", "loss-remove"):
                    drop_tokens(database, now, person.id, kind)
            person.email_confirmed_at = now
            record(database, now, "person.email_confirmed", person_id=person.id)
    except IntegrityError:
        raise Problem(ProblemCode.TOKEN_INVALID) from None
    if old is not None:
        warn(services, person, "email", to=old)


def forgot_password(services: Services, client: Client, email: str) -> None:
    """Send a one-time link if the address is known; say nothing either way."""
    door = ("mail", throttle.bucket("mail", email))
    away = ("address", throttle.bucket("forgot", client.address))
    throttle.take(services.storage, services.clock, door, away)
    now = services.clock.now()
    with services.storage.write() as database:
        person = database.scalar(select(Person).where(Person.email == email))
        link = make_token(database, now, person.id, "reset-password", RESET) if person else ""
    if person is not None:
        services.mailer.send(
            messages.reset_password(services.settings, person.email, person.locale, link)
        )


def reset_password(services: Services, token: str, password: str) -> None:
    """Set a new password with a one-time token; every session ends. Raises token-invalid."""
    now = services.clock.now()
    hashed = hash_password(password, services.settings)
    with services.storage.write() as database:
        used = use_token(database, now, token, ("reset-password",))
        if used is None:
            raise Problem(ProblemCode.TOKEN_INVALID)
        person = database.get_one(Person, used.person_id)
        # Raised inside the transaction, so that a weak password does not burn the link.
        refuse_weak(password, person.email, "password")
        person.password_hash = hashed
        if person.email_confirmed_at is None:
            person.email_confirmed_at = now  # the link came to that address
            # Whoever opened this account had not shown it was theirs: their ways in end.
            forget_ways(database, person.id)
        thaw(database, services, person.id)
        end_sessions(database, now, person.id)
        record(database, now, "person.password_reset", person_id=person.id)
    warn(services, person, "password")


def change_password(
    services: Services, client: Client, person: Person, session: Session, current: str, new: str
) -> None:
    """Change the password; the other sessions end."""
    reauthenticate(services, client, person, current)
    refuse_weak(new, person.email, "new_password")
    now = services.clock.now()
    hashed = hash_password(new, services.settings)
    with services.storage.write() as database:
        database.get_one(Person, person.id).password_hash = hashed
        end_sessions(database, now, person.id, keep=session.id)
        drop_tokens(database, now, person.id, "reset-password")
        record(database, now, "person.password_changed", person_id=person.id, session_id=session.id)
    warn(services, person, "password")


def change_email(
    services: Services, client: Client, person: Person, email: str, current: str
) -> None:
    """Ask for another address: it counts once confirmed from a message sent there."""
    reauthenticate(services, client, person, current)
    throttle.take(services.storage, services.clock, ("mail", throttle.bucket("mail", person.email)))
    now = services.clock.now()
    with services.storage.write() as database:
        kept = database.get_one(Person, person.id)
        kept.pending_email = email
        link = make_token(database, now, person.id, "change-email", CONFIRM, {"email": email})
        record(database, now, "person.email_change_asked", person_id=person.id)
    services.mailer.send(messages.confirm_email(services.settings, email, person.locale, link))


def set_preferences(services: Services, person: Person, preferences: Preferences) -> Person:
    """Language, theme and text size."""
    with services.storage.write() as database:
        kept = database.get_one(Person, person.id)
        kept.locale = preferences.locale
        kept.theme = preferences.theme
        kept.text_size = preferences.text_size
    return kept
