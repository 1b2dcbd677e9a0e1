"""Every flow is run with values that nothing else bears, then everything that stays or leaves is
searched for them: logs, addresses, errors, the database as it lies, files, messages."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_plus

import pytest
import structlog
from fastapi import APIRouter
from sqlalchemy.exc import StatementError
from starlette.testclient import TestClient

import backend.problems
import backend.storage.types
from backend import logs
from backend.dsn.sample import Sent, Slip, dsn
from backend.rotation import rotate
from backend.storage.tables import Base
from backend.usecases import claims, remind
from backend.usecases.alerts import thaw
from backend.usecases.collect import collect
from backend.usecases.dsn import import_dsn
from backend.usecases.operators import add_operator
from contract.hiding import hidden
from contract.identifiers import grouped_iban, iban_error, nir_error, siret_error
from tests.api.conftest import Build
from tests.api.test_archive import PNG
from tests.support.scene import ENDING, operations
from tests.support.world import API, Opened, Someone, World, new_key
from tests.support.world import PASSWORD as USUAL

NIR = "285039912345622"
IBAN = "FR1420041010050500013M02606"
ABROAD = "DE89370400440532013000"
SIRET = "73282932000074"
AMOUNT = "48319.73"
EMAIL = "canari.zq7@exemple-zq.fr"
NAME = "Zoetrope Quintefeuille"
PASSWORD = "Perroquet turquoise 9481 zq, branche"
WRONG = "Ouistiti mauve 7730 qz, liane"


def shapes(*texts: str) -> set[bytes]:
    """Each text as it is, in capitals or not, in an address, in base 64 at any offset, in hex."""
    found: set[bytes] = set()
    for text in texts:
        for one in {text, text.lower(), text.upper(), quote(text)}:
            raw = one.encode()
            found |= {raw, raw.hex().encode()}
            for shift in range(3):
                inner = base64.b64encode(b"\0" * shift + raw)
                found.add(inner[(shift * 8 + 5) // 6 : -4])
    return found


def groups(text: str, *sizes: int) -> list[str]:
    """`text` in groups, by every separator that people type."""
    parts, at = [], 0
    for size in sizes:
        parts.append(text[at : at + size])
        at += size
    return [separator.join(parts) for separator in ("", " ", "\u00a0", "\u202f", ".", "-")]


SEALED = shapes(
    *groups(NIR, 1, 2, 2, 2, 3, 3, 2), *groups(NIR, 13), NIR[:13], grouped_iban(IBAN), IBAN,
    IBAN[4:], grouped_iban(ABROAD), ABROAD, ABROAD[4:],
)  # fmt: skip
SECRET = shapes(PASSWORD, WRONG)
UNTOLD = SEALED | SECRET | shapes(
    *groups(SIRET, 3, 3, 3, 5), SIRET[:9], AMOUNT, AMOUNT.replace(".", ","), "4831973", "48 319",
    "48\u202f319", EMAIL, EMAIL.partition("@")[0], NAME, *NAME.split(),
)  # fmt: skip


@dataclass
class Watch:
    """What went by: addresses, problem documents, tokens given."""

    addresses: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    statuses: set[int] = field(default_factory=set)
    asked: set[tuple[str, str]] = field(default_factory=set)

    def request(self, request: Any) -> None:
        """Every address asked for."""
        self.addresses.append(unquote_plus(str(request.url)))
        self.asked.add((request.method, request.url.path))

    def response(self, response: Any) -> None:
        """Every address sent to, every refusal."""
        response.read()
        self.statuses.add(response.status_code)
        self.addresses.append(unquote_plus(response.headers.get("location", "")))
        if response.status_code >= 400:
            self.problems.append(response.text + str(response.headers))
        elif response.content and "json" in response.headers.get("content-type", ""):
            found = response.json()
            names = ["token", "half", *(["code"] if "handoff" in str(response.url) else [])]
            if isinstance(found, dict):
                self.tokens |= {found[n] for n in names if found.get(n)}


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    """All that a running service would log."""
    told = StringIO()
    monkeypatch.setattr("sys.stderr", told)
    logs.configure("DEBUG")
    yield told
    structlog.reset_defaults()


def watched(world: World, watch: Watch) -> None:
    world.app.openapi()  # as it is, before a broken operation joins it
    world.client = TestClient(world.app, world.settings.url, raise_server_exceptions=False)
    world.client.event_hooks = {"request": [watch.request], "response": [watch.response]}


def post(someone: Someone, path: str, content: bytes, **headers: str) -> Any:
    sent = {"Authorization": f"Bearer {someone.token}", "Content-Type": "application/octet-stream"}
    return someone.world.client.post(API + path, content=content, headers=sent | headers)


def journey(world: World, watch: Watch) -> tuple[Someone, Opened]:
    """Everything that takes a number, an amount, a name or a secret, as it should be and not."""
    watched(world, watch)
    client = world.client
    client.post(f"{API}/persons", json={"email": EMAIL, "password": NAME[:8], "locale": "fr"})
    signed = client.post(f"{API}/persons", json={"email": EMAIL, "password": PASSWORD})
    assert signed.status_code == 201, signed.text
    me = Someone(world, signed.json()["token"], signed.json()["person"]["id"], EMAIL)
    client.post(f"{API}/persons", json={"email": EMAIL, "password": PASSWORD})
    client.post(f"{API}/email-confirmations", json={"token": world.token_sent("confirm")})
    for password in (WRONG, PASSWORD):
        client.post(f"{API}/sessions", json={"email": EMAIL, "password": password})
    client.post(f"{API}/password-resets", json={"email": EMAIL})
    client.post(f"{API}/password-resets/complete", json={"token": NIR, "password": WRONG})
    me.call("POST", "/me/password", {"current_password": WRONG, "new_password": WRONG})
    me.call("POST", "/me/email", {"email": "neuf-zq@exemple-zq.fr", "current_password": WRONG})
    me.call("POST", "/device-keys", {"proof": "ab" * 32})
    me.call("POST", "/sessions/handoff")
    account = me.account(siret=SIRET, name=NAME)
    me.call(
        "POST", "/accounts",
        {"regime": "vrp", "siret": SIRET[:-1] + "9", "name": NAME, "profile": {NIR: IBAN}},
    )  # fmt: skip
    paying(account)
    writing(me, account)
    refunds(world, me)
    documents(me, account)
    failures(world, me)
    others(world, me, account)
    doors(world, me)
    astray(me, account)
    sweep(me, account)
    walk(world, me, account)
    return me, account


def paying(account: Opened) -> None:
    draft = {
        "sequence": 1, "form_version": 1, "step": "amounts", "key": "key-of-the-draft-01",
        "answers": {"parts.0.vente": AMOUNT, "note": f"{NIR} {IBAN}"}, "device": "phone",
    }  # fmt: skip
    assert account.call("PUT", "/drafts/2026-09", draft).status_code == 200
    receipt = account.declare("2026-10", vente=AMOUNT)
    account.declare("2026-10", corrects=receipt["number"], vente="100")
    account.declare("2026-08", vente=AMOUNT)
    for wrong in (AMOUNT + "7", NIR, IBAN, "-" + AMOUNT, {NIR: AMOUNT}):
        account.estimate("2026-09", {"parts": [{"turnover": {"vente": wrong, NIR: wrong}}]})
        account.put("2026-09", {"declaration": wrong, "fingerprint": NIR, "form_version": AMOUNT})
    for iban in (IBAN, grouped_iban(ABROAD), IBAN[:-1] + "7", NIR):
        for agreed in (False, True):
            account.call(
                "POST",
                "/mandates",
                {"iban": iban, "holder": NAME, "agreed": agreed, "current_password": PASSWORD},
            )
    mandates = account.get("/paying").json()["mandates"]
    assert len(mandates) == 2
    account.call("PUT", "/dues/declaration.2026-10/order", {})
    account.call("PUT", "/dues/declaration.2026-10/order",
                 {"parts": [{"mandate": mandates[0]["id"], "amount": AMOUNT}]})  # fmt: skip
    card = account.call("POST", "/payments/card", {"due": "declaration.2026-08"}).json()
    account.call("POST", "/payments/card", {"due": "declaration.2026-08", "amount": AMOUNT + "9"})
    if "url" in card:
        account.someone.world.client.get(card["url"])
        account.someone.world.client.post(
            card["url"], content="outcome=paid", follow_redirects=False,
            headers={"content-type": "application/x-www-form-urlencoded"},
        )  # fmt: skip
    account.call("POST", "/payments/transfer", {"due": "declaration.2026-08"})
    account.call("POST", "/refunds", {"iban": ABROAD, "holder": NAME, "amount": AMOUNT,
                                       "current_password": PASSWORD})  # fmt: skip
    account.call("POST", "/refunds", {"iban": NIR, "holder": NAME, "current_password": WRONG})
    account.call("POST", "/refunds", {"iban": IBAN, "holder": NAME, "current_password": WRONG})
    account.call("POST", "/mandates", {"iban": IBAN, "holder": NAME, "agreed": True,
                                       "current_password": WRONG})  # fmt: skip
    account.someone.world.client.post(f"{API}/payments/notices/sandbox", content=IBAN.encode())
    for path in ("/statement", "/statement.csv", f"/mandates/{mandates[0]['id']}.pdf"):
        assert account.get(path).status_code == 200, path
    assert account.call("DELETE", f"/mandates/{mandates[1]['id']}").status_code < 300


def writing(me: Someone, account: Opened) -> None:
    """Where people write in their words, and write too much."""
    words = f"Mon numéro {' '.join([NIR[0], NIR[1:3], NIR[3:5], NIR[5:]])}, mon RIB {IBAN} merci"
    thread = account.call(
        "POST", "/threads",
        {"subject": "error", "title": f"RIB {grouped_iban(IBAN)}",
         "message": {"id": "m-canary-000001", "body": words, "files": []}},
    )  # fmt: skip
    assert thread.status_code == 201, thread.text
    assert "2606 merci" in thread.json()["messages"][0]["body"]
    me.call("PUT", "/me/channels", {"email": True, "push": False})
    me.call("POST", "/me/push", {"endpoint": f"ftp://{NIR}", "keys": {"p256dh": IBAN, "auth": NIR}})
    account.call("POST", "/calendar")
    receipt = {
        "kind": "receipt",
        "data": {"on": "2026-11-20", "amount": AMOUNT, "category": "vente", "client": words},
    }
    for number, entry in enumerate((receipt, {**receipt, "data": {NIR: AMOUNT}})):
        kept = account.call("PUT", f"/entries/receipt-canary-{number}", entry)
        assert kept.status_code == (422 if number else 200), kept.text
        account.call("POST", "/entries/batch",
                     {"entries": [{"id": f"receipt-canary-b{number}", **entry}]})  # fmt: skip
    account.call("POST", "/plans", {"months": 4, "first_on": "2026-12-22", "reason": words})
    account.call(
        "POST", "/disputes",
        {"id": "step-canary1", "kind": "complaint", "about": "", "body": words, "files": []},
    )  # fmt: skip
    sent = post(me, f"{account.path}/attachments?purpose=proof", PNG,
                **{"X-File-Name": quote(f"rib {IBAN} {NIR}.png")})  # fmt: skip
    assert sent.status_code == 201, sent.text
    post(me, f"{account.path}/attachments?purpose=proof", NIR.encode(), **{"X-File-Name": NAME})


def refunds(world: World, me: Someone) -> None:
    """A VRP: NIR, bank account, employers' returns."""
    vrp = me.open("vrp", {"start_date": "2024-01-01"}, SIRET, NAME)
    for nir in (NIR[:-1] + "9", NIR, IBAN):
        vrp.call("PUT", "/refund/nir", {"nir": nir})
    for iban in (IBAN[:-1] + "7", NIR, IBAN):
        vrp.call(
            "PUT", "/refund/iban", {"iban": iban, "holder": NAME, "current_password": PASSWORD}
        )
    assert vrp.get("/refund").json()["nir"].endswith(NIR[-4:])
    vrp.call(
        "PUT", "/entries/emp-canary-0001",
        {"kind": "employer", "data": {"siret": SIRET, "name": NAME, "start": "2026-01-05"}},
    )  # fmt: skip
    agent = world.person("agent@example.org")
    add_operator(world.services, "agent@example.org")
    slips = dsn(Sent(siret=SIRET, slips=[Slip(nir=NIR[:13], gross="4100.00")]))
    assert import_dsn(world.services, lambda: io.BytesIO(slips), None).kept == 1
    post(agent, "/operator/dsn", slips)
    post(agent, "/operator/dsn", slips.replace(b"S90", NIR.encode()))
    assert len(vrp.get("/vrp/filings?year=2026").json()["filings"]) == 1
    table = f"Employeur;SIRET;Mois;Brut\n{NAME};{SIRET};2026-01;{AMOUNT}\n{NIR};{IBAN};x;y\n"
    for content in (table.encode(), NIR.encode(), b"PK\x03\x04" + IBAN.encode()):
        post(me, f"{vrp.path}/vrp/previews?year=2026&name=tableau.csv", content)
    for path in ("/vrp/prefill?year=2026", "/claims", "/vrp/filings?year=2025"):
        vrp.get(path)
    for text in (EMAIL, SIRET, NIR, IBAN, NAME):
        agent.call("POST", "/operator/searches", {"text": text})
    look = {"account_id": vrp.id, "reason": f"Il demande {IBAN}, numéro {NIR}"}
    assert agent.call("POST", "/operator/looks", look).status_code == 201
    agent.get(f"/operator/accounts/{vrp.id}/overview")
    agent.call("POST", "/operator/claims/Q-2026-NOTHING/moves",
               {"state": "accepted", "note": NIR, "amount": AMOUNT})  # fmt: skip


