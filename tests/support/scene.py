"""Someone with something of everything, others without, and every operation to ask for.

The operations come from the description of the API: a new one is in every test that walks them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from httpx import Response

from backend.usecases.alerts import thaw
from backend.usecases.operators import add_operator
from tests.support.world import API, PASSWORD, Opened, Someone, World

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
IBAN = "FR7630006000011234567890189"
ENDING = {
    "sessions-sign_out",
    "sessions-refresh",
    "sessions-end_one",
    "sessions-end_others",
    "alerts-freeze",
}
"""Operations after which the session is no more."""
ORDER = ("get", "patch", "put", "post", "delete")
ENTRY = {"on": "2026-10-03", "amount": "40.00", "category": "vente"}
DRAFT = {"sequence": 1, "form_version": 1, "step": "amounts", "answers": {"vente": "1"},
         "key": "key-of-a-draft-000001", "device": "web", "corrects": None}  # fmt: skip


@dataclass(frozen=True)
class Operation:
    """One operation, ready to be asked for."""

    name: str
    method: str
    path: str
    query: dict[str, str]
    body: bytes | None
    kind: str
    statuses: frozenset[int]

    def at(self, names: dict[str, str]) -> str:
        """Its path with the names filled in."""
        path = self.path.removeprefix(API)
        for key, value in names.items():
            path = path.replace(f"{{{key}}}", value)
        assert "{" not in path, f"{self.path}: name what stands there"
        if self.query:
            path += "?" + "&".join(f"{k}={v}" for k, v in self.query.items())
        return path


def example(description: dict[str, Any], content: dict[str, Any]) -> bytes:
    """A body that the operation takes."""
    told = content.get("example")
    if told is None and "examples" in content:
        told = next(iter(content["examples"].values()))["value"]
    if told is None:
        schema = content["schema"]
        while "$ref" in schema:
            schema = description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        told = next(iter(schema["examples"]))
    return json.dumps(told).encode()


QUERY = {"purpose": "expense", "name": "facture.png", "year": "2026"}


def operations(app: FastAPI) -> list[Operation]:
    """Every operation described, those that read first, those that take away last."""
    description = app.openapi()
    found = []
    for path, methods in description["paths"].items():
        for method, told in methods.items():
            content = told.get("requestBody", {}).get("content", {})
            asked = [p["name"] for p in told.get("parameters", ())
                     if p["in"] == "query" and p.get("required")]  # fmt: skip
            kind = next(iter(content), "application/json")
            body = None
            if content:
                body = example(description, content[kind]) if "json" in kind else PNG
            found.append(
                Operation(
                    told["operationId"], method, path, {n: QUERY[n] for n in asked}, body,
                    kind, frozenset(int(status) for status in told["responses"]),
                )
            )  # fmt: skip
    return sorted(found, key=lambda o: (ORDER.index(o.method), o.path))


def present(someone: Someone) -> str:
    """The session that someone is using."""
    return next(s["id"] for s in someone.get("/sessions").json() if s["current"])


@dataclass
class Scene:
    """An owner with something of everything, and the others."""

    world: World
    owner: Someone
    account: Opened
    stranger: Someone
    agent: Someone
    names: dict[str, str]
    delegation: str = ""
    """The one given by `delegate`."""

    def delegate(self, *scopes: str, ends_after: int = 300, answer: bool | None = True) -> Someone:
        """Somebody whom the owner lets act; who has accepted, refused or not answered (None)."""
        who = self.world.person("cabinet@example.org")
        token = self.invite(who.address, *scopes, ends_after=ends_after)
        if answer is not None:
            told = who.call("POST", "/invitations/answer", {"token": token, "accept": answer})
            assert told.status_code == 204, told.text
        return who

    def invite(self, address: str, *scopes: str, ends_after: int = 300) -> str:
        """Invite somebody; the token of the message."""
        ends_on = self.world.clock.today() + timedelta(days=ends_after)
        asked = {
            "email": address, "name": "Cabinet Martin", "kind": "accountant",
            "scopes": list(scopes), "ends_on": ends_on.isoformat(), "current_password": PASSWORD,
        }  # fmt: skip
        given = self.account.call("POST", "/delegations", asked)
        assert given.status_code == 201, given.text
        self.delegation = given.json()["id"]
        return self.world.token_sent("invitation")

    def end_delegation(self) -> None:
        """The owner ends it."""
        ended = self.account.call("DELETE", f"/delegations/{self.delegation}")
        assert ended.status_code == 200, ended.text

    def come_back(self, who: Someone) -> None:
        """Sign in again, after an operation of ENDING or too many tries."""
        self.world.clock.advance(minutes=20)  # what was counted is forgotten
        with self.world.services.storage.write() as database:
            thaw(database, self.world.services, who.id)
        who.sign_in()

    def ask(self, who: Someone, operation: Operation, **names: str) -> Response:
        """One request of `who`."""
        return self.world.client.request(
            operation.method, API + operation.at(self.names | names), content=operation.body,
            headers=headers(operation, who.token), follow_redirects=False,
        )  # fmt: skip


def headers(operation: Operation, token: str) -> dict[str, str]:
    found = {"Content-Type": operation.kind, "Idempotency-Key": "key-of-the-matrix-0001"}
    return found | ({"Authorization": f"Bearer {token}"} if token else {})


def scene_of(world: World) -> Scene:
    """The scene of a test, in an empty collector."""
    owner = world.person()
    account = owner.account()
    receipt = account.declare("2026-10", vente="1000")
    mandate = account.call(
        "POST",
        "/mandates",
        {"iban": IBAN, "holder": "Camille Démo", "agreed": True, "current_password": PASSWORD},
    )
    assert mandate.status_code == 201, mandate.text
    kept = owner.world.client.post(
        f"{API}{account.path}/attachments?purpose=expense&name=facture.png", content=PNG,
        headers={"Authorization": f"Bearer {owner.token}", "Content-Type": "image/png"},
    )  # fmt: skip
    assert kept.status_code == 201, kept.text
    thread = account.call(
        "POST", "/threads",
        {"subject": "declaration", "title": "Une question",
         "message": {"id": "message-000001", "body": "Bonjour à vous."}},
    )  # fmt: skip
    assert thread.status_code == 201, thread.text
    document = account.call("POST", "/documents", {"kind": "affiliation"})
    assert document.status_code == 201, document.text
    transfer = account.call("POST", "/payments/transfer", {"due": "declaration.2026-10"})
    assert transfer.status_code == 201, transfer.text
    entry = account.call(
        "PUT", "/entries/receipt-000001",
        {"kind": "receipt", "base": None, "deleted": False, "data": ENTRY},
    )  # fmt: skip
    assert entry.status_code == 200, entry.text
    draft = account.call("PUT", "/drafts/2026-10", DRAFT | {"corrects": receipt["number"]})
    assert draft.status_code == 200, draft.text
    stranger = world.person("autre@example.org")
    agent = world.person("agent@example.org")
    add_operator(world.services, "agent@example.org")
    return Scene(
        world, owner, account, stranger, agent,
        {
            "account_id": account.id, "period": "2026-10", "number": receipt["number"],
            "kind": "csv", "code": "declaration.2026-10", "mandate_id": mandate.json()["id"],
            "attachment_id": kept.json()["id"], "thread_id": thread.json()["thread"]["id"],
            "document_id": document.json()["id"], "payment_id": transfer.json()["payment"]["id"],
            "entry_id": "receipt-000001", "option": "periodicity", "session_id": present(owner),
            "plan_id": "a" * 32, "dispute_id": "b" * 32, "anomaly_id": "c" * 32,
            "key_id": "d" * 64, "token": "e" * 43, "provider": "sandbox",
            "regime": "auto-entrepreneur", "copy_id": "f" * 32,
            "delegation_id": "9" * 32,
        },
    )  # fmt: skip
