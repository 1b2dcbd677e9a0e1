"""The sandbox provider: pages of its own, signed notices, late and repeated when asked.

It keeps its own books (`sandbox_checkouts`) and reaches the collector as a real provider would:
through the window of the person and through the signed notice, never through a function call.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Mapping
from decimal import Decimal

from backend import ledger
from backend.psp.provider import Notice, Opened, SignatureInvalid
from backend.services import Services
from backend.storage.tables import SandboxCheckout

HEADER = "sandbox-signature"
TOLERANCE = 300  # seconds between the signing of a notice and its reading
PATH = "/banque-essai/"
OUTCOMES = {"paid": "paid", "refused": "failed", "abandoned": "failed"}


class Sandbox:
    """Card payments that move no money."""

    name = "sandbox"

    def __init__(self, services: Services) -> None:
        self._services = services
        self._secret = services.keys.derive("sandbox card provider")

    def begin(self, reference: str, amount: Decimal, return_url: str) -> Opened:
        """A checkout of its own."""
        checkout = SandboxCheckout(
            id=f"chk_{secrets.token_hex(16)}", reference=reference,
            amount_cents=ledger.cents(amount), return_url=return_url, state="open",
            created_at=self._services.clock.now(),
        )  # fmt: skip
        with self._services.storage.write() as database:
            database.add(checkout)
        return Opened(checkout.id, PATH + checkout.id)

    def read_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Check the signature (HMAC-SHA-256 over the moment and the body), then read."""
        parts = dict(
            part.split("=", 1) for part in headers.get(HEADER, "").split(",") if "=" in part
        )
        moment, given = parts.get("t", ""), parts.get("v1", "")
        if not moment.isdigit() or not hmac.compare_digest(self._sign(moment, body), given):
            raise SignatureInvalid("signature")
        if abs(self._services.clock.now().timestamp() - int(moment)) > TOLERANCE:
            raise SignatureInvalid("moment")
        told = json.loads(body)
        return Notice(
            event=told["id"], provider_ref=told["checkout"], outcome=told["outcome"],
            amount=Decimal(told["amount"]),
        )  # fmt: skip

    def notice(self, checkout: SandboxCheckout) -> tuple[bytes, dict[str, str]]:
        """The notice of a checkout and its headers, signed now: the same event each time."""
        body = json.dumps(
            {
                "id": f"evt_{checkout.id}_{checkout.state}", "checkout": checkout.id,
                "outcome": OUTCOMES[checkout.state],
                "amount": str(ledger.euros(checkout.amount_cents)),
            }
        ).encode()  # fmt: skip
        moment = str(int(self._services.clock.now().timestamp()))
        return body, {
            HEADER: f"t={moment},v1={self._sign(moment, body)}",
            "content-type": "application/json",
        }

    def _sign(self, moment: str, body: bytes) -> str:
        return hmac.digest(self._secret, f"{moment}.".encode() + body, "sha256").hex()
