"""Signing in at a provider of identity: linked by its owner, never taken over in silence."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from backend import messages, oidc, throttle
from backend.audit import record
from backend.passwords import hash_password
from backend.problems import Problem
from backend.secrets import new_token, token_hash
from backend.services import Client, Services
from backend.storage.alerts import Freeze
from backend.storage.engine import Database
from backend.storage.factor import LinkedIdentity, ProviderSession
from backend.storage.tables import Person, Session
from backend.usecases import ceremonies
from backend.usecases.alerts import arrived, warn
from backend.usecases.factor import ask_second_factor, keep_provider_session
from backend.usecases.people import CONFIRM
from backend.usecases.reauth import reauthenticate
from backend.usecases.sessions import end_sessions, make_token, open_session
from contract.people import Email
from contract.problem import ProblemCode

log = structlog.get_logger("quittance.provider")
SENT, TICKET, HEARD = "provider", "provider-link", "provider-logout"
TICKET_LASTS = timedelta(minutes=5)
CALLBACK = "/auth/provider/callback"
LEFT = "/auth/left"


@dataclass(frozen=True)
class Arrival:
    """What came of a visit to the provider: a session's token, or a place to go without one."""

    path: str
    token: str = ""


def back(said: str) -> str:
    """The screen of the settings, which says what came of it. Each time another address: a window
    that comes back to the one it left would show what it knew."""
    return f"/securite?fait={said}&n={new_token()[:8]}"


def ticket(services: Services, client: Client, person: Person, session: Session,
           password: str) -> str:  # fmt: skip
    """A door to link the provider, for this session alone. Raises provider-unavailable,
    email-not-confirmed, and as `reauthenticate`."""
    if not services.settings.oidc_issuer:
        raise Problem(ProblemCode.PROVIDER_UNAVAILABLE)
    if person.email_confirmed_at is None:
        raise Problem(ProblemCode.EMAIL_NOT_CONFIRMED)
    reauthenticate(services, client, person, password)
    now = services.clock.now()
    with services.storage.write() as database:
        return ceremonies.begin(
            database, now, TICKET, person.id, {"session": session.id}, TICKET_LASTS
        )


def unlink(services: Services, client: Client, person: Person, password: str) -> None:
    """The provider opens this account no more, and what it opened ends."""
    reauthenticate(services, client, person, password)
    now, issuer = services.clock.now(), services.settings.oidc_issuer
    with services.storage.write() as database:
        found = database.scalar(
            select(LinkedIdentity).where(
                LinkedIdentity.person_id == person.id, LinkedIdentity.issuer == issuer
            )
        )
        if found is None:
            raise Problem(ProblemCode.NOT_FOUND)
        database.delete(found)
        record(database, now, "provider.unlink", person_id=person.id)
    warn(services, person, "provider-removed")


def leave_for(
    services: Services, locale: str, following: str, door: str = "", session: Session | None = None
) -> tuple[str, str]:
    """Where to send the window, and the secret that this browser keeps meanwhile. `door` is a
    ticket to link, shown by the session it was made for. Raises provider-unavailable,
    challenge-over."""
    settings, now = services.settings, services.clock.now()
    state, nonce, verifier, browser = (new_token() for _ in range(4))
    try:
        url = oidc.authorize_url(
            settings, settings.url + CALLBACK, state, nonce, verifier, locale
        )  # fmt: skip
    except oidc.ProviderError as error:
        log.warning("provider unavailable", reason=str(error))
        raise Problem(ProblemCode.PROVIDER_UNAVAILABLE) from None
    owner = None
    if door:
        with services.storage.write() as database:  # spent, whoever shows it
            step = ceremonies.use(database, now, door, TICKET)
        if step is None or session is None or step.data["session"] != session.id:
            raise Problem(ProblemCode.CHALLENGE_OVER)
        owner = step.person_id
    with services.storage.write() as database:
        ceremonies.begin(
            database, now, SENT, owner,
            {
                "nonce": nonce, "verifier": verifier, "browser": token_hash(browser),
                "next": following, "session": session.id if owner and session else "",
                "locale": locale,
            },
            token=state,
        )  # fmt: skip
    return url, browser