def others(world: World, me: Someone, account: Opened) -> None:
    """Somebody who acts for me: invited by name and address, seen doing it, gone."""
    helper = world.person("cabinet.zq@exemple-zq.org")
    asked = {
        "email": helper.address, "name": NAME, "kind": "accountant",
        "scopes": ["see", "prepare", "send", "pay"], "ends_on": "2027-06-30",
        "current_password": PASSWORD,
    }  # fmt: skip
    account.call("POST", "/delegations", asked | {"current_password": WRONG})
    account.call("POST", "/delegations", asked | {"email": IBAN, "name": NIR})
    given = account.call("POST", "/delegations", asked)
    assert given.status_code == 201, given.text
    token = world.token_sent("invitation")
    helper.call("POST", "/invitations/look", {"token": token})
    told = helper.call("POST", "/invitations/answer", {"token": token, "accept": True})
    assert told.status_code == 204, told.text
    theirs = Opened(helper, account.id)
    theirs.declare("2026-07", vente=AMOUNT)
    for path in ("/overview", "/paying", "/statement", "/declarations/2026-07", "/delegations"):
        theirs.get(path)
    theirs.call("POST", "/payments/transfer", {"due": "declaration.2026-07"})
    theirs.call(
        "POST",
        "/mandates",
        {"iban": IBAN, "holder": NAME, "agreed": True, "current_password": PASSWORD},
    )
    assert len(account.get("/delegations").json()[0]["acts"]) > 2
    assert helper.call("DELETE", f"/delegations/{given.json()['id']}").status_code == 204
    again = account.call("POST", "/delegations", asked)
    account.call("DELETE", f"/delegations/{again.json()['id']}")
    for path, body in (("/sessions/refresh", {}), ("/me/freeze", {})):
        helper.call("POST", path, body)


