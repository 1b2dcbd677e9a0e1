"""Passkeys: made, listed with the rest of my security, renamed, removed, and used to sign in."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from backend.api.deps import CallerDep, ClientDep, ServicesDep
from backend.api.factor import KEY, TOKEN, passkey_view
from backend.api.people import opened
from backend.problems import responses
from backend.routes import Routes
from backend.usecases import passkeys
from contract.factor import (
    PasskeyAsk,
    PasskeyMade,
    PasskeyOptions,
    PasskeyRename,
    PasskeyUsed,
    PasskeyView,
    Reauthentication,
)
from contract.people import SessionOpened
from contract.problem import ProblemCode as P

router = Routes(prefix="/api/v1", tags=["passkeys"])
KeyId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
CREDENTIAL = {
    "id": "3q2-7w", "rawId": "3q2-7w", "type": "public-key",
    "response": {"clientDataJSON": "eyJ0eXBlIjoi…", "authenticatorData": "SZYN5YgOjG…",
                 "signature": "MEUCIQ…"},
}  # fmt: skip
EXAMPLES = {
    "PasskeyView": KEY,
    "PasskeyRename": {"name": "Ordinateur"},
    "PasskeyOptions": {
        "ceremony": TOKEN,
        "options": {"challenge": "9kq…", "rpId": "quittance.example",
                    "userVerification": "required"},
    },
    "PasskeyAsk": {"challenge": None},
    "PasskeyCredential": CREDENTIAL,
    "PasskeyMade": {"ceremony": TOKEN, "name": "Téléphone", "credential": CREDENTIAL},
    "PasskeyUsed": {"ceremony": TOKEN, "credential": CREDENTIAL},
}  # fmt: skip


@router.post(
    "/me/passkeys/options", status_code=201,
    responses=responses(
        P.NOT_AUTHENTICATED, P.EMAIL_NOT_CONFIRMED, P.PASSKEY_REFUSED, P.THROTTLED
    ),
)  # fmt: skip
def start_making(
    asked: Reauthentication, services: ServicesDep, client: ClientDep, caller: CallerDep
) -> PasskeyOptions:
    """What my browser needs to make a passkey."""
    return passkeys.start_making(
        services, client, caller.person, caller.session, asked.current_password
    )


@router.post(
    "/me/passkeys", status_code=201,
    responses=responses(P.NOT_AUTHENTICATED, P.CHALLENGE_OVER, P.PASSKEY_REFUSED),
)  # fmt: skip
def make(asked: PasskeyMade, services: ServicesDep, caller: CallerDep) -> PasskeyView:
    """Keep the passkey that my browser made."""
    return passkey_view(
        passkeys.make(
            services, caller.person, caller.session, asked.ceremony, asked.name, asked.credential
        )
    )


@router.patch("/me/passkeys/{key_id}", responses=responses(P.NOT_AUTHENTICATED, P.NOT_FOUND))
def rename(
    key_id: KeyId, asked: PasskeyRename, services: ServicesDep, caller: CallerDep
) -> PasskeyView:
    """Another name for a passkey of mine."""
    return passkey_view(passkeys.rename(services, caller.person, key_id, asked.name))


@router.post(
    "/me/passkeys/{key_id}/remove", status_code=204,
    responses=responses(P.NOT_AUTHENTICATED, P.NOT_FOUND, P.THROTTLED),
)  # fmt: skip
def remove(
    key_id: KeyId, asked: Reauthentication, services: ServicesDep, client: ClientDep,
    caller: CallerDep,
) -> None:  # fmt: skip
    """A passkey of mine opens nothing any more."""
    passkeys.remove(services, client, caller.person, key_id, asked.current_password)


@router.post(
    "/passkeys/options", status_code=201,
    responses=responses(P.PASSKEY_REFUSED, P.CHALLENGE_OVER, P.THROTTLED),
)  # fmt: skip
def start_using(asked: PasskeyAsk, services: ServicesDep, client: ClientDep) -> PasskeyOptions:
    """A challenge for a passkey to sign."""
    return passkeys.start_using(services, client, asked.challenge)


@router.post(
    "/sessions/passkey", status_code=201,
    responses=responses(P.PASSKEY_REFUSED, P.CHALLENGE_OVER, P.ACCOUNT_FROZEN),
)  # fmt: skip
def sign_in(asked: PasskeyUsed, services: ServicesDep, client: ClientDep) -> SessionOpened:
    """Sign in by a passkey: alone, or as the second step of a sign-in by password."""
    return opened(passkeys.sign_in(services, client, asked.ceremony, asked.credential))
