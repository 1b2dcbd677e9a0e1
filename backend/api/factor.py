"""How my sign-in is secured: authenticator app, recovery codes, a lost phone."""

from __future__ import annotations

from sqlalchemy import select

from backend.api.deps import CallerDep, ClientDep, ServicesDep
from backend.api.people import notice, opened
from backend.problems import responses
from backend.routes import Routes
from backend.services import Services
from backend.storage.factor import LinkedIdentity, Passkey
from backend.storage.tables import Person
from backend.usecases import factor
from contract.factor import (
    LossAsk,
    LossRemoval,
    LossStarted,
    PasskeyView,
    ProviderView,
    Reauthentication,
    RecoveryCodes,
    SecondFactor,
    SecurityView,
    SignInWays,
    TotpConfirm,
    TotpSetup,
)
from contract.people import MessageNotice, SessionOpened, TokenIn
from contract.problem import ProblemCode as P

router = Routes(prefix="/api/v1", tags=["security"])
TOKEN = "JlNHKPBai5yxGu0mjmdb1S311k4SxCm0gLf9PylGIDE"  # noqa: S105 an example, opens nothing
PASSWORD = "une phrase longue et à moi"  # noqa: S105 an example
WHEN = "2026-11-23T11:00:00.000Z"
KEY = {
    "id": "c7f50318c8d14aabb9a1a631b94978d4", "name": "Téléphone", "synced": True,
    "created_at": WHEN, "last_used_at": WHEN,
}  # fmt: skip
EXAMPLES = {
    "SignInWays": {"passkeys": True, "provider": None},
    "Reauthentication": {"current_password": PASSWORD},
    "SecondFactor": {"challenge": TOKEN, "code": "123 456"},
    "TotpSetup": {
        "secret": "JBSW Y3DP EHPK 3PXP", "qr": "iVBORw0KGgo…",
        "uri": "otpauth://totp/Quittance:camille%40example.org?secret=JBSWY3DPEHPK3PXP",
    },
    "TotpConfirm": {"code": "123456"},
    "RecoveryCodes": {"codes": ["7K2M-9QXB-4TVC-80HD"]},
    "SecurityView": {
        "totp_since": WHEN, "recovery_left": 10, "removable_at": None, "passkeys": [KEY],
        "passkeys_possible": True, "provider": {"name": "Fournisseur", "linked_at": None},
    },
    "LossAsk": {"challenge": TOKEN},
    "LossStarted": {"removable_at": "2026-11-25T11:00:00.000Z"},
    "LossRemoval": {"token": TOKEN, "password": PASSWORD},
}  # fmt: skip
ME = responses(P.NOT_AUTHENTICATED)
ASKED_AGAIN = responses(P.NOT_AUTHENTICATED, P.FACTOR_ABSENT, P.THROTTLED)


@router.get("/sign-in-ways", responses=responses())
def ways(services: ServicesDep) -> SignInWays:
    """What the sign-in screen may offer beside the password."""
    settings = services.settings
    return SignInWays(passkeys=bool(settings.passkey_host), provider=settings.provider_name or None)


@router.post(
    "/sessions/second-factor", status_code=201,
    responses=responses(P.CODE_WRONG, P.CHALLENGE_OVER, P.ACCOUNT_FROZEN, P.THROTTLED),
)  # fmt: skip
def second_step(asked: SecondFactor, services: ServicesDep, client: ClientDep) -> SessionOpened:
    """The second step of a sign-in: a code of the app, or a recovery code."""
    return opened(factor.second_step(services, client, asked.challenge, asked.code))


@router.get("/me/security", responses=ME)
def security(services: ServicesDep, caller: CallerDep) -> SecurityView:
    """How my sign-in is secured."""
    return security_view(services, caller.person)


