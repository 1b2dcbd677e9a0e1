"""An OpenID Connect provider, as a relying party speaks to it: discovery, keys, code, tokens.

Authorization code with PKCE (RFC 7636), state and nonce; ID tokens checked as OpenID Connect Core
3.1.3.7 asks, signed with RS256 or ES256 and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import httpx

from backend.settings import Settings

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

ALGORITHMS = ("RS256", "ES256")
TIMEOUT = httpx.Timeout(8.0, connect=4.0)
KEPT_FOR = 3600  # seconds that discovery and keys are kept
KEYS_AGAIN = 30  # seconds between two readings of the keys for a name that is not among them
LEEWAY = 60  # seconds that two clocks may differ
OLDEST = 600  # seconds: an ID token was made for this sign-in
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


class ProviderError(Exception):
    """The provider did not answer, or answered what must not be believed. No detail of a token."""


@dataclass(frozen=True)
class Tokens:
    """What a code is exchanged for."""

    id_token: str
    access_token: str


@dataclass(frozen=True)
class Identity:
    """Who signed in at the provider."""

    subject: str
    email: str
    email_verified: bool
    sid: str


@dataclass
class _Kept:
    metadata: dict[str, Any]
    keys: KeySet
    read_at: float
    keys_at: float


_kept: dict[str, _Kept] = {}
_lock = threading.Lock()


def forget() -> None:
    """Forget what providers said (tests)."""
    with _lock:
        _kept.clear()


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier."""
    return _encoded(hashlib.sha256(verifier.encode()).digest())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _json(method: str, url: str, **more: Any) -> dict[str, Any]:
    try:
        answer = httpx.request(method, url, timeout=TIMEOUT, follow_redirects=False, **more)
        answer.raise_for_status()
        told = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise ProviderError(f"no answer ({type(error).__name__})") from None
    if not isinstance(told, dict):
        raise ProviderError("not an object")
    return told


def _safe(url: object, settings: Settings) -> str:
    """An address that the provider names; in clear on this machine only."""
    if not isinstance(url, str):
        raise ProviderError("an address is missing")
    if urlsplit(url).scheme != "https" and not settings.oidc_issuer.startswith("http://"):
        raise ProviderError("an address is not secure")
    return url


def _read(settings: Settings) -> _Kept:
    issuer = settings.oidc_issuer
    with _lock:
        found = _kept.get(issuer)
    if found is not None and monotonic() - found.read_at < KEPT_FOR:
        return found
    metadata = _json("GET", issuer.rstrip("/") + "/.well-known/openid-configuration")
    if metadata.get("issuer") != issuer:
        raise ProviderError("another issuer")
    now = monotonic()
    found = _Kept(metadata, _keys(settings, metadata), now, now)
    with _lock:
        _kept[issuer] = found
    return found


def _keys(settings: Settings, metadata: Mapping[str, Any]) -> KeySet:
    from joserfc.errors import JoseError  # here: a start does without
    from joserfc.jwk import KeySet

    told = _json("GET", _safe(metadata.get("jwks_uri"), settings))
    usable = [
        key for key in told.get("keys", [])
        if isinstance(key, dict) and key.get("kty") in {"RSA", "EC"}
        and key.get("use", "sig") == "sig"
    ]  # fmt: skip
    try:
        return KeySet.import_key_set({"keys": usable})
    except (JoseError, ValueError, TypeError, KeyError):
        raise ProviderError("keys cannot be read") from None


def endpoint(settings: Settings, name: str) -> str:
    """An address of the provider, or nothing when it has none. Raises ProviderError."""
    url = _read(settings).metadata.get(name)
    return _safe(url, settings) if url else ""


def authorize_url(
    settings: Settings, redirect_uri: str, state: str, nonce: str, verifier: str, locale: str
) -> str:
    """Where to send the window. Raises ProviderError."""
    asked = {
        "response_type": "code", "client_id": settings.oidc_client_id,
        "redirect_uri": redirect_uri, "scope": settings.oidc_scopes, "state": state,
        "nonce": nonce, "code_challenge": challenge_of(verifier), "code_challenge_method": "S256",
        "ui_locales": locale,
    }  # fmt: skip
    if settings.oidc_acr_values:
        asked["acr_values"] = settings.oidc_acr_values
    base = endpoint(settings, "authorization_endpoint")
    if not base:
        raise ProviderError("no authorization endpoint")
    return f"{base}{'&' if '?' in base else '?'}{urlencode(asked)}"


def exchange(settings: Settings, code: str, redirect_uri: str, verifier: str) -> Tokens:
    """The tokens of a code. Raises ProviderError: refused, used already, no answer."""
    secret = settings.oidc_client_secret.get_secret_value()
    ways = _read(settings).metadata.get("token_endpoint_auth_methods_supported")
    body = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }  # fmt: skip
    auth: tuple[str, str] | None = (settings.oidc_client_id, secret)
    if isinstance(ways, list) and "client_secret_basic" not in ways:
        body |= {"client_id": settings.oidc_client_id, "client_secret": secret}
        auth = None
    told = _json("POST", endpoint(settings, "token_endpoint"), data=body, auth=auth)
    id_token, access = told.get("id_token"), told.get("access_token")
    if not isinstance(id_token, str) or not isinstance(access, str):
        raise ProviderError("no ID token")
    return Tokens(id_token, access)