def doors(world: World, me: Someone) -> None:
    """Second step, passkeys, keys of devices, a provider, messages that may not be ours."""
    for body in ({"current_password": WRONG}, {"current_password": PASSWORD}):
        for path in ("/me/factor", "/me/passkeys/options"):
            me.call("POST", path, body)
    me.call("POST", "/me/factor/confirm", {"code": NIR[:6]})
    me.call("POST", "/sessions/second-factor", {"challenge": IBAN, "code": NIR})
    me.call("POST", "/passkeys/options", {})
    held = me.call("POST", "/device-keys", {"proof": "cd" * 32}).json()["id"]
    me.call("POST", f"/device-keys/{held}/release", {"proof": "ef" * 32})
    for text in (IBAN, NIR, f"https://exemple.example/{SIRET}", EMAIL):
        me.call("POST", "/message-checks", {"text": text})


def walk(world: World, me: Someone, account: Opened) -> None:
    """Every operation that takes no body, about what is there where it is; what ends a session by
    somebody else, last."""
    other = world.person("encore.zq@exemple-zq.org")
    for operation in operations(world.app):
        if operation.body is not None or operation.path.startswith(f"{API}/broken"):
            continue
        path = operation.path.removeprefix(API).replace("{account_id}", account.id)
        path = path.replace("{period}", "2026-10").replace("{regime}", "auto-entrepreneur")
        path = re.sub(r"\{\w+\}", "absent-000001", path)
        query = "&".join(f"{name}={value}" for name, value in operation.query.items())
        ends = operation.method == "delete" or operation.name in ENDING
        (other if ends else me).call(operation.method.upper(), f"{path}?{query}")
        if operation.name in ENDING:
            with world.services.storage.write() as database:
                thaw(database, world.services, other.id)
            other.sign_in()