def security_view(services: Services, person: Person) -> SecurityView:
    """Factor, recovery codes, passkeys and provider of a person."""
    settings = services.settings
    with services.storage.read() as database:
        row = factor.active(database, person.id)
        keys = database.scalars(
            select(Passkey).where(Passkey.person_id == person.id).order_by(Passkey.created_at)
        ).all()
        linked = database.scalar(
            select(LinkedIdentity).where(
                LinkedIdentity.person_id == person.id, LinkedIdentity.issuer == settings.oidc_issuer
            )
        )
        left = factor.recovery_left(database, person.id) if row is not None else 0
    return SecurityView(
        totp_since=row.confirmed_at if row is not None else None,
        recovery_left=left,
        removable_at=row.removable_at if row is not None else None,
        passkeys=[passkey_view(key) for key in keys],
        passkeys_possible=bool(settings.passkey_host),
        provider=ProviderView(
            name=settings.provider_name, linked_at=linked.linked_at if linked is not None else None
        )
        if settings.oidc_issuer
        else None,
    )


def passkey_view(key: Passkey) -> PasskeyView:
    """A passkey, as the wire says it."""
    return PasskeyView(
        id=key.id, name=key.name, synced=key.synced, created_at=key.created_at,
        last_used_at=key.last_used_at,
    )  # fmt: skip


@router.post(
    "/me/totp", status_code=201,
    responses=responses(P.NOT_AUTHENTICATED, P.EMAIL_NOT_CONFIRMED, P.FACTOR_PRESENT, P.THROTTLED),
)  # fmt: skip
def enrol(
    asked: Reauthentication, services: ServicesDep, client: ClientDep, caller: CallerDep
) -> TotpSetup:
    """A secret for my authenticator app. It counts once a first code confirms it."""
    return factor.enrol(services, client, caller.person, asked.current_password)


@router.post(
    "/me/totp/confirm", status_code=201,
    responses=responses(
        P.NOT_AUTHENTICATED, P.CODE_WRONG, P.FACTOR_ABSENT, P.FACTOR_PRESENT, P.THROTTLED
    ),
)  # fmt: skip
def confirm(
    asked: TotpConfirm, services: ServicesDep, client: ClientDep, caller: CallerDep
) -> RecoveryCodes:
    """The first code of my app: two steps from now on. Answers the recovery codes, this once."""
    return factor.confirm(services, client, caller.person, caller.session, asked.code)


@router.post("/me/totp/remove", status_code=204, responses=ASKED_AGAIN)
def remove(
    asked: Reauthentication, services: ServicesDep, client: ClientDep, caller: CallerDep
) -> None:
    """Sign in by password alone again."""
    factor.remove(services, client, caller.person, asked.current_password)


@router.post("/me/recovery-codes", status_code=201, responses=ASKED_AGAIN)
def new_codes(
    asked: Reauthentication, services: ServicesDep, client: ClientDep, caller: CallerDep
) -> RecoveryCodes:
    """Other recovery codes; the former ones stop working."""
    return factor.new_codes(services, client, caller.person, asked.current_password)


@router.post(
    "/factor-losses", status_code=202,
    responses=responses(P.CHALLENGE_OVER, P.EMAIL_NOT_CONFIRMED, P.THROTTLED),
)  # fmt: skip
def say_lost(asked: LossAsk, services: ServicesDep, client: ClientDep) -> MessageNotice:
    """My phone is lost: a link goes to my address."""
    factor.say_lost(services, client, asked.challenge)
    return notice(services)


@router.post("/factor-losses/start", responses=responses(P.TOKEN_INVALID))
def start_loss(asked: TokenIn, services: ServicesDep) -> LossStarted:
    """The link was opened: the delay runs."""
    return factor.start_loss(services, asked.token)


@router.post("/factor-losses/cancel", status_code=204, responses=responses(P.TOKEN_INVALID))
def cancel_loss(asked: TokenIn, services: ServicesDep) -> None:
    """Stop the delay."""
    factor.cancel_loss(services, asked.token)


@router.post(
    "/factor-losses/remove", status_code=204,
    responses=responses(P.TOKEN_INVALID, P.TOO_SOON, P.THROTTLED),
)  # fmt: skip
def remove_lost(asked: LossRemoval, services: ServicesDep, client: ClientDep) -> None:
    """The delay is over: remove the factor, by link and password."""
    factor.remove_lost(services, client, asked.token, asked.password)
