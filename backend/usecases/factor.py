"""The second factor: an authenticator app, its recovery codes, and what to do when it is lost."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import NoReturn

from sqlalchemy import delete, func, select, update

from backend import messages, throttle, totp
from backend.audit import record
from backend.problems import Problem
from backend.secrets import grouped, human_code, read_code, token_hash
from backend.services import Client, Services
from backend.storage.engine import Database
from backend.storage.factor import Factor, LinkedIdentity, Passkey, ProviderSession, RecoveryCode
from backend.storage.tables import OneTimeToken, Person, Session
from backend.usecases import ceremonies
from backend.usecases.alerts import arrived, warn
from backend.usecases.reauth import reauthenticate
from backend.usecases.sessions import drop_tokens, make_token, open_session, use_token
from contract.factor import RECOVERY_CODES, TRIES, LossStarted, RecoveryCodes, TotpSetup
from contract.problem import ProblemCode

CHALLENGE = "second-factor"
CHALLENGE_LASTS = timedelta(minutes=5)
LINK_LASTS = timedelta(hours=1)
AFTER_DELAY = timedelta(days=7)  # how long the link that removes goes on working
LENGTH = 16  # characters of a recovery code: 80 bits


# -- Signing in ----------------------------------------------------------------------------------


def active(database: Database, person_id: str) -> Factor | None:
    """The person's factor, when a first code has confirmed it."""
    row = database.get(Factor, person_id)
    return row if row is not None and row.confirmed_at is not None else None


def ask_second_factor(
    services: Services, person: Person, data: dict[str, str] | None = None
) -> None:
    """Nothing for a person without a factor; else raises second-factor-needed with a challenge:
    the first step was right, and opens no session. `data` is what the session will keep."""
    now = services.clock.now()
    with services.storage.read() as database:
        if active(database, person.id) is None:
            return
        keys = database.scalar(
            select(func.count()).select_from(Passkey).where(Passkey.person_id == person.id)
        )
    with services.storage.write() as database:
        challenge = ceremonies.begin(
            database, now, CHALLENGE, person.id, data, lasts=CHALLENGE_LASTS
        )
        record(database, now, "person.sign_in", outcome="second factor asked", person_id=person.id)
    _needed(challenge, passkeys=bool(keys) and bool(services.settings.passkey_host))


def _needed(challenge: str, passkeys: bool) -> NoReturn:
    raise Problem(
        ProblemCode.SECOND_FACTOR_NEEDED,
        extra={"challenge": challenge, "seconds": int(CHALLENGE_LASTS.total_seconds()),
               "passkeys": passkeys},
    )  # fmt: skip


def challenged(services: Services, challenge: str) -> Person:
    """Whose challenge it is. Raises challenge-over."""
    with services.storage.read() as database:
        row = ceremonies.find(database, services.clock.now(), challenge, CHALLENGE)
        person = database.get(Person, row.person_id) if row is not None else None
    if person is None:
        raise Problem(ProblemCode.CHALLENGE_OVER)
    return person


def second_step(
    services: Services, client: Client, challenge: str, code: str
) -> tuple[str, Session, Person]:
    """A new session for the right code. Raises code-wrong with the tries left, challenge-over,
    throttled."""
    person = challenged(services, challenge)
    known = throttle.bucket("known", person.email, client.address)
    pair = throttle.bucket("factor", person.id, client.address)
    tries = [("account+address", pair)]
    if not throttle.recognised(services.storage, services.clock, known):
        tries.append(("factor", throttle.bucket("factor", person.id)))
    throttle.take(services.storage, services.clock, *tries)
    now, token, session, left = services.clock.now(), "", None, 0
    with services.storage.write() as database:
        counted = ceremonies.count_try(database, challenge, TRIES)
        way = take_code(database, services, person.id, code) if counted else None
        used = ceremonies.use(database, now, challenge, CHALLENGE) if way is not None else None
        if used is not None:
            token, session = open_session(
                database, services.settings, now, person.id, "bearer", client.device
            )
            keep_provider_session(database, services, session, used.data)
            found_again(database, now, person.id)
            record(database, now, "person.sign_in", person_id=person.id, session_id=session.id,
                   second_factor=way)  # fmt: skip
        elif counted:
            row = ceremonies.find(database, now, challenge, CHALLENGE)
            left = TRIES - row.tries if row is not None else 0
            record(database, now, "factor.code", outcome="refused", person_id=person.id)
    if session is None:
        if not counted:
            raise Problem(ProblemCode.CHALLENGE_OVER)
        if left == 0:
            # Who gives wrong codes has the password: the owner is told.
            warn(services, person, "codes")
        raise Problem(ProblemCode.CODE_WRONG, extra={"left": left})
    throttle.forget(services.storage, pair)
    throttle.give_back(services.storage, *(name for _, name in tries if name != pair))
    throttle.recognise(services.storage, services.clock, known)
    arrived(services, client, person)
    if way == "recovery":
        warn(services, person, "recovery")
    return token, session, person


