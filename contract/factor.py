"""How a sign-in is secured: second factor, recovery codes, passkeys, a provider of identity."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from contract.base import Answer, Instant, Wire
from contract.people import Password, Token

RECOVERY_CODES = 10
TRIES = 5
"""Codes that may be tried for one right password, before it is asked again."""

FactorCode = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
"""Six digits of the app, or a recovery code."""
PasskeyName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


class SignInWays(Answer):
    """What the sign-in screen may offer here."""

    passkeys: bool
    """False where browsers refuse them: the service is reached by an IP address."""
    provider: str | None = Field(default=None, description="Name of the identity provider")


class Reauthentication(Wire):
    """The password, asked again before something that matters."""

    current_password: Password


class SecondFactor(Wire):
    """The second step of a sign-in: the challenge that the first answered, and a code."""

    challenge: Token
    code: FactorCode


class TotpSetup(Answer):
    """A secret to put in an authenticator app, shown until it is confirmed."""

    secret: str
    uri: str
    qr: str
    """The address as a QR code: a PNG in base64."""


class TotpConfirm(Wire):
    """The first code of the app."""

    code: FactorCode


class RecoveryCodes(Answer):
    """Codes that each replace the app once. Shown this once."""

    codes: list[str]


class PasskeyView(Answer):
    """A passkey of mine."""

    id: str
    name: str
    synced: bool
    """True when its maker keeps it on several devices."""
    created_at: Instant
    last_used_at: Instant | None


class ProviderView(Answer):
    """The provider that I may sign in with."""

    name: str
    linked_at: Instant | None
    """When I linked it; None when I did not."""


class SecurityView(Answer):
    """How my sign-in is secured."""

    totp_since: Instant | None
    recovery_left: int
    removable_at: Instant | None
    """When the factor said lost may be removed."""
    passkeys: list[PasskeyView]
    passkeys_possible: bool
    provider: ProviderView | None


class LossAsk(Wire):
    """The phone is lost: the password was right, the code cannot be given."""

    challenge: Token


class LossStarted(Answer):
    """The delay that runs before the factor may be removed."""

    removable_at: Instant


class LossRemoval(Wire):
    """The delay is over: remove the factor."""

    token: Token
    password: Password


class PasskeyRename(Wire):
    """Another name for a passkey."""

    name: PasskeyName


class PasskeyOptions(Answer):
    """What the browser needs to make a passkey or to use one (WebAuthn, JSON form)."""

    ceremony: str
    options: dict[str, Any]


class PasskeyAsk(Wire):
    """Use a passkey: alone, or as the second step of a sign-in by password."""

    challenge: Token | None = None


class PasskeyCredential(Wire):
    """What a browser answers, as PublicKeyCredential.toJSON() writes it."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,1400}$")]
    rawId: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,1400}$")]
    type: Literal["public-key"]
    response: dict[str, Any]
    authenticatorAttachment: str | None = Field(default=None, max_length=40)
    clientExtensionResults: dict[str, Any] = Field(default_factory=dict)


class PasskeyMade(Wire):
    """A passkey just made by the browser."""

    ceremony: Token
    name: PasskeyName
    credential: PasskeyCredential


class PasskeyUsed(Wire):
    """A challenge signed by a passkey."""

    ceremony: Token
    credential: PasskeyCredential


class ProviderDoor(Answer):
    """Where to send the window to link the provider: works once, for some minutes."""

    path: str
