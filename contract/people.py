"""People, their sessions, and the e-mails that prove an address."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contract.base import Answer, Instant, Wire

Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, max_length=254,
        # Cases are still as typed when the pattern is checked.
        pattern=r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
        r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]$",
    ),
]  # fmt: skip
"""An address as mail servers take it (RFC 5321, unquoted): ASCII; a domain with accents is written
in its xn-- form."""
Password = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Token = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{20,128}$")]
Locale = Literal["fr", "en", "es", "pt", "ar"]
"""A language of the app."""
DEMO_PASSWORD = "démonstration sans secret"  # noqa: S105 - said on the screen
"""The password of every ready account: anyone may open them, and some acts ask for it again."""
Paper = Literal["fr", "en"]
"""A language of documents and files."""


class SignUp(Wire):
    """A new person. The address gets a message to confirm it."""

    email: Email
    password: Password
    locale: Locale = "fr"


class SignIn(Wire):
    """Sign-in by e-mail and password."""

    email: Email
    password: Password


class SessionView(Answer):
    """One open session of mine."""

    id: str
    created_at: Instant
    last_seen_at: Instant
    expires_at: Instant
    device: str
    current: bool


class SessionOpened(Answer):
    """A session just opened: `token` is shown once and is the bearer of every later call."""

    token: str
    session: SessionView
    person: PersonView


class Handoff(Answer):
    """A one-time code, valid a minute, that /auth/finish turns into an HttpOnly cookie."""

    code: str
    path: str


class Preferences(Wire):
    """How the app looks and speaks for me."""

    locale: Locale = "fr"
    theme: Literal["system", "light", "dark", "contrast"] = "system"
    text_size: Literal[100, 125, 150, 175, 200] = 100


class PersonView(Answer):
    """Me."""

    id: str
    email: str
    email_confirmed: bool
    pending_email: str | None = None
    preferences: Preferences
    operator: bool = Field(default=False, description="Works for the collector")
    created_at: Instant


class TokenIn(Wire):
    """A one-time token received by e-mail."""

    token: Token


class ForgottenPassword(Wire):
    """Ask for a one-time link; the answer is the same for an unknown address."""

    email: Email


class PasswordReset(Wire):
    """Set a new password with a one-time token; every session ends."""

    token: Token
    password: Password


class PasswordChange(Wire):
    """Change of password while signed in; the other sessions end."""

    current_password: Password
    new_password: Password


class EmailChange(Wire):
    """Change of address: it counts once the new address is confirmed."""

    email: Email
    current_password: Password


class MessageNotice(Answer):
    """Where the message went: `outbox` is said only when no SMTP server is set and the server
    listens on loopback, so that a first user finds it."""

    sent: bool = True
    outbox: str | None = Field(default=None, description="Folder of the message files")


class DemoAccount(Answer):
    """A ready account of the demo mode."""

    slug: str
    title: str
    summary: str
    regime: str


class DemoSignIn(Wire):
    """Open a ready account of the demo mode."""

    slug: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]


SessionOpened.model_rebuild()