def uncalled(world: World, watch: Watch) -> set[str]:
    """Operations of the API that nothing above has asked for."""
    missing = set()
    for path, methods in world.app.openapi()["paths"].items():
        shape = re.compile(re.sub(r"\{\w+\}", "[^/]+", re.sub(r"([.])", r"\\\1", path)))
        for method, told in methods.items():
            if not any(m == method.upper() and shape.fullmatch(p) for m, p in watch.asked):
                missing.add(told["operationId"])
    return missing


def documents(me: Someone, account: Opened) -> None:
    for ask in ({"kind": "turnover", "year": 2026}, {"kind": "affiliation"}, {"kind": NIR}):
        account.call("POST", "/documents", {**ask, "locale": "fr"})
    for path in ("/documents", "/documents/all.zip", "/export.csv", "/export.xlsx",
                 "/journal/book.pdf?year=2026", "/euros?year=2026"):  # fmt: skip
        account.get(path)
    for number in [row["number"] for row in account.get("/declarations").json()]:
        assert account.get(f"/receipts/{number}.pdf").status_code == 200
    remind.remind(me.world.services)
    for form in ("json", "pdf", NIR):
        for password in (WRONG, PASSWORD):
            asked = me.call("POST", "/me/data", {"current_password": password, "form": form})
            if asked.status_code == 202:
                assert me.get(asked.json()["path"]).status_code == 200
    me.call("POST", "/me/closure", {"current_password": WRONG})
    me.call("POST", "/me/closure", {"current_password": PASSWORD, "despite": True})
    me.call("DELETE", "/me/closure")


