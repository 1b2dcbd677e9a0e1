"""A collector of one test: its clock, its database, its people and their accounts.

someone = world.person()
account = someone.account(categories=["vente"])
receipt = account.declare("2026-10", vente="1234.56")
"""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from itertools import count
from json import dumps
from typing import Any

from fastapi import FastAPI
from httpx import Client, Response

from backend.clock import PARIS, ManualClock
from backend.services import Services
from backend.settings import Settings
from contract.rates import shipped_rates
from regimes.auto_entrepreneur import REGIME, parts_for

API = "/api/v1"
PASSWORD = "Une phrase longue, 7 mots et 1 nombre"
SIRETS = ("12345678200010", "12345678200028", "99999999800019", "98765432400019")
_numbers = count(1)


def new_key() -> str:
    """An idempotency key that no other test uses."""
    return f"key-of-a-test-{next(_numbers):08}"


@dataclass
class World:
    """One collector."""

    app: FastAPI
    settings: Settings
    clock: ManualClock
    client: Client
    people: list[Someone] = field(default_factory=list)

    @property
    def services(self) -> Services:
        """What the collector holds."""
        services: Services = self.app.state.services
        return services

    def at(self, text: str) -> None:
        """Stand on a moment of Paris (2026-11-30 11:59), everybody signed in afresh."""
        self.clock.set(datetime.fromisoformat(text).replace(tzinfo=PARIS))
        for someone in self.people:
            someone.sign_in()

    def messages(self) -> list[EmailMessage]:
        """Messages sent so far, oldest first."""
        self.services.mailer.settle()
        files = sorted(self.settings.outbox.glob("*.eml"), key=lambda f: f.stat().st_mtime_ns)
        found = [
            email.message_from_bytes(f.read_bytes(), policy=email.policy.default) for f in files
        ]
        return [message for message in found if isinstance(message, EmailMessage)]

    def token_sent(self, path: str) -> str:
        """The token of the latest link to `path` in a message."""
        for message in reversed(self.messages()):
            part = message.get_body(("plain",))
            found = re.search(rf"/{path}\?token=([\w-]+)", part.get_content() if part else "")
            if found:
                return found[1]
        raise AssertionError(f"no message links to /{path}")

    def person(self, address: str = "camille@example.org", confirmed: bool = True) -> Someone:
        """Someone who signed up, and confirmed the address unless told otherwise."""
        answer = self.client.post(
            f"{API}/persons", json={"email": address, "password": PASSWORD, "locale": "fr"}
        )
        assert answer.status_code == 201, answer.text
        someone = Someone(self, answer.json()["token"], answer.json()["person"]["id"], address)
        self.people.append(someone)
        if confirmed:
            token = self.token_sent("confirm")
            answer = self.client.post(f"{API}/email-confirmations", json={"token": token})
            assert answer.status_code == 204, answer.text
        return someone


@dataclass
class Someone:
    """A signed-in person."""

    world: World
    token: str
    id: str
    address: str

    def sign_in(self) -> None:
        """Open another session."""
        answer = self.world.client.post(
            f"{API}/sessions", json={"email": self.address, "password": PASSWORD}
        )
        assert answer.status_code == 201, answer.text
        self.token = answer.json()["token"]

    def call(self, method: str, path: str, json: Any = None, **headers: str) -> Response:
        """One request, signed in."""
        return self.world.client.request(
            method,
            API + path,
            content=None if json is None else dumps(json),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                **headers,
            },
        )

    def get(self, path: str) -> Response:
        """Read."""
        return self.call("GET", path)

    def account(self, siret: str = SIRETS[0], name: str = "Camille Démo", **facts: Any) -> Opened:
        """A new account of an auto-entrepreneur; `facts` replace those of the profile."""
        start = facts.get("start_date", "2024-01-10")
        profile = {
            "start_date": start, "categories": ["vente"], "nature": "commerciale",
            "department": "75", "periodicity": [{"since": start, "value": "monthly"}], **facts,
        }  # fmt: skip
        return self.open("auto-entrepreneur", profile, siret, name)

    def open(
        self, regime: str, profile: dict[str, Any], siret: str = SIRETS[0],
        name: str = "Camille Démo",
    ) -> Opened:  # fmt: skip
        """A new account in any profession."""
        answer = self.call(
            "POST", "/accounts",
            {"regime": regime, "siret": siret, "name": name, "profile": profile},
        )  # fmt: skip
        assert answer.status_code == 201, answer.text
        return Opened(self, answer.json()["id"])


@dataclass
class Opened:
    """An account of someone."""

    someone: Someone
    id: str
    path: str = field(init=False)

    def __post_init__(self) -> None:
        self.path = f"/accounts/{self.id}"

    def get(self, path: str = "") -> Response:
        """Read under the account."""
        return self.someone.get(self.path + path)

    def call(self, method: str, path: str, json: Any = None, **headers: str) -> Response:
        """One request under the account."""
        return self.someone.call(method, self.path + path, json, **headers)

    def overview(self) -> dict[str, Any]:
        """What home shows."""
        answer = self.get("/overview")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def states(self) -> dict[str, str]:
        """State of each period."""
        return {period["code"]: period["state"] for period in self.overview()["periods"]}

    def figures(self, period: str, platform: dict[str, str] | None = None, **turnover: str) -> Any:
        """A declaration of an auto-entrepreneur, in the parts that its period asks."""
        profile = REGIME.Profile.model_validate(self.get().json()["profile"])
        rates = shipped_rates(REGIME)
        today = self.someone.world.clock.today()
        found = next(p for p in REGIME.periods(profile, today, rates) if p.code == period)
        return {
            "parts": [
                {"start": start.isoformat(), "end": end.isoformat(), "turnover": turnover}
                for start, end in parts_for(profile, found, rates)
            ],
            "platform": platform or {},
        }

    def estimate(self, period: str, declaration: Any) -> Response:
        """Ask what a declaration would cost."""
        return self.call("POST", "/estimates", {"period": period, "declaration": declaration})

    def signed(self, period: str, declaration: Any, corrects: str | None = None) -> dict[str, Any]:
        """The body that signs the calculation of a declaration."""
        answer = self.estimate(period, declaration)
        assert answer.status_code == 200, answer.text
        shown = answer.json()
        return {
            "declaration": declaration, "fingerprint": shown["fingerprint"],
            "rates_version": shown["rates_version"], "form_version": shown["form_version"],
            "corrects": corrects,
        }  # fmt: skip

    def put(self, period: str, body: Any, key: str | None = None) -> Response:
        """Send a signed body."""
        return self.call(
            "PUT", f"/declarations/{period}", body, **{"Idempotency-Key": key or new_key()}
        )

    def send(
        self, period: str, declaration: Any, corrects: str | None = None, key: str | None = None
    ) -> Response:
        """Estimate, sign and send; its message is there, for what comes after it."""
        answer = self.put(period, self.signed(period, declaration, corrects), key)
        self.someone.world.services.mailer.settle()
        return answer

    def declare(self, period: str, corrects: str | None = None, **turnover: str) -> dict[str, Any]:
        """Send turnover by category; the receipt."""
        answer = self.send(period, self.figures(period, **turnover), corrects)
        assert answer.status_code == 201, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt
