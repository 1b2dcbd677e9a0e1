"""Passkeys (WebAuthn): made by a signed-in person, then used alone or as the second step.

The library that reads them is imported where it is used: it is slow to, and most starts of the
service end without anybody who has one.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from backend import throttle
from backend.audit import record
from backend.problems import Problem
from backend.services import Client, Services
from backend.storage.engine import Database
from backend.storage.factor import Passkey
from backend.storage.tables import Person, Session
from backend.usecases import ceremonies
from backend.usecases.alerts import arrived, warn
from backend.usecases.factor import CHALLENGE, challenged, keep_provider_session
from backend.usecases.reauth import reauthenticate
from backend.usecases.sessions import open_session
from contract.factor import PasskeyCredential, PasskeyOptions
from contract.problem import ProblemCode

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

MAKING, USING = "passkey-making", "passkey-using"
MOST = 20


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _options(made: Any) -> dict[str, Any]:
    from webauthn import options_to_json

    options: dict[str, Any] = json.loads(options_to_json(made))
    return options


def _host(services: Services) -> str:
    host = services.settings.passkey_host
    if not host:
        raise Problem(ProblemCode.PASSKEY_REFUSED)
    return host


def _known(database: Database, person_id: str) -> list[PublicKeyCredentialDescriptor]:
    from webauthn import base64url_to_bytes
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    found = database.scalars(select(Passkey.credential_id).where(Passkey.person_id == person_id))
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(each)) for each in found]


def start_making(
    services: Services, client: Client, person: Person, session: Session, password: str
) -> PasskeyOptions:
    """What the browser needs to make a passkey. Raises email-not-confirmed, passkey-refused (where
    none can be made, or too many are), and as `reauthenticate`."""
    from webauthn import generate_registration_options
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    host = _host(services)
    if person.email_confirmed_at is None:
        raise Problem(ProblemCode.EMAIL_NOT_CONFIRMED)
    reauthenticate(services, client, person, password)
    now = services.clock.now()
    with services.storage.write() as database:
        known = _known(database, person.id)
        if len(known) >= MOST:
            raise Problem(ProblemCode.PASSKEY_REFUSED)
        made = generate_registration_options(
            rp_id=host, rp_name="Quittance", user_id=person.id.encode(), user_name=person.email,
            exclude_credentials=known,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
        )  # fmt: skip
        token = ceremonies.begin(
            database, now, MAKING, person.id,
            {"challenge": _encoded(made.challenge), "session": session.id},
        )  # fmt: skip
    return PasskeyOptions(ceremony=token, options=_options(made))


def make(
    services: Services, person: Person, session: Session, ceremony: str, name: str,
    credential: PasskeyCredential,
) -> Passkey:  # fmt: skip
    """Keep a passkey that the browser has just made. Raises challenge-over, passkey-refused."""
    from webauthn import base64url_to_bytes, verify_registration_response

    now = services.clock.now()
    with services.storage.write() as database:
        step = ceremonies.use(database, now, ceremony, MAKING)
    if step is None or step.person_id != person.id or step.data["session"] != session.id:
        raise Problem(ProblemCode.CHALLENGE_OVER)
    try:
        found = verify_registration_response(
            credential=credential.model_dump(exclude_none=True),
            expected_challenge=base64url_to_bytes(step.data["challenge"]),
            expected_rp_id=_host(services), expected_origin=services.settings.url,
            require_user_verification=True,
        )  # fmt: skip
    except Problem:
        raise
    except Exception:  # whatever hostile bytes break in a parser is a refusal
        raise Problem(ProblemCode.PASSKEY_REFUSED) from None
    kept = Passkey(
        person_id=person.id, credential_id=_encoded(found.credential_id),
        public_key=_encoded(found.credential_public_key), sign_count=found.sign_count, name=name,
        synced=found.credential_backed_up, created_at=now, last_used_at=None,
    )  # fmt: skip
    with services.storage.write() as database:
        taken = select(Passkey.id).where(Passkey.credential_id == kept.credential_id)
        if database.scalar(taken) is not None:
            raise Problem(ProblemCode.PASSKEY_REFUSED)
        database.add(kept)
        record(database, now, "passkey.make", person_id=person.id, session_id=session.id)
    warn(services, person, "passkey")
    return kept


def start_using(services: Services, client: Client, challenge: str | None) -> PasskeyOptions:
    """A challenge to sign: by any passkey, or by one of the person that `challenge` (the second
    step of a sign-in) names. Raises passkey-refused, challenge-over, throttled."""
    from webauthn import generate_authentication_options
    from webauthn.helpers.structs import UserVerificationRequirement

    host = _host(services)
    throttle.take(services.storage, services.clock, ("address", _door(client)))
    person = challenged(services, challenge) if challenge is not None else None
    now = services.clock.now()
    with services.storage.write() as database:
        made = generate_authentication_options(
            rp_id=host, user_verification=UserVerificationRequirement.REQUIRED,
            allow_credentials=_known(database, person.id) if person is not None else None,
        )  # fmt: skip
        token = ceremonies.begin(
            database, now, USING, person.id if person is not None else None,
            {"challenge": _encoded(made.challenge), "second": challenge or ""},
        )  # fmt: skip
    return PasskeyOptions(ceremony=token, options=_options(made))


def _door(client: Client) -> str:
    """Where challenges are counted: each is asked before it is signed."""
    return throttle.bucket("passkey", client.address)


def sign_in(
    services: Services, client: Client, ceremony: str, credential: PasskeyCredential
) -> tuple[str, Session, Person]:
    """A new session for a challenge signed by a passkey. Raises challenge-over, passkey-refused
    (unknown, wrong signature or origin, not the person's, a counter that goes back)."""
    from webauthn import base64url_to_bytes, verify_authentication_response

    now = services.clock.now()
    with services.storage.write() as database:
        step = ceremonies.use(database, now, ceremony, USING)
        second = str(step.data["second"]) if step is not None else ""
        # A second step is spent by any try: the password is asked again after one that fails.
        first = ceremonies.use(database, now, second, CHALLENGE) if second else None
        if second and first is None:
            step = None
        key = database.scalar(select(Passkey).where(Passkey.credential_id == credential.id))
        person = database.get(Person, key.person_id) if key is not None else None
    if step is None:
        raise Problem(ProblemCode.CHALLENGE_OVER)
    if key is None or person is None or (second and step.person_id != person.id):
        raise Problem(ProblemCode.PASSKEY_REFUSED)
    handle = credential.response.get("userHandle")
    if handle and handle != _encoded(person.id.encode()):
        raise Problem(ProblemCode.PASSKEY_REFUSED)
    try:
        found = verify_authentication_response(
            credential=credential.model_dump(exclude_none=True),
            expected_challenge=base64url_to_bytes(step.data["challenge"]),
            expected_rp_id=_host(services), expected_origin=services.settings.url,
            credential_public_key=base64url_to_bytes(key.public_key),
            # The counter is looked at below, once the signature is known to be the key's own.
            credential_current_sign_count=0, require_user_verification=True,
        )  # fmt: skip
    except Problem:
        raise
    except Exception:  # whatever hostile bytes break in a parser is a refusal
        _refused(services, person, "signature")
        raise Problem(ProblemCode.PASSKEY_REFUSED) from None
    with services.storage.write() as database:
        counts = found.new_sign_count > 0 or key.sign_count > 0
        fresh = Passkey.sign_count < found.new_sign_count if counts else Passkey.sign_count == 0
        done = database.execute(
            update(Passkey)
            .where(Passkey.id == key.id, fresh)
            .values(sign_count=found.new_sign_count, last_used_at=now,
                    synced=found.credential_backed_up)
            .execution_options(synchronize_session=False)
        )  # fmt: skip
        copied = done.rowcount != 1  # type: ignore[attr-defined]
        if not copied:
            token, session = open_session(
                database, services.settings, now, person.id, "bearer", client.device
            )
            if first is not None:
                keep_provider_session(database, services, session, first.data)
            record(database, now, "person.sign_in", person_id=person.id, session_id=session.id,
                   passkey="second" if second else "alone")  # fmt: skip
    if copied:
        _refused(services, person, "counter")
        warn(services, person, "passkey-copied")
        raise Problem(ProblemCode.PASSKEY_REFUSED)
    known = throttle.bucket("known", person.email, client.address)
    throttle.recognise(services.storage, services.clock, known)
    throttle.give_back(services.storage, _door(client))
    arrived(services, client, person)
    return token, session, person


def _refused(services: Services, person: Person, why: str) -> None:
    with services.storage.write() as database:
        record(database, services.clock.now(), "passkey.use", outcome="refused",
               person_id=person.id, why=why)  # fmt: skip


def rename(services: Services, person: Person, key_id: str, name: str) -> Passkey:
    """Another name. Raises not-found."""
    with services.storage.write() as database:
        key = _mine(database, person, key_id)
        key.name = name
    return key


def remove(
    services: Services, client: Client, person: Person, key_id: str, password: str
) -> None:  # fmt: skip
    """A passkey opens nothing any more. Raises not-found, and as `reauthenticate`."""
    with services.storage.read() as database:
        _mine(database, person, key_id)
    reauthenticate(services, client, person, password)
    now = services.clock.now()
    with services.storage.write() as database:
        database.delete(_mine(database, person, key_id))
        record(database, now, "passkey.remove", person_id=person.id)
    warn(services, person, "passkey-removed")


def _mine(database: Database, person: Person, key_id: str) -> Passkey:
    key = database.scalar(
        select(Passkey).where(Passkey.id == key_id, Passkey.person_id == person.id)
    )
    if key is None:
        raise Problem(ProblemCode.NOT_FOUND)
    return key