def failures(world: World, me: Someone) -> None:
    """Ours: an error that quotes what was typed, as libraries do."""
    router = APIRouter()

    @router.post("/api/v1/broken")
    def broken(asked: dict[str, Any]) -> None:
        raise StatementError(f"{asked}", f"INSERT {asked}", asked, ValueError(str(asked)))

    world.app.include_router(router)
    typed = {"nir": NIR, "iban": IBAN, "amount": AMOUNT, "name": NAME, "password": PASSWORD}
    assert me.call("POST", "/broken", typed).status_code == 500
    with suppress(UnicodeError):
        me.call("PUT", "/me/channels", None, **{"Content-Type": f"application/{NIR}"})
    world.client.post(
        f"{API}/persons", content=f'{{"email": "{EMAIL}", "password": "{PASSWORD}',
        headers={"Content-Type": "application/json"},
    )  # fmt: skip


def astray(me: Someone, account: Opened) -> None:
    """Wrong turns inside what is known; a canary is never in the address itself."""
    stranger = me.world.person("autre@example.org")
    for path in ("", "/refund", "/paying", "/documents", "/drafts/2026-09"):
        stranger.get(account.path + path)
        account.get(path + "/nowhere")
    account.call("GET", "/statement", None, Authorization=f"Bearer {NIR}")
    account.call("GET", "/statement", None, Cookie=f"__Host-quittance_session={IBAN}")
    account.call("POST", "/estimates", [NIR, IBAN, AMOUNT])