def arrive(
    services: Services, client: Client, state: str, code: str, browser: str, issuer: str | None
) -> Arrival:
    """Back from the provider. Nothing that it, or a page in between, may say opens an account that
    is not its subject's."""
    settings, now = services.settings, services.clock.now()
    with services.storage.write() as database:
        step = ceremonies.use(database, now, state, SENT)
    if step is None:
        return Arrival("/signin?fournisseur=echec")
    linking = step.person_id is not None
    failed = Arrival(back("echec") if linking else "/signin?fournisseur=echec")
    if not hmac.compare_digest(step.data["browser"], token_hash(browser)):
        log.warning("provider refused", reason="another browser")
        return failed
    if issuer is not None and issuer != settings.oidc_issuer:  # RFC 9207
        log.warning("provider refused", reason="another issuer answers")
        return failed
    if not code:
        return failed  # the person changed their mind there
    try:
        tokens = oidc.exchange(settings, code, settings.url + CALLBACK, step.data["verifier"])
        who = oidc.identify(settings, tokens, step.data["nonce"], services.clock.real())
    except oidc.ProviderError as error:
        log.warning("provider refused", reason=str(error))
        return failed
    if linking:
        return _link(services, step.person_id or "", step.data["session"], who)
    with services.storage.read() as database:
        known = database.scalar(
            select(LinkedIdentity).where(
                LinkedIdentity.issuer == settings.oidc_issuer,
                LinkedIdentity.subject == who.subject,
            )
        )
        person = database.get(Person, known.person_id) if known is not None else None
    if person is None:
        if not _plausible(who.email):
            return Arrival("/signin?fournisseur=adresse")
        try:
            person = _create(services, who, step.data["locale"])
        except IntegrityError:
            # The address has an account: its owner signs in once by password, then links.
            return Arrival("/signin?fournisseur=lier")
    return _open(services, client, person, who, tokens, step.data["next"])


def _plausible(email: str) -> bool:
    try:
        return bool(TypeAdapter(Email).validate_python(email))
    except ValidationError:
        return False


def _link(services: Services, person_id: str, session_id: str, who: oidc.Identity) -> Arrival:
    now, issuer = services.clock.now(), services.settings.oidc_issuer
    try:
        with services.storage.write() as database:
            session = database.get(Session, session_id)
            if session is None or session.revoked_at is not None:
                return Arrival("/signin?fournisseur=echec")
            person = database.get_one(Person, person_id)
            database.add(
                LinkedIdentity(person_id=person_id, issuer=issuer, subject=who.subject,
                               linked_at=now, last_used_at=None)
            )  # fmt: skip
            record(database, now, "provider.link", person_id=person_id, session_id=session_id)
    except IntegrityError:
        return Arrival(back("autre"))
    warn(services, person, "provider")
    return Arrival(back("relie"))


def _create(services: Services, who: oidc.Identity, locale: str) -> Person:
    """A new person with the address that the provider gives; confirmed when it says so. Raises
    IntegrityError when the address has an account."""
    now, settings = services.clock.now(), services.settings
    link = ""
    with services.storage.write() as database:
        person = Person(
            email=who.email, email_confirmed_at=now if who.email_verified else None,
            # Nobody knows this password: one is chosen with « mot de passe oublié ».
            password_hash=hash_password(new_token(), settings), locale=locale, theme="system",
            text_size=100, created_at=now,
        )  # fmt: skip
        database.add(person)
        database.flush()
        database.add(
            LinkedIdentity(person_id=person.id, issuer=settings.oidc_issuer, subject=who.subject,
                           linked_at=now, last_used_at=None)
        )  # fmt: skip
        if not who.email_verified:
            link = make_token(database, now, person.id, "confirm-email", CONFIRM)
        record(database, now, "person.sign_up", person_id=person.id, provider=True)
    if link:
        services.mailer.send(
            messages.confirm_email(settings, person.email, person.locale, link)
        )  # fmt: skip
    return person


