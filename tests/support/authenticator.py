"""A device with passkeys, as bytes on the wire: makes real keys and really signs, and lies on
demand."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec


def encoded(content: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Back."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Device:
    """One authenticator, seen from one origin."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.count = 0
        self.handle = b""

    def _client(self, kind: str, challenge: str, origin: str | None) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": origin or self.origin}
        return json.dumps(told).encode()

    def _data(self, host: str, flags: int, attested: bytes = b"") -> bytes:
        return (
            hashlib.sha256(host.encode()).digest()
            + bytes([flags])
            + self.count.to_bytes(4, "big")
            + attested
        )

    def make(
        self, options: dict[str, Any], origin: str | None = None, flags: int = 0x45,
        challenge: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """A new credential. `flags`: present, verified, attested."""
        self.handle = decoded(options["user"]["id"])
        public = self.key.public_key().public_numbers()
        cose = cbor2.dumps(
            {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")}
        )
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cose
        data = self._data(options["rp"]["id"], flags, attested)
        client = self._client("webauthn.create", challenge or options["challenge"], origin)
        return {
            "id": encoded(self.id), "rawId": encoded(self.id), "type": "public-key",
            "response": {
                "clientDataJSON": encoded(client),
                "attestationObject": encoded(
                    cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
                ),
            },
        }  # fmt: skip

    def sign(
        self, options: dict[str, Any], origin: str | None = None, flags: int = 0x05,
        challenge: str | None = None, host: str | None = None, kind: str = "webauthn.get",
        handle: bytes | None = None, step: int = 1,
    ) -> dict[str, Any]:  # fmt: skip
        """The challenge, signed. `step` is how much the counter moves."""
        self.count += step
        data = self._data(host or options["rpId"], flags)
        client = self._client(kind, challenge or options["challenge"], origin)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return {
            "id": encoded(self.id), "rawId": encoded(self.id), "type": "public-key",
            "response": {
                "clientDataJSON": encoded(client), "authenticatorData": encoded(data),
                "signature": encoded(signature),
                "userHandle": encoded(self.handle if handle is None else handle),
            },
        }  # fmt: skip