def leaves(example: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where an example holds a text."""
    if isinstance(example, dict):
        for name, value in example.items():
            yield from leaves(value, (*path, name))
    elif isinstance(example, list):
        for place, value in enumerate(example):
            yield from leaves(value, (*path, place))
    elif isinstance(example, str):
        yield path


def put(example: Any, path: tuple[Any, ...], value: Any) -> Any:
    copy = json.loads(json.dumps(example))
    inner = copy
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return copy


def sweep(me: Someone, account: Opened) -> None:
    """Every operation of the API that takes a body, each of its texts replaced by each canary."""
    schema = me.world.app.openapi()
    for path, methods in schema["paths"].items():
        for verb, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body is None or path.startswith(f"{API}/broken"):
                continue
            named = re.sub(r"\{account_id\}", account.id, path.removeprefix(API))
            where = re.sub(r"\{\w+\}", "absent-000001", named)
            name = body["schema"].get("$ref", "").rpartition("/")[2]
            examples = schema["components"]["schemas"].get(name, {}).get("examples", [{}])
            for example in examples[:1]:
                if not isinstance(example, dict):
                    continue
                for place in leaves(example):
                    for value in (NIR, IBAN, [f"{NAME} {AMOUNT}", {NIR: SIRET}]):
                        me.call(verb.upper(), where, put(example, place, value),
                                **{"Idempotency-Key": new_key()})  # fmt: skip
                me.call(verb.upper(), where, {**example, NIR: IBAN})


# -- The search ------------------------------------------------------------------------------------


def hits(where: str, content: bytes, wanted: set[bytes]) -> list[str]:
    """Where a canary sings; what it is stays out of the report of the test."""
    found = []
    for one in wanted:
        at = content.find(one)
        if at >= 0:
            start = content[max(0, at - 60) : at]
            found.append(f"{where}: …{start!r} then {one!r}")
    return found


def at_rest(world: World) -> Iterator[tuple[str, bytes]]:
    """Every file of the service but the bank's, and every row of the database as it lies."""
    for path in sorted(world.settings.data_dir.rglob("*")):
        if path.is_file() and world.settings.bank not in path.parents:
            yield str(path.relative_to(world.settings.data_dir)), path.read_bytes()
    with world.services.storage.read() as database:
        for name in Base.metadata.tables:
            for row in database.connection().exec_driver_sql(f"SELECT * FROM {name}"):
                yield name, "\x1f".join(map(str, row)).encode("utf-8", "replace")


def search(world: World, watch: Watch, told: str) -> list[str]:
    """Every hit, in all that was told and all that is kept."""
    tokens = {t.encode() for t in watch.tokens}
    found = hits("log", told.encode(), UNTOLD | tokens)
    found += hits("address", "\n".join(watch.addresses).encode(), UNTOLD | tokens)
    for text in watch.problems:
        found += hits("problem", text.encode(), UNTOLD | tokens)
    for where, content in at_rest(world):
        found += hits(where, content, SEALED | SECRET | tokens)
    for message in world.messages():
        found += hits("message", str(message).encode(), SEALED | SECRET | shapes(SIRET, AMOUNT))
    return found


def test_the_canaries_are_what_they_look_like() -> None:
    assert nir_error(NIR) is None
    assert iban_error(IBAN) is None
    assert iban_error(ABROAD) is None
    assert siret_error(SIRET) is None


def test_no_canary_sings(build: Build, lines: StringIO) -> None:
    world, watch = build(card_provider="sandbox", sandbox_delay=0), Watch()
    _, account = journey(world, watch)
    rotate(world.services)
    told = lines.getvalue()
    assert told.count("\n") > 500
    assert '"event": "unhandled"' in told
    assert {200, 201, 204, 400, 401, 403, 404, 409, 422, 500} <= watch.statuses
    assert len(watch.problems) > 300
    assert uncalled(world, watch) == set(), "a flow that no canary went through"
    assert len(watch.tokens) > 5
    found = search(world, watch, told)
    assert not found, "\n".join(found)
    # And the person finds them all the same.
    assert account.get("/drafts/2026-09").json()["answers"]["note"] == f"{NIR} {IBAN}"
    assert AMOUNT in json.dumps(account.get("/declarations/2026-08").json())


def test_the_bank_s_files_alone_hold_an_iban(build: Build, lines: StringIO) -> None:
    """They must; they are for this user only, in a folder of their own."""
    world, watch = build(), Watch()
    watched(world, watch)
    account = world.person().account()
    account.declare("2026-10", vente="1000")
    mandate = {"iban": IBAN, "holder": "C", "agreed": True, "current_password": USUAL}
    assert account.call("POST", "/mandates", mandate).status_code == 201
    account.call("PUT", "/dues/declaration.2026-10/order", {})
    assert collect(world.services, date(2026, 11, 27)).debits == 1
    files = [path for path in world.settings.bank.rglob("*") if path.is_file()]
    assert files
    assert any(IBAN.encode() in path.read_bytes() for path in files)
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)
    assert search(world, watch, lines.getvalue()) == []


