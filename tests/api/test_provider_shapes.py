"""A provider shaped otherwise than the one of test_provider.py: keys on a curve, changed while we
know the old ones; the secret in the body; the address in a signed answer. Over real HTTP."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from pydantic import SecretStr

from backend import oidc
from backend.settings import Settings


class Shaped(ThreadingHTTPServer):
    """Discovery, keys, token and user info, as a provider of the State documents its own."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.key = ECKey.generate_key("P-256")
        self.told: dict[str, list[str]] = {}
        self.authorization = ""
        self.info: dict[str, Any] = {"sub": "s1", "email": "Camille@Example.org"}

    @property
    def issuer(self) -> str:
        """Its name, under a path."""
        return f"http://127.0.0.1:{self.server_port}/api/v2"

    def sign(self, **claims: Any) -> str:
        """A token of this provider for us."""
        now = int(time.time())
        whole = {"iss": self.issuer, "aud": "us", "iat": now, "exp": now + 60, **claims}
        head = {"alg": "ES256", "kid": self.key.thumbprint()}
        return jwt.encode(head, whole, self.key, algorithms=["ES256"])


class _Answers(BaseHTTPRequestHandler):
    server: Shaped

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _send(self, body: str, kind: str = "application/json") -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body.encode())

    def do_GET(self) -> None:
        """Discovery, keys, user info."""
        base = self.server.issuer
        if self.path.endswith("openid-configuration"):
            names = {
                "authorization_endpoint": "authorize", "token_endpoint": "token",
                "userinfo_endpoint": "userinfo", "jwks_uri": "jwks",
                "end_session_endpoint": "session/end",
            }  # fmt: skip
            told = {name: f"{base}/{path}" for name, path in names.items()}
            told |= {"issuer": base}
            ways = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
            self._send(json.dumps(told | ways))
        elif self.path.endswith("jwks"):
            public = self.server.key.as_dict(private=False)
            public |= {"kid": self.server.key.thumbprint(), "use": "sig", "alg": "ES256"}
            self._send(json.dumps({"keys": [public, {"kty": "oct", "k": "AAAA"}]}))
        else:
            self._send(self.server.sign(**self.server.info), "application/jwt")

    def do_POST(self) -> None:
        """A code for tokens."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.told = parse_qs(body)
        self.server.authorization = self.headers.get("Authorization", "")
        token = self.server.sign(sub="s1", nonce="n" * 43, acr="eidas1")
        self._send(json.dumps({"id_token": token, "access_token": "a" * 20}))


@pytest.fixture
def shaped() -> Iterator[Shaped]:
    """The provider, on a free port."""
    oidc.forget()
    server = Shaped()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()
    oidc.forget()


def settings(shaped: Shaped, folder: Path) -> Settings:
    return Settings(
        data_dir=folder, oidc_issuer=shaped.issuer, oidc_client_id="us", oidc_acr_values="eidas1",
        oidc_client_secret=SecretStr("the secret"),
    )  # fmt: skip


def who(chosen: Settings) -> oidc.Identity:
    tokens = oidc.exchange(chosen, "code", "https://us.example/back", "v" * 43)
    return oidc.identify(chosen, tokens, "n" * 43, datetime.now(UTC))


def test_the_secret_goes_in_the_body_and_the_address_comes_signed(
    shaped: Shaped, tmp_path: Path
) -> None:
    found = who(settings(shaped, tmp_path))
    assert (found.subject, found.email, found.email_verified) == (
        "s1", "camille@example.org", False,
    )  # fmt: skip
    assert shaped.told["client_secret"] == ["the secret"]
    assert shaped.told["code_verifier"] == ["v" * 43]
    assert shaped.authorization == ""
    asked = oidc.authorize_url(
        settings(shaped, tmp_path), "https://us.example", "s", "n", "v", "fr"
    )
    assert "acr_values=eidas1" in asked


@pytest.mark.parametrize(
    "told", [{"sub": "somebody else"}, {"iss": "https://evil.example"}, {"aud": "them"}]
)
def test_a_signed_answer_of_somebody_else_is_not_believed(
    shaped: Shaped, tmp_path: Path, told: dict[str, str]
) -> None:
    shaped.info |= told
    with pytest.raises(oidc.ProviderError):
        who(settings(shaped, tmp_path))


def test_keys_that_change_are_read_again_but_not_for_ever(
    shaped: Shaped, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = settings(shaped, tmp_path)
    who(chosen)
    shaped.key = ECKey.generate_key("P-256")
    with pytest.raises(oidc.ProviderError):
        who(chosen)  # read a moment ago: not asked again at each bad token
    monkeypatch.setattr(oidc, "KEYS_AGAIN", 0)
    assert who(chosen).subject == "s1"


def test_less_assurance_than_asked_is_refused(shaped: Shaped, tmp_path: Path) -> None:
    chosen = settings(shaped, tmp_path).model_copy(update={"oidc_acr_values": "eidas2"})
    with pytest.raises(oidc.ProviderError):
        who(chosen)


def test_leaving_carries_what_the_provider_asks(shaped: Shaped, tmp_path: Path) -> None:
    url = oidc.end_session_url(settings(shaped, tmp_path), "t.o.k", "https://us.example/left", "s")
    assert url.startswith(f"{shaped.issuer}/session/end?id_token_hint=t.o.k")
    assert parse_qs(url.partition("?")[2])["state"] == ["s"]