def _open(
    services: Services, client: Client, person: Person, who: oidc.Identity, tokens: oidc.Tokens,
    following: str,
) -> Arrival:  # fmt: skip
    now, settings = services.clock.now(), services.settings
    kept = json.dumps([settings.oidc_issuer, who.subject, who.sid, tokens.id_token])
    try:
        ask_second_factor(services, person, {"provider": services.keys.encrypt(kept)})
    except Problem as problem:
        keys = "1" if problem.extra["passkeys"] else "0"
        return Arrival(f"/signin?challenge={problem.extra['challenge']}&cles={keys}")
    with services.storage.write() as database:
        if database.get(Freeze, person.id) is not None:
            return Arrival("/signin?fournisseur=gele")
        token, session = open_session(database, settings, now, person.id, "cookie", client.device)
        keep_provider_session(
            database, services, session, {"provider": services.keys.encrypt(kept)}
        )
        record(database, now, "person.sign_in", person_id=person.id, session_id=session.id,
               provider=True)  # fmt: skip
        found = database.scalar(
            select(LinkedIdentity).where(
                LinkedIdentity.issuer == settings.oidc_issuer,
                LinkedIdentity.subject == who.subject,
            )
        )
        if found is not None:
            found.last_used_at = now
    known = throttle.bucket("known", person.email, client.address)
    throttle.recognise(services.storage, services.clock, known)
    arrived(services, client, person)
    return Arrival(following, token)


def farewell(services: Services, token: str) -> str:
    """Where the window goes once the session of `token` has ended: to the provider that opened it,
    to end its own; nowhere for another session, or one that goes on."""
    if not services.settings.oidc_issuer or not token:
        return ""
    with services.storage.write() as database:
        session = database.scalar(select(Session).where(Session.token_hash == token_hash(token)))
        if session is None or session.revoked_at is None:
            return ""
        kept = database.get(ProviderSession, session.id)
        if kept is None or kept.issuer != services.settings.oidc_issuer:
            return ""
        id_token = kept.id_token
        database.delete(kept)
    settings = services.settings
    return oidc.end_session_url(settings, id_token, settings.url + LEFT, new_token())


def back_channel(services: Services, token: str) -> None:
    """The provider says that someone left: the sessions it opened for them end. Raises
    signature-invalid."""
    settings, now = services.settings, services.clock.now()
    try:
        subject, sid, number = oidc.logged_out(settings, token, services.clock.real())
    except oidc.ProviderError as error:
        log.warning("provider logout refused", reason=str(error))
        raise Problem(ProblemCode.SIGNATURE_INVALID) from None
    try:
        with services.storage.write() as database:
            ceremonies.begin(database, now, HEARD, token=f"{HEARD}:{number}")  # once
            database.flush()
            _end(database, now, settings.oidc_issuer, subject, sid)
    except IntegrityError:
        raise Problem(ProblemCode.SIGNATURE_INVALID) from None


def _end(database: Database, now: datetime, issuer: str, subject: str, sid: str) -> None:
    query = select(ProviderSession).where(ProviderSession.issuer == issuer)
    if subject:
        query = query.where(ProviderSession.subject == subject)
    if sid:
        query = query.where(ProviderSession.sid == sid)
    for kept in database.scalars(query).all():
        session = database.get_one(Session, kept.session_id)
        end_sessions(database, now, session.person_id, only=session.id)
        record(database, now, "session.end", person_id=session.person_id, session_id=session.id,
               provider=True)  # fmt: skip
        database.execute(delete(ProviderSession).where(ProviderSession.session_id == session.id))
