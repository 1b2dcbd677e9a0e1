"""Codes of an authenticator app (RFC 6238: SHA-1, six digits, thirty seconds)."""

from __future__ import annotations

import base64
import hmac
import io
from datetime import datetime

import pyotp

STEP = 30  # seconds
DRIFT = 1  # steps that a phone's clock may be off, either way
DIGITS = 6
ISSUER = "Quittance"


def new_secret() -> str:
    """160 random bits in base 32, as RFC 4226 recommends."""
    return pyotp.random_base32(32)


def step_of(moment: datetime) -> int:
    """The time step of a moment."""
    return int(moment.timestamp()) // STEP


def matching_step(secret: str, code: str, now: datetime, after: int) -> int | None:
    """The step, later than `after`, whose code is `code`; None when there is none near `now`.

    Every step is compared, in constant time: how long it takes says nothing.
    """
    maker = pyotp.TOTP(secret, digits=DIGITS, interval=STEP)
    here, found = step_of(now), None
    for step in range(here - DRIFT, here + DRIFT + 1):
        same = hmac.compare_digest(maker.generate_otp(step).encode(), code.encode())
        if same and step > after:
            found = step
    return found


def address(secret: str, email: str) -> str:
    """The otpauth: address that apps read."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP).provisioning_uri(
        name=email, issuer_name=ISSUER
    )


def qr(uri: str) -> str:
    """`uri` as a QR code: a PNG in base64, with the margin that readers need."""
    import segno  # here: a start does without

    out = io.BytesIO()
    segno.make(uri, error="m", micro=False).save(out, kind="png", scale=5, border=4)
    return base64.b64encode(out.getvalue()).decode()