def keep_provider_session(
    database: Database, services: Services, session: Session, data: dict[str, str]
) -> None:
    """Note which provider opened a session, when one did: its logout needs it. What was noted of
    sessions long over is forgotten."""
    if "provider" not in data:
        return
    over = select(Session.id).where(Session.absolute_expires_at <= services.clock.now())
    database.execute(delete(ProviderSession).where(ProviderSession.session_id.in_(over)))
    issuer, subject, sid, id_token = json.loads(services.keys.decrypt(data["provider"]))
    database.add(
        ProviderSession(
            session_id=session.id, issuer=issuer, subject=subject, sid=sid, id_token=id_token
        )
    )


def take_code(database: Database, services: Services, person_id: str, code: str) -> str | None:
    """How the code was right (totp, recovery), now used up; None when it was not.

    The updates decide: of two requests with one code, one gets it.
    """
    digits = "".join(code.split())
    factor = active(database, person_id)
    if factor is None:
        return None
    if len(digits) == totp.DIGITS and digits.isascii() and digits.isdigit():
        return "totp" if _take_step(database, services, factor, digits) else None
    done = database.execute(
        update(RecoveryCode)
        .where(RecoveryCode.code_hash == _code_hash(person_id, read_code(code)),
               RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
        .values(used_at=services.clock.now())
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if done.rowcount != 1:  # type: ignore[attr-defined]
        return None
    record(database, services.clock.now(), "factor.recovery_used", person_id=person_id)
    return "recovery"


def _take_step(database: Database, services: Services, factor: Factor, code: str) -> bool:
    step = totp.matching_step(factor.secret, code, services.clock.real(), factor.last_step)
    if step is None:
        return False
    done = database.execute(
        update(Factor)
        .where(Factor.person_id == factor.person_id, Factor.last_step < step)
        .values(last_step=step)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount == 1)  # type: ignore[attr-defined]


def _code_hash(person_id: str, code: str) -> str:
    return token_hash(f"{person_id}:{code}")


# -- Setting it up -------------------------------------------------------------------------------


def enrol(services: Services, client: Client, person: Person, password: str) -> TotpSetup:
    """A secret for an app; it counts once confirmed. Raises email-not-confirmed (a lost factor is
    given up by e-mail), factor-present, and as `reauthenticate`."""
    if person.email_confirmed_at is None:
        raise Problem(ProblemCode.EMAIL_NOT_CONFIRMED)
    reauthenticate(services, client, person, password)
    now, secret = services.clock.now(), totp.new_secret()
    with services.storage.write() as database:
        if active(database, person.id) is not None:
            raise Problem(ProblemCode.FACTOR_PRESENT)
        database.merge(
            Factor(person_id=person.id, secret=secret, created_at=now, confirmed_at=None,
                   last_step=0, lost_at=None, removable_at=None)
        )  # fmt: skip
        record(database, now, "factor.enrol", person_id=person.id)
    uri = totp.address(secret, person.email)
    return TotpSetup(secret=grouped(secret, 4).replace("-", " "), uri=uri, qr=totp.qr(uri))


def confirm(
    services: Services, client: Client, person: Person, session: Session, code: str
) -> RecoveryCodes:
    """The first code of the app: the factor counts from now. Answers the recovery codes; the
    other sessions stay. Raises code-wrong, factor-absent, factor-present, throttled."""
    pair = ("account+address", throttle.bucket("factor", person.id, client.address))
    throttle.take(services.storage, services.clock, pair)
    now = services.clock.now()
    with services.storage.write() as database:
        factor = database.get(Factor, person.id, with_for_update=True)
        if factor is None:
            raise Problem(ProblemCode.FACTOR_ABSENT)
        if factor.confirmed_at is not None:
            raise Problem(ProblemCode.FACTOR_PRESENT)
        if not _take_step(database, services, factor, "".join(code.split())):
            raise Problem(ProblemCode.CODE_WRONG)
        factor.confirmed_at = now
        codes = _new_codes(database, now, person.id)
        record(database, now, "factor.confirm", person_id=person.id, session_id=session.id)
    throttle.forget(services.storage, pair[1])
    warn(services, person, "factor")
    return codes


def new_codes(services: Services, client: Client, person: Person, password: str) -> RecoveryCodes:
    """Ten other recovery codes; the former ones stop working. Raises factor-absent."""
    reauthenticate(services, client, person, password)
    now = services.clock.now()
    with services.storage.write() as database:
        if active(database, person.id) is None:
            raise Problem(ProblemCode.FACTOR_ABSENT)
        codes = _new_codes(database, now, person.id)
    warn(services, person, "recovery-codes")
    return codes


def _new_codes(database: Database, now: datetime, person_id: str) -> RecoveryCodes:
    database.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    codes = [human_code(LENGTH) for _ in range(RECOVERY_CODES)]
    database.add_all(
        RecoveryCode(
            code_hash=_code_hash(person_id, code), person_id=person_id, created_at=now, used_at=None
        )
        for code in codes
    )
    record(database, now, "factor.recovery_made", person_id=person_id)
    return RecoveryCodes(codes=[grouped(code, 4) for code in codes])


def recovery_left(database: Database, person_id: str) -> int:
    """Recovery codes that still work."""
    query = select(func.count()).where(
        RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None)
    )
    return database.scalar(query) or 0


def remove(services: Services, client: Client, person: Person, password: str) -> None:
    """Take the factor and its recovery codes away. Raises factor-absent."""
    reauthenticate(services, client, person, password)
    now = services.clock.now()
    with services.storage.write() as database:
        if database.get(Factor, person.id) is None:
            raise Problem(ProblemCode.FACTOR_ABSENT)
        _remove(database, now, person.id, "password")
    warn(services, person, "factor-removed")


def _remove(database: Database, now: datetime, person_id: str, why: str) -> None:
    database.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    database.execute(delete(Factor).where(Factor.person_id == person_id))
    for kind in ("loss-start", "loss-cancel", "loss-remove"):
        drop_tokens(database, now, person_id, kind)
    record(database, now, "factor.remove", person_id=person_id, why=why)


def forget_ways(database: Database, person_id: str) -> None:
    """Passkeys, provider and factor of someone who never showed that the address was theirs."""
    for table in (RecoveryCode, Factor, Passkey, LinkedIdentity):
        database.execute(delete(table).where(table.person_id == person_id))


# -- Losing it -----------------------------------------------------------------------------------


def say_lost(services: Services, client: Client, challenge: str) -> None:
    """Send a link to the confirmed address of who gave the right password. Raises challenge-over,
    throttled."""
    person = challenged(services, challenge)
    if person.email_confirmed_at is None:
        raise Problem(ProblemCode.EMAIL_NOT_CONFIRMED)
    door = ("mail", throttle.bucket("mail", person.email))
    throttle.take(services.storage, services.clock, door)
    now = services.clock.now()
    with services.storage.write() as database:
        link = make_token(database, now, person.id, "loss-start", LINK_LASTS)
        record(database, now, "factor.loss_said", person_id=person.id)
    services.mailer.send(messages.factor_lost(services.settings, person.email, person.locale, link))


def start_loss(services: Services, token: str) -> LossStarted:
    """The link was opened: the delay starts, and the owner is told how to stop it. One that runs
    already goes on. Raises token-invalid."""
    now = services.clock.now()
    delay = timedelta(hours=services.settings.factor_loss_hours)
    with services.storage.write() as database:
        used = use_token(database, now, token, ("loss-start",))
        factor = active(database, used.person_id) if used is not None else None
        if factor is None:
            raise Problem(ProblemCode.TOKEN_INVALID)
        if factor.removable_at is None:
            factor.lost_at, factor.removable_at = now, now + delay
        removable = factor.removable_at
        person = database.get_one(Person, factor.person_id)
        lasts = removable - now + AFTER_DELAY
        stop = make_token(database, now, person.id, "loss-cancel", lasts)
        link = make_token(database, now, person.id, "loss-remove", lasts)
        record(database, now, "factor.loss_started", person_id=person.id)
    services.mailer.send(
        messages.factor_loss_started(
            services.settings, person.email, person.locale, removable, stop, link
        )
    )
    return LossStarted(removable_at=removable)


def cancel_loss(services: Services, token: str) -> None:
    """It was not me, or it was found again: the delay stops. Raises token-invalid."""
    now = services.clock.now()
    with services.storage.write() as database:
        used = use_token(database, now, token, ("loss-cancel",))
        if used is None:
            raise Problem(ProblemCode.TOKEN_INVALID)
        found_again(database, now, used.person_id)


def found_again(database: Database, now: datetime, person_id: str) -> None:
    """Stop the delay that runs, if one does: the factor is not lost."""
    factor = database.get(Factor, person_id)
    if factor is None or factor.removable_at is None:
        return
    factor.lost_at = factor.removable_at = None
    for kind in ("loss-start", "loss-cancel", "loss-remove"):
        drop_tokens(database, now, person_id, kind)
    record(database, now, "factor.loss_cancelled", person_id=person_id)


def remove_lost(services: Services, client: Client, token: str, password: str) -> None:
    """Take away a factor said lost, once the delay is over. Raises token-invalid, too-soon, and as
    `reauthenticate`."""
    now = services.clock.now()
    with services.storage.read() as database:
        found = database.scalar(
            select(OneTimeToken).where(
                OneTimeToken.token_hash == token_hash(token), OneTimeToken.kind == "loss-remove",
                OneTimeToken.used_at.is_(None), OneTimeToken.expires_at > now,
            )
        )  # fmt: skip
        factor = active(database, found.person_id) if found is not None else None
        person = database.get(Person, found.person_id) if found is not None else None
    if factor is None or person is None or factor.removable_at is None:
        raise Problem(ProblemCode.TOKEN_INVALID)
    reauthenticate(services, client, person, password, "password")
    if now < factor.removable_at:
        raise Problem(ProblemCode.TOO_SOON, extra={"removable_at": factor.removable_at.isoformat()})
    with services.storage.write() as database:
        if use_token(database, now, token, ("loss-remove",)) is None:
            raise Problem(ProblemCode.TOKEN_INVALID)
        _remove(database, now, person.id, "lost")
    warn(services, person, "factor-removed")