def _decode(settings: Settings, token: str, now: datetime) -> tuple[dict[str, Any], str]:
    """Claims and algorithm of a token that the provider signed for us, not expired."""
    from joserfc import jwt  # here: a start does without
    from joserfc.errors import JoseError

    found = _read(settings)
    try:
        try:
            opened = jwt.decode(token, found.keys, algorithms=list(ALGORITHMS))
        except (JoseError, ValueError):
            if monotonic() - found.keys_at < KEYS_AGAIN:
                raise
            # The provider may have changed its keys since.
            found.keys, found.keys_at = _keys(settings, found.metadata), monotonic()
            opened = jwt.decode(token, found.keys, algorithms=list(ALGORITHMS))
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise ProviderError("the signature is not the provider's") from None
    claims, moment = opened.claims, now.timestamp()
    if not isinstance(claims, dict) or claims.get("iss") != settings.oidc_issuer:
        raise ProviderError("another issuer")
    named = claims.get("aud")
    audience = named if isinstance(named, list) else [named]
    if settings.oidc_client_id not in audience:
        raise ProviderError("for another audience")
    if len(audience) > 1 and claims.get("azp") is None:
        raise ProviderError("no authorized party")
    if claims.get("azp") not in (None, settings.oidc_client_id):
        raise ProviderError("for another party")
    if "exp" in claims and not _number(claims, "exp") > moment - LEEWAY:
        raise ProviderError("expired")
    if "nbf" in claims and not _number(claims, "nbf") <= moment + LEEWAY:
        raise ProviderError("not valid yet")
    if not moment - OLDEST <= _number(claims, "iat") <= moment + LEEWAY:
        raise ProviderError("made at another time")
    return claims, str(opened.header.get("alg"))


def _number(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ProviderError(f"no {name}")
    return float(value)


def _text(claims: Mapping[str, Any], name: str, longest: int) -> str:
    value = claims.get(name, "")
    return value if isinstance(value, str) and len(value) <= longest else ""


def identify(settings: Settings, tokens: Tokens, nonce: str, now: datetime) -> Identity:
    """Who the tokens speak of. Raises ProviderError for whatever must not be believed."""
    claims, algorithm = _decode(settings, tokens.id_token, now)
    if "exp" not in claims:
        raise ProviderError("no exp")
    if not hmac.compare_digest(_text(claims, "nonce", 200).encode(), nonce.encode()):
        raise ProviderError("another nonce")
    if "at_hash" in claims:
        whole = hashlib.sha256(tokens.access_token.encode()).digest()
        expected = _encoded(whole[: len(whole) // 2])
        if not hmac.compare_digest(str(claims["at_hash"]).encode(), expected.encode()):
            raise ProviderError("another access token")
    if algorithm not in ALGORITHMS:
        raise ProviderError("another algorithm")
    if not assured(_text(claims, "acr", 200), settings.oidc_acr_values.split()):
        raise ProviderError("not assured enough")
    subject = _text(claims, "sub", 255)
    if not subject:
        raise ProviderError("no subject")
    more = dict(claims)
    if "email" not in more:
        more |= _user_info(settings, tokens, subject, now)
    return Identity(
        subject, _text(more, "email", 254).strip().lower(), more.get("email_verified") is True,
        _text(claims, "sid", 255),
    )  # fmt: skip


def assured(acr: str, asked: list[str]) -> bool:
    """True when the assurance given is one of those asked, or a higher eIDAS level."""
    if not asked or acr in asked:
        return True
    levels = [_eidas(each) for each in asked if _eidas(each)]
    return bool(levels) and _eidas(acr) > min(levels)


def _eidas(acr: str) -> int:
    """The level of an eIDAS value (eidas1 to eidas3), or 0."""
    level = acr.removeprefix("eidas")
    return int(level) if level in {"1", "2", "3"} and level != acr else 0


def _user_info(
    settings: Settings, tokens: Tokens, subject: str, now: datetime
) -> dict[str, Any]:  # fmt: skip
    """Claims of the user-info endpoint, in JSON or signed; of the same subject or not believed."""
    url = endpoint(settings, "userinfo_endpoint")
    if not url:
        return {}
    try:
        answer = httpx.get(
            url, headers={"Authorization": f"Bearer {tokens.access_token}"}, timeout=TIMEOUT
        )
        answer.raise_for_status()
        signed = answer.headers.get("content-type", "").startswith("application/jwt")
        told = _decode(settings, answer.text.strip(), now)[0] if signed else answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise ProviderError(f"no user info ({type(error).__name__})") from None
    if not isinstance(told, dict) or told.get("sub") != subject:
        raise ProviderError("user info of another subject")
    return {name: told[name] for name in ("email", "email_verified") if name in told}


def logged_out(settings: Settings, token: str, now: datetime) -> tuple[str, str, str]:
    """Subject, session and number of a logout token (OpenID Connect Back-Channel Logout 2.6).
    Raises ProviderError."""
    claims, _ = _decode(settings, token, now)
    events = claims.get("events")
    if not isinstance(events, dict) or LOGOUT_EVENT not in events or "nonce" in claims:
        raise ProviderError("not a logout")
    subject, sid = _text(claims, "sub", 255), _text(claims, "sid", 255)
    number = _text(claims, "jti", 200)
    if not (subject or sid) or not number:
        raise ProviderError("whose logout is not said")
    return subject, sid, number


def end_session_url(settings: Settings, id_token: str, back: str, state: str) -> str:
    """Where the window ends the provider's session too; nothing when it has no such address or
    does not answer."""
    try:
        url = endpoint(settings, "end_session_endpoint")
    except ProviderError:
        return ""
    asked = {
        "id_token_hint": id_token, "post_logout_redirect_uri": back, "state": state,
        "client_id": settings.oidc_client_id,
    }  # fmt: skip
    return f"{url}{'&' if '?' in url else '?'}{urlencode(asked)}" if url else ""