def in_log(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = claims.set_nir
    log = structlog.get_logger("quittance.x")

    def leaking(services: Any, account: Any, nir: str) -> Any:
        log.info(f"nir {nir}")
        return kept(services, account, nir)

    monkeypatch.setattr(claims, "set_nir", leaking)


def in_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend.problems, "_told", str)


def in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend.storage.types, "hidden", lambda text: text)


def in_column(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = backend.storage.types.EncryptedJson
    monkeypatch.setattr(sealed, "process_bind_param", lambda _s, v, _d: json.dumps(v))


def in_address(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Opened.get
    monkeypatch.setattr(Opened, "get", lambda self, path="": kept(
        self, f"{path}?siret={SIRET}" if path == "/refund" else path))  # fmt: skip


def in_file(monkeypatch: pytest.MonkeyPatch) -> None:
    from backend.files.store import FolderStore

    kept = FolderStore.put

    def leaking(self: FolderStore, content: bytes) -> str:
        kept(self, IBAN.encode())
        return kept(self, content)

    monkeypatch.setattr(FolderStore, "put", leaking)


LEAKS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "log": in_log, "problem": in_problem, "threads": in_words, "drafts": in_column,
    "address": in_address, "files": in_file,
}  # fmt: skip


def test_leaks_are_heard(
    build: Build, lines: StringIO, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    """The search is worth something: planted, a leak is found where it is."""
    if not database_url.startswith("sqlite"):
        pytest.skip("once is enough")
    monkeypatch.setattr("tests.api.test_canary.sweep", lambda *_: None)
    world, watch = build(card_provider="sandbox", sandbox_delay=0), Watch()
    for plant in LEAKS.values():
        plant(monkeypatch)
    journey(world, watch)
    found = search(world, watch, lines.getvalue())
    assert {w for w in LEAKS if any(hit.startswith(w) for hit in found)} == set(LEAKS)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (f"rib:{IBAN}.", "rib:FR14 •••• •••• 2606."),
        ("fr14 2004 1010 0505 0001 3m02 606 merci bien", "FR14 •••• •••• 2606 merci bien"),
        ("2 85 03 99 123 456 22 et la suite", "•••••••••••5622 et la suite"),
        (f"({NIR})", "(•••••••••••5622)"),
        ("285039912345623", "285039912345623"),  # not one: its key is wrong
        ("Facture 2026-0042 du 12/11, 1 234,56 €", "Facture 2026-0042 du 12/11, 1 234,56 €"),
        ("", ""),
    ],
)
def test_numbers_in_words_are_masked(typed: str, kept: str) -> None:
    assert hidden(typed) == kept


def test_the_folder_of_the_test_is_searched_whole(world: World, tmp_path: Path) -> None:
    (tmp_path / "stray").write_bytes(IBAN.encode())
    assert [hit for where, text in at_rest(world) for hit in hits(where, text, SEALED)]
